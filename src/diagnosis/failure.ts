/** A failure as a person reads it: what happened, why, and what to do next, each said once. Pure. */
import type { UserError } from '../errors.ts';
import type { Remedy } from '../remedy.ts';
import { diagnose } from './diagnose.ts';
import type { Facts } from './facts.ts';

export interface Explained {
  message: string;
  hint: string;
  remedies: Remedy[];
}

/** Causes of causes: deeper than that nothing new is said. */
const DEEPEST = 8;

/**
 * The words of an error and of all its causes, each once. Hints are left out: they speak of what to do, and would be
 * taken for what happened.
 */
export function wordsOf(error: unknown): string {
  const said = new Set<string>();
  let present: unknown = error;
  for (let depth = 0; depth < DEEPEST && present !== undefined && present !== null; depth += 1) {
    said.add(present instanceof Error ? present.message : typeof present === 'string' ? present : '');
    present = present instanceof Error ? present.cause : undefined;
  }
  return [...said].filter(Boolean).join('\n');
}

/**
 * The error's own message stays what happened. An error that brings a hint has been explained by whoever knew most: its
 * words stay, and the diagnosis adds its ways out. One that brings remedies as well is left as it is. Any other, mostly
 * an engine's refusal, is told in the diagnosis's words.
 */
export function explained(error: UserError, facts: Facts): Explained {
  const told = explainedAsSuch(error, facts);
  return wasSent(error) ? { ...told, hint: [told.hint, mayStill(facts)].filter(Boolean).join(' ') } : told;
}

/** NoManager, or one that it caused, says whether a change was under way; its class is not for here to know. */
function wasSent(error: unknown): boolean {
  let present: unknown = error;
  for (let depth = 0; depth < DEEPEST && present instanceof Error; depth += 1) {
    if ('sent' in present && present.sent === true) return true;
    present = present.cause;
  }
  return false;
}

function mayStill({ service, node, host, target }: Facts): string {
  const named = service ?? node ?? host ?? target;
  const line =
    named === undefined ? 'status' : `${service ? 'ps' : (node ?? host) ? 'node' : 'why'} ${named}`;
  return `The change had been sent by then. It may still take effect once the managers are back: look with \`${line}\` then.`;
}

function explainedAsSuch(error: UserError, facts: Facts): Explained {
  const { message, hint, remedies } = error;
  if (remedies.length > 0) return { message, hint, remedies };
  const found = diagnose(wordsOf(error), facts);
  if (!found) return { message, hint, remedies };
  if (hint !== '') return { message, hint, remedies: found.remedies };
  return {
    message,
    hint: [found.cause, found.explanation, found.advice].join(' '),
    remedies: found.remedies,
  };
}

/**
 * What a job was given, as facts: any input may name hosts, nodes or services, one or several.
 * @param doing name of the command: `join`, `stack deploy`.
 */
export function factsOf(input: unknown, doing: string, inventory?: Facts['inventory']): Facts {
  const given = typeof input === 'object' && input !== null ? Object.entries(input) : [];
  const named = (...keys: string[]): string | undefined => {
    const names = given.filter(([key]) => keys.includes(key)).flatMap(([, value]) => namesIn(value));
    return names.length === 1 ? names[0] : undefined;
  };
  const facts = {
    doing,
    inventory,
    host: named('host', 'hosts'),
    node: named('node', 'nodes'),
    service: named('service', 'services'),
    target: named('name', 'names', 'target', 'targets'),
    image: named('image'),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** `web`, `['web']` and `[{ name: 'web', replicas: 3 }]` all name web. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value === 'object' && value !== null && 'name' in value) return namesIn(value.name);
  return [];
}
