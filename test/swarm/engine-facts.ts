/** Tasks, services and nodes as an engine's JSON says them, parsed, for tests of the pure parts. */
import { nodeJson, serviceJson, taskJson } from '../../src/swarm/engine-json.ts';
import type { NodeJson, ServiceJson, TaskJson } from '../../src/swarm/engine-json.ts';

let made = 0;

/** A task in a slot; `at` orders tasks of one slot. */
export function task({
  slot = 0,
  node = 'n1',
  state = 'running',
  desired = 'running',
  err = '',
  exit,
  at = 0,
}: {
  slot?: number;
  node?: string;
  state?: string;
  desired?: string;
  err?: string;
  exit?: number;
  at?: number;
}): TaskJson {
  return taskJson.parse({
    ID: `task-${++made}`,
    CreatedAt: `2024-01-01T00:00:${String(at).padStart(2, '0')}.5Z`,
    ServiceID: 's1',
    ...(node === '' ? {} : { NodeID: node }),
    ...(slot === 0 ? {} : { Slot: slot }),
    DesiredState: desired,
    Spec: { ContainerSpec: { Image: 'my-apache2:latest@sha256:0123abcd' } },
    Status: {
      Timestamp: '2024-01-01T00:00:01Z',
      State: state,
      Message: state,
      ...(err === '' ? {} : { Err: err }),
      ContainerStatus: exit === undefined ? null : { ExitCode: exit },
    },
  });
}

export function replicated(replicas: number, change: object = {}): ServiceJson {
  return service({ Replicated: { Replicas: replicas } }, change);
}

export function service(mode: object, change: object = {}): ServiceJson {
  return serviceJson.parse({
    ID: 's1',
    Version: { Index: 7 },
    Spec: {
      Name: 'websky',
      Mode: mode,
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest@sha256:0123abcd' } },
    },
    Endpoint: { Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' }] },
    ...change,
  });
}

export function node(id: string, change: object = {}): NodeJson {
  return nodeJson.parse({
    ID: id,
    Version: { Index: 1 },
    CreatedAt: '2024-01-01T00:00:00Z',
    Spec: { Role: 'worker', Availability: 'active', Labels: {} },
    Description: {
      Hostname: `host-${id}`,
      Resources: { NanoCPUs: 2e9, MemoryBytes: 1024 },
      Engine: { EngineVersion: '20.10.24' },
    },
    Status: { State: 'ready', Addr: '10.0.0.9' },
    ...change,
  });
}
