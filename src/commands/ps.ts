import { paragraph, section } from '../cards/blocks.ts';
import { fitting, pages } from '../cards/pages.ts';
import { bold, code, count, escape } from '../cards/text.ts';
import { UserError } from '../errors.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf } from '../target.ts';
import { flag, option, words } from './args.ts';
import { defineCommand } from './define.ts';
import { asTyped, engineFilters, page } from './list-args.ts';

type Found = JobResult<'ps'>;

export const ps = defineCommand({
  name: 'ps',
  summary: 'List the tasks of a service or a node, with their errors',
  risk: 'read',
  aliases: ['service ps', 'node ps'],
  examples: [
    'ps websky',
    'ps websky --node fedora-03',
    'ps websky failed',
    'ps fedora-03',
    'ps websky --all',
  ],
  args: {
    words: words(
      'NAME WORD...',
      'a service or a node, and words to choose by: a state (failed, pending, running), unhealthy, or a part of a node, image or error',
    ),
    node: option('NODE', 'only tasks on this node'),
    all: flag('also tasks that have ended'),
    filter: engineFilters(['id', 'name', 'desired-state']),
    page: page(),
  },
  job: 'ps',
  targets: ({ name, node }) => [...eachOf('service', [name]), ...eachOf('node', [node])],
  input: ({ words: [name = null, ...others], node, all, filter, page: first }) => {
    if (name === null && node === null) {
      throw new UserError('Whose tasks shall be listed?', {
        hint: 'Name a service or a node, for example: ps websky',
      });
    }
    return { name, words: others, node, all, filters: filter, page: first };
  },
  done: (found, request) => {
    const { words: given, filters, name, node, rows, page: first } = found;
    const typed = asTyped(given, filters);
    const text = sentence(found);
    if (rows.length === 0)
      return paragraph(
        `${subject(found, bold)} has no such tasks${typed ? `: ${code(typed)}` : ''}. ${text}`,
      );
    const chosen =
      given.length > 0 ? ` ${fitting(rows.length, found.all, 'task', code(given.join(' ')))}.` : '';
    return {
      text: `${subject(found, escape)}: ${text}${chosen}`,
      blocks: [
        section(`${subject(found, bold)}: ${text}${chosen}`),
        ...pages({
          caption: `Tasks of ${name}${node === null ? '' : ` on ${node}`}${typed ? `: ${typed}` : ''}`,
          head: ['Task', 'Node', 'State', 'Error', 'Since (UTC)'],
          rows: rows.map((row) => [row.task, row.node, row.state, row.error, row.at.replace('T', ' ')]),
          id: request.id,
          page: request.page ?? first,
          order: 'those that failed first',
        }),
      ],
    };
  },
});

function subject({ name, node }: Found, named: (name: string) => string): string {
  return node === null ? named(name) : `${named(name)} on ${named(node)}`;
}

function sentence({ service, node, all, running }: Found): string {
  if (!service) return `${count(all, 'task')}, ${running} running.`;
  if (node !== null) {
    const everywhere = `${service.running} of ${service.wanted} in the whole swarm`;
    return `${count(all, 'task')}, ${running} running, ${everywhere}, image ${escape(service.image)}.`;
  }
  return `${service.running} of ${service.wanted} running, image ${escape(service.image)}.`;
}
