/** Who may do what. Pure: everything it needs to know is handed in. Total: it never throws. */
import type { Target } from '../target.ts';
import { covers, grants, holds, isIn, isInChannel, isNamed, rolesOf } from './membership.ts';
import { refuseUngranted } from './missing-role.ts';
import type { ApprovalRule, DenyRule, Policy, Role } from './policy.ts';
import type { Question, Refused } from './question.ts';
import { hits, type Hit, type KnownNames } from './reach.ts';
import { refuseForbidden, refuseNoApprover, refuseOwn, refuseUnknown } from './refusals.ts';

export type { Question } from './question.ts';

/** Somebody as Slack names them with each command and button. */
export interface Actor {
  id: string;
  name: string;
  team: string;
}

/** `rule`: which part of the policy decided, for the audit: `role operators`. */
export type Decision =
  | { kind: 'allow'; rule: string }
  /** `now`: this person may go on without waiting, giving a reason that is announced. */
  | { kind: 'ask'; rule: string; approval: ApprovalRule; now: boolean }
  | Denied;
export type Denied = { kind: 'deny'; rule: string } & Refused;

/** The one place where a command is allowed or refused, for words typed and buttons pressed alike. */
export function decide(policy: Policy, question: Question): Decision {
  const forbidden = forbids(policy, question);
  if (forbidden) return forbidden;
  const { person, command } = question;
  const role = policy.roles.find((one) => grants(one, command) && isIn(one, person) && holds(one, question));
  if (!role) return { kind: 'deny', rule: 'no role', ...refuseUngranted(policy, question) };
  const rule = `role ${role.name}`;
  const approval = approvalOf(policy, command);
  if (!approval) return { kind: 'allow', rule };
  const now = rolesOf(policy, policy.breakGlass).some((one) => isIn(one, person) && holds(one, question));
  return { kind: 'ask', rule, approval, now };
}

/** What stands against it whatever the roles say: a rule under `deny`, or that nobody knows who this is. */
export function forbids(policy: Policy, question: Question): Denied | undefined {
  const { person, command, channel } = question;
  if (person.kind === 'unknown') return { kind: 'deny', rule: 'unknown person', ...refuseUnknown() };
  for (const [at, rule] of policy.deny.entries()) {
    const about = covers(rule.commands, command) && (rule.everyone || isNamed(rule, person));
    if (!about || !isInChannel(rule, channel)) continue;
    const found = protects(rule, question, namesIn(policy));
    if (!found) continue;
    const named = `deny ${rule.commands.join(', ')}`;
    return { kind: 'deny', rule: named, ...refuseForbidden(rule, at + 1, found, question) };
  }
  return undefined;
}

export type MayApprove = { kind: 'yes'; role: string } | ({ kind: 'no' } & Refused);

/**
 * Whether this person may approve or deny what `requester` asked for. It may be pressed anywhere: limits to channels do not
 * matter, neither of roles nor of prohibitions. Whoever is forbidden to do it does not approve it either.
 */
export function mayApprove(
  policy: Policy,
  { requester, ...asked }: Omit<Question, 'channel'> & { requester: string },
): MayApprove {
  const { person, command } = asked;
  if (person.id === requester) return { kind: 'no', ...refuseOwn() };
  // In no channel: what holds only in some does not hold.
  const question = { ...asked, channel: '' };
  const forbidden = forbids(policy, question);
  if (forbidden) {
    const { reason, hint, says } = forbidden;
    return { kind: 'no', reason, hint, says };
  }
  const approvers = approvalOf(policy, command)?.approvers ?? [];
  const roles = rolesOf(policy, approvers).map((role): Role => ({ ...role, channels: [] }));
  const role = roles.find((one) => isIn(one, person) && holds(one, question));
  return role
    ? { kind: 'yes', role: role.name }
    : { kind: 'no', ...refuseNoApprover(roles, approvers, question) };
}

/** What must be approved, and how; undefined: this needs no approval. */
export function approvalOf(
  { approvals }: Pick<Policy, 'approvals'>,
  { name, shows = false }: Pick<Question['command'], 'name' | 'shows'>,
): ApprovalRule | undefined {
  return !shows && Object.hasOwn(approvals, name) ? approvals[name] : undefined;
}

/** How a prohibition applies. `unnamed`: the change of something unknown may be one of what it protects. */
interface Found {
  kind: 'all' | 'unnamed' | Hit;
  target?: Target;
}

function protects(
  { targets: globs }: DenyRule,
  { command, targets }: Question,
  known: KnownNames,
): Found | undefined {
  if (globs.length === 0) return { kind: 'all' };
  if (targets === undefined) return undefined;
  if (targets.length === 0) return command.risk === 'read' ? undefined : { kind: 'unnamed' };
  for (const target of targets) {
    const kind = hits(globs, target, known);
    if (kind) return { kind, target };
  }
  return undefined;
}

/** Names that roles are limited to. Not those of prohibitions: a further one of these must not allow anything. */
function namesIn({ roles }: Policy): KnownNames {
  return new Set(
    roles
      .flatMap(({ targets }) => targets)
      .filter((target) => !target.includes('*'))
      .map((target) => target.toLowerCase()),
  );
}
