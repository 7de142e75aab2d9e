/** Why a host of the inventory is not in the swarm. Pure. */
import { own, said } from './answer.ts';
import type { Finding } from './answer.ts';
import type { Facts } from './facts.ts';
import { dialled, unreachable } from './why-down.ts';
import type { NodeFacts } from './why-node-facts.ts';

export function hostIs(found: NodeFacts): string {
  const { name, said: answer, managersAnswer } = found;
  if (answer?.kind === 'failed') return `${name} cannot be asked: ${answer.message}`;
  const { state, isManager } = answer?.info.swarm ?? {};
  if (state === 'active')
    return managersAnswer
      ? `${name} is in another swarm.`
      : `${name} runs as ${isManager ? 'a manager' : 'a worker'}, and no manager can be asked about it.`;
  if (removed(found)) return `${name} was in this swarm, and its entry has been removed.`;
  if (state === 'pending') return `${name} is still joining (pending).`;
  if (state === 'error') return `${name} has failed to join.`;
  if (state === 'locked') return `${name} is locked.`;
  return `${name} is in no swarm.`;
}

/**
 * Its entry was removed while it was away: unlike a host whose first join is under way it has a node ID, and a manager
 * that it knows is one of ours and can be reached from it (seen on the lab with engine 20.10: pending for good).
 */
function removed({ said: answer, managersAnswer, toManager }: NodeFacts): boolean {
  if (answer?.kind !== 'info' || !managersAnswer || toManager?.outcome.kind !== 'open') return false;
  const { state, nodeId, managers } = answer.info.swarm;
  return (
    state === 'pending' && nodeId !== '' && managers.some(({ address }) => address === toManager.address)
  );
}

/** A host that the managers do not list. */
export function ofHost(found: NodeFacts, facts: Facts): Finding[] {
  const { name, said: answer, managersAnswer, toManager } = found;
  if (answer === null) return [];
  if (answer.kind === 'failed') return [unreachable(found, answer)];
  const { swarm } = answer.info;
  if (swarm.state === 'inactive') {
    return [
      own(
        50,
        {
          cause: `${name} has not joined, or has left.`,
          explanation: 'Its engine runs and is in no swarm, so it gets no tasks.',
          advice: 'Check it, then join it.',
        },
        [
          { label: 'Check the host', line: `check ${name}` },
          { label: 'Join', line: `join ${name}` },
        ],
      ),
    ];
  }
  if (swarm.state === 'active')
    return managersAnswer ? said(90, 'already part of another swarm', { host: name, sameSwarm: false }) : [];
  if (removed(found)) {
    return [
      own(
        95,
        {
          cause: `${name} still has its identity in this swarm, and the managers have no entry for it any more.`,
          explanation: 'So its engine asks to be let in again and again, and never is.',
          advice: 'Let it leave and join again: it then gets a new entry.',
        },
        [
          {
            label: 'Leave and join again',
            line: `join ${name} --again`,
            confirm: `${name} forgets the swarm that it was in and joins anew.`,
          },
        ],
      ),
    ];
  }
  const text = [swarm.error, dialled(toManager)].filter(Boolean).join('\n');
  const known = said(95, text, { ...facts, doing: 'join' });
  if (known.length > 0) return known;
  return [
    own(
      95,
      {
        cause: `Its engine says: ${swarm.error || 'nothing'}.`,
        explanation: 'An engine in that state does not try again by itself.',
        advice: `Read its log (\`journalctl -u docker\` on ${name}), then leave and join again.`,
      },
      [
        { label: 'Check the host', line: `check ${name}` },
        {
          label: 'Leave and join again',
          line: `join ${name} --again`,
          confirm: `${name} forgets the join that failed and joins anew.`,
        },
      ],
    ),
  ];
}
