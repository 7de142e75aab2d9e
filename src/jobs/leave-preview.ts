import { UserError } from '../errors.ts';
import type { Host } from '../hosts/hosts.ts';
import type { Node } from '../swarm/swarm.ts';
import type { Fact, Preview, PreviewContext } from './define.ts';
import { eachOf, loadsOf, type Load } from './drain-move.ts';
import { movingOf, NOTHING } from './drain-preview-room.ts';
import { mayLeave, membershipOf, type Membership } from './leave-look.ts';
import { oldEntries } from './node-find.ts';
import { fact, nodeFacts } from './preview-facts.ts';
import { lookAtEach } from './preview-look.ts';
import { count, refused, told } from './preview-text.ts';
import { mayDemote } from './promote-check.ts';

const HOSTS_AT_ONCE = 20;

interface Leaving {
  membership: Membership;
  node?: Node;
  load: Load;
  /** Entries of the same host under other IDs. */
  old: Node[];
}

/** What approvers of a leave are shown: what goes, where its tasks find a place, and what becomes of the managers. */
export async function previewLeave(
  { hosts: names, force }: { hosts: string[]; force: boolean },
  context: PreviewContext,
): Promise<Preview> {
  const { hosts, swarm, signal } = context;
  const nodes = await swarm.nodes(signal);
  const targets = names.length === 1 ? [] : names.map((name) => hosts.host(name));
  const asked = new Map(
    await eachOf(
      targets,
      HOSTS_AT_ONCE,
      async (host) => [host.name, await askedOf(host, nodes, signal)] as const,
    ),
  );
  const members = [...asked.values()].flatMap((one) =>
    one.ok && one.membership.kind === 'member' ? [one.membership.nodeId] : [],
  );
  // All together, as the job does: half of a change of managers is worse than none.
  if (members.length > 0) await mayDemote(members, nodes, context);
  const outcomes = await lookAtEach(names, HOSTS_AT_ONCE, signal, async (name) => {
    const host = hosts.host(name);
    const known = asked.get(host.name) ?? (await askedOf(host, nodes, signal));
    if (!known.ok) throw known.thrown;
    const { membership } = known;
    mayLeave(host, membership, force);
    const id = membership.kind === 'member' ? membership.nodeId : '';
    if (id !== '' && names.length === 1) await mayDemote([id], nodes, context);
    const node = nodes.find((one) => one.id === id);
    return { membership, ...(node ? { node } : {}), old: oldEntries(nodes, host, membership.hostname, id) };
  });
  const standing = outcomes.flatMap((outcome) =>
    outcome.ok ? [{ name: outcome.target, ...outcome.value }] : [],
  );
  const loads = await loadsOf(
    standing.flatMap(({ node }) => node?.id ?? []),
    nodes,
    swarm,
    signal,
  );
  const found = standing.map((one): Leaving & { name: string } => ({
    ...one,
    load: loads.get(one.node?.id ?? '') ?? NOTHING,
  }));
  const going = found.flatMap(({ node }) => node ?? []);
  const ids = going.map(({ id }) => id);
  const managers = found.some(({ membership }) => membership.kind === 'member' && membership.manager);
  const [plan, now] = await Promise.all([
    swarm.planManagers({ demote: ids }, signal),
    swarm.planManagers({}, signal),
  ]);
  const moving = await movingOf(
    found.map(({ load }) => load),
    ids,
    context,
  );
  const lastOnes = nodes.every(
    ({ id, state, availability }) => ids.includes(id) || state !== 'ready' || availability !== 'active',
  );
  return {
    says: [
      ...told(found.map((one) => ({ name: one.name, says: sayingOf(one) }))),
      ...moving.says,
      ...(managers ? [`Quorum: ${plan.text}.`] : []),
    ],
    warnings: [
      ...refused(outcomes),
      ...(lastOnes && going.length > 0
        ? ['No other node takes tasks: everything that runs there ends.']
        : []),
      ...(managers ? plan.advice : []),
      ...moving.warnings,
      ...(force && moving.short ? ['With --force it goes on although tasks find no place.'] : []),
    ],
    facts: [
      ...(managers ? [fact('the managers', now.text)] : []),
      ...outcomes.map(({ target, ok }) => fact(`whether ${target} may leave`, ok ? 'yes' : 'no')),
      ...found.flatMap((one) => factsOf(one.name, one)),
    ],
  };
}

type Asked = { ok: true; membership: Membership } | { ok: false; thrown: UserError };

async function askedOf(host: Host, nodes: readonly Node[], signal: AbortSignal): Promise<Asked> {
  try {
    return { ok: true, membership: await membershipOf(host, nodes, signal) };
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof UserError) return { ok: false, thrown };
    throw thrown;
  }
}

function sayingOf({ membership, node, old, load }: Leaving): string {
  const entries = old.length === 0 ? '' : ` and ${count(old.length, 'old one', 'old ones')} of it`;
  switch (membership.kind) {
    case 'member': {
      const { services, others } = load;
      const tasks = services.reduce((sum, { here }) => sum + here, others);
      const labels = Object.keys(node?.labels ?? {}).length;
      return [
        membership.manager ? 'is a manager: it is demoted' : 'is a worker: it is',
        membership.manager ? ', drained' : ' drained',
        tasks > 0 ? ` of ${count(tasks, 'task')}` : '',
        `, leaves the swarm, and its entry${labels > 0 ? ` with ${count(labels, 'label')}` : ''}${entries} is removed`,
      ].join('');
    }
    case 'none':
      return old.length === 0
        ? 'is in no swarm already, and has no entry'
        : `is in no swarm already; ${count(old.length, 'old entry', 'old entries')} of it ${old.length === 1 ? 'is' : 'are'} removed`;
    case 'failed-join':
      return `is not in the swarm: ${membership.text}. Its engine forgets that join`;
    case 'elsewhere':
      return 'leaves another swarm, not this one, and its tasks there end';
    case 'locked':
      return 'is locked';
  }
}

function factsOf(name: string, { membership, node }: Leaving): Fact[] {
  const { kind } = membership;
  const what = `the swarm that ${name} is in`;
  if (kind !== 'member')
    return [
      fact(
        what,
        kind === 'elsewhere' ? 'another one' : kind === 'failed-join' ? 'none (a join has failed)' : 'none',
      ),
    ];
  return [fact(what, `this swarm, as ${membership.nodeId}`), ...(node ? nodeFacts(node).slice(1, 3) : [])];
}
