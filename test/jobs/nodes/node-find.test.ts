import { describe, expect, test } from 'vitest';
import type { Host } from '../../../src/hosts/hosts.ts';
import { nodeCalled, nodesCalled, oldEntries } from '../../../src/jobs/node-find.ts';
import type { Node } from '../../../src/swarm/swarm.ts';

function node(id: string, hostname: string, change: Partial<Node> = {}): Node {
  return {
    id,
    hostname,
    state: 'ready',
    message: '',
    availability: 'active',
    role: 'worker',
    address: '10.0.0.3',
    version: '20.10.24',
    labels: {},
    cpus: 2,
    memoryBytes: 1024,
    createdAt: '2024-01-01T00:00:00Z',
    ...change,
  };
}

const ID = 'k5bpi6ih0jbhmd3xq9rzvfo1e';

describe('the node that is meant', () => {
  const nodes = [node(ID, 'fedora-03'), node('abcdefgh1234', 'fedora-04')];

  test.each([
    ['fedora-03', ID],
    ['Fedora-03', ID],
    [ID, ID],
    [ID.slice(0, 8), ID],
    ['fedora-04', 'abcdefgh1234'],
  ])('%s', (name, id) => {
    expect(nodeCalled(nodes, name).id).toBe(id);
  });

  test.each([ID.slice(0, 7), 'k', 'fedora', 'fedora-03x'])('not %s', (name) => {
    expect(() => nodeCalled(nodes, name)).toThrow(`No node is called ${name}.`);
  });

  test('of several the only one that is not down', () => {
    const ghosts = [
      node('a', 'web', { state: 'down' }),
      node('b', 'web'),
      node('c', 'web', { state: 'down' }),
    ];
    expect(nodeCalled(ghosts, 'web').id).toBe('b');
    expect(nodesCalled(ghosts, 'web').map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(nodeCalled(ghosts, 'c').id).toBe('c');
  });

  test.each([
    [
      [node('a', 'web'), node('b', 'web', { state: 'unknown' })],
      'a (ready, 10.0.0.3); b (unknown, 10.0.0.3)',
    ],
    [
      [node('a', 'web', { state: 'down' }), node('b', 'web', { state: 'down', address: '' })],
      'a (down, 10.0.0.3); b (down)',
    ],
  ])('never by chance', (nodes, each) => {
    expect(() => nodeCalled(nodes, 'web')).toThrow(`2 nodes are called web: ${each}.`);
  });

  test('an ID goes before a hostname that looks like it', () => {
    expect(nodeCalled([node('other', ID), node(ID, 'web')], ID).hostname).toBe('web');
  });
});

describe('entries that a host has left behind', () => {
  const host = { name: 'fedora-03', address: '10.0.0.3' } as Host;
  const own = node('own', 'fedora-03');

  test('are those of its name and address that are no managers', () => {
    const nodes = [
      own,
      node('old', 'fedora-03', { state: 'down' }),
      node('by-inventory', 'fedora-03', { state: 'ready' }),
      node('manager', 'fedora-03', { role: 'manager' }),
      node('elsewhere', 'fedora-03', { address: '10.0.0.4' }),
      node('other', 'fedora-04'),
    ];
    expect(oldEntries(nodes, host, 'fedora-03', 'own').map(({ id }) => id)).toEqual(['old', 'by-inventory']);
  });

  test('are none where the address cannot be compared', () => {
    const named = { name: 'fedora-03', address: 'fedora-03.lan' } as Host;
    expect(oldEntries([own], named, 'fedora-03', '')).toEqual([]);
  });
});
