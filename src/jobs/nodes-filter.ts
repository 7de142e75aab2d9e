/** Which nodes a person means, and which of them need attention most. Pure. */
import type { Node } from '../swarm/swarm.ts';

/** Words that ask for a state of affairs; every other word is looked for in names, addresses and labels. */
const MEANINGS: Record<string, (node: Node) => boolean> = {
  down: ({ state }) => state === 'down' || state === 'disconnected',
  ready: ({ state }) => state === 'ready',
  unknown: ({ state }) => state === 'unknown',
  disconnected: ({ state }) => state === 'disconnected',
  active: ({ availability }) => availability === 'active',
  pause: ({ availability }) => availability === 'pause',
  paused: ({ availability }) => availability === 'pause',
  drain: ({ availability }) => availability === 'drain',
  drained: ({ availability }) => availability === 'drain',
  worker: ({ role }) => role === 'worker',
  workers: ({ role }) => role === 'worker',
  manager: ({ role }) => role === 'manager',
  managers: ({ role }) => role === 'manager',
  leader: ({ manager }) => manager?.leader === true,
  reachable: ({ manager }) => manager?.reachability === 'reachable',
  unreachable: ({ manager }) => manager?.reachability === 'unreachable',
  unhealthy: (node) => attention(node) > 0,
};

/** What `NAME=VALUE` may ask for beside a label. */
const FIELDS: Record<string, (node: Node) => string> = {
  state: ({ state }) => state,
  availability: ({ availability }) => availability,
  role: ({ role }) => role,
  name: ({ hostname }) => hostname,
  address: ({ address }) => address,
  version: ({ version }) => version,
  engine: ({ version }) => version,
  id: ({ id }) => id,
};

/** Whether the node is one that all the words ask for, such as `down`, `zone=a` or a part of its name. */
export function fitsNode(node: Node, words: string[]): boolean {
  return words.every((word) => fitsWord(node, word.toLowerCase()));
}

function fitsWord(node: Node, word: string): boolean {
  const at = word.indexOf('=');
  if (at > 0) return fitsPair(node, word.slice(0, at), word.slice(at + 1));
  if (Object.hasOwn(MEANINGS, word) && MEANINGS[word]?.(node)) return true;
  const { hostname, address, id, version, labels } = node;
  const told = [
    hostname,
    address,
    version,
    ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
  ];
  // A word such as `down` is no part of a name that somebody looks for.
  if (Object.hasOwn(MEANINGS, word)) return hostname.toLowerCase() === word;
  return told.some((text) => text.toLowerCase().includes(word)) || id.startsWith(word);
}

function fitsPair(node: Node, key: string, value: string): boolean {
  const own = Object.entries(node.labels).some(
    ([name, text]) => name.toLowerCase() === key && text.toLowerCase() === value,
  );
  const field = Object.hasOwn(FIELDS, key) ? FIELDS[key]?.(node).toLowerCase() : undefined;
  return own || (field !== undefined && (field === value || (key === 'name' && field.includes(value))));
}

/** How much a node needs somebody's attention: 0 for one that is ready and takes tasks. */
function attention({ state, availability, manager }: Node): number {
  const lost = state === 'down' || state === 'disconnected';
  const weight = manager ? 1 : 0;
  if (lost) return 8 + weight;
  if (state !== 'ready') return 6 + weight;
  if (manager && manager.reachability !== 'reachable') return 5;
  if (availability === 'drain') return 3;
  return availability === 'pause' ? 2 : 0;
}

const byName = new Intl.Collator('en', { numeric: true });

/** Those that need attention first, then managers, then by name. */
export function worstNodeFirst(a: Node, b: Node): number {
  return (
    attention(b) - attention(a) ||
    Number(b.manager !== undefined) - Number(a.manager !== undefined) ||
    byName.compare(a.hostname, b.hostname)
  );
}
