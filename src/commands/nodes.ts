import { context, paragraph, section, table } from '../cards/blocks.ts';
import { bytes, count, escape } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { words } from './args.ts';
import { defineCommand } from './define.ts';

type Node = JobResult<'nodes'>['nodes'][number];

export const nodes = defineCommand({
  name: 'nodes',
  summary: 'List the nodes, those that need attention first',
  risk: 'read',
  aliases: ['node ls', 'node list'],
  examples: ['nodes', 'nodes down', 'nodes fedora'],
  args: { words: words('WORD...', 'only nodes with these words in their name, state, role or labels') },
  job: 'nodes',
  input: ({ words: given }) => ({ words: given }),
  done: ({ words: given, nodes: all }) => {
    const found = all
      .filter((node) => given.every((word) => describes(node).includes(word.toLowerCase())))
      .toSorted(worstFirst);
    const down = all.filter(({ state }) => state !== 'ready').length;
    const text = `${count(all.length, 'node')}, ${all.length - down} ready${down > 0 ? `, ${down} not` : ''}, ${count(all.filter(({ manager }) => manager).length, 'manager')}.`;
    if (found.length === 0) return paragraph(`No node fits "${escape(given.join(' '))}". ${text}`);
    const { block, left } = table(
      given.length > 0 ? `Nodes: ${given.join(' ')}` : 'Nodes',
      ['Node', 'State', 'Availability', 'Role', 'Address', 'Engine', 'CPUs', 'Memory'],
      found.map((node) => [
        node.hostname,
        node.state + (node.state !== 'ready' && node.message ? ` (${node.message})` : ''),
        node.availability,
        node.manager ? (node.manager.leader ? 'leader' : `manager, ${node.manager.reachability}`) : node.role,
        node.address,
        node.version,
        node.cpus,
        bytes(node.memoryBytes),
      ]),
    );
    return {
      text,
      blocks: [
        section(text),
        block,
        ...(left > 0
          ? [context(`${left} more are not shown. Narrow it down, for example with \`nodes down\`.`)]
          : []),
      ],
    };
  },
});

function describes({ hostname, state, availability, role, manager, labels }: Node): string {
  const words = [
    hostname,
    state,
    availability,
    role,
    manager ? 'manager' : '',
    manager?.leader ? 'leader' : '',
  ];
  return [...words, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]
    .join(' ')
    .toLowerCase();
}

function worstFirst(a: Node, b: Node): number {
  const rank = ({ state, manager, availability }: Node): number =>
    (state === 'ready' ? 4 : 0) + (availability === 'active' ? 2 : 0) + (manager ? 0 : 1);
  return rank(a) - rank(b) || a.hostname.localeCompare(b.hostname, 'en', { numeric: true });
}
