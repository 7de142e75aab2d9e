import { z } from 'zod';
import { UserError, isAbort } from '../errors.ts';
import type { EngineInfo, Host } from '../hosts/hosts.ts';
import type { Node } from '../swarm/swarm.ts';
import { defineJob } from './define.ts';

/** Hosts that are asked at the same time, and how long each may take: 500 dead ones are done within a minute. */
const AT_ONCE = 48;
const PATIENCE_MS = 5000;

type Standing =
  /** A node of this swarm. */
  | { kind: 'in'; node: string; nodeState: Node['state']; role: Node['role'] }
  /** In no swarm; `pending` and `error` are of a join that has not come to a good end. */
  | { kind: 'out'; state: 'inactive' | 'pending' | 'error' | 'locked'; error: string }
  | { kind: 'elsewhere' }
  | { kind: 'unreachable'; why: string };

export interface HostLine {
  host: string;
  address: string;
  labels: Record<string, string>;
  /** Empty where it could not be asked and the managers do not know either. */
  version: string;
  standing: Standing;
}

export const hosts = defineJob({
  input: z.object({ words: z.array(z.string()) }),
  lock: () => [],
  steps: () => ['Ask every host'],
  async run({ words }, { hosts: inventory, swarm, step, signal }) {
    const lines = await step('Ask every host', async (progress) => {
      const names = inventory.names();
      const nodes = await swarm.nodes(signal);
      const found = new Map<string, HostLine>();
      const waiting = [...names];
      const lane = async (): Promise<void> => {
        for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
          found.set(name, await ask(inventory.host(name), nodes, signal));
          progress.say(`${found.size} of ${names.length}`);
        }
      };
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, names.length) }, lane));
      return names.flatMap((name) => found.get(name) ?? []);
    });
    return { words, hosts: lines };
  },
});

async function ask(host: Host, nodes: readonly Node[], signal: AbortSignal): Promise<HostLine> {
  const { name, address, settings } = host;
  const line = { host: name, address, labels: settings.labels };
  try {
    const info = await host.info(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
    return { ...line, version: info.version, standing: standingOf(info, nodes) };
  } catch (thrown) {
    signal.throwIfAborted();
    const why =
      thrown instanceof UserError
        ? thrown.message
        : isAbort(thrown)
          ? `It does not answer within ${PATIENCE_MS / 1000} s.`
          : undefined;
    if (why === undefined) throw thrown;
    const known = nodes.find((node) => node.hostname === name || node.address === address);
    return { ...line, version: known?.version ?? '', standing: { kind: 'unreachable', why } };
  }
}

function standingOf({ swarm }: EngineInfo, nodes: readonly Node[]): Standing {
  const { state, error } = swarm;
  if (state !== 'active') return { kind: 'out', state, error };
  const node = nodes.find(({ id }) => id === swarm.nodeId);
  return node
    ? { kind: 'in', node: node.hostname || node.id, nodeState: node.state, role: node.role }
    : { kind: 'elsewhere' };
}
