/** Nodes that go down or freeze, and their records. */
import { count, list } from '../cards/text.ts';
import { either, says, shows } from './row.ts';
import type { Row } from './row.ts';
import { check, drain, info, joinAgain, nodes as showNodes, removeEntry, removeGhost } from './ways-out.ts';

export const nodes: Row[] = [
  {
    row: 7,
    seen: says(/is not down and can.t be removed/i, /cannot be removed: it is not down yet/i),
    tell: ({ node }) => ({
      cause: `The managers remove only entries that are down, and ${node} is not, or not yet.`,
      explanation: 'They call a node down 13 to 17 seconds after its last heartbeat.',
      advice: `Wait 17 seconds and remove it again; if it is still ready then, it is alive and must leave first.`,
      remedies: [removeEntry],
    }),
  },
  {
    row: 24,
    seen: shows(({ nodeState, hostname }) => nodeState === 'unknown' && hostname === ''),
    tell: ({ node }) => ({
      cause: 'A host began to join and never told the managers its name.',
      explanation: `Its entry ${node} is no node that could run anything.`,
      advice: 'Make sure that no host is joining just now, then remove the entry.',
      remedies: [removeEntry],
    }),
  },
  {
    row: 6,
    seen: either(
      says(/is ambiguous \(\d+ matches found\)/i),
      shows(({ ghosts }) => (ghosts?.length ?? 0) > 0),
    ),
    tell: ({ node, facts: { ghosts = [] } }) => ({
      cause: `${node} is listed more than once: each join gives a host a new ID, and the entry under the old one stays.`,
      explanation:
        ghosts.length > 0
          ? `${list(ghosts)} ${ghosts.length === 1 ? 'is' : 'are'} Down and ${ghosts.length === 1 ? 'was' : 'were'} this host before.`
          : 'The old ones are Down and run nothing.',
      advice: 'Remove those that are Down, are no managers, and are known to have been this host.',
      remedies: ghosts.length > 0 ? ghosts.slice(0, 3).map(removeGhost) : [showNodes],
    }),
  },
  {
    row: 22,
    seen: either(
      says(
        /did not receive an exit event/i,
        /failed to exit within \d+ ?s/i,
        /container \S+ is not responding/i,
      ),
      shows(({ nodeState, engine }) => nodeState === 'ready' && engine === 'silent'),
    ),
    tell: ({ host }) => ({
      cause: `${host} still sends its heartbeats, but its containers, or its engine, hang.`,
      explanation: 'The managers call it ready and go on giving it tasks, which then do nothing.',
      advice: `Drain ${host} so that its tasks run elsewhere, then look at its disk and memory and restart its engine.`,
      remedies: [drain, info],
    }),
  },
  {
    row: 48,
    seen: shows(({ strays }) => (strays ?? 0) > 0),
    tell: ({ host, facts: { strays = 0 } }) => ({
      cause: `While ${host} was cut off, its tasks were started elsewhere, and the old containers went on running.`,
      explanation: `${count(strays, 'container')} on ${host} belong${strays === 1 ? 's' : ''} to tasks that are not wanted there any more.`,
      advice: `Once ${host} is back, the managers have them stopped within a minute; stop by hand those that are left (\`docker ps\`, \`docker stop\`).`,
      remedies: [info],
    }),
  },
  {
    row: 49,
    seen: either(
      says(/event stream (ended|broke|was cut)/i, /unexpected EOF/i),
      shows(({ missedEvents }) => missedEvents === true),
    ),
    tell: () => ({
      cause: 'The manager whose events were listened to went away, or the swarm chose another leader.',
      explanation:
        'Only a manager that is reachable reports that a node went down; after a change of leader it takes up to half a minute more.',
      advice: 'Look at the list of nodes, which is read as well beside the events.',
      remedies: [showNodes],
    }),
  },
  {
    row: 17,
    seen: either(
      says(/cannot assign requested address/i),
      shows(
        ({ advertised = '', address = '', nodeState }) =>
          advertised !== '' && address !== '' && advertised !== address && nodeState === 'down',
      ),
    ),
    tell: ({ host, facts: { advertised, address, role } }) => ({
      cause:
        advertised && address
          ? `The address of ${host} has changed from ${advertised} to ${address}.`
          : `The address of ${host} has changed since it came into the swarm.`,
      explanation: `A swarm knows its nodes by the address that they had then; a manager's is fixed.`,
      advice:
        role === 'manager'
          ? `Give ${host} its old address back, or demote it and join it again as a manager: one manager at a time, so that a majority stays.`
          : `Leave and join again, so that ${host} is known by its new address; or give it the old one back.`,
      remedies: role === 'manager' ? [info] : [joinAgain],
    }),
  },
  {
    row: 21,
    seen: says(/heartbeat failure/i),
    tell: ({ node }) => ({
      cause: `The managers have heard nothing from ${node} for three heartbeats, about 15 seconds.`,
      explanation:
        'Its engine has stopped, the host is overloaded, or packets are lost on the way. Its tasks are started on other nodes.',
      advice: `Look whether ${node} is up, how loaded it is, and whether packets are lost; it comes back by itself as soon as its engine is heard again.`,
      remedies: [check, info],
    }),
  },
];
