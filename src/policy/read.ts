/** swarm.yaml's part on who may do what -> the policy. Every mistake is told with its path, all of them at once. */
import type { z } from 'zod';
import { nearest } from '../nearest.ts';
import { checkApprovals, type Rule } from './check.ts';
import { APPROVED_BY_DEFAULT, DEFAULT_ALLOW, DEFAULT_APPROVAL, EVERYONE } from './defaults.ts';
import type { DenyRule, Policy, Role } from './policy.ts';
import { approvalShape, denyShape, roleShape } from './schema.ts';
import { openVocabulary, type KnownCommand, type Vocabulary } from './vocabulary.ts';

export interface PolicyFile {
  roles?: unknown;
  deny?: unknown;
  approvals?: unknown;
  breakGlass?: unknown;
}

/** What is told to whoever wrote the file: mistakes keep everything from starting, warnings stand in the log. */
export interface Told {
  mistakes: string[];
  warnings: string[];
}

/** Fills in the defaults. What is wrong is added to `told`; the policy counts only when there are no mistakes. */
export function readPolicy(file: PolicyFile, commands: readonly KnownCommand[], told: Told): Policy {
  const vocabulary = openVocabulary(commands);
  const before = told.mistakes.length;
  const roles = readRoles(file.roles, vocabulary, told);
  const rolesAreFine = told.mistakes.length === before;
  const deny = readDeny(file.deny, vocabulary, told);
  const rules = readApprovals(file.approvals, vocabulary, told);
  const breakGlass = readNames('breakGlass', file.breakGlass, told);
  const names = roles.map(({ name }) => name);
  for (const [at, name] of breakGlass.entries()) knownRole(`breakGlass.${at}`, name, names, told);
  for (const { path, approvers } of rules.filter(({ given }) => given))
    for (const [at, name] of approvers.entries()) knownRole(`${path}.approvers.${at}`, name, names, told);
  // Of roles that are not as they were meant nobody can tell who is in them.
  if (rolesAreFine) checkApprovals(roles, rules, commands, told);
  return {
    roles,
    deny,
    breakGlass,
    approvals: Object.fromEntries(
      rules.map(({ command, approvers, quorum, expiresMs, reason }) => [
        command,
        { approvers, quorum, expiresMs, reason },
      ]),
    ),
  };
}

function readRoles(given: unknown, vocabulary: Vocabulary, told: Told): Role[] {
  const roles = entries('roles', given, told).flatMap(([name, value]): Role[] => {
    const path = `roles.${name}`;
    if (!/^[a-zA-Z][\w-]{0,39}$/.test(name)) {
      told.mistakes.push(`roles: "${name}" cannot be the name of a role: use letters, digits, - and _.`);
      return [];
    }
    const role = parse(path, roleShape, value ?? {}, told);
    const allowed = wordsUnder('allow', value);
    const allow = allowed && vocabulary.list(`${path}.allow`, allowed, told);
    // It is there all the same: what names it is no further mistake.
    const { everyone, channels = [], targets = [], people, groups } = role ?? NOBODY;
    return [
      {
        name,
        people,
        groups,
        channels,
        targets,
        everyone: everyone ?? name === EVERYONE.name,
        allow: allow ?? [...(DEFAULT_ALLOW.get(name) ?? [])],
      },
    ];
  });
  return roles.some(({ name }) => name === EVERYONE.name) ? roles : [...roles, EVERYONE];
}

const NOBODY: z.infer<typeof roleShape> = { people: [], groups: [] };

/** A list of words, also where something beside it is wrong: each is looked at. */
function wordsUnder(key: string, value: unknown): string[] | undefined {
  const list =
    typeof value === 'object' && value !== null
      ? Object.entries(value).find(([name]) => name === key)
      : undefined;
  const words: unknown = list?.[1];
  return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
}

function readDeny(given: unknown, vocabulary: Vocabulary, told: Told): DenyRule[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) {
    told.mistakes.push('deny: it must be a list of rules, each with commands and whom it is about.');
    return [];
  }
  return given.flatMap((value: unknown, at): DenyRule[] => {
    const rule = parse(`deny.${at}`, denyShape, value, told);
    const commands = vocabulary.list(`deny.${at}.commands`, wordsUnder('commands', value) ?? [], told);
    if (!rule) return [];
    const { channels = [], targets = [], ...rest } = rule;
    return [{ ...rest, channels, targets, commands }];
  });
}

function readApprovals(given: unknown, vocabulary: Vocabulary, told: Told): Rule[] {
  if (given === 'none') return [];
  const asked = new Map<string, Rule | undefined>();
  for (const [word, value] of entries('approvals', given, told, ', or the word none')) {
    const path = `approvals.${word}`;
    const command = vocabulary.approvable(path, word, told);
    const rule = value === 'none' ? undefined : parse(path, approvalShape, value ?? {}, told);
    if (command === undefined || (value !== 'none' && !rule)) continue;
    if (asked.has(command)) told.mistakes.push(`${path}: "${command}" has another rule above.`);
    asked.set(
      command,
      rule && { ...rule, command, path, given: true, expiresMs: rule.expiresMinutes * 60_000 },
    );
  }
  const further = APPROVED_BY_DEFAULT.filter((command) => !asked.has(command)).map((command): Rule => ({
    ...DEFAULT_APPROVAL,
    command,
    path: `approvals.${command}`,
    given: false,
  }));
  return [...further, ...[...asked.values()].filter((rule) => rule !== undefined)];
}

function readNames(path: string, given: unknown, told: Told): string[] {
  if (given === undefined || given === null) return [];
  if (Array.isArray(given) && given.every((name) => typeof name === 'string')) return given;
  told.mistakes.push(`${path}: it must be a list of roles.`);
  return [];
}

function knownRole(path: string, name: string, names: readonly string[], { mistakes }: Told): void {
  if (names.includes(name)) return;
  const near = nearest(name, names);
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' Give it under roles.';
  mistakes.push(`${path}: there is no role "${name}".${hint}`);
}

function entries(path: string, given: unknown, { mistakes }: Told, or = ''): [string, unknown][] {
  if (given === undefined || given === null) return [];
  if (typeof given === 'object' && !Array.isArray(given)) return Object.entries(given);
  mistakes.push(`${path}: it must have names with what belongs to each${or}.`);
  return [];
}

function parse<T>(path: string, shape: z.ZodType<T>, value: unknown, { mistakes }: Told): T | undefined {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues)
    mistakes.push(`${[path, ...issue.path.map(String)].join('.')}: ${issue.message}.`);
  return undefined;
}
