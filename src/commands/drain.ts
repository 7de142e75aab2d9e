import { meanwhileNote, putBack, stayDrained, targets, type TargetStory } from '../cards/targets.ts';
import { bold, clamp, code, count, escape, list, some } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import type { Remedy } from '../remedy.ts';
import { eachOf } from '../target.ts';
import { duration, flag } from './args.ts';
import { defineCommand } from './define.ts';
import { nodes } from './node-args.ts';

type Outcome = JobResult<'drain'>['nodes'][number];
type Drained = Extract<Outcome, { ok: true }>['value'];
type Moved = Drained['services'][number];

export const drain = defineCommand({
  name: 'drain',
  summary: 'Move every task off a node, and wait until they run elsewhere',
  risk: 'change',
  aliases: ['node drain', 'node update --availability drain'],
  examples: [
    'drain fedora-03',
    'drain web-[01-03]',
    'drain fedora-03 --keep-capacity',
    'drain fedora-03 --timeout 10m',
  ],
  args: {
    nodes: nodes(),
    timeout: duration('give up waiting after', '5m'),
    keepCapacity: flag('start as many tasks elsewhere first, so that never fewer run'),
  },
  job: 'drain',
  targets: ({ nodes: names }) => eachOf('node', names),
  input: ({ nodes: names, timeout, keepCapacity }) => ({ nodes: names, timeoutMs: timeout, keepCapacity }),
  done: ({ nodes: outcomes, undone, stay }) => {
    const { sentence, remedies } = stayDrained(stay);
    return targets(outcomes, story, { unit: 'node', beside: [putBack(undone), sentence], remedies });
  },
});

function story(drained: Drained): TargetStory {
  const { node, already, services, left, others, raised, notRaised, meanwhile } = drained;
  const short = services.filter((one) => one.short !== null);
  const well = short.length === 0 && left.length === 0;
  const tasks = services.reduce((sum, one) => sum + one.tasks, 0);
  const whereTo = tasks === 0 ? 'nothing had to move' : `${count(tasks, 'task')} moved`;
  const sentence = already
    ? `${bold(node)} is drained already, and nothing runs on it.`
    : well
      ? `${bold(node)} is drained; ${whereTo}.`
      : `${bold(node)} is drained, but ${trouble(short, left)}.`;
  return {
    sentence,
    well,
    notes: [
      ...meanwhileNote(meanwhile),
      ...short.map(shortNote),
      ...strongNote(services),
      ...(others > 0
        ? [`${count(others, 'task')} of global services or jobs ended with it, as they do.`]
        : []),
      ...raised.map(raisedNote),
      ...(notRaised.length > 0
        ? [
            `:warning: ${some(notRaised, bold)} could not be raised first: somebody else has changed the number meanwhile.`,
          ]
        : []),
    ],
    remedies: [
      ...short
        .slice(0, 2)
        .map(({ name }): Remedy => ({ label: `Why ${clamp(name, 40)}?`, line: `why ${name}` })),
      { label: `Activate ${clamp(node, 40)}`, line: `activate ${node}` },
    ],
  };
}

function trouble(short: Moved[], left: string[]): string {
  const parts: string[] = [];
  if (short.length > 0)
    parts.push(
      `not every task of ${some(
        short.map(({ name }) => name),
        escape,
      )} runs elsewhere`,
    );
  if (left.length > 0)
    parts.push(
      `${some(left, escape)} ${left.length === 1 ? 'has' : 'have'} not stopped in the time that was given`,
    );
  return list(parts);
}

function shortNote({ name, running, wanted, short }: Moved): string {
  const reasons = (short ?? []).slice(0, 3).map(({ tasks, state, error, nodes: at }) => {
    const where = at.length > 0 ? ` on ${some(at, escape, 3)}` : '';
    return `${count(tasks, 'task')} ${escape(state)}${where}: ${code(clamp(error, 300) || 'no reason given yet')}`;
  });
  return [`${bold(name)}: ${running} of ${wanted} run.`, ...reasons].join(' ');
}

function strongNote(services: Moved[]): string[] {
  const strong = services.filter(({ short }) => short === null);
  if (strong.length === 0) return [];
  const stand = strong.map(({ name, running, wanted }) => `${name} ${running} of ${wanted}`);
  return [`Now running: ${some(stand, escape, 10)}.`];
}

function raisedNote(back: Drained['raised'][number]): string {
  const name = bold(back.name);
  if (back.kind === 'back')
    return `${name} was raised while the tasks moved, and is back at ${back.replicas}.`;
  if (back.kind === 'gone') return `${name} was removed meanwhile.`;
  return `:warning: ${name} was raised while the tasks moved; it stays at ${back.replicas}, which somebody else has set meanwhile.`;
}
