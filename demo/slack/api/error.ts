import type { Fields } from '../json.ts';

/** An answer `{ok: false, error: code}`, with what else Slack says about it. */
export class ApiError extends Error {
  readonly code: string;
  readonly details: Fields;
  constructor(code: string, details: Fields = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** `invalid_arguments` or `invalid_blocks` with what is wrong where, in the form that the official clients log. */
export function invalid(code: 'invalid_arguments' | 'invalid_blocks', errors: string[]): ApiError {
  const messages = errors.map((error) => `[ERROR] ${error}`);
  return new ApiError(code, {
    ...(code === 'invalid_blocks' ? { errors } : {}),
    response_metadata: { messages },
  });
}
