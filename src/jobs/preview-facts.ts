/** What an approval rests on, as facts that a person can read when they have changed. Pure. */
import { createHash } from 'node:crypto';
import type { ServiceBasis } from '../swarm/bases.ts';
import type { Node } from '../swarm/swarm.ts';
import type { Fact } from './define.ts';

/** Services of which every field is a fact of its own; of more of them each is one fact. */
const MOST_IN_FULL = 5;
/** Names that a fact gives in full. */
const MOST_NAMES = 12;

export const fact = (what: string, value: string): Fact => ({ what, value });

/** Services as people have set them: by field, or each as a whole where there are many. */
export function serviceFacts(bases: readonly ServiceBasis[]): Fact[] {
  const inFull = bases.length <= MOST_IN_FULL;
  return bases.flatMap((basis) => [
    fact(`the ID of ${basis.name}`, basis.id),
    ...(inFull ? fieldFacts(basis) : [fact(basis.name, inShort(basis))]),
  ]);
}

function fieldFacts({ name, fields, env, mark }: ServiceBasis): Fact[] {
  return [
    ...Object.entries(fields).map(([field, value]) => fact(`the ${field} of ${name}`, value)),
    fact(
      `the environment of ${name}`,
      env.names.length === 0 ? 'empty' : `${namesText(env.names)} (marked ${env.mark})`,
    ),
    fact(`what else ${name} is set to`, `marked ${mark}`),
  ];
}

function inShort({ fields, env, mark }: ServiceBasis): string {
  const { image = '', replicas, mode } = fields;
  const rest = digest([fields, env, mark]);
  return `${replicas ?? mode ?? ''} of ${image} (settings marked ${rest})`;
}

/** Which node it is, and what people have set of it. */
export function nodeFacts({ hostname, id, role, availability }: Node): Fact[] {
  return [
    fact(`the node that ${hostname} is`, id),
    fact(`the role of ${hostname}`, role),
    fact(`the availability of ${hostname}`, availability),
  ];
}

/** A list of names, whole even where it is too long to be read. */
export function namesFact(what: string, names: readonly string[]): Fact {
  return fact(what, namesText(names));
}

function namesText(names: readonly string[]): string {
  const sorted = names.toSorted();
  if (sorted.length <= MOST_NAMES) return sorted.join(', ') || 'none';
  return `${sorted.slice(0, MOST_NAMES).join(', ')} and ${sorted.length - MOST_NAMES} more (marked ${digest(sorted)})`;
}

/** Only of what is no secret. */
function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
