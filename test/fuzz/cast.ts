/** Who sends what the fuzz makes up, and the policies that hold for them. */
import type { Actor } from '../../src/policy/decide.ts';
import type { ApprovalRule, Person, Policy, Role } from '../../src/policy/policy.ts';

export const OPS = 'C0OPS';
const STAGING = 'C0STAGING';
export const CHANNELS = [OPS, STAGING, 'C0NOWHERE', 'D0ALICE'];

const someone = (name: string, kind: Person['kind'] = 'member', groups: string[] = []): Person => ({
  id: `U0${name.toUpperCase()}`,
  name,
  kind,
  groups,
});

const people = [
  someone('alice', 'member', ['@ops-team']),
  someone('bob', 'member', ['@ops-team']),
  someone('carol', 'member', ['@oncall']),
  someone('dave'),
  someone('heidi'),
  someone('erin', 'guest'),
  someone('frank', 'external', ['@ops-team-of-theirs']),
  someone('grace', 'bot'),
  // As when Slack does not answer.
  someone('ivan', 'unknown', ['@ops-team']),
];

/** As the bot's directory would: somebody of whom Slack has never heard is unknown. */
export function personOf({ id, name }: Pick<Actor, 'id' | 'name'>): Person {
  return people.find((one) => one.id === id) ?? { id, name, kind: 'unknown', groups: [] };
}

export const PEOPLE = people.map(({ id, name }) => ({ id, name }));

const role = (name: string, given: Partial<Role>): Role => ({
  name,
  people: [],
  groups: [],
  everyone: false,
  allow: [],
  channels: [],
  targets: [],
  ...given,
});

const rule = (given: Partial<ApprovalRule> = {}): ApprovalRule => ({
  approvers: ['operators'],
  quorum: 1,
  expiresMs: 60_000,
  reason: 'optional',
  ...given,
});

/** By what they are about. Under each the same lines and presses are sent. */
export const POLICIES: Record<'team' | 'nobody' | 'open', Policy> = {
  /** Operators who ask each other, a developer with some hosts and one channel, on-call that need not wait, and readers. */
  team: {
    roles: [
      role('operators', { groups: ['@ops-team'], allow: ['read', 'change', 'destroy'] }),
      role('oncall', { groups: ['@oncall'], allow: ['read', 'change'] }),
      role('developers', {
        people: ['U0DAVE'],
        allow: ['change', 'rm'],
        channels: [STAGING],
        targets: ['staging-*'],
      }),
      role('everyone', { everyone: true, allow: ['read'] }),
    ],
    deny: [
      {
        people: ['U0BOB'],
        groups: [],
        everyone: false,
        commands: ['promote', 'demote'],
        channels: [],
        targets: ['web-*'],
      },
    ],
    approvals: {
      join: rule(),
      leave: rule({ reason: 'required' }),
      rm: rule({ quorum: 2 }),
      promote: rule({ approvers: ['oncall', 'operators'] }),
      rotate: rule(),
      'stack apply': rule(),
    },
    breakGlass: ['oncall'],
  },
  /** Nobody may do anything. */
  nobody: { roles: [], deny: [], approvals: {}, breakGlass: [] },
  /** Every full member may do everything, at once. */
  open: {
    roles: [role('everyone', { everyone: true, allow: ['read', 'change', 'destroy'] })],
    deny: [],
    approvals: {},
    breakGlass: [],
  },
};

const numbered = (name: string, to: number): string[] =>
  Array.from({ length: to }, (_, at) => `${name}-${String(at + 1).padStart(2, '0')}`);

export const FACTS = {
  hosts: ['manager', ...numbered('fedora', 4), ...numbered('web', 40), ...numbered('staging', 3)],
  limits: { replicas: 1000 },
};
