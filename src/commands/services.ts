import { paragraph, section } from '../cards/blocks.ts';
import { fitting, pages } from '../cards/pages.ts';
import { code, count } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { WHOLE_SWARM } from '../target.ts';
import { words } from './args.ts';
import { defineCommand } from './define.ts';
import { asTyped, engineFilters, page } from './list-args.ts';

type Row = JobResult<'services'>['rows'][number];

export const services = defineCommand({
  name: 'services',
  summary: 'List the services, those under strength first',
  risk: 'read',
  aliases: ['service ls', 'service list'],
  examples: [
    'services',
    'services unhealthy',
    'services websky',
    'services --filter label=team=web',
    'services --page 2',
  ],
  args: {
    words: words(
      'WORD...',
      'only services that are so (unhealthy, short, updating, paused, stopped, global, job), or have those words in their name, image or ports',
    ),
    filter: engineFilters(['name', 'id', 'label', 'mode']),
    page: page(),
  },
  job: 'services',
  swarmWide: true,
  targets: () => [WHOLE_SWARM],
  input: ({ words: given, filter, page: first }) => ({ words: given, filters: filter, page: first }),
  done: ({ words: given, filters, page: first, all, short, rows }, request) => {
    const typed = asTyped(given, filters);
    const text = `${count(all, 'service')}, ${short === 0 ? 'all at full strength' : `${short} under strength`}.`;
    if (all === 0 && typed === '') return paragraph('This swarm has no services yet.');
    if (rows.length === 0) return paragraph(`No service fits ${code(typed)}.${all > 0 ? ` ${text}` : ''}`);
    const told =
      given.length > 0 ? `${text} ${fitting(rows.length, all, 'service', code(given.join(' ')))}.` : text;
    return {
      text: told,
      blocks: [
        section(told),
        ...pages({
          caption: typed ? `Services: ${typed}` : 'Services',
          head: ['Service', 'Running', 'Wanted', 'Mode', 'Image', 'Ports', 'Update'],
          rows: rows.map(cells),
          id: request.id,
          page: request.page ?? first,
          order: 'those under strength first',
        }),
      ],
    };
  },
});

/** Of the swarm's states of an update: one that is through is nothing to read about. */
const UPDATES: Record<string, string> = {
  updating: 'under way',
  completed: '',
  rollback_started: 'going back',
  rollback_paused: 'going back, paused',
  rollback_completed: 'taken back',
};

function cells({ name, running, wanted, mode, image, ports, updateState, job }: Row): (string | number)[] {
  const done = job ? `${mode}, ${job.completed} of ${job.total} done` : mode;
  return [name, running, wanted, done, image, ports, UPDATES[updateState] ?? updateState];
}
