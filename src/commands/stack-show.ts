import { context, section, table } from '../cards/blocks.ts';
import { bold, count, escape, some } from '../cards/text.ts';
import { eachOf } from '../target.ts';
import { word } from './args.ts';
import { defineCommand } from './define.ts';

export const stackShow = defineCommand({
  name: 'stack',
  summary: 'Show what is in a stack: its services, networks, configs and secrets',
  risk: 'read',
  aliases: ['stack services'],
  examples: ['stack shop'],
  args: { stack: word('STACK', 'the name of a stack') },
  job: 'stack',
  targets: ({ stack }) => eachOf('stack', [stack]),
  input: ({ stack }) => ({ stack }),
  done: ({ stack, services, networks, configs, secrets }) => {
    const underStrength = ({ running, wanted, mode }: (typeof services)[number]): boolean =>
      running < wanted && !mode.endsWith('-job');
    const short = services.filter(underStrength).length;
    const strength = short === 0 ? 'all at full strength' : `${short} under strength`;
    const says = (name: string): string =>
      services.length === 0
        ? `${name} has no services any more.`
        : `${name} has ${count(services.length, 'service')}, ${strength}.`;
    const rows = services
      .toSorted(
        (a, b) =>
          Number(underStrength(b)) - Number(underStrength(a)) ||
          a.name.localeCompare(b.name, 'en', { numeric: true }),
      )
      .map(({ name, running, wanted, mode, image, ports, updateState }) => [
        name,
        running,
        wanted,
        mode,
        image,
        ports.join(', '),
        updateState,
      ]);
    const { block, left } = table(
      'Services',
      ['Service', 'Running', 'Wanted', 'Mode', 'Image', 'Ports', 'Update'],
      rows,
    );
    const parts = (
      [
        ['Networks', networks],
        ['Configs', configs],
        ['Secrets', secrets],
      ] as const
    ).flatMap(([title, names]) => (names.length > 0 ? [`${title}: ${some([...names], escape, 10)}`] : []));
    return {
      text: says(escape(stack)),
      blocks: [
        section(says(bold(stack))),
        ...(rows.length > 0 ? [block] : []),
        ...(left > 0 ? [context(`${left} more services are not shown.`)] : []),
        ...(parts.length > 0 ? [context(parts.join('\n'))] : []),
      ],
    };
  },
});
