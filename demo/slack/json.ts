/** A JSON object whose fields are not known yet. */
export type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object itself, or an empty one for anything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The list's objects, or none for anything but a list. */
export function objectsOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** The string, or undefined for anything else (numbers included). */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The text of a text object such as `{type: 'plain_text', text}`, or an empty string. */
export function textOf(value: unknown): string {
  return stringOf(fieldsOf(value)['text']) ?? '';
}

/** What the JSON text says, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The `type` of a block, element or text object; empty when it has none. */
export function typeOf(value: unknown): string {
  return stringOf(fieldsOf(value)['type']) ?? '';
}
