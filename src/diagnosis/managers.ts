/** The managers and their quorum. First of all: without a leader every other complaint is only its echo. */
import { count, list } from '../cards/text.ts';
import { both, either, says, shows } from './row.ts';
import type { Row } from './row.ts';
import { demote, info, leave, nodes, retry, whyEach } from './ways-out.ts';

const noLeader = says(
  /does not have a leader/i,
  /no elected (primary )?(cluster )?(leader|manager)/i,
  /swarm has no leader/i,
  /lost leader(ship)? status|lost leadership/i,
);

export const managers: Row[] = [
  {
    row: 20,
    seen: either(
      says(/swarm is encrypted/i, /needs to be unlocked/i, /swarm( key of \S+)? is locked/i),
      shows(({ localState }) => localState === 'locked'),
    ),
    tell: ({ host }) => ({
      cause: `The swarm keeps its managers' state locked (autolock), and the engine of ${host} was restarted since.`,
      explanation: `Until somebody types the unlock key on ${host}, it takes no part in the swarm.`,
      advice: `Type \`docker swarm unlock\` on ${host} itself; never put the key into a channel.`,
      remedies: [retry],
    }),
  },
  {
    row: 19,
    seen: both(
      noLeader,
      shows(
        ({ leftManagers = [], doing, role }) =>
          leftManagers.length > 0 || (doing === 'leave' && role === 'manager'),
      ),
    ),
    tell: ({ host, facts: { leftManagers = [] } }) => ({
      cause: `${leftManagers.length > 0 ? list(leftManagers) : host} left the swarm by force while still a manager, and the others go on counting it.`,
      explanation:
        'So no majority of the counted managers is left: the swarm has no leader, and nothing in it can be changed. Tasks that run go on running.',
      advice:
        'Start the managers again that have only stopped. When a majority is lost for good, a person has to begin anew on one manager (`docker swarm init --force-new-cluster`).',
      remedies: [nodes],
    }),
  },
  {
    row: 19,
    seen: says(
      /attempting to leave the swarm on a node that is participating as a manager/i,
      /removing (the )?last manager erases/i,
      /(may|would) result in (a )?loss of quorum/i,
      /demote the last manager/i,
    ),
    tell: ({ host, text }) => ({
      cause: `${host} is a manager, and without it too few would be left to decide anything.`,
      explanation: /last manager/i.test(text)
        ? 'It is the only one: the whole state of the swarm would go with it.'
        : 'The others go on counting a manager that leaves without having been demoted, and a swarm without a majority stands still.',
      advice: `Make another node a manager where there are only one or two, then demote ${host} and let it leave as a worker.`,
      remedies: [demote, nodes],
    }),
  },
  {
    row: 18,
    seen: noLeader,
    tell: ({ facts: { managers, lostManagers = [], service, host, node } }) => ({
      cause:
        managers !== undefined && lostManagers.length > 0
          ? `The swarm has lost its quorum: of its ${count(managers, 'manager')}, ${list(lostManagers)} ${lostManagers.length === 1 ? 'does' : 'do'} not answer.`
          : 'The swarm has lost its quorum: half of its managers or more do not answer, so the rest cannot choose a leader.',
      explanation:
        'Tasks that run go on running, but nothing can be read or changed, and a task that fails is not replaced.',
      advice:
        'Change nothing now and bring the managers back first. Only when a majority is lost for good may a person begin anew on one manager (`docker swarm init --force-new-cluster`).',
      // Whatever is asked about, the answer tells what is left of the managers.
      remedies: [
        ...whyEach(lostManagers.length > 0 ? lostManagers : [service ?? host ?? node ?? ''].filter(Boolean)),
        retry,
      ],
    }),
  },
  {
    row: 8,
    seen: says(/is a cluster manager and is a member of the raft cluster/i),
    tell: ({ node }) => ({
      cause: `${node} is a manager, and a member of the group that keeps the swarm's state cannot simply be removed.`,
      explanation: 'The others would go on counting it, and the swarm could lose its majority.',
      advice: `Demote ${node}, wait until the others agree, let it leave, and remove its entry then.`,
      remedies: [demote],
    }),
  },
  {
    row: 25,
    seen: both(
      says(/context deadline exceeded|DeadlineExceeded|swarm did not answer/i),
      either(
        shows(({ doing }) => doing === 'leave'),
        says(/did not leave|swarm leave/i),
      ),
    ),
    tell: ({ host }) => ({
      cause:
        'The leave did not end in time: the engine hangs while it stops its tasks, or the managers have lost their quorum.',
      explanation: `${host} may have stopped its tasks already, and the managers still list it.`,
      advice:
        'Look whether the containers there hang and a majority of the managers is up, mend that, then leave again; the entry can be removed after that.',
      remedies: [nodes, leave],
    }),
  },
  {
    row: 23,
    seen: either(
      says(/swarm component could not be started/i),
      shows(
        ({ role, managers, nodeState, localState }) =>
          role === 'manager' &&
          managers === 1 &&
          (nodeState === 'down' || localState === 'pending' || localState === 'error'),
      ),
    ),
    tell: ({ host }) => ({
      cause: `${host} is back, but its engine cannot register with the swarm that it manages itself.`,
      explanation:
        'It is the only manager, so nothing can be changed meanwhile. Mostly its address has changed, or its certificate has expired while it was off.',
      advice: `Read its engine's log (\`journalctl -u docker\`) and compare its address with the one before. What to do is for a person to decide: /var/lib/docker/swarm on ${host} is the only copy of the swarm's state and must not be wiped.`,
      remedies: [info],
    }),
  },
];
