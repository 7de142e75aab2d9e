import { paragraph, section } from '../cards/blocks.ts';
import { fitting, pages } from '../cards/pages.ts';
import { bytes, code, count } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { WHOLE_SWARM } from '../target.ts';
import { words } from './args.ts';
import { defineCommand } from './define.ts';
import { asTyped, engineFilters, page } from './list-args.ts';

type Row = JobResult<'nodes'>['rows'][number];

export const nodes = defineCommand({
  name: 'nodes',
  summary: 'List the nodes, those that need attention first',
  risk: 'read',
  aliases: ['node ls', 'node list'],
  examples: ['nodes', 'nodes down', 'nodes zone=a', 'nodes fedora --page 2', 'nodes --filter role=manager'],
  args: {
    words: words(
      'WORD...',
      'only nodes that are so (down, ready, drained, paused, manager, worker, unhealthy), have that label, or those words in their name or address',
    ),
    filter: engineFilters(['name', 'id', 'role', 'label', 'node.label', 'membership']),
    page: page(),
  },
  job: 'nodes',
  swarmWide: true,
  targets: () => [WHOLE_SWARM],
  input: ({ words: given, filter, page: first }) => ({ words: given, filters: filter, page: first }),
  done: ({ words: given, filters, page: first, all, ready, managers, rows }, request) => {
    const typed = asTyped(given, filters);
    const text = `${count(all, 'node')}, ${ready} ready${all > ready ? `, ${all - ready} not` : ''}, ${count(managers, 'manager')}.`;
    if (rows.length === 0) return paragraph(`No node fits ${code(typed)}. ${text}`);
    const told =
      given.length > 0 ? `${text} ${fitting(rows.length, all, 'node', code(given.join(' ')))}.` : text;
    return {
      text: told,
      blocks: [
        section(told),
        ...pages({
          caption: typed ? `Nodes: ${typed}` : 'Nodes',
          head: ['Node', 'State', 'Availability', 'Role', 'Address', 'Engine', 'CPUs', 'Memory'],
          rows: rows.map(cells),
          id: request.id,
          page: request.page ?? first,
          order: 'those that need attention first',
        }),
      ],
    };
  },
});

function cells(row: Row): (string | number)[] {
  const { name, state, message, availability, role, reachability, address, version, cpus, memoryBytes } = row;
  return [
    name,
    message ? `${state} (${message})` : state,
    availability,
    reachability ? `${role}, ${reachability}` : role,
    address,
    version,
    cpus,
    bytes(memoryBytes),
  ];
}
