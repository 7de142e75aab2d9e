/** One or two letters for each service, so that colour is not the only thing that tells them apart. */

/** Codes by name, no two alike. `names`: the more important first; they get the shorter codes. */
export function codesFor(names: readonly string[]): Map<string, string> {
  const codes = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names) {
    const code = candidates(name).find((one) => !taken.has(one)) ?? '';
    if (code === '') continue;
    taken.add(code);
    codes.set(name, code);
  }
  return codes;
}

/** Of `shop_web-12`: S, Sw, S1, Sh, So ... then S2 to S9, A0 to Z9. */
function candidates(name: string): string[] {
  const letters = name.match(/[a-z0-9]/gi) ?? [];
  const [first = '?'] = letters;
  const capital = first.toUpperCase();
  const starts = [...name.matchAll(/(?<=[^a-z0-9])[a-z0-9]/gi)].map(([letter]) => letter.toLowerCase());
  const second = [...starts, ...letters.slice(1).map((letter) => letter.toLowerCase()), ...DIGITS];
  return [capital, ...second.map((letter) => capital + letter), ...SPARE];
}

const DIGITS = Array.from('23456789');
const SPARE = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ').flatMap((letter) =>
  Array.from('0123456789').map((digit) => letter + digit),
);
