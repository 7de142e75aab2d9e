/** The text of a compose file -> plain values. Pure. */
import { isPair, isScalar, LineCounter, parseDocument, visit, type ErrorCode } from 'yaml';
import { messageOf, UserError } from '../errors.ts';

/** Larger than any compose file that people wrote. */
export const MOST_BYTES = 1024 * 1024;
/** Aliases that stand for other aliases multiply: this many copies in all are made of one anchor. */
const MOST_ALIASES = 1000;

/** What the library finds, without its excerpts: the line may carry a password. */
const FAULTS: Partial<Record<ErrorCode, string>> = {
  BAD_INDENT: 'the indentation does not fit',
  DUPLICATE_KEY: 'a key is there twice',
  MISSING_CHAR: 'a quote, a bracket or a colon is missing',
  MULTIPLE_DOCS: 'there is a second document behind "---"',
  TAB_AS_INDENT: 'a tab is used for indentation; YAML takes blanks only',
  BLOCK_AS_IMPLICIT_KEY: 'a line holds two keys, or its indentation does not fit',
};

/**
 * Reads YAML as compose files use it: YAML 1.2 with the merge keys (`<<`) of 1.1. A file mode that begins with 0 is
 * octal, as it is for docker; other numbers that a number cannot hold stay as they are written.
 * @throws UserError with line and column when it is no YAML mapping.
 */
export function readYaml(text: string): Record<string, unknown> {
  if (Buffer.byteLength(text) > MOST_BYTES) {
    throw new UserError('The compose file is larger than 1 MiB.', {
      hint: 'Split it into several stacks, or move large configs out of it.',
    });
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { merge: true, prettyErrors: false, lineCounter, logLevel: 'silent' });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new UserError(
      `The compose file is not valid YAML: ${FAULTS[error.code] ?? 'something does not fit'} at line ${line}, column ${col}.`,
      { hint: 'Correct that line and try again.' },
    );
  }
  visit(document, {
    Scalar(_key, node, path) {
      if (typeof node.value !== 'number' || node.source === undefined) return;
      const parent = path.at(-1);
      const key = isPair(parent) && isScalar(parent.key) ? parent.key.value : '';
      const leadingZero = /^0[0-7]+$/.test(node.source);
      if (leadingZero && key === 'mode') node.value = Number.parseInt(node.source, 8);
      else if (leadingZero || (Number.isInteger(node.value) && !Number.isSafeInteger(node.value)))
        node.value = node.source;
    },
  });
  const value = toPlain(() => document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new UserError('That is not a compose file: it has no keys such as "services:".', {
    hint: 'Paste the whole file, beginning with its first line.',
  });
}

function toPlain(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    if (/merge sources must be maps/i.test(messageOf(error))) {
      throw new UserError('The compose file merges ("<<") something that is no mapping.', {
        hint: 'Write an alias of a mapping behind "<<:", such as "<<: *defaults".',
        cause: error,
      });
    }
    if (!(error instanceof ReferenceError)) throw error;
    throw new UserError('The compose file uses its YAML aliases far too often.', {
      hint: 'Write out some of what the anchors stand for.',
      cause: error,
    });
  }
}
