/** Who may do what. Pure: everything it needs to know is handed in. */
import type { Risk } from '../commands/define.ts';
import type { Target } from '../target.ts';
import type { ApprovalRule, Audience, Limits, Person, Policy, Role } from './policy.ts';

/** Somebody as Slack names them with each command and button. */
export interface Actor {
  id: string;
  name: string;
  team: string;
}

export interface Question {
  person: Person;
  /** ID of the channel. */
  channel: string;
  command: { name: string; risk: Risk };
  /** What it is about. Undefined: whether there is anything at all that this person may do with it. */
  targets: readonly Target[] | undefined;
}

/** `rule`: which part of the policy decided, for the audit: `role operators`. */
export type Decision =
  | { kind: 'allow'; rule: string }
  /** `now`: this person may go on without waiting, giving a reason that is announced. */
  | { kind: 'ask'; rule: string; approval: ApprovalRule; now: boolean }
  | { kind: 'deny'; rule: string; reason: string; hint: string };

/** The one place where a command is allowed or refused, for words typed and buttons pressed alike. Total: never throws. */
export function decide(policy: Policy, question: Question): Decision {
  const { person, command } = question;
  const denied = policy.deny.find(
    (rule) => covers(rule.commands, command) && isIn(rule, person) && holds(rule, question, 'any'),
  );
  if (denied) {
    return {
      kind: 'deny',
      rule: `deny ${denied.commands.join(', ')}`,
      reason: `"${command.name}" is forbidden for you here.`,
      hint: 'A rule under "deny" in swarm.yaml says so.',
    };
  }
  const role = policy.roles.find(
    (role) => covers(role.allow, command) && isIn(role, person) && holds(role, question, 'every'),
  );
  if (!role) {
    return {
      kind: 'deny',
      rule: 'no role',
      reason: `You may not use "${command.name}".`,
      hint: 'None of your roles allows it.',
    };
  }
  const rule = `role ${role.name}`;
  const approval = Object.hasOwn(policy.approvals, command.name) ? policy.approvals[command.name] : undefined;
  if (!approval) return { kind: 'allow', rule };
  const now = rolesOf(policy, policy.breakGlass).some(
    (one) => isIn(one, person) && holds(one, question, 'every'),
  );
  return { kind: 'ask', rule, approval, now };
}

/** Whether this person may approve or deny what `requester` asked for. Pressed anywhere: the channel does not matter. */
export function mayApprove(
  policy: Policy,
  question: Omit<Question, 'channel'> & { requester: string },
): { kind: 'yes'; role: string } | { kind: 'no'; reason: string } {
  const { person, command, targets, requester } = question;
  if (person.id === requester)
    return { kind: 'no', reason: 'Nobody approves what they have asked for themselves.' };
  const approvers = Object.hasOwn(policy.approvals, command.name)
    ? (policy.approvals[command.name]?.approvers ?? [])
    : [];
  const role = rolesOf(policy, approvers).find(
    (one) => isIn(one, person) && holds({ ...one, channels: [] }, { channel: '', targets }, 'every'),
  );
  return role
    ? { kind: 'yes', role: role.name }
    : { kind: 'no', reason: `Only ${approvers.join(' or ')} may decide on this.` };
}

function rolesOf(policy: Policy, names: readonly string[]): Role[] {
  return policy.roles.filter(({ name }) => names.includes(name));
}

function covers(granted: readonly string[], { name, risk }: Question['command']): boolean {
  return granted.includes(name) || granted.includes(risk);
}

function isIn({ people, groups, everyone }: Audience, person: Person): boolean {
  if (person.kind === 'unknown') return false;
  return (
    people.includes(person.id) ||
    groups.some((group) => person.groups.includes(group)) ||
    (everyone && person.kind === 'member')
  );
}

/** `every`: a grant must cover all targets. `any`: a prohibition of one is enough. */
function holds(
  { channels, targets }: Limits,
  question: Pick<Question, 'channel' | 'targets'>,
  how: 'every' | 'any',
): boolean {
  if (channels.length > 0 && !channels.includes(question.channel)) return false;
  if (targets.length === 0) return true;
  if (question.targets === undefined) return how === 'every';
  const match = ({ kind, name }: Target): boolean =>
    kind !== 'swarm' && targets.some((glob) => matches(glob, name));
  return how === 'every' ? question.targets.every(match) : question.targets.some(match);
}

/** `staging-*` on names; capitals do not matter, as with nodes' names. */
function matches(glob: string, name: string): boolean {
  const parts = glob
    .toLowerCase()
    .split('*')
    .map((part) => part.replaceAll(/[^\w]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name.toLowerCase());
}
