import { UserError } from '../errors.ts';
import { pathPart } from '../hosts/engine.ts';
import type { Engine } from '../hosts/engine.ts';
import { redact } from '../hosts/redact.ts';
import { nodeJson } from './engine-json.ts';
import type { NodeJson } from './engine-json.ts';
import { inSequence } from './in-sequence.ts';
import { isNotFound, readNodes, unknownName } from './reads.ts';
import type { Node } from './swarm.ts';

/** Why an engine does not remove a node record, and what to do. */
const REMOVE_REFUSED: { text: RegExp; why: string; hint: string }[] = [
  {
    text: /is not down and can't be removed/i,
    why: 'is not down yet',
    hint: 'Its managers wait up to 17 s before they call it down: try again then. A node that is alive must leave first.',
  },
  {
    text: /is a cluster manager and is a member of the raft cluster/i,
    why: 'is a manager',
    hint: 'Demote it first, wait until the others agree, then let it leave.',
  },
];

/** @throws UserError when the engine refuses; a record that is not there is as good as removed. */
export async function removeNode(engine: Engine, id: string, abortSignal: AbortSignal): Promise<void> {
  try {
    await engine.getNode(pathPart(id)).remove({ abortSignal });
  } catch (thrown) {
    if (isNotFound(thrown)) return;
    const text = thrown instanceof Error ? redact(thrown.message) : '';
    const known = REMOVE_REFUSED.find((row) => row.text.test(text));
    if (known === undefined) throw thrown;
    throw new UserError(`The node ${id} cannot be removed: it ${known.why}.`, {
      hint: known.hint,
      cause: thrown,
    });
  }
}

/**
 * Changes a node's spec; what `edit` does not give goes back as it was read. `edit` is asked again on what is there now
 * when somebody else was faster; undefined: nothing has to be changed.
 * @throws UserError naming the nearest nodes when there is none of this ID.
 */
export async function editNode(
  engine: Engine,
  id: string,
  edit: (node: NodeJson) => object | undefined,
  abortSignal: AbortSignal,
): Promise<void> {
  await inSequence(`The node ${id}`, async () => {
    const raw = await engine
      .getNode(pathPart(id))
      .inspect({ abortSignal })
      .catch(async (thrown: unknown) => {
        if (!isNotFound(thrown)) throw thrown;
        const names = (await readNodes(engine, abortSignal)).map(({ Description }) => Description.Hostname);
        throw unknownName('node', id, names, '`/swarm nodes` lists them.');
      });
    const { Spec: spec } = raw as { Spec: object };
    const node = nodeJson.parse(raw);
    const changed = edit(node);
    if (changed === undefined) return;
    await engine.getNode(pathPart(node.ID)).update({
      _query: { version: node.Version.Index },
      _body: { ...spec, ...changed },
      abortSignal,
    });
  });
}

/** Changes a node's labels (null takes one away) or availability; the rest of its spec goes back as it was read. */
export async function updateNode(
  engine: Engine,
  id: string,
  change: { labels?: Record<string, string | null>; availability?: Node['availability'] },
  abortSignal: AbortSignal,
): Promise<void> {
  const edit = ({ Spec }: NodeJson): object => {
    const labels = new Map(Object.entries(Spec.Labels));
    for (const [name, value] of Object.entries(change.labels ?? {})) {
      if (value === null) labels.delete(name);
      else labels.set(name, value);
    }
    return { Labels: Object.fromEntries(labels), Availability: change.availability ?? Spec.Availability };
  };
  await editNode(engine, id, edit, abortSignal);
}
