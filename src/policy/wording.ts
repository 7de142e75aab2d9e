/** Pieces that refusals are made of. */
import { inWords, plain, type Phrase, type PhrasePart } from '../phrase.ts';
import type { Role } from './policy.ts';
import type { Refused } from './question.ts';

/** `@ops-team and @alice have it`. */
export function holders(roles: readonly Role[]): Phrase {
  const parts = membersOf(roles);
  return [...inWords(parts), parts.length === 1 ? ' has it' : ' have it'];
}

/** Who is in these roles, each once. */
export function membersOf(roles: readonly Role[]): PhrasePart[] {
  const parts = new Map<string, PhrasePart>();
  for (const { groups, people, everyone } of roles) {
    if (everyone) parts.set('', 'every full member of this workspace');
    for (const group of groups) parts.set(group, { group });
    for (const person of people) parts.set(person, { person });
  }
  return [...parts.values()];
}

/** `Your role developers reaches staging-* and shop only`. */
export function reachOf(roles: readonly Role[]): string {
  const globs = [...new Set(roles.flatMap(({ targets }) => targets))];
  return `Your ${rolesNamed(roles)} ${roles.length === 1 ? 'reaches' : 'reach'} ${inText(globs)} only`;
}

export function rolesNamed(roles: readonly Role[]): string {
  return `${roles.length === 1 ? 'role' : 'roles'} ${inText(roles.map(({ name }) => name))}`;
}

export function inText(names: readonly string[], last: 'and' | 'or' = 'and'): string {
  return plain(inWords(names, { last }));
}

export function quote(word: string): string {
  return `"${word}"`;
}

export function said(reason: Phrase, hint: Phrase): Refused {
  return {
    reason: plain(reason),
    hint: plain(hint),
    says: hint.length > 0 ? [...reason, ' ', ...hint] : reason,
  };
}
