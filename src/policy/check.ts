/** Approvals that nobody could give, and a policy that lets nobody do anything: seen before somebody waits for it. */
import { inWords, plain } from '../phrase.ts';
import { hasSomebody } from './membership.ts';
import type { ApprovalRule, Role } from './policy.ts';
import type { KnownCommand } from './vocabulary.ts';

/** `given`: it stands in the file; the others are defaults. */
export type Rule = ApprovalRule & { command: string; path: string; given: boolean };

export function checkApprovals(
  roles: readonly Role[],
  rules: readonly Rule[],
  commands: readonly KnownCommand[],
  told: { mistakes: string[]; warnings: string[] },
): void {
  const askersOf = (command: string): Role[] => {
    const risk = commands.find(({ name }) => name === command)?.risk ?? 'destroy';
    return roles.filter(
      (role) => hasSomebody(role) && [command, risk].some((one) => role.allow.includes(one)),
    );
  };
  const changes = commands.filter(({ risk, kind }) => risk !== 'read' && kind === 'job');
  if (changes.every(({ name }) => askersOf(name).length === 0)) {
    told.warnings.push(
      'roles: nobody may change anything. Give a role "operators" people or groups: operators: { groups: ["@ops-team"] }.',
    );
  }
  const nobody: Rule[] = [];
  const alone: Rule[] = [];
  for (const rule of rules) {
    const { path, given, quorum, approvers, command } = rule;
    const known = roles.filter(({ name }) => approvers.includes(name));
    const several = approvers.length > 1;
    if (!known.some(hasSomebody)) {
      // A role that does not exist has been told.
      if (given && known.length > 0)
        told.mistakes.push(
          `${path}.approvers: nobody is in the ${several ? 'roles' : 'role'} ${approvers.join(', ')}, so nobody could approve it.`,
        );
      else if (!given && askersOf(command).length > 0) nobody.push(rule);
      continue;
    }
    const people = idsOf(known);
    if (!people) continue;
    if (people.size < quorum) {
      told.mistakes.push(
        `${path}.quorum: ${quorum} must approve, and only ${people.size} ${people.size === 1 ? 'person has' : 'people have'} the ${several ? 'roles' : 'role'} ${approvers.join(', ')}.`,
      );
    } else if (onlyOwn(people, quorum, askersOf(command))) {
      alone.push(rule);
    }
  }
  if (nobody.length > 0) {
    told.mistakes.push(
      `approvals: ${commandsOf(nobody)} ${nobody.length === 1 ? 'needs' : 'need'} an approval by the role operators unless you say otherwise, and nobody has that role. Give it to people, name other approvers, or write "none".`,
    );
  }
  if (alone.length > 0) {
    told.warnings.push(
      `approvals: nobody can get an approval of ${commandsOf(alone)}: without whoever asks, too few people could give it. Name more people, or write "none".`,
    );
  }
}

/** Whether everybody who may ask is needed to approve it themselves. */
function onlyOwn(approvers: ReadonlySet<string>, quorum: number, askers: readonly Role[]): boolean {
  const people = idsOf(askers);
  if (!people || people.size === 0) return false;
  return [...people].every((asker) => approvers.size - (approvers.has(asker) ? 1 : 0) < quorum);
}

/** Everybody in these roles, where all are named by their IDs. */
function idsOf(roles: readonly Role[]): ReadonlySet<string> | undefined {
  if (roles.some(({ everyone, groups }) => everyone || groups.length > 0)) return undefined;
  return new Set(roles.flatMap(({ people }) => people));
}

function commandsOf(rules: readonly Rule[]): string {
  return plain(
    inWords(
      rules.map(({ command }) => command),
      { most: 20 },
    ),
  );
}
