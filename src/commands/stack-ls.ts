import { context, paragraph, section, table } from '../cards/blocks.ts';
import { count } from '../cards/text.ts';
import { WHOLE_SWARM } from '../target.ts';
import { defineCommand } from './define.ts';

export const stackLs = defineCommand({
  name: 'stack ls',
  summary: 'List the stacks, those under strength first',
  risk: 'read',
  aliases: ['stack list', 'stacks'],
  examples: ['stack ls'],
  args: {},
  job: 'stacks',
  swarmWide: true,
  targets: () => [WHOLE_SWARM],
  input: () => ({}),
  done: ({ stacks }) => {
    if (stacks.length === 0)
      return paragraph('There is no stack yet. `stack deploy NAME` opens a form for a compose file.');
    const short = stacks.filter((stack) => stack.short.length > 0);
    const text = `${count(stacks.length, 'stack')}, ${short.length === 0 ? 'all at full strength' : `${short.length} under strength`}.`;
    const rows = stacks
      .toSorted(
        (a, b) =>
          Number(b.short.length > 0) - Number(a.short.length > 0) ||
          a.name.localeCompare(b.name, 'en', { numeric: true }),
      )
      .map(({ name, services, running, wanted, short: names }) => [
        name,
        services,
        running,
        wanted,
        names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : ''),
      ]);
    const { block, left } = table(
      'Stacks',
      ['Stack', 'Services', 'Running', 'Wanted', 'Under strength'],
      rows,
    );
    const more = left > 0 ? [context(`${left} more are not shown.`)] : [];
    return { text, blocks: [section(text), block, ...more] };
  },
});
