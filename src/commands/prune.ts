import type { KnownBlock } from '@slack/types';
import type { Body } from '../cards/body.ts';
import { context, lines } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, bytes, clamp, code, count, escape, list, some } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf } from '../target.ts';
import { flag, hosts } from './args.ts';
import { defineCommand } from './define.ts';

type Result = JobResult<'prune'>;
type Outcome = Result['hosts'][number];
type Cleared = Extract<Outcome, { ok: true }>['value'];

/** As long as the value of a button may be, with room for the verb. */
const MOST_LINE = 1900;

export const prune = defineCommand({
  name: 'prune',
  summary: 'Free disk space of hosts, and keep what services may need',
  risk: 'destroy',
  aliases: ['system prune'],
  examples: ['prune fedora-03', 'prune fedora-[03-04] --apply', 'prune fedora-03 --volumes --apply'],
  args: {
    hosts: hosts(),
    apply: flag('remove it; without this only what would go is shown'),
    volumes: flag('also volumes that no container uses and no service names'),
  },
  job: 'prune',
  shows: ({ apply }) => !apply,
  targets: ({ hosts: names }) => eachOf('host', names),
  input: ({ hosts, apply, volumes }) => ({ hosts, apply, volumes }),
  done: (result): Body => {
    const { hosts, applied } = result;
    const sum = hosts.reduce((total, outcome) => total + (outcome.ok ? outcome.value.bytes : 0), 0);
    const total = applied ? `${bytes(sum)} freed` : `At least ${bytes(sum)} could be freed`;
    const found = hosts.flatMap((outcome) => (outcome.ok && !isEmpty(outcome.value) ? [outcome.target] : []));
    const text =
      hosts.length === 1
        ? hosts.map((outcome) => sentence(outcome, result, escape).text).join('')
        : `${total} on ${count(hosts.length, 'host')}.${applied ? '' : ' Nothing has been removed yet.'}`;
    return {
      text,
      blocks: [
        ...(hosts.length > 1 ? lines([`${bold(total)} on ${count(hosts.length, 'host')}.`]) : []),
        ...lines(
          hosts.flatMap((outcome) => told(outcome, result)),
          3,
        ),
        ...notes(result),
        ...(applied ? [] : applyButton(found, result)),
      ],
    };
  },
});

function told(outcome: Outcome, result: Result): string[] {
  const { mark, text } = sentence(outcome, result, bold);
  if (!outcome.ok) return [`${mark} ${text}`];
  const { images, volumes, refused } = outcome.value;
  const names = (kind: string, all: string[]): string[] =>
    all.length > 0 ? [`${kind}: ${some(all.map(short), code, 8)}`] : [];
  return [
    `${mark} ${text}`,
    ...names('Images', images),
    ...names('Volumes', volumes),
    ...refused.slice(0, 3).map((why) => `:warning: The engine keeps something: ${code(clamp(why, 300))}`),
  ];
}

function sentence(
  outcome: Outcome,
  { applied }: Result,
  named: (name: string) => string,
): { mark: string; text: string } {
  const name = named(outcome.target);
  if (!outcome.ok)
    return { mark: ':x:', text: `${name}: ${escape(outcome.message)} ${escape(outcome.hint)}`.trim() };
  const { value } = outcome;
  if (isEmpty(value)) {
    const freed = applied && value.bytes > 0 ? `; ${bytes(value.bytes)} of build cache freed` : '';
    return { mark: ':white_check_mark:', text: `${name}: nothing that nobody needs${freed}.` };
  }
  const what = list(things(value));
  return applied
    ? { mark: ':white_check_mark:', text: `${name}: ${what} removed, ${bytes(value.bytes)} freed.` }
    : { mark: ':mag:', text: `${name}: ${what} could go, which frees at least ${bytes(value.bytes)}.` };
}

function things({ containers, images, volumes }: Cleared): string[] {
  return [
    ...(containers > 0 ? [count(containers, 'stopped container')] : []),
    ...(images.length > 0 ? [count(images.length, 'unused image')] : []),
    ...(volumes.length > 0 ? [count(volumes.length, 'unused volume')] : []),
    ...(containers + images.length + volumes.length === 0 ? ['build cache'] : []),
  ];
}

function isEmpty({ containers, images, volumes, bytes: size }: Cleared): boolean {
  return containers === 0 && images.length === 0 && volumes.length === 0 && size === 0;
}

function notes({ hosts, volumes }: Result): KnownBlock[] {
  const spared = [...new Set(hosts.flatMap((outcome) => (outcome.ok ? outcome.value.spared : [])))];
  const kept =
    spared.length > 0
      ? `Kept although nothing uses ${spared.length === 1 ? 'it' : 'them'} there now, because a service names ${spared.length === 1 ? 'it' : 'them'}: ${some(spared.map(short), code, 8)}.`
      : '';
  const says = [kept, volumes ? '' : 'Volumes are left alone.'].filter(Boolean).join(' ');
  return says ? [context(says)] : [];
}

function applyButton(found: string[], { volumes }: Result): KnownBlock[] {
  const line = `prune ${found.join(' ')} --apply${volumes ? ' --volumes' : ''}`;
  if (found.length === 0 || line.length > MOST_LINE) return [];
  const where = some(found, (name) => name);
  return remedyButtons([
    {
      label: 'Prune',
      line,
      confirm: `Stopped containers, unused images${volumes ? ', unused volumes with all that is in them' : ''} and build cache are removed for good on ${where}.`,
    },
  ]);
}

/** IDs as docker shows them. */
function short(name: string): string {
  return name.replace(/^sha256:([0-9a-f]{12})[0-9a-f]*$/, '$1');
}
