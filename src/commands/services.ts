import { context, paragraph, section, table } from '../cards/blocks.ts';
import { count, escape } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { words } from './args.ts';
import { defineCommand } from './define.ts';

type Service = JobResult<'services'>['services'][number];

export const services = defineCommand({
  name: 'services',
  summary: 'List the services, those under strength first',
  risk: 'read',
  aliases: ['service ls', 'service list'],
  examples: ['services', 'services unhealthy', 'services web'],
  args: {
    words: words(
      'WORD...',
      'only services with these words in their name or image; "unhealthy" for those under strength',
    ),
  },
  job: 'services',
  input: ({ words: given }) => ({ words: given }),
  done: ({ words: given, services: all }) => {
    const short = all.filter(underStrength);
    const text = `${count(all.length, 'service')}, ${short.length === 0 ? 'all at full strength' : `${short.length} under strength`}.`;
    const found = all
      .filter((service) => given.every((word) => fits(service, word.toLowerCase())))
      .toSorted(worstFirst);
    if (found.length === 0) {
      if (all.length === 0) return paragraph('This swarm has no services yet.');
      return paragraph(`No service fits "${escape(given.join(' '))}". ${text}`);
    }
    const { block, left } = table(
      given.length > 0 ? `Services: ${given.join(' ')}` : 'Services',
      ['Service', 'Running', 'Wanted', 'Mode', 'Image', 'Ports', 'Update'],
      found.map(({ name, running, wanted, mode, image, ports, updateState }) => [
        name,
        running,
        wanted,
        mode,
        image,
        ports.join(', '),
        updateState,
      ]),
    );
    return {
      text,
      blocks: [
        section(text),
        block,
        ...(left > 0
          ? [context(`${left} more are not shown. Narrow it down, for example with \`services unhealthy\`.`)]
          : []),
      ],
    };
  },
});

function underStrength({ running, wanted }: Service): boolean {
  return running < wanted;
}

function fits(service: Service, word: string): boolean {
  if (word === 'unhealthy') return underStrength(service);
  return `${service.name} ${service.image} ${service.mode}`.toLowerCase().includes(word);
}

function worstFirst(a: Service, b: Service): number {
  return (
    Number(underStrength(b)) - Number(underStrength(a)) ||
    a.name.localeCompare(b.name, 'en', { numeric: true })
  );
}
