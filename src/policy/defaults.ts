/** What holds where swarm.yaml says nothing. */
import type { ApprovalRule, Role } from './policy.ts';

/** Commands that need an approval by another operator when `approvals` does not say otherwise. */
export const APPROVED_BY_DEFAULT = [
  'join',
  'leave',
  'promote',
  'demote',
  'rotate',
  'prune',
  'rm',
  'stack apply',
  'stack rm',
];

export const DEFAULT_APPROVAL: ApprovalRule = {
  approvers: ['operators'],
  quorum: 1,
  expiresMs: 30 * 60_000,
  reason: 'optional',
};

/** What a role may do that does not say: only these two names have a meaning of their own. */
export const DEFAULT_ALLOW: ReadonlyMap<string, string[]> = new Map([
  ['everyone', ['read']],
  ['operators', ['read', 'change', 'destroy']],
]);

/** Every full member may read. */
export const EVERYONE: Role = {
  name: 'everyone',
  people: [],
  groups: [],
  everyone: true,
  allow: ['read'],
  channels: [],
  targets: [],
};
