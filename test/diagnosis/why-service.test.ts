import { describe, expect, test } from 'vitest';
import { whyService } from '../../src/diagnosis/why-service.ts';
import type { Shortfall } from '../../src/swarm/swarm.ts';
import type { ServiceFacts } from '../../src/swarm/why-facts.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

type Change = Omit<Partial<ServiceFacts>, 'service'> & { service?: Partial<ServiceFacts['service']> };

function facts({ service, ...change }: Change = {}): ServiceFacts {
  return {
    service: {
      id: 's1',
      name: 'websky',
      mode: 'replicated',
      wanted: 4,
      running: 4,
      image: 'my-apache2:latest',
      ports: [],
      updateState: '',
      updateMessage: '',
      ...service,
    },
    since: '',
    update: { state: '', message: '' },
    stack: '',
    fromChat: null,
    constraints: [],
    reasons: [],
    starting: [],
    failed: [],
    failedAt: '',
    ended: 0,
    spread: [{ node: 'fedora-01', running: 4 }],
    fits: null,
    nearest: null,
    nodes: { ready: 3, closed: [], closedFor: [] },
    ...change,
  };
}

const saying = (error: string, more: Partial<Shortfall> = {}): Shortfall => ({
  state: 'rejected',
  error,
  tasks: 2,
  nodes: ['fedora-02'],
  ...more,
});
const short = { service: { running: 2 }, since: ago(600) };
const noImage = saying('No such image: my-apache2:latest');

/** What somebody reads, and what they can press. */
const read = (change: Change) => {
  const answer = whyService(facts(change), NOW);
  const [first] = answer.reasons;
  return {
    ...answer,
    rows: answer.reasons.map(({ row }) => row),
    first: [first?.cause, first?.explanation, first?.advice].join(' '),
    lines: answer.reasons.flatMap(({ remedies }) => remedies).map(({ line }) => line),
  };
};

describe('a service that is well', () => {
  test('says so, with the evidence', () => {
    const { state, is, reasons, evidence, since } = read({});
    expect({ state, is, reasons, since }).toEqual({
      state: 'well',
      is: 'websky is well: all its 4 tasks run.',
      reasons: [],
      since: '',
    });
    expect(evidence).toEqual(['It runs on fedora-01 (4).', 'No task of it has failed lately.']);
  });

  test('is well with a chat scale that a deploy has undone, and says that', () => {
    const { state, rows, lines } = read({ fromChat: 12, stack: 'shop' });
    expect({ state, rows, lines }).toEqual({ state: 'well', rows: [43], lines: ['scale websky 12'] });
  });

  test('is only partly so where tasks keep failing and are replaced', () => {
    const failed = [saying('task: non-zero exit (137)', { state: 'failed', tasks: 1 })];
    const { state, first, lines } = read({ failed, failedAt: ago(30) });
    expect(state).toBe('partly');
    expect(first).toMatch(/It runs now, but 1 task of it failed on fedora-02, the last 30 seconds ago\./);
    expect(first).toContain('killed, mostly for using more memory');
    expect(lines).toEqual(['logs websky']);
    expect(read({ failed, failedAt: ago(7200) }).state).toBe('well');
  });

  test('is well at no tasks at all, which somebody has set', () => {
    const { state, is, lines } = read({ service: { wanted: 0, running: 0 } });
    expect({ state, is, lines }).toEqual({
      state: 'well',
      is: 'websky is set to no tasks at all.',
      lines: ['scale websky 1'],
    });
  });
});

describe('a service under strength', () => {
  test('says how many run, since when, and quotes its tasks', () => {
    const { state, is, since, evidence } = read({ ...short, reasons: [noImage] });
    expect({ state, is, since }).toEqual({
      state: 'partly',
      is: 'websky is under strength: 2 of its 4 tasks run.',
      since: ago(600),
    });
    expect(evidence[0]).toBe('2 tasks rejected on fedora-02: No such image: my-apache2:latest.');
    expect(read({ ...short, service: { running: 0 } }).state).toBe('broken');
  });

  test('quotes nothing where a task says nothing, no swarm-wide row, and no ID of a node that has left', () => {
    const left = 'j668gqnra1ofbuxup0nn08bvl';
    const { evidence } = read({
      ...short,
      update: { state: 'paused', message: 'update paused due to failure' },
      starting: [saying('', { state: 'ready', tasks: 1, nodes: ['fedora-02'] })],
      reasons: [
        saying('update paused due to failure', { state: 'update paused' }),
        saying('task: non-zero exit (137)', { state: 'failed', tasks: 1, nodes: [left] }),
      ],
    });
    expect(evidence).toEqual([
      '1 task failed on a node that has left: task: non-zero exit (137).',
      '1 task ready on fedora-02.',
      'It runs on fedora-01 (4).',
      'Its last update is paused.',
    ]);
  });

  test.each<[string, Change, number | null, RegExp, string[]]>([
    ['an image that is missing', { reasons: [noImage] }, 36, /not on fedora-02/, ['ps websky --all']],
    [
      'constraints, with the nearest node',
      {
        reasons: [
          saying('no suitable node (scheduling constraints not satisfied on 3 nodes)', { nodes: [] }),
        ],
        constraints: ['node.labels.zone == a'],
        nearest: { node: 'fedora-01', label: 'zone=a' },
      },
      31,
      /node\.labels\.zone == a.*fedora-01 comes nearest/,
      ['label fedora-01 zone=a', 'nodes'],
    ],
    [
      'reservations, with what fits',
      { reasons: [saying('no suitable node (insufficient resources on 3 nodes)', { nodes: [] })], fits: 3 },
      32,
      /room for 3 replicas/,
      ['scale websky 3', 'nodes'],
    ],
    [
      'a host port, with what fits',
      {
        reasons: [saying('no suitable node (host-mode port already in use on 3 nodes)', { nodes: [] })],
        fits: 3,
      },
      34,
      /Only one task on a node/,
      ['scale websky 3', 'nodes'],
    ],
    [
      'nodes that take nothing',
      {
        reasons: [saying('no suitable node (3 nodes not available for new tasks)', { nodes: [] })],
        nodes: { ready: 3, closed: ['fedora-01', 'fedora-02'], closedFor: [] },
      },
      46,
      /fedora-01 and fedora-02 are drained, paused or down/,
      ['activate fedora-01', 'activate fedora-02', 'nodes'],
    ],
    [
      'a node that is down',
      { reasons: [saying('its node is down', { state: 'node down' })] },
      null,
      /is down/,
      ['why fedora-02'],
    ],
    [
      'a program that crashes',
      { reasons: [saying('task: non-zero exit (127)')] },
      null,
      /not found in the image/,
      ['logs websky'],
    ],
    ['a program that ends well', { ended: 2 }, null, /ends by itself, without an error/, ['logs websky']],
    [
      'words that nobody knows',
      { reasons: [saying('it rains')] },
      null,
      /it rains/,
      ['ps websky --all', 'logs websky'],
    ],
    [
      'an overlay without addresses',
      { starting: [saying('', { state: 'new', nodes: [] })] },
      39,
      /no free address/,
      ['ps websky --all'],
    ],
    [
      'a pull that lasts',
      { starting: [saying('', { state: 'preparing' })] },
      null,
      /image is being pulled/,
      [],
    ],
    [
      'a task on its way',
      { since: ago(5), starting: [saying('', { state: 'preparing' })] },
      null,
      /being started/,
      [],
    ],
  ])('because of %s', (_why, change, row, words, lines) => {
    const answer = read({ ...short, ...change });
    expect(answer.rows[0]).toBe(row);
    expect(answer.first).toMatch(words);
    expect(answer.lines).toEqual(lines);
  });

  test('a paused update stands behind the error that paused it, with Roll back', () => {
    const update = {
      state: 'paused' as const,
      message: 'update paused due to failure or early termination of task x',
    };
    const paused = saying(update.message, { state: 'update paused', nodes: [] });
    const { rows, lines } = read({ ...short, update, reasons: [paused, noImage] });
    expect(rows).toEqual([36, 44]);
    expect(lines).toEqual(['ps websky --all', 'rollback websky']);
    // At full strength with old tasks it is still not as somebody wanted it.
    expect(read({ update }).state).toBe('partly');
  });

  test('does not offer a number that is no way out', () => {
    const reasons = [saying('no suitable node (insufficient resources on 3 nodes)', { nodes: [] })];
    expect(read({ ...short, reasons, fits: 0 }).lines).toEqual(['nodes']);
    expect(read({ ...short, reasons, fits: 9 }).lines).toEqual(['nodes']);
  });

  test('the same cause is said once', () => {
    const again = saying('No such image: my-apache2:latest', { state: 'failed' });
    expect(read({ ...short, reasons: [noImage, again] }).rows).toEqual([36]);
  });
});

test('a global service that may run nowhere', () => {
  const { state, first } = read({
    service: { mode: 'global', wanted: 0, running: 0 },
    constraints: ['node.labels.zone == a'],
  });
  expect(state).toBe('broken');
  expect(first).toContain('Its constraints are node.labels.zone == a; 3 nodes are ready');
});
