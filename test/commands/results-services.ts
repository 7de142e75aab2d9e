/** Results of the jobs that create, change, show and remove services, of every kind that a card must tell apart. */
import type { JobResult } from '../../src/jobs/index.ts';
import type { FieldChange } from '../../src/swarm/service-changes.ts';
import type { Convergence, UpdateState } from '../../src/swarm/swarm.ts';
import type { Shape } from './results.ts';

const repeat = <T>(many: number, one: (at: number) => T): T[] =>
  Array.from({ length: many }, (_, at) => one(at));

/** The parser lets no more through. */
const few = ({ many }: Shape) => Math.min(20, many);

export const serviceResults = {
  scale: (shape: Shape): JobResult<'scale'>[] =>
    [few(shape), 1].flatMap((many) => [
      ...convergences(shape).map((one) => ({
        services: repeat(many, () => ({
          target: shape.text,
          ok: true as const,
          value: {
            from: 1,
            to: many,
            meanwhile: many > 5 ? null : many,
            convergence: one,
            image: shape.text,
            lacking: repeat(shape.many, () => shape.text),
          },
        })),
      })),
      { services: repeat(many, () => failed(shape)) },
    ]),
  create: (shape: Shape): JobResult<'create'>[] =>
    convergences(shape).map((one, at) => ({
      service: shape.text,
      image: shape.text,
      already: at % 2 === 0,
      lacking: repeat(shape.many, () => shape.text),
      convergence: one,
    })),
  update: updates,
  restart: updates,
  rollback: (shape: Shape): JobResult<'rollback'>[] =>
    convergences(shape).map((one) => ({
      service: shape.text,
      changes: fieldChanges(shape),
      convergence: one,
    })),
  rm: (shape: Shape): JobResult<'rm'>[] =>
    [few(shape), 1].flatMap((many) =>
      [0, shape.many].map((left) => ({
        services: repeat(many, (at) =>
          at % 3 === 2
            ? failed(shape)
            : {
                target: shape.text,
                ok: true as const,
                value: { had: at, left, nodes: repeat(left, () => shape.text), lost: at },
              },
        ),
      })),
    ),
  service: (shape: Shape): JobResult<'service'>[] =>
    UPDATE_STATES.map((state, at) => {
      const { text, many } = shape;
      const texts = repeat(many, () => text);
      return {
        id: text,
        name: text,
        mode: 'replicated',
        wanted: many,
        running: at,
        image: text,
        ports: texts,
        updateState: text,
        updateMessage: text,
        createdAt: text,
        updatedAt: '2024-01-01T00:00:00.123Z',
        spread: repeat(many, (at) => ({ node: text, running: at * 2 })),
        reasons: at % 2 === 0 ? [] : reasons(shape),
        update: { state, message: text, startedAt: text, completedAt: text },
        previous: at % 3 === 0 ? null : fieldChanges(shape),
        constraints: texts,
        preferences: texts,
        maxPerNode: at,
        platforms: texts,
        reserve: { cpus: at / 2, memoryBytes: at * 1e9 },
        limit: { cpus: at / 2, memoryBytes: at * 1e9 },
        mounts: repeat(many, () => ({ type: 'bind', source: text, target: text, readOnly: true })),
        networks: texts,
        env: texts,
        secrets: texts,
        configs: texts,
        labels: { [text]: text },
        restart: { condition: text, delayMs: 5000, maxAttempts: at },
        updateRule: {
          parallelism: at,
          delayMs: at * 1000,
          monitorMs: 5000,
          failureAction: 'pause',
          order: 'stop-first',
        },
      };
    }),
};

const UPDATE_STATES: UpdateState['state'][] = [
  '',
  'updating',
  'paused',
  'completed',
  'rollback_started',
  'rollback_paused',
  'rollback_completed',
];

function updates(shape: Shape): JobResult<'update'>[] {
  return convergences(shape).flatMap((one) =>
    [[], fieldChanges(shape)].map((changes) => ({
      service: shape.text,
      changes,
      meanwhile: changes,
      restarted: changes.length > 0,
      convergence: one,
    })),
  );
}

function fieldChanges({ text, many }: Shape): FieldChange[] {
  return repeat(many, (at) => ({
    field: at === 0 ? 'forced updates' : text,
    from: at % 3 === 0 ? null : text,
    to: at % 3 === 1 ? null : text,
    secret: at % 4 === 0,
  }));
}

function reasons({ text, many }: Shape) {
  return repeat(Math.min(many, 30), (at) => ({
    state: at === 0 ? 'update paused' : text,
    error: text,
    tasks: many,
    nodes: repeat(many, () => text),
  }));
}

function convergences(shape: Shape): Convergence[] {
  const { text, many } = shape;
  const spread = repeat(many, (at) => ({ node: text, running: at * 7 }));
  return UPDATE_STATES.flatMap((state): Convergence[] => {
    const update = { state, message: text };
    const troubles = reasons(shape);
    return [
      { kind: 'converged', running: many, wanted: many, spread, update, old: 0, troubles },
      {
        kind: 'short',
        running: 0,
        wanted: many,
        spread,
        reasons: reasons(shape),
        update,
        old: many > 2 ? 1 : 0,
        troubles,
      },
    ];
  });
}

function failed({ text }: Shape) {
  return {
    target: text,
    ok: false as const,
    message: text || 'It failed.',
    hint: text,
    remedies: [{ label: text || 'Retry', line: text || 'nodes' }],
  };
}
