import { randomBytes } from 'node:crypto';
import type { Phrase } from './phrase.ts';
import type { Remedy } from './remedy.ts';

/**
 * Something a person can act on: what happened, and in `hint` what to do next. Both are whole sentences and are shown
 * in Slack as they are. Anything else that is thrown is a bug: the person sees a reference, the log has the trace.
 */
export class UserError extends Error {
  readonly hint: string;
  /** Ways out that are offered as buttons. */
  readonly remedies: Remedy[];
  /** Message and hint in one, where they name people or channels. */
  readonly says: Phrase | undefined;

  constructor(
    message: string,
    {
      hint = '',
      cause,
      remedies = [],
      says,
    }: { hint?: string; cause?: unknown; remedies?: Remedy[]; says?: Phrase } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'UserError';
    this.hint = hint;
    this.remedies = remedies;
    this.says = says;
  }
}

/** A short reference that ties what a person sees to the line in the log: `E-4f9a1c20`. */
export function errorReference(): string {
  return `E-${randomBytes(4).toString('hex')}`;
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether what was thrown only says that `signal` ended the wait. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError');
}
