/** The swarm's own networks, with the ranges that they take. */
import { z } from 'zod';
import { part, text } from '../hosts/json-parts.ts';
import type { Ask } from './ask.ts';

export interface Overlay {
  name: string;
  /** CIDRs. */
  subnets: string[];
  /** The one that the routing mesh uses. */
  ingress: boolean;
}

export interface Overlays {
  /** The overlay networks of the swarm; a new node gets them when a task there needs them. */
  overlays(signal?: AbortSignal): Promise<Overlay[]>;
}

const networkJson = z.object({
  Name: z.string(),
  Ingress: z.boolean().nullish(),
  IPAM: part({
    Config: z
      .array(z.object({ Subnet: text }))
      .nullish()
      .transform((value) => value ?? []),
  }),
});

export function overlaysOf(read: Ask): Overlays {
  return {
    async overlays(signal) {
      const found = await read('networks', signal, (engine, abortSignal) =>
        engine.listNetworks({ filters: { driver: ['overlay'], scope: ['swarm'] }, abortSignal }),
      );
      return z
        .array(networkJson)
        .parse(found)
        .map(({ Name, Ingress, IPAM }) => ({
          name: Name,
          subnets: IPAM.Config.map(({ Subnet }) => Subnet).filter(Boolean),
          ingress: Ingress ?? Name === 'ingress',
        }));
    },
  };
}
