/** Results of the jobs on nodes, for the cards' tests. */
import type { JobResult } from '../../src/jobs/index.ts';
import type { Node, Task } from '../../src/swarm/swarm.ts';
import type { Shape } from './results.ts';

const repeat = <T>(many: number, one: (at: number) => T): T[] =>
  Array.from({ length: many }, (_, at) => one(at));

const failed = ({ text }: Shape) => ({
  target: text,
  ok: false as const,
  message: text || 'It failed.',
  hint: text,
  remedies: [{ label: text || 'Drain', line: text || 'nodes', confirm: text }],
});

const ok = <R>({ text }: Shape, value: R) => ({ target: text, ok: true as const, value });

const shortfalls = ({ text, many }: Shape) =>
  repeat(Math.min(many, 5), () => ({
    state: text,
    error: text,
    tasks: many,
    nodes: repeat(Math.min(many, 10), () => text),
  }));

/** Of many targets each has little to tell: what is in all of them would be millions of texts. */
const inEach = (shape: Shape, targets: number): Shape =>
  targets > 1 ? { ...shape, many: Math.min(shape.many, 4) } : shape;

const moved = (shape: Shape, short: boolean) => ({
  services: repeat(shape.many, (at) => ({
    name: shape.text,
    tasks: at,
    running: at,
    wanted: at + 1,
    short: short && at % 2 === 0 ? shortfalls(shape) : null,
  })),
  left: short ? repeat(shape.many, () => shape.text) : [],
});

function drained(shape: Shape, short: boolean) {
  const { text, many } = shape;
  return {
    node: text,
    already: !short && many === 1,
    meanwhile: short ? ('pause' as const) : null,
    ...moved(shape, short),
    others: many,
    raised: repeat(many, (at) =>
      at % 3 === 0
        ? { name: text, kind: 'back' as const, replicas: at }
        : at % 3 === 1
          ? { name: text, kind: 'other' as const, replicas: at }
          : { name: text, kind: 'gone' as const },
    ),
    notRaised: short ? repeat(many, () => text) : [],
  };
}

function node({ text }: Shape, at: number): Node {
  return {
    id: text,
    hostname: text,
    state: at % 2 === 0 ? 'down' : 'ready',
    message: text,
    availability: at % 3 === 0 ? 'drain' : 'active',
    role: at % 4 === 1 ? 'manager' : 'worker',
    ...(at % 4 === 1
      ? { manager: { leader: false, reachability: 'unreachable' as const, address: text } }
      : {}),
    address: text,
    version: text,
    labels: Object.fromEntries(repeat(20, (number) => [`${text}${number}`, number % 2 === 0 ? text : ''])),
    cpus: 2.5,
    memoryBytes: 25_165_824_000,
    createdAt: '2024-01-01T00:00:00Z',
  };
}

function task({ text }: Shape, at: number): Task {
  return {
    id: text,
    service: text,
    slot: at,
    node: text,
    state: at % 2 === 0 ? 'running' : text,
    desiredState: 'running',
    image: text,
    message: text,
    error: at % 3 === 0 ? text : '',
    at: '2024-01-01T00:00:00.123Z',
  };
}

type Jobs = 'availability' | 'drain' | 'label' | 'leave' | 'node' | 'nodeRm' | 'promote';

export const nodeResults: { [N in Jobs]: (shape: Shape) => JobResult<N>[] } = {
  availability: (shape) =>
    (['active', 'pause'] as const).flatMap((to) =>
      [1, shape.many].map((many) => ({
        nodes: [
          ...repeat(many, (at) =>
            ok(shape, {
              node: shape.text,
              from: (['active', 'pause', 'drain'] as const)[at % 3] ?? 'active',
              to,
              meanwhile: at % 2 === 0 ? ('drain' as const) : null,
              state: at % 2 === 0 ? ('ready' as const) : ('down' as const),
              tasks: at,
              missing: to === 'active' ? repeat(inEach(shape, many).many, () => shape.text) : [],
            }),
          ),
          ...repeat(many - 1, () => failed(shape)),
        ],
      })),
    ),
  drain: (shape) => [
    ...[false, true].flatMap((short) =>
      [1, shape.many].map((many) => ({
        nodes: repeat(many, () => ok(shape, drained(inEach(shape, many), short))),
        undone: short ? repeat(shape.many, () => shape.text) : [],
        stay: [],
      })),
    ),
    { nodes: repeat(shape.many, () => failed(shape)), undone: [], stay: [] },
    // Of one that was cancelled.
    {
      nodes: [],
      undone: repeat(shape.many, () => shape.text),
      stay: repeat(shape.many, () => shape.text),
    },
  ],
  label: (shape) => [
    {
      node: shape.text,
      changes: repeat(Math.max(1, shape.many), (at) => ({
        key: shape.text,
        from: at % 2 === 0 ? null : shape.text,
        to: at % 3 === 0 ? null : shape.text,
        meanwhile: at % 4 === 0 ? { value: at % 8 === 0 ? null : shape.text } : null,
      })),
      labels: Object.fromEntries(repeat(shape.many, (at) => [`${shape.text}${at}`, shape.text])),
    },
  ],
  leave: (shape) =>
    (['member', 'none', 'failed-join', 'elsewhere'] as const).flatMap((was) =>
      [0, 1, shape.many].map((many) => ({
        hosts: [
          ...repeat(many, () =>
            ok(shape, {
              was,
              wasManager: was === 'member',
              moved: moved(inEach(shape, many), was === 'member'),
              removed: repeat(inEach(shape, many).many, () => shape.text),
            }),
          ),
          ...repeat(Math.max(0, many - 1), () => failed(shape)),
        ],
        managers: was === 'none' ? null : shape.text,
        advice: repeat(Math.min(3, shape.many), () => shape.text),
        undone: repeat(shape.many, () => shape.text),
        stay: many === 0 ? repeat(shape.many, () => shape.text) : [],
      })),
    ),
  node: (shape) => [
    ...[1, 2, 3].map((many) => ({
      name: shape.text,
      nodes: repeat(many, (at) => ({
        node: node(shape, at + many),
        platform: shape.text,
        changedAt: shape.text === '' ? '' : '2024-01-01T00:00:00.123456789Z',
        reserved: { cpus: 0.333333, memoryBytes: 1_048_576 },
        tasks: repeat(shape.many, (number) => task(shape, number)),
      })),
    })),
    { name: shape.text, nodes: [] },
  ],
  nodeRm: (shape) => [
    {
      nodes: repeat(Math.max(1, shape.many), (at) =>
        ok(shape, {
          removed: repeat(inEach(shape, shape.many).many, () => shape.text),
          stay: at % 2 === 0 ? [{ id: shape.text, state: 'ready' as const, role: 'worker' as const }] : [],
        }),
      ),
    },
    { nodes: repeat(shape.many, () => failed(shape)) },
  ],
  promote: (shape) =>
    (['manager', 'worker'] as const).map((role) => ({
      role,
      nodes: [
        ...repeat(Math.max(1, shape.many), (at) =>
          ok(shape, { node: shape.text, already: at % 2 === 0, asked: at % 3 === 0 }),
        ),
        ...repeat(shape.many, () => failed(shape)),
      ],
      managers: shape.text,
      advice: repeat(Math.min(3, shape.many), () => shape.text),
    })),
};
