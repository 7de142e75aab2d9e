/** What commands give of services, as jobs take it. */
import { z } from 'zod';

export const port = z.object({
  target: z.int().min(1).max(65_535),
  published: z.int().min(0).max(65_535),
  protocol: z.enum(['tcp', 'udp', 'sctp']),
  mode: z.enum(['ingress', 'host']),
});

export const mount = z.object({
  type: z.enum(['bind', 'volume', 'tmpfs']),
  source: z.string(),
  target: z.string(),
  readOnly: z.boolean(),
});

export const amounts = z.object({
  cpus: z.number().min(0).optional(),
  memoryBytes: z.int().min(0).optional(),
});

export const labels = z.record(z.string(), z.string());

export const updateRule = z.object({
  parallelism: z.int().min(0).optional(),
  delayMs: z.int().min(0).optional(),
  monitorMs: z.int().min(0).optional(),
  failureAction: z.enum(['pause', 'continue', 'rollback']).optional(),
  order: z.enum(['stop-first', 'start-first']).optional(),
});
