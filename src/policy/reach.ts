/**
 * Whether the targets of a command are among those that a role or a rule is about.
 *
 * Names are compared as people type them, and the swarm takes IDs of nodes and services in their place. No policy can
 * tell whose ID it is, so what could be one is taken for the worse: it is what a rule under `deny` protects, and hardly
 * ever what a limited role reaches. A host that has one name in the inventory and another as a node must stand under
 * both.
 */
import type { Target } from '../target.ts';
import { fixedStart, globMatches, globMeets } from './glob.ts';

/** An ID, or a beginning of one that nodes and services are found by: from 8 letters and digits on, of 25. */
const MAYBE_ID = /^[0-9a-z]{8,25}$/i;

/** An ID begins with four given characters in one of 1.7 million. */
const ENOUGH_FIXED = 4;

/** Names that roles are limited to, in small letters and without `*`: no ID is the same by chance. */
export type KnownNames = ReadonlySet<string>;

/** Whether a grant that is limited to these globs reaches the target. Never the swarm as a whole. */
export function reaches(globs: readonly string[], target: Target): boolean {
  if (target.kind === 'swarm') return false;
  const risky = maybeId(target);
  return globs.some(
    (glob) =>
      globMatches(glob, target.name) && (!risky || fixedStart(glob) >= ENOUGH_FIXED || /^\*+$/.test(glob)),
  );
}

export type Hit = 'name' | 'whole swarm' | 'maybe an ID';

/**
 * Whether and why a prohibition that is limited to these globs is about the target. What is done to the swarm as a whole
 * is done to each part of it; a stack is called as its services begin: `shop` is `shop_web` and the rest.
 */
export function hits(globs: readonly string[], target: Target, known: KnownNames): Hit | undefined {
  const { kind, name } = target;
  if (kind === 'swarm') return 'whole swarm';
  if (globs.some((glob) => globMatches(glob, name))) return 'name';
  if (kind === 'stack' && globs.some((glob) => globMeets(glob, `${name}_`))) return 'name';
  if (kind === 'service' && stacksOf(name).some((stack) => globs.some((glob) => globMatches(glob, stack))))
    return 'name';
  return maybeId(target) && !known.has(name.toLowerCase()) ? 'maybe an ID' : undefined;
}

/** Whether it could be given by its ID. Hosts are found by their names in the inventory alone, and stacks by theirs. */
export function maybeId({ kind, name }: Target): boolean {
  return (kind === 'node' || kind === 'service') && MAYBE_ID.test(name);
}

/** Stacks that a service of this name may be a part of; a name of a stack may have `_` in it. */
function stacksOf(service: string): string[] {
  const parts = service.slice(0, MOST_NAME).split('_');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('_'));
}

/** Docker takes no longer names; a longer one is no service. */
const MOST_NAME = 128;
