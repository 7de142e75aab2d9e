/** Why the managers hear nothing from a node: is it the host, its engine, or the way between? Pure. */
import type { NodeDetail } from '../swarm/node-details.ts';
import { own, said, sign } from './answer.ts';
import type { Finding } from './answer.ts';
import type { Facts } from './facts.ts';
import type { HostAnswer, NodeFacts } from './why-node-facts.ts';

export function down(found: NodeFacts, node: NodeDetail['node'], facts: Facts): Finding[] {
  const { name, said: answer, toManager } = found;
  if (answer === null) {
    return [
      ...said(90, node.message || 'heartbeat failure', facts),
      own(45, {
        cause: `No host of the inventory is ${name}, so nobody could look at it itself.`,
        explanation: 'What is known is what the managers say.',
        advice: 'Add it to swarm.yaml to have it looked at.',
      }),
    ];
  }
  if (answer.kind === 'failed') return [unreachable(found, answer)];
  const { swarm } = answer.info;
  if (swarm.nodeId !== node.id && swarm.state === 'active')
    return sign(90, { ...facts, localState: 'active', ghosts: [node.id] });
  if (swarm.state === 'inactive') return [left(name, node.id)];
  const more: Facts = {
    ...facts,
    nodeState: 'down',
    ...(swarm.nodeAddress ? { advertised: node.address, address: swarm.nodeAddress } : {}),
  };
  const blocked = dialled(toManager);
  const text = swarm.error || blocked || 'heartbeat failure';
  const reasons = said(100, text, more);
  return reasons.length > 0 ? reasons : said(100, 'heartbeat failure', facts);
}

export function unreachable(
  { name, managersAnswer }: NodeFacts,
  { failed, message }: Extract<HostAnswer, { kind: 'failed' }>,
): Finding {
  const look = [{ label: 'Ask again', line: `why ${name}` }];
  if (failed === 'socket') {
    return own(
      100,
      {
        cause: `The engine of ${name} does not run: the host answers, and nothing listens at its socket.`,
        explanation: managersAnswer
          ? 'So the managers hear nothing from it, and its tasks are started elsewhere.'
          : 'So it takes no part in the swarm.',
        advice: `Start it on ${name} (\`systemctl start docker\`) and read its log if it does not stay (\`journalctl -u docker\`).`,
      },
      look,
    );
  }
  if (failed === 'silent' || failed === 'late') {
    return own(
      100,
      {
        cause: `${name} takes connections, but its engine gives no answer: it hangs, or the host is overloaded.`,
        explanation: 'Its tasks may still run, and nobody can tell.',
        advice: `Look at the load, the memory and the disk of ${name}, then restart its engine.`,
      },
      look,
    );
  }
  if (failed === 'unreachable') {
    return own(
      100,
      {
        cause: `${name} does not answer over SSH either: it is off, it hangs, or it is cut off from the network.`,
        explanation: message,
        advice:
          'Look at its console or its power, and at the network to it; it comes back into the swarm by itself.',
      },
      look,
    );
  }
  return own(
    60,
    {
      cause: `${name} could not be looked at: ${message}`,
      explanation: 'So what is known is what the managers say.',
      advice: 'Mend the access first, then ask again.',
    },
    look,
  );
}

function left(name: string, id: string): Finding {
  return own(
    90,
    {
      cause: `${name} has left the swarm; only its entry is still there.`,
      explanation: 'Its engine runs and says that it is in no swarm.',
      advice: 'Remove the entry, or join it again.',
    },
    [
      {
        label: 'Remove the entry',
        line: `node rm ${id}`,
        confirm: `The entry ${id} of ${name} is taken off the managers' list.`,
      },
      { label: 'Join again', line: `join ${name}` },
    ],
  );
}

/** The words of a connection that did not come about, as a row knows them. */
export function dialled(toManager: NodeFacts['toManager']): string {
  if (!toManager || toManager.outcome.kind === 'open') return '';
  const { address, outcome } = toManager;
  return `${address} ${outcome.kind === 'refused' ? 'refuses the connection' : `cannot be reached (${outcome.reason})`}`;
}
