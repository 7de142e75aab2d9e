import type { Node } from '../swarm/swarm.ts';
import type { Fact, Preview, PreviewContext } from './define.ts';
import { checkJoin, type ReadyToJoin, type Wish } from './join-check.ts';
import { oldEntries } from './node-find.ts';
import { fact } from './preview-facts.ts';
import { lookAtEach } from './preview-look.ts';
import { count, joined, refused, remarks, told } from './preview-text.ts';

/** Each is tried with packets to and from the managers. */
const HOSTS_AT_ONCE = 5;

/** What approvers of a join are shown: each host as it is, what the check found, and what becomes of the managers. */
export async function previewJoin(
  names: readonly string[],
  wish: Wish,
  { hosts, swarm, signal }: PreviewContext,
): Promise<Preview> {
  // As the job does: an unknown name, or a swarm that does not answer, is refused before any host is looked at.
  for (const name of names) hosts.host(name);
  const [{ id }, nodes] = await Promise.all([swarm.cluster(signal), swarm.nodes(signal)]);
  const outcomes = await lookAtEach([...names], HOSTS_AT_ONCE, signal, async (name) => {
    const host = hosts.host(name);
    const ready = await checkJoin(host, wish, { hosts, swarm, signal });
    const { info } = ready;
    const old = oldEntries(nodes, host, info.hostname, ready.member ? info.swarm.nodeId : '');
    return { ...ready, old };
  });
  const found = outcomes.flatMap((outcome) =>
    outcome.ok ? [{ name: outcome.target, ...outcome.value }] : [],
  );
  const versions = [
    ...new Set(nodes.flatMap(({ manager, version }) => (manager && version !== '' ? [version] : []))),
  ];
  const joining = wish.role === 'manager' ? found.filter(({ member }) => !member) : [];
  const managers =
    joining.length > 0
      ? await swarm.planManagers({ joining: joining.map(({ name }) => name) }, signal)
      : null;
  return {
    says: [
      ...told(found.map((one) => ({ name: one.name, says: sayingOf(one, wish) }))),
      ...(versions.length > 0 ? [`The managers run engine ${joined(versions)}.`] : []),
      ...(managers ? [`Quorum: ${managers.text}.`, ...managers.advice] : []),
    ],
    warnings: [
      ...refused(outcomes),
      ...remarks(
        found.flatMap(({ name, warnings, passedOver }) =>
          warnings.map((one) => ({
            name,
            says: passedOver.includes(one) ? `${one} It is passed over, because of --anyway.` : one,
          })),
        ),
      ),
    ],
    facts: [
      fact('the ID of the swarm', id),
      fact('the engine of the managers', joined(versions.toSorted())),
      ...(managers ? [fact('the managers', (await swarm.planManagers({}, signal)).text)] : []),
      ...outcomes.map(({ target, ok }) => fact(`whether ${target} can join`, ok ? 'yes' : 'no')),
      ...found.flatMap((one) => factsOf(one.name, one)),
    ],
  };
}

function sayingOf({ member, info, node, old }: ReadyToJoin & { old: Node[] }, wish: Wish): string {
  const { state } = info.swarm;
  const labels = Object.entries(wish.labels).map(([key, value]) => `${key}=${value}`);
  const also = [
    ...(wish.drained ? ['drained'] : []),
    ...(labels.length > 0 ? [`with the ${labels.length === 1 ? 'label' : 'labels'} ${joined(labels)}`] : []),
  ];
  const ends = also.length > 0 ? `, ${also.join(', ')}` : '';
  if (member)
    return `is in this swarm already, as a ${node?.role ?? 'worker'}, and stays${also.length > 0 ? `; it is ${also.includes('drained') ? also.join(', ') : `left as it is, ${also.join(', ')}`}` : ''}`;
  const first =
    state === 'active'
      ? node
        ? 'leaves this swarm first, where its tasks end, and then '
        : 'leaves the other swarm that it is in, where its tasks end, and then '
      : state === 'inactive'
        ? ''
        : `has an earlier join in the state ${state}, which is ${wish.again ? 'forgotten' : 'waited for or forgotten'}, and then `;
  const entries =
    old.length === 0
      ? ''
      : `; ${count(old.length, 'old entry', 'old entries')} of it ${old.length === 1 ? 'is' : 'are'} removed`;
  return `${first}joins as a ${wish.role} (engine ${info.version})${ends}${entries}`;
}

function factsOf(name: string, { info, node }: ReadyToJoin): Fact[] {
  const { state, nodeId } = info.swarm;
  const membership =
    state === 'active'
      ? `${node ? 'this swarm' : 'another swarm'}, as ${nodeId}`
      : state === 'inactive'
        ? 'none'
        : `none (its join is ${state})`;
  return [
    fact(`the engine of ${name}`, info.version),
    fact(`the ID of the engine of ${name}`, info.engineId),
    fact(`the swarm that ${name} is in`, membership),
  ];
}
