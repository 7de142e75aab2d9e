import type { Preview, PreviewContext } from './define.ts';
import { loadsOf } from './drain-move.ts';
import { movingOf, NOTHING } from './drain-preview-room.ts';
import { nodeCalled } from './node-find.ts';
import { nodeFacts } from './preview-facts.ts';
import { count, told } from './preview-text.ts';

interface Input {
  nodes: string[];
  keepCapacity: boolean;
}

/** What approvers of a drain are shown: how much runs there, and where it finds a place. */
export async function previewDrain(
  { nodes: names, keepCapacity }: Input,
  context: PreviewContext,
): Promise<Preview> {
  const { swarm, signal } = context;
  const all = await swarm.nodes(signal);
  const nodes = names.map((name) => nodeCalled(all, name));
  const ids = nodes.map(({ id }) => id);
  const found = await loadsOf(ids, all, swarm, signal);
  const loads = nodes.map((node) => ({ node, load: found.get(node.id) ?? NOTHING }));
  const moving = await movingOf(
    loads.map(({ load }) => load),
    ids,
    context,
  );
  const nobodyElse = all.every(
    ({ id, state, availability }) => ids.includes(id) || state !== 'ready' || availability !== 'active',
  );
  return {
    says: [
      ...told(
        loads.map(({ node, load }) => {
          const tasks = load.services.reduce((sum, { here }) => sum + here, load.others);
          return {
            name: node.hostname,
            says:
              node.availability === 'drain' && tasks === 0
                ? 'is drained already, and nothing runs there'
                : `is drained: ${tasks === 0 ? 'nothing runs there' : `${count(tasks, 'task')} ${tasks === 1 ? 'has' : 'have'} to go`}, and it takes no new ones`,
          };
        }),
      ),
      ...moving.says,
      ...(keepCapacity && moving.says.length > 0
        ? ['As many tasks are started elsewhere first, so that no fewer run at any time.']
        : []),
    ],
    warnings: [
      ...(nobodyElse ? ['No other node takes tasks: everything that runs there ends.'] : []),
      ...moving.warnings,
    ],
    facts: nodes.flatMap(nodeFacts),
  };
}
