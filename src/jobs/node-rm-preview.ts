import type { Preview, PreviewContext } from './define.ts';
import { nodesCalled } from './node-find.ts';
import { entriesToGo } from './node-rm-look.ts';
import { fact, namesFact } from './preview-facts.ts';
import { lookAtEach } from './preview-look.ts';
import { count, joined, refused, told } from './preview-text.ts';

const NODES_AT_ONCE = 4;

/** What approvers are shown of entries that are to go. */
export async function previewNodeRm(
  { nodes: names }: { nodes: string[] },
  { swarm, hosts, signal }: PreviewContext,
): Promise<Preview> {
  const all = await swarm.nodes(signal);
  // As the job does: a name that is none is refused before anything happens to the others.
  const called = new Map(names.map((name) => [name, nodesCalled(all, name)]));
  const outcomes = await lookAtEach(names, NODES_AT_ONCE, signal, async (name) => {
    const ours = called.get(name) ?? [];
    const ids = await entriesToGo(name, ours, hosts, signal);
    return { chosen: ours.filter(({ id }) => ids.includes(id)), stay: ours.length - ids.length };
  });
  const found = outcomes.flatMap((outcome) =>
    outcome.ok ? [{ name: outcome.target, ...outcome.value }] : [],
  );
  const chosen = found.flatMap((one) => one.chosen);
  return {
    says: told(
      found.map(({ name, chosen, stay }) => {
        const entries = chosen.map(
          ({ id, state, address }) => `${id} (${[state, address].filter(Boolean).join(', ')})`,
        );
        return {
          name,
          says: `loses ${chosen.length === 1 ? 'the entry' : count(chosen.length, 'entry', 'entries')} ${joined(entries)}${stay > 0 ? `; ${stay} of the same name ${stay === 1 ? 'stays' : 'stay'}` : ''}`,
        };
      }),
    ),
    warnings: [
      ...refused(outcomes),
      ...chosen.flatMap(({ hostname, id, labels, state }) => [
        ...(Object.keys(labels).length > 0
          ? [
              `The labels of ${hostname} (${id}) go with it: ${joined(Object.entries(labels).map(([key, value]) => `${key}=${value}`))}.`,
            ]
          : []),
        ...(state === 'down'
          ? []
          : [`${hostname} (${id}) is not down yet but ${state}: it is removed only once it is down.`]),
      ]),
    ],
    facts: found.flatMap(({ name, chosen }) => [
      namesFact(
        `the entries of ${name} that would go`,
        chosen.map(({ id }) => id),
      ),
      ...chosen.map(({ id, state }) =>
        fact(`the state of ${name} (${id})`, state === 'ready' ? 'ready' : 'away'),
      ),
    ]),
  };
}
