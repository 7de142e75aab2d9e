import { isFields, typeOf } from '../json.ts';

/** Collects what is wrong with a piece of Block Kit, in Slack's words, with a JSON pointer to the place. */
export class Findings {
  readonly errors: string[] = [];

  add(at: string, problem: string): void {
    this.errors.push(`${problem} [json-pointer:${at}]`);
  }
}

/** Looks at a value and reports to the findings; `at` is the JSON pointer of the value. */
export type Check = (value: unknown, at: string, found: Findings) => void;

export const boolean: Check = (value, at, found) => {
  if (typeof value !== 'boolean') found.add(at, 'must provide a boolean');
};

/** Length in characters, as Slack counts them (UTF-16 units are near enough). `min` is 1 unless told. */
export function string({ min = 1, max = Infinity }: { min?: number; max?: number } = {}): Check {
  return (value, at, found) => {
    if (typeof value !== 'string') found.add(at, 'must provide a string');
    else if (value.length > max) found.add(at, `must be less than ${max + 1} characters`);
    else if (value.length < min) found.add(at, `must be more than ${min - 1} characters`);
  };
}

export function pattern(expression: RegExp, problem: string): Check {
  return (value, at, found) => {
    if (typeof value !== 'string' || !expression.test(value)) found.add(at, problem);
  };
}

export function number({ min = -Infinity, max = Infinity, whole = true } = {}): Check {
  return (value, at, found) => {
    if (typeof value !== 'number' || (whole && !Number.isInteger(value)))
      found.add(at, 'must provide a number');
    else if (value < min) found.add(at, `must be greater than or equal to ${min}`);
    else if (value > max) found.add(at, `must be less than or equal to ${max}`);
  };
}

export function oneOf(...allowed: string[]): Check {
  return (value, at, found) => {
    if (typeof value !== 'string' || !allowed.includes(value)) found.add(at, 'must be a valid enum value');
  };
}

export function list(item: Check, { min = 1, max = Infinity }: { min?: number; max?: number } = {}): Check {
  return (value, at, found) => {
    if (!Array.isArray(value)) return found.add(at, 'must provide an array');
    if (value.length > max) found.add(at, `no more than ${max} items allowed`);
    if (value.length < min) found.add(at, `no fewer than ${min} items allowed`);
    value.forEach((entry, index) => item(entry, `${at}/${index}`, found));
  };
}

/** An object with these fields and no others; `type` is checked by whoever chose this shape by it. */
export function object(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return (value, at, found) => {
    if (!isFields(value)) return found.add(at, 'must provide an object');
    for (const [key, check] of Object.entries(required)) {
      if (value[key] === undefined) found.add(at, `missing required field: ${key}`);
      else check(value[key], `${at}/${key}`, found);
    }
    for (const [key, check] of Object.entries(optional)) {
      if (value[key] !== undefined) check(value[key], `${at}/${key}`, found);
    }
    for (const key of Object.keys(value)) {
      if (key !== 'type' && !(key in required) && !(key in optional)) {
        found.add(at, `invalid additional property: ${key}`);
      }
    }
  };
}

/** Chooses the check by the object's `type`; any other type is not supported in this place. */
export function byType(shapes: Record<string, Check>): Check {
  return (value, at, found) => {
    if (!isFields(value)) return found.add(at, 'must provide an object');
    if (value['type'] === undefined) return found.add(at, 'missing required field: type');
    const type = typeOf(value);
    const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
    if (shape) shape(value, at, found);
    else found.add(`${at}/type`, `unsupported type: ${type}`);
  };
}

export function all(...checks: Check[]): Check {
  return (value, at, found) => {
    for (const check of checks) check(value, at, found);
  };
}

/** A condition on the whole object, checked only when it is an object. */
export function ensure(holds: (value: Record<string, unknown>) => boolean, problem: string): Check {
  return (value, at, found) => {
    if (isFields(value) && !holds(value)) found.add(at, problem);
  };
}
