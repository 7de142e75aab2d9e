/** How previews tell of many targets, so that an approver can read all of it: the card has a file for what is long. Pure. */
import type { Outcome } from './stages.ts';

/** As many lines as somebody reads before pressing a button: what is said of more is put together. */
const MOST_LINES = 20;
/** Names that a line gives before it only counts, of what is evidence and not the change itself. */
const MOST_NAMES = 8;

/** Of one target: what is said of it, as a sentence goes on after its name: `joins as a worker`. */
export interface Saying {
  name: string;
  says: string;
}

/** One sentence for each; of more than somebody reads, those of which the same is said share one. None is left unnamed. */
export function told(all: readonly Saying[]): string[] {
  if (all.length <= MOST_LINES) return all.map(({ name, says }) => `${name} ${says}.`);
  return [...Map.groupBy(all, ({ says }) => says)].map(([says, alike]) => {
    const names = alike.map(({ name }) => name);
    return names.length === 1 ? `${names[0]} ${says}.` : `${names.length}: ${joined(names)}. Each ${says}.`;
  });
}

/** Remarks, `says` a whole sentence: the same one is made once, of all whom it is about. */
export function remarks(all: readonly Saying[]): string[] {
  return [...Map.groupBy(all, ({ says }) => says)].map(
    ([says, alike]) => `${joined(alike.map(({ name }) => name))}${alike.length > 1 ? ', each' : ''}: ${says}`,
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
