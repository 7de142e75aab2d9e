/** Join tokens: replaced, compared and never shown. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Engine } from '../hosts/engine.ts';
import type { Ask } from './ask.ts';
import { swarmJson } from './engine-json.ts';
import { inSequence } from './in-sequence.ts';

export interface JoinTokens {
  /**
   * Makes the swarm's join token for this role a new one; hosts that have joined stay. Sends back the inspected version.
   * @returns whether the managers now give another token than before.
   */
  rotateToken(role: 'worker' | 'manager', signal?: AbortSignal): Promise<{ changed: boolean }>;
}

const versioned = z.object({ Version: z.object({ Index: z.number() }), Spec: z.looseObject({}) });

export function joinTokens(change: Ask): JoinTokens {
  return {
    async rotateToken(role, signal) {
      // Kept over a change of manager: the first one may have done it and died before it could say so.
      let before: string | undefined;
      return await change('rotate join token', signal, (engine, abortSignal) =>
        inSequence('The swarm', async () => {
          const swarm = await engine.swarmInspect({ abortSignal });
          before ??= digest(swarm, role);
          const { Version: version, Spec: spec } = versioned.parse(swarm);
          await engine.swarmUpdate({
            _query: {
              version: version.Index,
              rotateWorkerToken: role === 'worker',
              rotateManagerToken: role === 'manager',
            },
            _body: spec,
            abortSignal,
          });
          return { changed: (await digestNow(engine, role, abortSignal)) !== before };
        }),
      );
    },
  };
}

async function digestNow(
  engine: Engine,
  role: 'worker' | 'manager',
  abortSignal: AbortSignal,
): Promise<string> {
  return digest(await engine.swarmInspect({ abortSignal }), role);
}

/** Enough to tell two tokens apart, and nothing that anybody could join with. */
function digest(swarm: unknown, role: 'worker' | 'manager'): string {
  const { Worker: worker, Manager: manager } = swarmJson.parse(swarm).JoinTokens;
  return createHash('sha256')
    .update(role === 'worker' ? worker : manager)
    .digest('hex');
}
