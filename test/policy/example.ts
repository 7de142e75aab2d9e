/** A policy as somebody writes it, the people in it, and what they ask. */
import { parse } from 'yaml';
import { commands } from '../../src/commands/index.ts';
import { readPolicy, type PolicyFile } from '../../src/policy/read.ts';
import type { Person, Policy } from '../../src/policy/policy.ts';
import type { Question } from '../../src/policy/question.ts';
import { WHOLE_SWARM, type Target } from '../../src/target.ts';

export const OPS = 'C00000OPS1';
export const RANDOM = 'C0RANDOM01';

export const POLICY = policyOf(`
roles:
  operators: { groups: ["@ops-team"] }
  oncall: { people: [U0000CAROL], allow: [read, change] }
  developers: { people: [U00000DAVE, U0000PETRA], allow: [change], targets: [staging-*, shop] }
  cleaners: { people: [U00000DAVE], allow: [prune], channels: [${OPS}] }
  partners: { people: [U00000PAUL], groups: [S000PARTNR], allow: [status, scale] }
deny:
  - { everyone: true, commands: [scale], targets: [bank] }
  - { people: [U0000PETRA], commands: [rotate, label] }
  - { groups: ["@ops-team"], commands: [destroy], targets: [prod-*] }
  - { everyone: true, commands: [join], channels: [${RANDOM}] }
  - { people: [U0000PETRA], commands: [cancel, retry] }
approvals:
  prune: { quorum: 2, reason: required }
  drain: { approvers: [operators, oncall] }
  rotate: none
breakGlass: [oncall]
`);

/** @throws Error with the mistakes when it has any. */
export function policyOf(yaml: string): Policy {
  const told = { mistakes: [], warnings: [] };
  const policy = readPolicy((parse(yaml) as PolicyFile | null) ?? {}, commands, told);
  if (told.mistakes.length > 0) throw new Error((told.mistakes as string[]).join('\n'));
  return policy;
}

/** What is wrong with a policy, and what is hardly meant so. */
export function toldOf(yaml: string): { mistakes: string[]; warnings: string[] } {
  const told = { mistakes: [], warnings: [] };
  readPolicy((parse(yaml) as PolicyFile | null) ?? {}, commands, told);
  return told;
}

const someone = (id: string, kind: Person['kind'], groups: string[] = []): Person => ({
  id,
  name: id.slice(-5).toLowerCase(),
  kind,
  groups,
});

export const PEOPLE = {
  alice: someone('U0000ALICE', 'member', ['@ops-team']),
  bob: someone('U000000BOB', 'member', ['@ops-team']),
  carol: someone('U0000CAROL', 'member'),
  dave: someone('U00000DAVE', 'member'),
  petra: someone('U0000PETRA', 'member'),
  erin: someone('U00000ERIN', 'member'),
  'a guest': someone('U0000GUEST', 'guest'),
  'a guest of ops-team': someone('U000GUEST2', 'guest', ['@ops-team']),
  'an external': someone('U0000EXTRN', 'external'),
  paul: someone('U00000PAUL', 'external'),
  'an external partner': someone('U000EXTRN2', 'external', ['S000PARTNR']),
  'a bot': someone('U000000BOT', 'bot'),
  'unknown carol': someone('U0000CAROL', 'unknown', ['@ops-team']),
} satisfies Record<string, Person>;
export type Who = keyof typeof PEOPLE;

/** `service websky`, `the swarm`, `nothing`, `anything`: several with a comma. */
function targetsOf(words: string): Target[] | undefined {
  if (words === 'anything') return undefined;
  if (words === 'nothing') return [];
  return words.split(', ').map((one) => {
    if (one === 'the swarm') return WHOLE_SWARM;
    const [kind = '', name = ''] = one.split(' ');
    return { kind: kind as Target['kind'], name };
  });
}

/** `look at prune`: to see only what it would do. */
export function questionOf(who: Who, verb: string, targets: string, channel = OPS): Question {
  const shows = verb.startsWith('look at ');
  const name = verb.replace('look at ', '');
  const risk = shows ? 'read' : (commands.find((one) => one.name === name)?.risk ?? 'destroy');
  return { person: PEOPLE[who], channel, command: { name, risk, shows }, targets: targetsOf(targets) };
}
