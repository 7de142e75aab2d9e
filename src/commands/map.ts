import { paragraph } from '../cards/blocks.ts';
import { escape } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { described } from '../map/model.ts';
import { mapPng } from '../map/png.ts';
import { eachOf, WHOLE_SWARM } from '../target.ts';
import { option } from './args.ts';
import { defineCommand } from './define.ts';
import { optionalName } from './list-args.ts';

type SwarmMap = JobResult<'map'>['map'];

export const map = defineCommand({
  name: 'map',
  summary: 'Draw a picture of the nodes and their tasks',
  risk: 'read',
  aliases: ['swarm map', 'visualizer'],
  examples: ['map', 'map websky', 'map --node fedora-03'],
  args: {
    service: optionalName('SERVICE', 'the name of a service', ': it stands out, the others are grey'),
    node: option('NODE', 'only this node'),
  },
  job: 'map',
  targets: ({ service, node }) => {
    const some = [...eachOf('service', [service]), ...eachOf('node', [node])];
    return some.length > 0 ? some : [WHOLE_SWARM];
  },
  input: ({ service, node }) => ({ service, node }),
  done: ({ map: found }) => {
    const told = described(found);
    return {
      ...paragraph(`${escape(told)} The picture is in the thread.`, escape(told)),
      files: [
        {
          name: 'map.png',
          title: titleOf(found),
          altText: told,
          content: () => mapPng(found),
        },
      ],
    };
  },
});

function titleOf({ highlight, nodes }: SwarmMap): string {
  if (highlight !== null) return `Map of ${highlight}`;
  const [only] = nodes;
  return nodes.length === 1 && only ? `Map of ${only.name}` : 'Map of the swarm';
}
