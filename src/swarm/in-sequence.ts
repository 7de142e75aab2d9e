import { UserError, messageOf } from '../errors.ts';

/** Enough for a busy hour; a service that changes five times in a second is fought over. */
const MOST_TRIES = 5;

/**
 * Runs a change that reads, then sends back the version that it read, again when somebody else was faster: the same
 * intent on what is there now.
 * @throws UserError when it lost the race `MOST_TRIES` times.
 */
export async function inSequence<T>(what: string, change: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await change();
    } catch (thrown) {
      if (!/update out of sequence/i.test(messageOf(thrown))) throw thrown;
      if (tries >= MOST_TRIES) {
        throw new UserError(
          `${what} was changed by somebody else each of the ${MOST_TRIES} times it was tried.`,
          {
            hint: 'See who or what keeps changing it, such as a deploy, then try again.',
            cause: thrown,
          },
        );
      }
    }
  }
}
