/** Results of the jobs that read logs, level, clear up and rotate, for results.ts. */
import type { JobResult } from '../../src/jobs/index.ts';
import type { Shape } from './results.ts';

const repeat = <T>(many: number, one: (at: number) => T): T[] =>
  Array.from({ length: many }, (_, at) => one(at));

export function logResults({ text, many }: Shape): JobResult<'logs'>[] {
  const plain = { name: text, node: null, tail: 50, sinceMs: null, grep: null, followMs: null };
  const narrow = { ...plain, node: text, sinceMs: 600_000, grep: text, followMs: 30_000 };
  return [plain, narrow].map((asked) => ({
    name: text,
    asked,
    lines: repeat(many, () => `2026-11-23T14:42:47.934Z websky.3@fedora-01 | ${text}`),
    left: many,
    troubles: repeat(many, () => text),
  }));
}

export function rebalanceResults({ text, many }: Shape): JobResult<'rebalance'>[] {
  const at = (tasks: number) => repeat(many, (id) => ({ id: String(id), node: text, tasks }));
  const value = { wanted: many, moved: many, before: at(3), after: at(2), full: repeat(many, () => text) };
  const skewed = { name: text, skew: many, moves: many, before: at(0), after: at(1) };
  const ended = [
    { kind: 'level' as const },
    { kind: 'stuck' as const },
    { kind: 'changed' as const, replicas: 3 },
    { kind: 'cut short' as const },
  ];
  const failed = {
    target: text,
    ok: false as const,
    message: text || 'It failed.',
    hint: text,
    remedies: [{ label: text || 'Why?', line: text || 'why websky' }],
  };
  // The parser lets no more than 20 through.
  return [
    { kind: 'plan', services: many, skewed: repeat(many, () => skewed) },
    ...[Math.min(many, 20), 1].flatMap((services): JobResult<'rebalance'>[] => [
      ...ended.map((one) => ({
        kind: 'moved' as const,
        services: repeat(services, () => ({
          target: text,
          ok: true as const,
          value: { ...value, ended: one },
        })),
      })),
      { kind: 'moved', services: repeat(services, () => failed) },
    ]),
    {
      kind: 'moved',
      services: [{ target: text, ok: true, value: { ...value, moved: 0, ended: { kind: 'level' } } }],
    },
  ];
}

export function pruneResults({ text, many }: Shape): JobResult<'prune'>[] {
  const texts = repeat(many, () => text);
  const value = {
    containers: many,
    images: texts,
    volumes: texts,
    bytes: many * 1e9,
    spared: texts,
    refused: texts,
  };
  const nothing = { containers: 0, images: [], volumes: [], bytes: 0, spared: [], refused: [] };
  const failed = {
    target: text,
    ok: false as const,
    message: text || 'It failed.',
    hint: text,
    remedies: [],
  };
  return [many, 1].flatMap((hosts) =>
    [true, false].flatMap((applied) => [
      { applied, volumes: applied, hosts: repeat(hosts, () => ({ target: text, ok: true as const, value })) },
      {
        applied,
        volumes: false,
        hosts: repeat(hosts, () => ({ target: text, ok: true as const, value: nothing })),
      },
      { applied, volumes: false, hosts: repeat(hosts, () => failed) },
    ]),
  );
}
