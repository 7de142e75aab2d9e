/** How previews tell of many targets, so that an approver can read it. Pure. */
import type { Outcome } from './stages.ts';

/** As many lines as somebody reads before pressing a button. */
const MOST_LINES = 20;
/** Names that a line gives before it only counts. */
const MOST_NAMES = 8;

/** Of one target: what is said of it, as a sentence goes on after its name: `joins as a worker`. */
export interface Saying {
  name: string;
  says: string;
}

/** One sentence for each; of more than a card can show, those of which the same is said share one. */
export function told(all: readonly Saying[]): string[] {
  if (all.length <= MOST_LINES) return all.map(({ name, says }) => `${name} ${says}.`);
  const groups = [...Map.groupBy(all, ({ says }) => says)].map(([says, alike]) => {
    const names = alike.map(({ name }) => name);
    return names.length === 1 ? `${names[0]} ${says}.` : `${names.length}: ${some(names)}. Each ${says}.`;
  });
  return firstOf(groups);
}

/** The first of the lines, and how many there are beside. */
export function firstOf(lines: readonly string[]): string[] {
  if (lines.length <= MOST_LINES) return [...lines];
  const more = lines.length - MOST_LINES + 1;
  return [...lines.slice(0, MOST_LINES - 1), `And ${more} more like these.`];
}

/** Remarks, `says` a whole sentence: the same one is made once, of all whom it is about. */
export function remarks(all: readonly Saying[]): string[] {
  return [...Map.groupBy(all, ({ says }) => says)].map(
    ([says, alike]) => `${some(alike.map(({ name }) => name))}${alike.length > 1 ? ', each' : ''}: ${says}`,
  );
}

/** What is to be said of those that would be refused while others go on. */
export function refused(outcomes: readonly Outcome<unknown>[]): string[] {
  return outcomes.flatMap((outcome) =>
    outcome.ok
      ? []
      : [
          outcome.message.includes(outcome.target)
            ? `Left out: ${outcome.message}`
            : `${outcome.target} is left out: ${midSentence(outcome.message)}`,
        ],
  );
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function some(names: readonly string[], most = MOST_NAMES): string {
  return joined(names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : names);
}

/** `a, b and c`. */
export function joined(parts: readonly string[]): string {
  return new Intl.ListFormat('en', { style: 'long', type: 'conjunction' })
    .format(parts)
    .replace(/, and /, ' and ');
}

/** `1 task`, `3 tasks`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** `120 MB`. */
export function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

function midSentence(text: string): string {
  return text.replace(/^(?:It|Its|An|A|The|No|Another|Packets|Something) /, (word) => word.toLowerCase());
}
