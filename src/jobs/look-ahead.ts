/** Looks at the next few targets while the ones before them are being changed. */

/** A look that is older says nothing of now any more. */
const FRESH_MS = 20_000;

/**
 * Gives what `look` finds of a target, begun `ahead` targets before its turn. What is older than 20 s by then is looked at
 * again. A failure is thrown when the target's turn comes, not before.
 */
export function lookAhead<R>(
  targets: readonly string[],
  ahead: number,
  look: (target: string) => Promise<R>,
): (target: string) => Promise<R> {
  const begun = new Map<string, { at: number; found: Promise<R> }>();
  const begin = (target: string): Promise<R> => {
    const found = look(target);
    // It is awaited in its turn; until then a failure is nobody's.
    found.catch(() => undefined);
    begun.set(target, { at: Date.now(), found });
    return found;
  };
  return (target) => {
    const place = targets.indexOf(target);
    const known = begun.get(target);
    const found = known && Date.now() - known.at < FRESH_MS ? known.found : begin(target);
    for (const next of targets.slice(place + 1, place + 1 + ahead)) if (!begun.has(next)) void begin(next);
    return found;
  };
}
