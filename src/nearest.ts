import { distance } from 'fastest-levenshtein';

/**
 * The names closest to `word`, best first, at most `most`: those that start alike or differ by about a third of their
 * letters. Empty when nothing is near.
 */
export function nearest(word: string, names: Iterable<string>, most = 3): string[] {
  const wanted = word.toLowerCase();
  return (
    [...new Set(names)]
      .map((name) => {
        const known = name.toLowerCase();
        const startsAlike = wanted.length >= 2 && (known.startsWith(wanted) || wanted.startsWith(known));
        return {
          name,
          far: startsAlike ? 0.5 : distance(wanted, known),
          bound: Math.max(2, Math.ceil(known.length / 3)),
        };
      })
      // As many changes as the word has letters would make any word near.
      .filter(({ far, bound }) => far <= bound && far < wanted.length)
      .toSorted((a, b) => a.far - b.far || a.name.localeCompare(b.name))
      .slice(0, most)
      .map(({ name }) => name)
  );
}
