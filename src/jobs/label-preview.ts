import type { Preview, PreviewContext } from './define.ts';
import { nodeCalled } from './node-find.ts';
import { fact, nodeFacts } from './preview-facts.ts';

/** What approvers of a change of labels are shown: each label before and after. */
export async function previewLabel(
  { node: name, labels: wanted }: { node: string; labels: Record<string, string | null> },
  { swarm, signal }: PreviewContext,
): Promise<Preview> {
  const node = nodeCalled(await swarm.nodes(signal), name);
  const { hostname } = node;
  const changes = Object.entries(wanted).map(([key, to]) => ({
    key,
    to,
    from: Object.hasOwn(node.labels, key) ? (node.labels[key] ?? null) : null,
  }));
  return {
    says: changes.map(({ key, from, to }) => {
      if (from === to)
        return to === null
          ? `${hostname} has no label ${key} already.`
          : `${hostname} has the label ${key}=${to} already.`;
      if (to === null) return `${hostname} loses the label ${key}, which is ${from}.`;
      return from === null
        ? `${hostname} gets the label ${key}=${to}.`
        : `The label ${key} of ${hostname} is changed from ${from} to ${to}.`;
    }),
    warnings: changes.some(({ from, to }) => from !== null && from !== to)
      ? [
          'Services may be bound to a label by a constraint: the swarm moves the tasks that a node may not have any more.',
        ]
      : [],
    facts: [
      ...nodeFacts(node).slice(0, 1),
      ...changes.map(({ key, from }) => fact(`the label ${key} of ${hostname}`, from ?? 'none')),
    ],
  };
}
