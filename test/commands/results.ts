/** Results of jobs as the cards must be able to show them: every text in them is the given one, every list as long as told. */
import { logResults, pruneResults, rebalanceResults } from './results-logs.ts';
import { clamp } from '../../src/cards/text.ts';
import { listsOfNodes, listsOfServices, listsOfTasks, maps, statuses } from './list-results.ts';
import type { Phase, Request } from '../../src/queue/request.ts';
import type { EngineInfo } from '../../src/hosts/hosts.ts';
import type { JobName, JobResult } from '../../src/jobs/index.ts';
import { checks, inventories, openings } from './results-hosts.ts';
import { serviceResults } from './results-services.ts';
import { nodeResults } from './node-results.ts';
import { whyResults } from './results-why.ts';
import { stackResults } from './stack-results.ts';

export interface Shape {
  /** Stands for every name, message and error. */
  text: string;
  /** Length of every list. */
  many: number;
}

/** Shapes that a card has to bear. Keys are for the titles of tests. */
export const SHAPES: Record<string, Shape> = {
  small: { text: 'web-1', many: 1 },
  'nothing in it': { text: '', many: 0 },
  '40 of each': { text: 'fedora-03.example.lan', many: 40 },
  '300 rows': { text: 'web-1', many: 300 },
  'long texts': { text: 'x'.repeat(5000), many: 3 },
  'long texts, 300 rows': { text: 'long words '.repeat(100), many: 300 },
  'only blanks': { text: ' \n\t ', many: 2 },
  mentions: { text: '<!channel> <@U0EVERYONE> <!subteam^S1|@all> <#C1> <http://evil.example|docs>', many: 2 },
  'escaped mentions': { text: '&lt;!channel&gt; &amp;', many: 2 },
  formatting: { text: '*bold* _it_ ~gone~ `code` ```more``` > quote\n*next* line', many: 2 },
  'entities at the cut': { text: '&<'.repeat(3000), many: 3 },
  'emoji at the cut': { text: `a${'😀'.repeat(3000)}`, many: 3 },
};

const repeat = <T>(many: number, one: (at: number) => T): T[] =>
  Array.from({ length: many }, (_, at) => one(at));

/** For each job, one result of each kind that its command must tell apart. */
export const RESULTS: { [N in JobName]: (shape: Shape) => JobResult<N>[] } = {
  ...nodeResults,
  check: checks,
  ports: openings,
  hosts: inventories,
  why: whyResults,
  info: (shape) => [
    { host: shape.text, info: engineInfo(shape, true) },
    { host: shape.text, info: engineInfo(shape, false) },
  ],
  nodes: listsOfNodes,
  services: listsOfServices,
  status: statuses,
  map: maps,
  ps: listsOfTasks,
  logs: (shape) => logResults(shape),
  rebalance: (shape) => rebalanceResults(shape),
  prune: (shape) => pruneResults(shape),
  rotate: () => [{ roles: ['worker'] }, { roles: ['worker', 'manager'] }],
  join: (shape) =>
    [shape.many, 1].flatMap((many) => [
      { hosts: repeat(many, () => ({ target: shape.text, ok: true as const, value: joined(shape) })) },
      { hosts: repeat(many, () => failed(shape)) },
    ]),
  ...serviceResults,
  ...stackResults,
};

/** A request in this phase, with `many` steps, and a result where the phase has one. */
export function request(command: string, phase: Phase, { text, many }: Shape, result?: unknown): Request {
  const statuses = ['complete', 'error', 'in_progress', 'pending'] as const;
  return {
    id: 'k3f9x2ab',
    command,
    title: clamp(text, 300) || command,
    requester: { id: 'U0ALICE', name: text, team: 'T1' },
    channel: 'C0OPS',
    targets: [],
    phase,
    steps: repeat(many, (at) => ({
      title: text || 'Step',
      status: statuses[at % 4] ?? 'pending',
      line: at % 3 === 0 ? '' : text,
    })),
    locks: [],
    createdAt: 1_700_000_000_000,
    acted: false,
    recalled: {},
    ...(phase === 'waiting'
      ? { waitingFor: { id: 'ab12cd34', title: text, requester: 'U0BOB', since: 1_700_000_000_000 } }
      : {}),
    ...(['failed', 'refused', 'cancelled', 'expired'].includes(phase)
      ? { failure: { message: text || 'It failed.', hint: text } }
      : {}),
    ...(['accepted', 'queued', 'waiting'].includes(phase) ? {} : { startedAt: 1_700_000_001_000 }),
    ...(['accepted', 'queued', 'waiting', 'running'].includes(phase) ? {} : { endedAt: 1_700_000_065_000 }),
    ...(result === undefined ? {} : { result }),
  };
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

function joined(shape: Shape) {
  const { text, many } = shape;
  return {
    nodeId: text,
    already: many === 1,
    drained: many === 1,
    labels: { [text]: text, zone: text },
    warnings: repeat(many, () => text),
    missingImages: repeat(many, () => text),
    ghosts: many,
    couldSpread: repeat(many, () => text),
    info: engineInfo(shape, false),
  };
}

function engineInfo({ text, many }: Shape, manager: boolean): EngineInfo {
  return {
    hostname: text,
    engineId: text,
    version: text,
    operatingSystem: text,
    kernel: text,
    architecture: text,
    cpus: 2,
    memoryBytes: 25_165_824_000,
    storageDriver: text,
    containers: { running: many, paused: 0, stopped: 0 },
    images: many,
    liveRestore: false,
    dataRoot: text,
    firewallBackend: text,
    time: text,
    swarm: {
      state: manager ? 'active' : 'error',
      error: manager ? '' : text,
      nodeId: text,
      nodeAddress: text,
      isManager: manager,
      managers: repeat(many, () => ({ nodeId: text, address: text })),
      ...(manager
        ? {
            cluster: {
              id: text,
              managers: 1,
              nodes: many,
              taskHistoryRetentionLimit: 5,
              raft: { snapshotInterval: 10_000, heartbeatTick: 1, electionTick: 10 },
              dispatcherHeartbeatMs: 5000,
              caExpiryMs: 7_776_000_000,
            },
          }
        : {}),
    },
    warnings: repeat(many, () => text),
  };
}
