import { describe, expect, test } from 'vitest';
import { thrownBy } from './plain-answer.ts';
import { read } from './reading.ts';

const plan = { services: [], atOnce: 1, single: false, deadlineMs: 120_000 };
const fedora = { hosts: ['fedora-03'], apply: false, volumes: false };

const TAKEN: [line: string, command: string, input: object][] = [
  ['rebalance', 'rebalance', plan],
  ['rebalance websky', 'rebalance', { ...plan, services: ['websky'] }],
  [
    'rebalance websky api websky --at-once 3',
    'rebalance',
    { ...plan, services: ['websky', 'api'], atOnce: 3 },
  ],
  [
    'rebalance websky --single --timeout 30s',
    'rebalance',
    { ...plan, services: ['websky'], single: true, deadlineMs: 30_000 },
  ],
  ['rotate worker', 'rotate', { roles: ['worker'] }],
  ['rotate Manager worker manager', 'rotate', { roles: ['manager', 'worker'] }],
  ['swarm join-token --rotate worker', 'rotate', { roles: ['worker'] }],
  ['swarm join-token manager --rotate', 'rotate', { roles: ['manager'] }],
  ['prune fedora-03', 'prune', fedora],
  ['system prune fedora-03', 'prune', fedora],
  ['prune fedora-[03-04] --apply', 'prune', { ...fedora, hosts: ['fedora-03', 'fedora-04'], apply: true }],
  ['prune fedora-03 --volumes --apply', 'prune', { ...fedora, apply: true, volumes: true }],
];

const REFUSED: [line: string, message: string, hint: string][] = [
  ['rebalance $(x)', 'cannot be the name of a service', 'letters, digits'],
  ['rebalance websky --at-once 51', '"51" is not a number of tasks', 'from 1 to 50'],
  ['rebalance websky --at-once', '--at-once needs a value.', 'Usage: `/swarm rebalance'],
  [
    `rebalance ${Array.from({ length: 21 }, (_, at) => `s${at}`).join(' ')}`,
    'more than 20 services',
    'several commands',
  ],
  ['rotate', '"rotate" needs "worker", "manager" or both.', 'rotate worker'],
  ['rotate both', '"both" has no join token.', 'rotate worker, and rotate manager'],
  ['prune', '"prune" needs one or more hosts', 'Usage: `/swarm prune HOST...'],
  ['prune fedora-99', 'No host is called "fedora-99".', ''],
];

describe('rebalance, rotate and prune', () => {
  test.each(TAKEN)('%s', (line, command, input) => {
    expect(read(line)).toMatchObject({ command, input });
  });

  test.each(REFUSED)('refuse: %s', (line, message, hint) => {
    const error = thrownBy(() => read(line));
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});
