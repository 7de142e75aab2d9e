/** Services of which a node that has just joined runs nothing, although others run several: nothing moves by itself. */
import type { Node, Service, Swarm } from '../swarm/swarm.ts';

/** Past so many tasks the list of them is not read for a hint. */
const MOST_TASKS = 2000;

/**
 * @param services of the swarm; @param missing images that the node lacks: their tasks would only be rejected there.
 * @returns names of the replicated services with two tasks or more on some other node and none on this one.
 */
export async function couldSpread(
  node: Node,
  services: readonly Service[],
  missing: readonly string[],
  swarm: Swarm,
  signal: AbortSignal,
): Promise<string[]> {
  const able = services.filter(
    ({ mode, running, image }) => mode === 'replicated' && running > 1 && !missing.includes(image),
  );
  const tasks = able.reduce((sum, { running }) => sum + running, 0);
  if (node.availability !== 'active' || tasks === 0 || tasks > MOST_TASKS) return [];
  const running = (await swarm.tasks({}, signal)).filter(({ state }) => state === 'running');
  return able.flatMap(({ name }) => {
    const perNode = new Map<string, number>();
    for (const task of running)
      if (task.service === name) perNode.set(task.node, (perNode.get(task.node) ?? 0) + 1);
    return !perNode.has(node.hostname) && Math.max(0, ...perNode.values()) > 1 ? [name] : [];
  });
}
