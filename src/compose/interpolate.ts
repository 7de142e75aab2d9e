/** `${NAME:-default}` in the values of a compose file. Nobody has an environment in chat: only defaults count. Pure. */

export interface Interpolated {
  value: unknown;
  /** Names of variables without a default, sorted. */
  missing: string[];
  /** Paths of values with a dollar sign that begins no variable: `services.web.command`. */
  malformed: string[];
}

/** Sections in which variables are replaced, as docker does. */
const SECTIONS = new Set(['services', 'networks', 'volumes', 'configs', 'secrets']);

/** Replaces the variables in every value, never in keys. `$$` is a dollar sign. */
export function interpolate(file: Record<string, unknown>): Interpolated {
  const missing = new Set<string>();
  const malformed: string[] = [];
  const walk = (value: unknown, path: string): unknown => {
    if (typeof value === 'string') {
      const { text, names, ok } = substitute(value);
      for (const name of names) missing.add(name);
      if (!ok) malformed.push(path);
      return text;
    }
    if (Array.isArray(value)) return value.map((entry, at) => walk(entry, `${path}.${at}`));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, walk(entry, `${path}.${key}`)]),
    );
  };
  const value = Object.fromEntries(
    Object.entries(file).map(([key, section]) => [key, SECTIONS.has(key) ? walk(section, key) : section]),
  );
  return { value, missing: [...missing].toSorted(), malformed };
}

/** One value. `ok` is false where a dollar sign begins no variable. */
export function substitute(template: string): { text: string; names: string[]; ok: boolean } {
  const names: string[] = [];
  let ok = true;
  let text = '';
  let at = 0;
  while (at < template.length) {
    const dollar = template.indexOf('$', at);
    if (dollar === -1) return { text: text + template.slice(at), names, ok };
    text += template.slice(at, dollar);
    const rest = template.slice(dollar + 1);
    const plain = /^[A-Za-z_]\w*/.exec(rest)?.[0];
    if (rest.startsWith('$')) {
      text += '$';
      at = dollar + 2;
    } else if (plain !== undefined) {
      names.push(plain);
      at = dollar + 1 + plain.length;
    } else {
      const end = rest.startsWith('{') ? closing(rest) : -1;
      const braced = /^(?<name>[A-Za-z_]\w*)(?:(?<how>:?[-?+])(?<word>.*))?$/s.exec(
        rest.slice(1, end),
      )?.groups;
      if (end === -1 || !braced) return { text: text + template.slice(dollar), names, ok: false };
      const { name = '', how = '', word = '' } = braced;
      if (how.endsWith('-')) {
        const inner = substitute(word);
        text += inner.text;
        names.push(...inner.names);
        ok &&= inner.ok;
      } else if (!how.endsWith('+')) {
        names.push(name);
      }
      at = dollar + 1 + end + 1;
    }
  }
  return { text, names, ok };
}

/** Place of the brace that closes the one at the start; -1 when none does. */
function closing(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '{' && (at === 0 || text[at - 1] === '$')) depth += 1;
    if (text[at] === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}
