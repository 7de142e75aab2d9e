/** What deploying a stack would change, as its card shows it. */
import type { KnownBlock } from '@slack/types';
import { lines, section } from '../cards/blocks.ts';
import type { Body } from '../cards/body.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, clamp, code, count, escape, some } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import type { Request } from '../queue/request.ts';

type Plan = JobResult<'stackPlan'>;
type Service = Plan['services'][number];

const ORDER: Service['action'][] = ['remove', 'update', 'create', 'left', 'keep'];

export function planBody(plan: Plan, request: Request): Body {
  const { services, same, warnings, ignored, stack } = plan;
  const shown = services
    .filter(({ action }) => action !== 'keep')
    .toSorted((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action));
  const removed = services.filter(({ action }) => action === 'remove').length;
  const says = (name: string): string =>
    same
      ? `${name} runs as the file says: there is nothing to do.`
      : `${name}: ${summary(plan)}. Nothing has been changed yet.`;
  const blocks: KnownBlock[] = [
    section(`${same ? ':white_check_mark:' : ':clipboard:'} ${says(bold(stack))}`),
    ...lines(
      warnings.map((warning) => `:warning: ${escape(warning)}`),
      2,
    ),
    ...lines(shown.flatMap(serviceLines), 4),
    ...lines(partLines(plan), 2),
    ...unsupportedLines(ignored),
  ];
  if (!same) {
    const asks = removed > 0 ? `${count(removed, 'service')} of ${stack} will be removed.` : warnings[0];
    blocks.push(
      ...remedyButtons([
        {
          label: 'Deploy',
          line: `stack apply ${request.id}`,
          ...(asks ? { confirm: clamp(asks, 290) } : {}),
        },
      ]),
    );
  }
  return { text: [says(escape(stack)), ...warnings.map(escape)].join(' '), blocks };
}

function summary({ services, networks, configs }: Plan): string {
  const number = (action: Service['action']): number =>
    services.filter((service) => service.action === action).length;
  const parts = [
    [number('create'), 'to create'],
    [number('update'), 'to update'],
    [number('remove'), 'to remove'],
    [number('keep'), 'as in the file already'],
  ] as const;
  const told = parts.filter(([many]) => many > 0);
  const [first, ...rest] = told.map(
    ([many, what], at) => `${at === 0 ? count(many, 'service') : many} ${what}`,
  );
  const made = (
    [
      ['network', networks],
      ['config', configs],
    ] as const
  ).flatMap(([what, all]) => {
    const many = all.filter(({ action }) => action === 'create').length;
    return many > 0 ? [`${count(many, what)} to create`] : [];
  });
  return [...(first === undefined ? [] : [first]), ...rest, ...made].join(', ');
}

function serviceLines({ name, action, image, mode, replicas, changes }: Service): string[] {
  const runs = `${code(clamp(image, 200) || '-')}, ${replicas === null ? escape(mode) : count(replicas, 'replica')}`;
  if (action === 'create') return [`• create ${bold(name)}: ${runs}`];
  if (action === 'remove') return [`• remove ${bold(name)} (${runs})`];
  if (action === 'left')
    return [
      `• ${bold(name)} is in the stack and not in the file: it stays. With \`--prune\` it would be removed.`,
    ];
  return [`• update ${bold(name)}`, ...changes.map((change) => `      ◦ ${escape(clamp(change, 300))}`)];
}

function partLines({ networks, configs, volumes, secrets }: Plan): string[] {
  const words = { create: 'new', keep: 'there', external: 'external', left: 'not in the file, stays' };
  return (
    [
      ['Networks', networks],
      ['Configs', configs],
      ['Secrets', secrets],
      ['Volumes', volumes],
    ] as const
  ).flatMap(([title, parts]) => {
    if (parts.length === 0) return [];
    const names = parts.map(({ name, action, note }) => {
      // Nobody but the node knows whether a volume is there.
      const what =
        title === 'Volumes' && action === 'create' ? 'made on a node when a task needs it' : words[action];
      return `${clamp(name, 120)} (${note && title === 'Networks' && action === 'keep' ? note : what})`;
    });
    return [`${title}: ${some(names, escape, 8)}`];
  });
}

function unsupportedLines(ignored: Plan['ignored']): KnownBlock[] {
  if (ignored.length === 0) return [];
  return lines(
    [
      'Not supported by a stack, so left out:',
      ...ignored.map(({ path, why }) => `• ${code(clamp(path, 200))}: ${escape(clamp(why, 300))}`),
    ],
    2,
  );
}
