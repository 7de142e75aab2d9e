/** Results of the lists, see results.ts. */
import type { JobResult } from '../../src/jobs/index.ts';
import type { Shape } from './results.ts';

const repeat = <T>(many: number, one: (at: number) => T): T[] =>
  Array.from({ length: many }, (_, at) => one(at));

export function listsOfNodes({ text, many }: Shape): JobResult<'nodes'>[] {
  const rows = repeat(many, (at): JobResult<'nodes'>['rows'][number] => ({
    name: text,
    state: at % 3 === 0 ? 'down' : 'ready',
    message: text,
    availability: at % 2 === 0 ? 'drain' : 'active',
    role: at === 0 ? 'leader' : at === 1 ? 'manager' : 'worker',
    ...(at === 1 ? { reachability: 'unreachable' as const } : {}),
    address: text,
    version: text,
    cpus: 2.5,
    memoryBytes: 25_165_824_000,
  }));
  const all = { all: many, ready: many - 1, managers: 1, filters: {}, page: 1 };
  return [
    { ...all, words: [], rows },
    { ...all, words: [text], filters: { 'node.label': [text] }, page: 3, rows },
    { ...all, words: [`${text}?`], rows: [] },
  ];
}

export function listsOfServices({ text, many }: Shape): JobResult<'services'>[] {
  const rows = repeat(many, (at): JobResult<'services'>['rows'][number] => ({
    name: text,
    mode: at % 5 === 4 ? 'replicated-job' : 'replicated',
    wanted: many,
    running: at,
    image: text,
    ports: repeat(Math.min(many, 30), () => text)
      .join(', ')
      .slice(0, 200),
    updateState: text,
    ...(at % 5 === 4 ? { job: { completed: 3, total: 10 } } : {}),
  }));
  const all = { all: many, short: many, filters: {}, page: 1 };
  return [
    { ...all, words: [], rows },
    { ...all, words: [text], filters: { label: [text] }, page: 3, rows },
    { ...all, words: [`${text}?`], rows: [] },
  ];
}

export function listsOfTasks({ text, many }: Shape): JobResult<'ps'>[] {
  const rows = repeat(many, (at) => ({
    task: text,
    node: text,
    state: at % 2 === 0 ? 'running' : text,
    at: '2024-01-01T00:00:00',
    error: at % 3 === 0 ? text : '',
  }));
  const all = { name: text, node: null, words: [], filters: {}, page: 1, all: many, running: 1, rows };
  const service = { wanted: many, running: 1, image: text };
  return [
    { ...all, service },
    { ...all, service, node: text, words: [text], page: 2 },
    { ...all, service: undefined, rows: [] },
  ];
}

export function statuses({ text, many }: Shape): JobResult<'status'>[] {
  const named = repeat(Math.min(many, 5), () => text);
  const good: JobResult<'status'> = {
    quorum: { managers: 3, reachable: 3, needed: 2, mayLose: 1 },
    nodes: {
      all: many,
      byState: { ready: many },
      byAvailability: { active: many },
      notReady: 0,
      away: [],
      leader: text,
      unreachable: [],
      versions: many > 0 ? [{ version: text, nodes: many, some: named }] : [],
      ghosts: 0,
      someGhosts: [],
    },
    services: { all: many, short: 0, worst: [], updating: [], paused: 0, somePaused: [] },
    jobs: 0,
    newestJobs: [],
  };
  const bad: JobResult<'status'> = {
    quorum: { managers: 3, reachable: 1, needed: 2, mayLose: 0 },
    nodes: {
      ...good.nodes,
      byState: { ready: 0, down: many, [text]: 1 },
      notReady: many,
      away: named.map((name) => ({ name, state: 'down', message: text, role: 'manager' })),
      leader: null,
      unreachable: named,
      versions: named.map((version) => ({ version, nodes: many, some: named })),
      ghosts: many,
      someGhosts: named.map((name) => ({ id: text, name })),
    },
    services: {
      all: many,
      short: many,
      worst: named.map((name) => ({ name, running: 0, wanted: many })),
      updating: named,
      paused: many,
      somePaused: named.map((name, at) => ({ name, message: text, rollback: at % 2 === 1 })),
    },
    jobs: many,
    newestJobs: named.map((title, at) => ({ id: 'k3f9x2ab', title, waits: at > 0, requester: 'U0ALICE' })),
  };
  return [good, bad];
}

export function maps({ text, many }: Shape): JobResult<'map'>[] {
  const nodes = repeat(many, (at) => ({
    name: text,
    role: at === 0 ? ('leader' as const) : ('worker' as const),
    state: at % 3 === 0 ? ('down' as const) : ('ready' as const),
    availability: 'active' as const,
    groups: [[0, 'running', at]] as [number, 'running', number][],
  }));
  const services = repeat(many, (at) => ({ name: text, wanted: many, running: at }));
  const map = { highlight: null, services, nodes, unplaced: [] };
  return [{ map }, { map: { ...map, highlight: text } }];
}
