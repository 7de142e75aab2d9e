import type { Preview, PreviewContext } from './define.ts';
import { serviceFacts } from './preview-facts.ts';
import { count, some, told } from './preview-text.ts';
import { movable } from './rebalance-look.ts';
import { planOf } from './rebalance-move.ts';

interface Input {
  services: string[];
  atOnce: number;
  single: boolean;
}

/** What approvers of a rebalance are shown: how uneven it is, and how many tasks move. */
export async function previewRebalance(
  { services: names, atOnce, single }: Input,
  context: PreviewContext,
): Promise<Preview> {
  if (names.length === 0)
    return { says: ['Nothing is moved: it only shows what could be more level.'], warnings: [], facts: [] };
  const found = [];
  for (const name of names) found.push(await movable(name, { single }, context));
  const { swarm, signal } = context;
  const replaced = found.filter(({ wanted }) => wanted === 1 && single);
  return {
    says: told(
      found.map((balance) => {
        const { moves, skew } = planOf(balance, single);
        const spread = balance.nodes.map(({ hostname, has }) => `${hostname} ${has}`);
        return {
          name: balance.name,
          says:
            moves.length === 0
              ? `is as level as it can be (${some(spread)})`
              : `has ${count(skew, 'task')} more on one node than on another (${some(spread)}): ${count(moves.length, 'task')} ${moves.length === 1 ? 'moves' : 'move'}${moves.length > 1 ? `, ${atOnce} at a time` : ''}`,
        };
      }),
    ),
    warnings: replaced.map(
      ({ name }) => `${name} has a single task: it is replaced, and may be away for a moment.`,
    ),
    facts: serviceFacts(
      await swarm.serviceBases(
        found.map(({ id }) => id),
        signal,
      ),
    ),
  };
}
