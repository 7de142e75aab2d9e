/** Names with `*` in them. Without regular expressions: no glob makes a match slow. */

/** Whether `glob` is this name; each `*` stands for any number of characters. Capitals do not matter: the swarm takes no two names that differ in them alone. */
export function globMatches(glob: string, name: string): boolean {
  const [head = '', ...parts] = glob.toLowerCase().split('*');
  const text = name.toLowerCase();
  const tail = parts.pop();
  if (tail === undefined) return text === head;
  const end = text.length - tail.length;
  if (head.length > end || !text.startsWith(head) || !text.endsWith(tail)) return false;
  // The first place where a part fits leaves the most room for those behind it.
  let at = head.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether some name that begins with `start` is this glob's. */
export function globMeets(glob: string, start: string): boolean {
  const text = start.toLowerCase();
  const [head = '', ...parts] = glob.toLowerCase().split('*');
  if (head.startsWith(text)) return true;
  return parts.length > 0 && text.startsWith(head);
}

/** How many characters of a name a glob fixes at its beginning; all of them where it has no `*`. */
export function fixedStart(glob: string): number {
  const at = glob.indexOf('*');
  return at === -1 ? Infinity : at;
}
