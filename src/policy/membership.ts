/** Who is in a role, what it grants, and where it is good. */
import type { Audience, Limits, Person, Policy, Role } from './policy.ts';
import type { Question } from './question.ts';
import { reaches } from './reach.ts';

/** Whoever has any role may ask what they may do. */
const HELP = 'help';

export function rolesOf({ roles }: Pick<Policy, 'roles'>, names: readonly string[]): Role[] {
  return roles.filter(({ name }) => names.includes(name));
}

/** Whether a role is this person's. Guests, bots and people of other workspaces are in none that does not name them. */
export function isIn({ people, groups, everyone }: Audience, person: Person): boolean {
  if (person.kind === 'unknown') return false;
  return isNamed({ people, groups }, person) || (everyone && person.kind === 'member');
}

export function isNamed({ people, groups }: Omit<Audience, 'everyone'>, person: Person): boolean {
  return people.includes(person.id) || groups.some((group) => person.groups.includes(group));
}

export function grants({ allow }: Pick<Role, 'allow'>, command: Question['command']): boolean {
  return covers(allow, command) || command.name === HELP;
}

export function covers(commands: readonly string[], { name, risk }: Question['command']): boolean {
  return commands.includes(name) || commands.includes(risk);
}

/** Whether a grant is good for this channel and for every target. */
export function holds(limits: Limits, question: Pick<Question, 'channel' | 'command' | 'targets'>): boolean {
  return isInChannel(limits, question.channel) && reachesAll(limits, question);
}

export function isInChannel({ channels }: Pick<Limits, 'channels'>, channel: string): boolean {
  return channels.length === 0 || channels.includes(channel);
}

export function reachesAll(
  { targets: globs }: Pick<Limits, 'targets'>,
  { command, targets }: Pick<Question, 'command' | 'targets'>,
): boolean {
  if (globs.length === 0 || targets === undefined || command.name === HELP) return true;
  return targets.length > 0 && targets.every((target) => reaches(globs, target));
}

/** Whether a role has people, as far as the file tells: a user group may be empty. */
export function hasSomebody({ people, groups, everyone }: Audience): boolean {
  return everyone || people.length + groups.length > 0;
}
