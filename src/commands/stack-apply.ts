import type { KnownBlock } from '@slack/types';
import { lines, section } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, clamp, code, count, escape, some } from '../cards/text.ts';
import { UserError } from '../errors.ts';
import type { JobInput, JobResult } from '../jobs/index.ts';
import type { Remedy } from '../remedy.ts';
import { eachOf, WHOLE_SWARM } from '../target.ts';
import { word } from './args.ts';
import { defineCommand } from './define.ts';

type Service = JobResult<'stackApply'>['services'][number];

export const stackApply = defineCommand({
  name: 'stack apply',
  summary: 'Deploy a compose file just as its plan showed it',
  risk: 'change',
  aliases: [],
  examples: ['stack apply ab12cd34'],
  args: { plan: word('ID', 'the ID of the job that showed the plan') },
  job: 'stackApply',
  targets: ({ planned }) => (planned ? eachOf('stack', [planned.stack]) : [WHOLE_SWARM]),
  input: ({ plan }) => ({ plan: plan.toLowerCase(), planned: null }),
  follows: {
    request: ({ plan }) => plan,
    input: ({ plan }, { command, title, input, result }) => {
      if (command !== 'stack deploy')
        throw new UserError(`"${title}" is no plan of a stack.`, {
          hint: 'Press Deploy on the card of a plan; "stack deploy NAME" makes one.',
        });
      // That command's own job gave both.
      const { digest, basis, services, stack } = result as JobResult<'stackPlan'>;
      const changing = services.filter(({ action }) => ['create', 'update', 'remove'].includes(action));
      return {
        input: {
          plan,
          planned: {
            ...(input as JobInput<'stackPlan'>),
            digest,
            basis,
            services: changing.map(({ name }) => name),
          },
        },
        title: `stack apply ${plan} (${stack})`,
      };
    },
  },
  done: ({ stack, services, networks, configs, warnings }) => {
    const changed = services.filter(({ action }) => action !== 'keep' && action !== 'left');
    const bad = changed.filter(isBad);
    const says = (name: string): string => {
      if (changed.length + networks.length + configs.length === 0)
        return `${name} ran as the file says already.`;
      return bad.length === 0
        ? `${name} is deployed: ${summary(changed)}.`
        : changed.length === 1
          ? `${name} is deployed, but its service is not as it should be.`
          : `${name} is deployed, but ${bad.length} of ${changed.length} services ${bad.length === 1 ? 'is not as it' : 'are not as they'} should be.`;
    };
    const made = [
      ...(networks.length > 0 ? [`Networks created: ${some(networks, escape, 10)}`] : []),
      ...(configs.length > 0 ? [`Configs created: ${some(configs, escape, 10)}`] : []),
    ];
    const blocks: KnownBlock[] = [
      section(`${bad.length === 0 ? ':white_check_mark:' : ':warning:'} ${says(bold(stack))}`),
      ...lines(
        warnings.map(
          (warning) =>
            `:warning: ${escape(warning.replace('Deploying undoes that.', 'This deploy has undone that.'))}`,
        ),
        2,
      ),
      ...lines([...bad, ...changed.filter((service) => !isBad(service))].flatMap(serviceLines), 4),
      ...lines(made),
      ...remedyButtons(bad.flatMap(remediesOf)),
    ];
    return { text: says(escape(stack)), blocks };
  },
});

function isBad({ failed, reached }: Service): boolean {
  return failed || reached?.whole === false || (reached?.rolledBack ?? '') !== '';
}

function summary(changed: Service[]): string {
  const words = [
    ['create', 'created'],
    ['update', 'updated'],
    ['remove', 'removed'],
  ] as const;
  const told = words.flatMap(([action, word]) => {
    const number = changed.filter((service) => service.action === action).length;
    return number > 0 ? [`${count(number, 'service')} ${word}`] : [];
  });
  return told.join(', ') || 'only networks and configs were missing';
}

const DONE = {
  create: 'is created',
  update: 'is updated',
  remove: 'is removed',
  keep: 'was so',
  left: 'stays',
};

function serviceLines(service: Service): string[] {
  const { name, action, changes, reached, note, failed } = service;
  if (failed) return [`:x: ${bold(name)} was not deployed: ${escape(clamp(note, 600))}`];
  const does = `${bold(name)} ${DONE[action]}`;
  if (reached && reached.rolledBack !== '')
    return [
      `:warning: ${bold(name)} is what it was before: the swarm took the change back. ${code(clamp(reached.rolledBack, 300))}`,
    ];
  if (reached?.whole === false) {
    const { running, wanted, reasons } = reached;
    return [
      `:warning: ${does}, but ${shortOf(running, wanted)}. The swarm goes on trying.`,
      ...reasons.slice(0, 3).map(
        ({ state, error, tasks, nodes }) =>
          `      ◦ ${count(tasks, 'task')} ${escape(clamp(state, 60))}${
            nodes.length > 0
              ? ` on ${some(
                  nodes.map((node) => clamp(node, 60)),
                  escape,
                )}`
              : ''
          }: ${code(clamp(error, 300) || 'no reason given yet')}`,
      ),
    ];
  }
  const runs = reached ? `; ${tasks(reached.running)}` : '';
  return [
    `:white_check_mark: ${does}${runs}${note ? ` (${escape(clamp(note, 200))})` : ''}`,
    ...changes.slice(0, 12).map((change) => `      ◦ ${escape(clamp(change, 300))}`),
  ];
}

function tasks(running: number): string {
  if (running === 0) return 'no task runs, as it should be';
  return running === 1 ? 'its task runs' : `all ${running} tasks run`;
}

function remediesOf({ name, action, failed, changes }: Service): Remedy[] {
  if (failed) return [];
  return [
    { label: `Why ${clamp(name, 60)}?`, line: `why ${name}` },
    ...(action === 'update'
      ? [
          {
            label: `Roll back ${clamp(name, 60)}`,
            line: `rollback ${name}`,
            confirm: clamp(
              `${clamp(name, 60)} goes back to what it was before this deploy${changes.length === 0 ? '' : `, which changed ${changes.slice(0, 3).join('; ')}`}.`,
              290,
            ),
          },
        ]
      : []),
  ];
}

function shortOf(running: number, wanted: number): string {
  if (running >= wanted) return 'tasks that are not wanted any more still run';
  if (running > 0) return `only ${running} of ${wanted} tasks run`;
  return wanted === 1 ? 'its task does not run' : `none of its ${wanted} tasks runs`;
}
