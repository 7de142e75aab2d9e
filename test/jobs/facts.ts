/** Nodes, services and tasks as the swarm part gives them, for tests of what is pure. */
import type { Node, Service, Task } from '../../src/swarm/swarm.ts';

export function node(hostname: string, change: Partial<Node> = {}): Node {
  return {
    id: `id-${hostname}`,
    hostname,
    state: 'ready',
    message: '',
    availability: 'active',
    role: change.manager ? 'manager' : 'worker',
    address: '10.0.0.1',
    version: '20.10.24',
    labels: {},
    cpus: 2,
    memoryBytes: 1024,
    createdAt: '2024-01-01T00:00:00Z',
    ...change,
  };
}

export const manager = (hostname: string, leader: boolean, change: Partial<Node> = {}): Node =>
  node(hostname, { manager: { leader, reachability: 'reachable', address: '10.0.0.1:2377' }, ...change });

export function service(
  name: string,
  running: number,
  wanted: number,
  change: Partial<Service> = {},
): Service {
  return {
    id: `id-${name}`,
    name,
    mode: 'replicated',
    wanted,
    running,
    image: 'my-apache2:latest',
    ports: [],
    updateState: '',
    updateMessage: '',
    ...change,
  };
}

export function task(of: string, slot: number, change: Partial<Task> = {}): Task {
  return {
    id: `id-${of}-${slot}`,
    service: of,
    slot,
    node: 'fedora-01',
    state: 'running',
    desiredState: 'running',
    image: 'my-apache2:latest',
    message: '',
    error: '',
    at: '2024-01-01T00:00:00Z',
    ...change,
  };
}
