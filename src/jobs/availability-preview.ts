import type { Preview, PreviewContext } from './define.ts';
import { nodeCalled } from './node-find.ts';
import { nodeFacts } from './preview-facts.ts';
import { told } from './preview-text.ts';

const WAS = { active: 'active', pause: 'paused', drain: 'drained' };

/** What approvers of `activate` and `pause` are shown. */
export async function previewAvailability(
  { nodes: names, availability: to }: { nodes: string[]; availability: 'active' | 'pause' },
  { swarm, signal }: PreviewContext,
): Promise<Preview> {
  const all = await swarm.nodes(signal);
  const nodes = names.map((name) => nodeCalled(all, name));
  const ids = new Set(nodes.map(({ id }) => id));
  const takers = all.filter(
    ({ id, state, availability }) => !ids.has(id) && state === 'ready' && availability === 'active',
  );
  return {
    says: told(
      nodes.map(({ hostname, availability }) => ({
        name: hostname,
        says:
          availability === to
            ? `is ${WAS[to]} already`
            : to === 'active'
              ? `is ${WAS[availability]} and takes new tasks again; none moves there by itself`
              : availability === 'drain'
                ? 'is drained and stays empty: paused, it takes no new tasks either'
                : 'takes no new tasks from then on; what runs there stays',
      })),
    ),
    warnings: [
      ...(to === 'pause' && takers.length === 0 ? ['No other node takes tasks: new ones would wait.'] : []),
      ...nodes.flatMap(({ hostname, state }) =>
        to === 'active' && state !== 'ready'
          ? [`${hostname} is ${state}: it takes tasks only once it is back.`]
          : [],
      ),
    ],
    facts: nodes.flatMap(nodeFacts),
  };
}
