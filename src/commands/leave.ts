import { putBack, stayDrained, targets, type TargetStory } from '../cards/targets.ts';
import { bold, code, count, escape, some } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf } from '../target.ts';
import { duration, flag, hosts } from './args.ts';
import { defineCommand } from './define.ts';

type Result = JobResult<'leave'>;
type Left = Extract<Result['hosts'][number], { ok: true }>['value'];

export const leave = defineCommand({
  name: 'leave',
  summary: 'Take hosts out of the swarm in good order, and their entries too',
  risk: 'change',
  aliases: ['swarm leave', 'node leave'],
  examples: [
    'leave fedora-03',
    'leave web-[01-03]',
    'leave fedora-03 --force',
    'leave fedora-03 --timeout 10m',
  ],
  args: {
    hosts: hosts(),
    force: flag('go on where tasks find no place, and forget a join that failed or another swarm'),
    timeout: duration('give up waiting for its tasks after', '5m'),
  },
  job: 'leave',
  targets: ({ hosts: names }) => eachOf('host', names),
  input: ({ hosts: names, force, timeout }) => ({ hosts: names, force, timeoutMs: timeout }),
  done: ({ hosts: outcomes, managers, advice, undone, stay }) => {
    const { sentence, remedies } = stayDrained(stay);
    return targets(outcomes, story, {
      unit: 'host',
      beside: [
        ...(managers === null ? [] : [`Quorum: ${escape(managers)}.`]),
        ...advice.map(escape),
        putBack(undone),
        sentence,
      ],
      remedies,
    });
  },
});

const WAS: Record<Left['was'], (host: string) => string> = {
  member: (host) => `${host} has left the swarm`,
  none: (host) => `${host} is in no swarm already`,
  'failed-join': (host) => `The engine of ${host} has forgotten its join`,
  elsewhere: (host) => `${host} has left the other swarm`,
  // Refused before: it cannot leave.
  locked: (host) => `${host} is locked`,
};

function story({ was, wasManager, moved, removed }: Left, target: string): TargetStory {
  const entries =
    removed.length === 0
      ? was === 'none'
        ? ', and the swarm has no entry of it'
        : ''
      : `, and ${removed.length === 1 ? 'its entry is' : `${count(removed.length, 'entry', 'entries')} of it are`} removed`;
  const tasks = moved.services.reduce((sum, one) => sum + one.tasks, 0);
  const short = moved.services.filter((one) => one.short !== null);
  return {
    sentence: `${WAS[was](bold(target))}${entries}.`,
    well: true,
    notes: [
      ...(wasManager ? ['It was a manager and was demoted first.'] : []),
      ...(tasks > 0
        ? [`${count(tasks, 'task')} had to move: ${some(moved.services.map(standing), escape)}.`]
        : []),
      ...(short.length > 0
        ? [
            `:warning: ${some(
              short.map(({ name }) => name),
              bold,
            )} found no place for all of it.`,
          ]
        : []),
      ...(moved.left.length > 0
        ? [`:warning: ${some(moved.left, escape)} had not stopped when it left.`]
        : []),
      ...(removed.length > 1 ? [`Removed: ${some(removed, code)}.`] : []),
    ],
    remedies: short.slice(0, 3).map(({ name }) => ({ label: `Why ${name}?`, line: `why ${name}` })),
  };
}

const standing = ({ name, running, wanted }: Left['moved']['services'][number]): string =>
  `${name} ${running} of ${wanted}`;
