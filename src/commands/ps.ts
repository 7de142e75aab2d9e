import { context, paragraph, section, table } from '../cards/blocks.ts';
import { bold, escape } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { flag, option, word } from './args.ts';
import { defineCommand } from './define.ts';

type Task = JobResult<'ps'>['tasks'][number];

export const ps = defineCommand({
  name: 'ps',
  summary: "List a service's tasks by node, with their errors",
  risk: 'read',
  aliases: ['service ps'],
  examples: ['ps websky', 'ps websky --node fedora-03', 'ps websky --all'],
  args: {
    service: word('SERVICE', 'the name of a service'),
    node: option('NODE', 'only tasks on this node'),
    all: flag('also tasks that have ended'),
  },
  job: 'ps',
  input: ({ service, node, all }) => ({ service, node, all }),
  done: ({ service, tasks }) => {
    const strength = `${service.running} of ${service.wanted} running, image ${escape(service.image)}.`;
    if (tasks.length === 0) return paragraph(`${bold(service.name)} has no such tasks: ${strength}`);
    const { block, left } = table(
      `Tasks of ${service.name}`,
      ['Task', 'Node', 'State', 'Since', 'Error'],
      tasks
        .toSorted(worstFirst)
        .map((task) => [
          task.slot > 0 ? `${service.name}.${task.slot}` : service.name,
          task.node,
          task.state,
          task.at.slice(0, 19).replace('T', ' '),
          task.error,
        ]),
    );
    return {
      text: `${escape(service.name)}: ${strength}`,
      blocks: [
        section(`${bold(service.name)}: ${strength}`),
        block,
        ...(left > 0 ? [context(`${left} more are not shown. Narrow it down with \`--node\`.`)] : []),
      ],
    };
  },
});

function worstFirst(a: Task, b: Task): number {
  return (
    Number(b.error !== '') - Number(a.error !== '') ||
    Number(a.state === 'running') - Number(b.state === 'running') ||
    a.node.localeCompare(b.node, 'en', { numeric: true }) ||
    a.slot - b.slot
  );
}
