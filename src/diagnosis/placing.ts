/** Where tasks can run: what the scheduler says. */
import { count, list } from '../cards/text.ts';
import { both, either, says, shows } from './row.ts';
import type { Row, Told } from './row.ts';
import { activateNode, addLabel, nodes, rebalance, scaleTo, tasks } from './ways-out.ts';

/**
 * What `no suitable node (...)` gives as reasons. swarmkit names them with the number of nodes, the one that rules out
 * most nodes first (manager/scheduler/pipeline.go): the first that is known is what to speak of.
 */
const REASONS = {
  constraints: /scheduling constraints not satisfied/i,
  resources: /insufficient resources/i,
  platform: /unsupported platform/i,
  port: /host-mode port already in use/i,
  perNode: /max replicas per node limit/i,
};
type Reason = keyof typeof REASONS;

function leadingReason(text: string): Reason | undefined {
  const named = Object.entries(REASONS).flatMap(([reason, pattern]) => {
    const at = text.search(pattern);
    return at === -1 ? [] : [{ reason: reason as Reason, at }];
  });
  return named.toSorted((a, b) => a.at - b.at)[0]?.reason;
}

const noNode =
  (reason: Reason): Row['seen'] =>
  (text) =>
    leadingReason(text) === reason
      ? {
          nodes: /^[^);]*? on (?<nodes>\d+) nodes?/i.exec(text.slice(text.search(REASONS[reason])))?.groups?.[
            'nodes'
          ],
        }
      : undefined;

/** Nodes that are out of the question anyway: ` Besides, 2 nodes take no new tasks.` */
function besides(text: string): string {
  const closed = /(?<many>\d+) nodes? not available for new tasks/i.exec(text)?.groups?.['many'];
  return closed === undefined
    ? ''
    : ` Besides, ${count(Number(closed), 'node takes', 'nodes take')} no new tasks at all: drained, paused or down.`;
}

const most = (fits: number | undefined): string =>
  fits === undefined ? '' : ` There is room for ${count(fits, 'replica')}.`;

export const placing: Row[] = [
  {
    row: 35,
    seen: noNode('perNode'),
    tell: ({ text, service, facts: { fits, wanted } }) => ({
      cause: `${service} allows only so many replicas on one node, and every node that it may use has them.`,
      explanation: `${wanted === undefined ? 'More tasks are wanted' : `${count(wanted, 'task')} are wanted, which is more`} than the limit times the number of nodes.${most(fits)}${besides(text)}`,
      advice: `Scale ${service} to what fits, raise its limit (\`--replicas-max-per-node\`), or add a node.`,
      remedies: [scaleTo(fits), nodes],
    }),
  },
  {
    row: 34,
    seen: noNode('port'),
    tell: ({ text, service, facts: { fits } }) => ({
      cause: `${service} publishes a port in host mode, and on each node that it may use the port is taken.`,
      explanation: `Only one task on a node can have it.${most(fits)}${besides(text)}`,
      advice: `Scale ${service} to the number of nodes that it may use, add a node, or publish the port through the routing mesh.`,
      remedies: [scaleTo(fits), nodes],
    }),
  },
  {
    row: 34,
    seen: says(
      /port is already allocated/i,
      /bind for \S+ failed/i,
      /listen tcp\S* \S+: bind: address already in use/i,
    ),
    tell: ({ service, facts: { nodes: on = [], fits } }) => ({
      cause: `Something else on ${on.length > 0 ? list(on) : 'the node'} uses the port that ${service} publishes in host mode.`,
      explanation:
        'The swarm knows only of its own tasks: the port is held by a container or program beside it.',
      advice: 'Stop that on the node, or publish another port.',
      remedies: [scaleTo(fits), tasks],
    }),
  },
  {
    row: 33,
    seen: either(noNode('platform'), says(/no matching manifest for/i, /exec format error/i)),
    tell: ({ text, service }) => ({
      cause: `The image of ${service} is built for another processor or operating system than the nodes have.`,
      explanation: `None of the nodes that it may use can run it.${besides(text)}`,
      advice:
        'Build the image for their platform as well (`docker buildx build --platform`), or add a node that fits it.',
      remedies: [nodes, tasks],
    }),
  },
  {
    row: 32,
    seen: noNode('resources'),
    tell: ({ text, service, found: { nodes: many }, facts: { fits } }) => ({
      cause: `${many === undefined ? 'The nodes have' : Number(many) === 1 ? 'One node has' : `${many} nodes have`} less CPU or memory left unreserved than one task of ${service} reserves.`,
      explanation: `What counts is what services reserve, not what they use.${most(fits)}${besides(text)}`,
      advice: `Scale ${service} to what fits, lower its reservations, or add a node.`,
      remedies: [scaleTo(fits), nodes],
    }),
  },
  {
    // The nodes that it asks for are there, only closed: another label would not help.
    row: 46,
    seen: both(
      noNode('constraints'),
      shows(({ closedFor }) => (closedFor?.length ?? 0) > 0),
    ),
    tell: ({ service, facts: { closedFor = [] } }) => drainedAway(service, closedFor),
  },
  {
    row: 31,
    seen: noNode('constraints'),
    tell: ({ text, service, facts: { constraints = [], nearest } }) => ({
      cause: `No node that takes tasks meets the placement constraints of ${service}${constraints.length > 0 ? `: ${list(constraints)}` : ''}.`,
      explanation: `${nearest ? `${nearest.node} comes nearest: it lacks only the label ${nearest.label}.` : 'Its tasks wait until a node with those labels is there.'}${besides(text)}`,
      advice: nearest
        ? `Add the label to ${nearest.node} if that is where it should run, or change the constraint.`
        : 'Add the label to the node where it should run, or change the constraint.',
      remedies: nearest ? [addLabel(nearest.node, nearest.label), nodes] : [nodes],
    }),
  },
  {
    row: 46,
    seen: either(
      says(/not available for new tasks/i),
      shows(({ closed, fits }) => (closed?.length ?? 0) > 0 && fits === 0),
    ),
    tell: ({ service, facts: { closed = [] } }) => drainedAway(service, closed),
  },
  {
    row: 45,
    seen: shows(({ emptyNode }) => emptyNode === true),
    tell: ({ node, facts }) => ({
      cause: `A swarm moves no running task, so ${node} stays empty until something new is started.`,
      explanation: `New tasks prefer ${node}; those that run elsewhere stay where they are.`,
      advice: 'Rebalance, which moves tasks one after the other.',
      remedies: [facts.service === undefined ? { label: 'Rebalance', line: 'rebalance' } : rebalance],
    }),
  },
];

/** No node is open that could run it. `closed`: those that could, as far as they are known. */
function drainedAway(service: string, closed: string[]): Told {
  return {
    cause: `${closed.length > 0 ? `${list(closed)} ${closed.length === 1 ? 'is' : 'are'} drained, paused or down` : 'Every node that could run it is drained, paused or down'}, and no other node takes the tasks of ${service}.`,
    explanation: 'A drain stops the tasks of a node at once and does not wait until they run elsewhere.',
    advice:
      'Activate a node; before the next drain raise the replicas elsewhere first (`drain NODE --keep-capacity`).',
    remedies: [...closed.slice(0, 3).map(activateNode), nodes],
  };
}
