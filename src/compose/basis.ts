/** What a plan was made from, told so that a later look finds whether it still is so, and tells nobody else. Pure. */
import { createHash, createHmac } from 'node:crypto';
import type { StackState } from '../swarm/stack-shapes.ts';
import type { StackSpec } from './convert.ts';
import { namesOf } from './difference.ts';
import { changes, stable } from './fields.ts';
import { settle } from './settle.ts';
import { viewOf } from './view.ts';

/** By name of a service of the stack. The rest of the fields is in the digest. */
export type Basis = Record<string, { digest: string; image: string; replicas: number | null }>;

/**
 * `text`, the compose file, is the key of the digests: somebody who reads them without it cannot try which password fits.
 */
export function basisOf(text: string, state: StackState): Basis {
  const key = createHash('sha256').update(text).digest();
  const names = namesOf(state);
  return Object.fromEntries(
    state.services.map(({ name, spec }) => {
      const view = viewOf(spec, names);
      const digest = createHmac('sha256', key).update(stable(view)).digest('base64url');
      return [name, { digest, image: view.image, replicas: view.replicas }];
    }),
  );
}

/**
 * What has become otherwise since the plan, in a sentence each. What is as the file wants it does not count: a deploy
 * that was interrupted goes on.
 */
export function changedSince(
  basis: Basis,
  text: string,
  spec: StackSpec,
  state: StackState,
  prune: boolean,
): string[] {
  const now = basisOf(text, state);
  const names = namesOf(state);
  const wanted = new Map(spec.services.map((service) => [service.Name, service]));
  const told: string[] = [];
  for (const { name, spec: running } of state.services) {
    const before = Object.hasOwn(basis, name) ? basis[name] : undefined;
    const present = now[name];
    if (before && present && before.digest === present.digest) continue;
    const goal = wanted.get(name);
    const service = state.services.find((one) => one.name === name);
    if (goal && changes(viewOf(running, names), viewOf(settle(goal, service, state), names)).length === 0)
      continue;
    if (!before) {
      told.push(`${name} was created.`);
      continue;
    }
    const seen = [
      ...(before.image === present?.image ? [] : [`its image from ${before.image} to ${present?.image}`]),
      ...(before.replicas === present?.replicas
        ? []
        : [`its replicas from ${before.replicas} to ${present?.replicas}`]),
    ];
    told.push(`${name} was changed${seen.length > 0 ? `: ${seen.join(' and ')}` : ''}.`);
  }
  for (const name of Object.keys(basis)) {
    const gone = !state.services.some((service) => service.name === name);
    if (gone && (wanted.has(name) || !prune)) told.push(`${name} was removed.`);
  }
  return told;
}
