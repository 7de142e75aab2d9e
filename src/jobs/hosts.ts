import { z } from 'zod';
import { UserError, isAbort } from '../errors.ts';
import type { EngineInfo, Host } from '../hosts/hosts.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import { defineJob } from './define.ts';

/** Hosts that are asked at the same time, and how long each may take: 500 dead ones are done within a minute. */
const AT_ONCE = 48;
const PATIENCE_MS = 5000;

type Standing =
  /** A node of this swarm. */
  | { kind: 'in'; node: string; nodeState: Node['state']; role: Node['role'] }
  /** A node of a swarm by its own word, while no manager says of which. */
  | { kind: 'member'; role: Node['role']; error: string }
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
    const found = await step('Ask every host', async (progress) => {
      const names = inventory.names();
      const managers = new Set(swarm.managerHosts());
      const asking = askManagers(swarm, signal);
      const asked = Promise.allSettled([asking]);
      const answers = new Map<string, Answer>();
      const waiting = [...names];
      const lane = async (): Promise<void> => {
        for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
          const late = managers.has(name) ? asked : Promise.resolve();
          answers.set(name, await ask(inventory.host(name), late, signal));
          progress.say(`${answers.size} of ${names.length}`);
        }
      };
      const lanes = Array.from({ length: Math.min(AT_ONCE, names.length) }, lane);
      const [said] = await Promise.all([asking, ...lanes]);
      const lines = names.flatMap((name) => {
        const answer = answers.get(name);
        return answer ? lineOf(inventory.host(name), answer, said) : [];
      });
      return { hosts: lines, managers: said.ok ? null : { message: said.message, hint: said.hint } };
    });
    return { words, ...found };
  },
});

/** What the managers say, or why they do not: then the hosts still speak for themselves. */
type Managers = { ok: true; nodes: readonly Node[] } | { ok: false; message: string; hint: string };

/** What a host's own engine says. */
type Answer = { ok: true; info: EngineInfo } | { ok: false; why: string };

async function askManagers(swarm: Swarm, signal: AbortSignal): Promise<Managers> {
  try {
    return { ok: true, nodes: await swarm.nodes(signal) };
  } catch (thrown) {
    if (!(thrown instanceof UserError) || signal.aborted) throw thrown;
    return { ok: false, message: thrown.message, hint: thrown.hint };
  }
}

/** @param asked a manager that has just lost the others takes 20 s to answer even for itself: it gets as long as this. */
async function ask(host: Host, asked: Promise<unknown>, signal: AbortSignal): Promise<Answer> {
  const patience = new AbortController();
  const began = performance.now();
  const giveUp = () => patience.abort(new DOMException('late', 'TimeoutError'));
  const timer = setTimeout(() => void asked.then(giveUp), PATIENCE_MS);
  try {
    return { ok: true, info: await host.info(AbortSignal.any([signal, patience.signal])) };
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof UserError) return { ok: false, why: thrown.message };
    if (!isAbort(thrown)) throw thrown;
    const seconds = Math.round((performance.now() - began) / 1000);
    return { ok: false, why: `It does not answer within ${seconds} s.` };
  } finally {
    clearTimeout(timer);
  }
}

function lineOf({ name, address, settings }: Host, answer: Answer, managers: Managers): HostLine {
  const line = { host: name, address, labels: settings.labels };
  if (answer.ok)
    return { ...line, version: answer.info.version, standing: standingOf(answer.info, managers) };
  const known = managers.ok
    ? managers.nodes.find((node) => node.hostname === name || node.address === address)
    : undefined;
  return { ...line, version: known?.version ?? '', standing: { kind: 'unreachable', why: answer.why } };
}

function standingOf({ swarm }: EngineInfo, managers: Managers): Standing {
  const { state, error } = swarm;
  if (state !== 'active') return { kind: 'out', state, error };
  if (!managers.ok) return { kind: 'member', role: swarm.isManager ? 'manager' : 'worker', error };
  const node = managers.nodes.find(({ id }) => id === swarm.nodeId);
  return node
    ? { kind: 'in', node: node.hostname || node.id, nodeState: node.state, role: node.role }
    : { kind: 'elsewhere' };
}
