/** Sentences that name people, user groups and channels: Slack shows those by their names, and all else as plain text. */

export type Phrase = readonly PhrasePart[];
export type PhrasePart =
  | string
  /** Slack's ID. */
  | { person: string }
  /** Slack's ID, or a handle with its @. */
  | { group: string }
  /** Slack's ID. */
  | { channel: string };

/** As somebody reads it where nothing can be shown by its name, such as a log. */
export function plain(phrase: Phrase): string {
  return phrase
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('person' in part) return part.person;
      return 'group' in part ? part.group : part.channel;
    })
    .join('');
}

/** `a`, `a and b`, `a, b and c`; of more than `most` the first few and `7 more`. */
export function inWords(
  parts: readonly PhrasePart[],
  { last = 'and', most = 5 }: { last?: 'and' | 'or'; most?: number } = {},
): Phrase {
  const shown = parts.length > most ? [...parts.slice(0, most), `${parts.length - most} more`] : [...parts];
  return shown.flatMap((part, at): PhrasePart[] => {
    if (at === 0) return [part];
    return [at === shown.length - 1 ? ` ${parts.length > most ? 'and' : last} ` : ', ', part];
  });
}
