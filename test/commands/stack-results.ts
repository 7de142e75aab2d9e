/** Results of the stack jobs in every shape. */
import type { JobResult } from '../../src/jobs/index.ts';
import type { Service } from '../../src/swarm/swarm.ts';
import type { Shape } from './results.ts';

const repeat = <T>(many: number, one: (at: number) => T): T[] =>
  Array.from({ length: many }, (_, at) => one(at));

const ACTIONS = ['create', 'update', 'keep', 'remove', 'left'] as const;
const actionOf = (at: number) => ACTIONS[at % ACTIONS.length] ?? 'keep';

export const stackResults = {
  stack: (shape: Shape): JobResult<'stack'>[] => [
    {
      stack: shape.text,
      services: repeat(shape.many, (at) => service(shape, at)),
      networks: repeat(shape.many, () => shape.text),
      configs: repeat(shape.many, () => shape.text),
      secrets: repeat(shape.many, () => shape.text),
    },
  ],

  stacks: ({ text, many }: Shape): JobResult<'stacks'>[] => [
    {
      stacks: repeat(many, (at) => ({
        name: text,
        services: many,
        running: at,
        wanted: many,
        short: repeat(at % 2 === 0 ? many : 0, () => text),
      })),
    },
  ],

  stackPlan: ({ text, many }: Shape): JobResult<'stackPlan'>[] =>
    [true, false].map((same) => ({
      stack: text,
      services: repeat(many, (at) => ({
        name: text,
        action: same ? 'keep' : actionOf(at),
        image: text,
        mode: text,
        replicas: at % 2 === 0 ? many : null,
        changes: repeat(Math.min(many, 40), () => text),
      })),
      networks: repeat(many, (at) => ({ name: text, action: at % 2 === 0 ? 'create' : 'keep', note: text })),
      configs: repeat(many, () => ({ name: text, action: 'left', note: text })),
      volumes: repeat(many, () => ({ name: text, action: 'create', note: text })),
      secrets: repeat(many, () => ({ name: text, action: 'external', note: '' })),
      warnings: repeat(many, () => text),
      problems: [],
      ignored: repeat(many, () => ({ path: text, why: text, verdict: 'ignored' })),
      same,
      prune: many === 1,
      digest: text,
      basis: Object.fromEntries([[text, { digest: text, image: text, replicas: many }]]),
    })),

  stackApply: (shape: Shape): JobResult<'stackApply'>[] =>
    [shape.many, 1].flatMap((length) =>
      (['converged', 'short', 'failed', 'nothing'] as const).map((kind) => ({
        stack: shape.text,
        services: repeat(length, (at) => ({
          name: shape.text,
          action: kind === 'nothing' ? 'keep' : actionOf(at),
          image: shape.text,
          changes: repeat(Math.min(shape.many, 40), () => shape.text),
          reached: kind === 'converged' || kind === 'short' ? reached(kind === 'converged', shape) : null,
          note: shape.text,
          failed: kind === 'failed',
        })),
        networks: repeat(kind === 'nothing' ? 0 : shape.many, () => shape.text),
        configs: repeat(kind === 'nothing' ? 0 : shape.many, () => shape.text),
        warnings: repeat(shape.many, () => shape.text),
      })),
    ),

  stackRemove: ({ text, many }: Shape): JobResult<'stackRemove'>[] => {
    const part = (at: number) => ({
      kind: at % 2 === 0 ? ('service' as const) : ('network' as const),
      name: text,
    });
    return [
      { stack: text, removed: repeat(many, part), left: [], live: 0, lost: 0, volumes: [] },
      {
        stack: text,
        removed: repeat(many, part),
        left: repeat(many, part),
        live: many,
        lost: many,
        volumes: repeat(many, () => text),
      },
    ];
  },
};

function service({ text, many }: Shape, at: number): Service {
  return {
    id: text,
    name: text,
    mode: 'replicated',
    wanted: many,
    running: at,
    image: text,
    ports: repeat(Math.min(many, 30), () => text),
    updateState: text,
    updateMessage: text,
  };
}

function reached(whole: boolean, { text, many }: Shape) {
  const reasons = repeat(Math.min(many, 30), () => ({
    state: text,
    error: text,
    tasks: many,
    nodes: repeat(Math.min(many, 40), () => text),
  }));
  return { running: many, wanted: many, whole, reasons, rolledBack: whole && many === 2 ? text : '' };
}
