import { expect } from 'vitest';
import { UserError } from '../../src/errors.ts';

/** What every refusal must be: one or two sentences on what happened, and a next step; short, and safe to print. */
export function expectPlainAnswer({ message, hint }: Pick<UserError, 'message' | 'hint'>): void {
  expect(message).toMatch(/^\S.*[.?]$/su);
  expect(hint).toMatch(/^\S.*\S$/su);
  expect(`${message} ${hint}`.length).toBeLessThanOrEqual(300);
  expect(`${message} ${hint}`).not.toMatch(/[\p{Cc}\p{Cs}]/u);
  expect(sentences(message)).toBe(1);
  expect(sentences(hint)).toBe(1);
}

/** Ends of sentences, those inside quotes not counted: they belong to what was typed. */
function sentences(text: string): number {
  return text
    .replaceAll(/".*"/gsu, 'it')
    .split(/(?<!\.\.)[.?!](?:\s|$)/u)
    .filter(Boolean).length;
}

/** The UserError that `work` throws. @throws when it throws none, and whatever else it throws. */
export function thrownBy(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}
