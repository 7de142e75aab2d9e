import type { KnownBlock } from '@slack/types';
import type { Body } from '../cards/body.ts';
import { fold, lines, section } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, count, escape } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import type { Remedy } from '../remedy.ts';
import { eachOf } from '../target.ts';
import { flag, hosts } from './args.ts';
import { defineCommand } from './define.ts';

type Outcome = JobResult<'check'>['hosts'][number];
type Checked = Extract<Outcome, { ok: true }>['value'];
type Finding = Checked['findings'][number];

const MARKS: Record<Checked['verdict'], string> = {
  fail: ':x:',
  warn: ':warning:',
  pass: ':white_check_mark:',
};

export const check = defineCommand({
  name: 'check',
  summary: 'See whether hosts are fit for the swarm, ports both ways included',
  risk: 'read',
  aliases: ['preflight'],
  examples: ['check fedora-03', 'check web-[01-40]', 'check fedora-03 --manager'],
  args: {
    hosts: hosts(),
    manager: flag('whether it could be a manager: 2377/tcp must reach it too'),
  },
  job: 'check',
  targets: ({ hosts: names }) => eachOf('host', names),
  input: ({ hosts: names, manager }) => ({
    hosts: names,
    role: manager ? ('manager' as const) : ('worker' as const),
  }),
  done: ({ role, hosts: outcomes }) => {
    const words = role === 'manager' ? ' --manager' : '';
    return outcomes.length === 1 && outcomes[0] ? single(outcomes[0], words) : several(outcomes, words);
  },
});

function single(outcome: Outcome, role: string): Body {
  if (!outcome.ok) {
    const words = `${escape(outcome.message)} ${escape(outcome.hint)}`.trim();
    return {
      text: words || 'It failed.',
      blocks: [section(`:x: ${words}`), ...remedyButtons(outcome.remedies)],
    };
  }
  const { target, value } = outcome;
  const bad = value.findings.filter(({ verdict }) => verdict !== 'pass');
  const good = value.findings.filter(({ verdict }) => verdict === 'pass');
  return {
    text: `${escape(target)} ${summary(value)}`,
    blocks: [
      section(`${MARKS[value.verdict]} ${bold(target)} ${summary(value)}`),
      ...lines(bad.map(told), 3),
      ...passes(good),
      ...remedyButtons(waysOut(target, value, role)),
    ],
  };
}

function summary({ verdict, findings, member, state }: Checked): string {
  if (member && state === null) return `is in this swarm, but ${unasked(findings)}.`;
  const fails = findings.filter((one) => one.verdict === 'fail').length;
  const warns = findings.filter((one) => one.verdict === 'warn').length;
  const aside = warns === 0 ? '' : `, with ${count(warns, 'thing')} to know`;
  if (verdict === 'fail')
    return `${member ? 'has trouble' : 'cannot join as it is'}: ${count(fails, 'thing')} ${fails === 1 ? 'stands' : 'stand'} in the way${aside}.`;
  return `${member ? 'is in this swarm, and nothing is in its way' : 'can join'}${aside}.`;
}

/** SSH alone, or only its engine behind it. */
function unasked(findings: Finding[]): string {
  const ssh = findings.some(({ probe, verdict }) => probe === 'SSH' && verdict === 'fail');
  return ssh ? 'cannot be reached' : 'its engine cannot be asked';
}

function told({ verdict, probe, says, advice }: Finding): string {
  return `${MARKS[verdict]} ${bold(probe)}: ${escape(says)}${advice ? ` ${escape(advice)}` : ''}`;
}

function passes(good: Finding[]): KnownBlock[] {
  if (good.length === 0) return [];
  return [
    fold(
      `${count(good.length, 'probe')} passed`,
      lines(good.map(({ probe, says }) => `${MARKS.pass} ${bold(probe)}: ${escape(says)}`)),
    ),
  ];
}

/** What repairs it first; where nothing is in the way, what it was checked for. */
function waysOut(host: string, { verdict, findings, member }: Checked, role: string): Remedy[] {
  const repair = findings.flatMap(({ remedies }) => remedies);
  const join = { label: 'Join', line: `join ${host}${role}` };
  const again = { label: 'Check again', line: `check ${host}${role}` };
  return verdict === 'fail' ? [...repair, again] : [...repair, ...(member ? [] : [join])];
}

function several(outcomes: Outcome[], role: string): Body {
  const ranked = outcomes.toSorted((a, b) => rank(a) - rank(b));
  const fit = outcomes.filter((one) => one.ok && one.value.verdict !== 'fail');
  const outside = fit.filter((one) => one.ok && !one.value.member).map(({ target }) => target);
  const text = `${fit.length} of ${count(outcomes.length, 'host')} ${fit.length === 1 ? 'has' : 'have'} nothing in the way.`;
  const shared = sharedWarnings(outcomes);
  return {
    text,
    blocks: [
      section(`${fit.length === outcomes.length ? ':white_check_mark:' : ':warning:'} ${text}`),
      ...lines(
        [
          ...ranked.map((one) => oneOfSeveral(one, shared)),
          ...[...shared].map((says) => `:warning: All of them: ${escape(says.replace(/^Its /, 'its '))}`),
        ],
        3,
      ),
      ...remedyButtons([
        ...(outside.length > 0 && outside.length <= 40
          ? [{ label: `Join ${count(outside.length, 'host')}`, line: `join ${outside.join(',')}${role}` }]
          : []),
        ...ranked.flatMap((one) =>
          one.ok && one.value.verdict === 'fail'
            ? one.value.findings
                .flatMap(({ remedies }) => remedies)
                .map((remedy) => named(one.target, remedy))
            : [],
        ),
      ]),
    ],
  };
}

function named(host: string, remedy: Remedy): Remedy {
  return remedy.label.includes(host) ? remedy : { ...remedy, label: `${remedy.label}: ${host}` };
}

/** What is said of every host is said once. */
function sharedWarnings(outcomes: Outcome[]): Set<string> {
  const checked = outcomes.flatMap((one) => (one.ok ? [one.value] : []));
  const [first, ...others] = checked.map(
    ({ findings }) => new Set(findings.flatMap(({ verdict, says }) => (verdict === 'warn' ? [says] : []))),
  );
  if (!first || others.length === 0) return new Set();
  return new Set([...first].filter((says) => others.every((other) => other.has(says))));
}

function rank(outcome: Outcome): number {
  if (!outcome.ok) return 0;
  return { fail: 0, warn: 1, pass: 2 }[outcome.value.verdict];
}

/** Findings of each host where there are several. */
const MOST_SAID = 2;

function oneOfSeveral(outcome: Outcome, shared: Set<string>): string {
  if (!outcome.ok) return `:x: ${bold(outcome.target)}: ${escape(outcome.message)} ${escape(outcome.hint)}`;
  const { findings, verdict, member } = outcome.value;
  const bad = findings.filter((one) => one.verdict !== 'pass' && !shared.has(one.says));
  const said = bad.slice(0, MOST_SAID).map(({ says }) => escape(says));
  if (bad.length > MOST_SAID) said.push(`And ${count(bad.length - MOST_SAID, 'thing')} more.`);
  const fine = member ? 'is in this swarm' : 'can join';
  return `${said.length > 0 ? MARKS[verdict] : MARKS.pass} ${bold(outcome.target)}: ${said.join(' ') || fine}`;
}
