import type { Preview, PreviewContext } from './define.ts';
import { nodeCalled } from './node-find.ts';
import { fact, nodeFacts } from './preview-facts.ts';
import { told } from './preview-text.ts';
import { mayBePromoted, mayDemote } from './promote-check.ts';

/** What approvers of a change of the managers are shown: the quorum before and after. */
export async function previewPromote(
  { nodes: names, role }: { nodes: string[]; role: 'manager' | 'worker' },
  context: PreviewContext,
): Promise<Preview> {
  const { swarm, signal } = context;
  const all = await swarm.nodes(signal);
  const targets = names.map((name) => nodeCalled(all, name));
  const ids = targets.map(({ id }) => id);
  for (const node of targets) if (role === 'manager') mayBePromoted(node);
  const plan =
    role === 'worker'
      ? await mayDemote(ids, all, context)
      : await swarm.planManagers({ promote: ids }, signal);
  const leaders = targets.filter((node) => role === 'worker' && node.manager?.leader === true);
  const away = targets.filter(
    ({ manager }) => role === 'worker' && manager !== undefined && manager.reachability !== 'reachable',
  );
  return {
    says: [
      ...told(
        targets.map((node) => ({
          name: node.hostname,
          says:
            node.role === role
              ? `is a ${role} already`
              : role === 'manager'
                ? `becomes a manager (engine ${node.version}): it gets all that the swarm knows, secrets included`
                : 'becomes a worker; its tasks stay',
        })),
      ),
      `Quorum: ${plan.text}.`,
    ],
    warnings: [
      ...leaders.map(({ hostname }) => `${hostname} is the leader: the others elect another one.`),
      ...away.map(({ hostname }) => `${hostname} cannot be reached by the other managers.`),
      ...plan.advice,
    ],
    facts: [
      fact('the managers', (await swarm.planManagers({}, signal)).text),
      ...targets.flatMap((node) => [
        ...nodeFacts(node).slice(0, 2),
        ...(role === 'manager' ? [fact(`the state of ${node.hostname}`, node.state)] : []),
      ]),
    ],
  };
}
