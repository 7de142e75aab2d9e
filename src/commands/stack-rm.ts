import type { KnownBlock } from '@slack/types';
import { context, lines, section } from '../cards/blocks.ts';
import { bold, clamp, count, escape, list, some } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf } from '../target.ts';
import { duration, word } from './args.ts';
import { defineCommand } from './define.ts';

type Removed = JobResult<'stackRemove'>;

export const stackRm = defineCommand({
  name: 'stack rm',
  summary: 'Remove a stack: its services, networks, configs and secrets',
  risk: 'destroy',
  aliases: ['stack remove', 'stack down'],
  examples: ['stack rm shop'],
  args: { stack: word('STACK', 'the name of a stack'), timeout: duration('give up waiting after', '2m') },
  job: 'stackRemove',
  targets: ({ stack }) => eachOf('stack', [stack]),
  input: ({ stack, timeout }) => ({ stack, deadlineMs: timeout }),
  done: (result) => {
    const { stack, left, live, lost } = result;
    const whole = left.length === 0 && live === 0;
    const says = (name: string): string =>
      whole
        ? `${name} is removed: ${kinds(result.removed)}.`
        : `${name} is removed but for what is named below.`;
    const more: string[] = [];
    if (left.length > 0)
      more.push(
        `:warning: Something outside of the stack uses ${some(
          left.map(({ kind, name }) => `the ${kind} ${clamp(name, 120)}`),
          escape,
          8,
        )}. Remove it there, then give the command again.`,
      );
    if (live > 0)
      more.push(`:warning: ${count(live, 'task')} had not ended when the time was up. They are told to end.`);
    if (lost > 0)
      more.push(
        `${count(lost, 'task')} ran on nodes that are down. When such a node comes back, it ends them by itself.`,
      );
    const blocks: KnownBlock[] = [
      section(`${whole ? ':white_check_mark:' : ':warning:'} ${says(bold(stack))}`),
      ...lines(more),
      ...kept(result.volumes),
    ];
    return { text: says(escape(stack)), blocks };
  },
});

function kept(volumes: string[]): KnownBlock[] {
  if (volumes.length === 0) return [];
  const names = some(volumes, (name) => escape(clamp(name, 120)), 8);
  return [
    context(
      volumes.length === 1
        ? `Its volume ${names} is kept on the nodes, with what is in it.`
        : `Its volumes ${names} are kept on the nodes, with what is in them.`,
    ),
  ];
}

function kinds(removed: Removed['removed']): string {
  return (
    list([...Map.groupBy(removed, ({ kind }) => kind)].map(([kind, all]) => count(all.length, kind))) ||
    'nothing was left of it'
  );
}
