/** What a person reads of what went wrong while the bot handled something of theirs. */
import type { Body } from '../cards/body.ts';
import { paragraph } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, escape, spoken, literal } from '../cards/text.ts';
import { errorReference, UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import { isOutOfReach, within } from '../queue/redis.ts';
import type { Request } from '../queue/request.ts';
import type { Remedy } from '../remedy.ts';

/** Slack shows its own error after 3 s; the network has its share of them. */
const ANSWER_MS = 2000;

/** Of an error of ours: the log has its trace under the reference that the person is told. */
class Unexpected extends UserError {}

/**
 * What was thrown, in words for whoever caused it. A bug gets a reference, and the log its trace. `outcome`: a sentence
 * that says what this means for them.
 */
function inWords(error: unknown, outcome: string, about: object, log: Log): UserError {
  if (error instanceof UserError) return error;
  const reference = errorReference();
  log.error({ ...about, err: error, reference }, 'unexpected error');
  return new Unexpected(`Something went wrong inside the bot. ${outcome}`, {
    hint: `Give ${reference} to whoever runs it: the log explains it.`,
    cause: error,
  });
}

export interface Answering {
  /** What it means that Redis does not answer, or is gone, and what to do: two sentences. */
  late: { message: string; hint: string };
  /** What an unexpected error means for whoever caused it: a sentence. */
  outcome: string;
  /** For the log. */
  about: object;
  log: Log;
}

/**
 * Does the work in time for Slack. Never rejects: what it threw is given back as an error in words for the person.
 * @returns what the work gave, or the error.
 */
export async function inTime<R>(
  work: () => Promise<R>,
  { late, outcome, about, log }: Answering,
): Promise<R | UserError> {
  try {
    return await within(work(), ANSWER_MS, () => {
      log.error(about, 'Redis did not answer in time');
      return new UserError(late.message, { hint: late.hint });
    });
  } catch (error) {
    if (isOutOfReach(error)) {
      log.error({ ...about, err: error }, 'Redis was lost before it answered');
      return new UserError(late.message, { hint: late.hint });
    }
    return inWords(error, outcome, about, log);
  }
}

/** What a person reads of a refusal, or of an error. */
export function refusal(error: UserError): Body {
  const { message, hint, remedies, says } = error;
  const words = says ? spoken(says) : escape([message, hint].filter(Boolean).join(' '));
  const mark = error instanceof Unexpected ? ':x:' : ':no_entry:';
  return withButtons(paragraph(`${mark} ${words}`, words), remedies);
}

/** The same, of a job that changed nothing: it names what was asked. */
export function refusedRequest({ title, failure }: Request): Body {
  const words = escape([failure?.message, failure?.hint].filter(Boolean).join(' '));
  const body = paragraph(`:no_entry: ${bold(title)}: ${words}`, `${literal(title)}: ${words}`);
  return withButtons(body, failure?.remedies ?? []);
}

function withButtons(body: Body, remedies: readonly Remedy[]): Body {
  return { ...body, blocks: [...body.blocks, ...remedyButtons(remedies)] };
}
