/**
 * A swarm that exists only as JSON: as many nodes, services and tasks as wanted, each as large as a real engine (API 1.41)
 * writes it. The same numbers give the same swarm.
 */

export interface Size {
  nodes: number;
  services: number;
  tasks: number;
}

/** One object as the engine lists it, and what the engine's own filters look at. */
export interface Item {
  json: string;
  id: string;
  name: string;
}

interface TaskItem extends Item {
  service: string;
  node: string;
  desired: 'running' | 'shutdown';
}

interface ServiceItem extends Item {
  /** The same with `?status=true`. */
  withStatus: string;
}

interface GeneratedSwarm {
  nodes: Item[];
  services: ServiceItem[];
  tasks: TaskItem[];
  /** What a good answer says of it. */
  expected: { nodes: number; down: number; services: number; underStrength: number };
}

const AT = '2024-05-04T03:02:01.123456789Z';
const DIGEST = 'sha256:3f9c1d2e4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
const IMAGES = ['my-apache2:2.4', 'registry.example.com/shop/api:1.18.3', 'redis:7.2', 'nginx:1.25-alpine'];

/** Every fiftieth node is down: its tasks are said to run still, as an engine says it, and run elsewhere anew. */
const DOWN_EACH = 50;
/** Every fortieth service lacks a task. */
const SHORT_EACH = 40;

export function generateSwarm(size: Size): GeneratedSwarm {
  const nodeIds = Array.from({ length: size.nodes }, (_, at) => id('n', at));
  const up = nodeIds.filter((_, at) => !isDown(at));
  const down = nodeIds.filter((_, at) => isDown(at));
  const nodes = nodeIds.map((nodeId, at) => ({
    id: nodeId,
    name: nodeName(at),
    json: JSON.stringify(node(nodeId, at)),
  }));

  const replicas = Math.floor(size.tasks / size.services);
  const tasks: TaskItem[] = [];
  const services = Array.from({ length: size.services }, (_, at): ServiceItem => {
    const serviceId = id('s', at);
    const isShort = at % SHORT_EACH === 0;
    const lost = down.length > 0 && at % 10 === 0 ? 1 : 0;
    for (let slot = 1; slot <= replicas; slot += 1) {
      const pending = isShort && slot === replicas;
      const nodeId = up[(at * replicas + slot) % up.length] ?? '';
      tasks.push(task({ at, slot, serviceId, nodeId: pending ? '' : nodeId, desired: 'running', pending }));
      if (slot === 1 && lost === 1) {
        const gone = down[at % down.length] ?? '';
        tasks.push(task({ at, slot, serviceId, nodeId: gone, desired: 'shutdown', pending: false }));
      }
    }
    const body = service(serviceId, at, replicas);
    const status = {
      RunningTasks: replicas - (isShort ? 1 : 0) + lost,
      DesiredTasks: replicas,
      CompletedTasks: 0,
    };
    return {
      id: serviceId,
      name: serviceName(at),
      json: JSON.stringify(body),
      withStatus: JSON.stringify({ ...body, ServiceStatus: status }),
    };
  });
  return {
    nodes,
    services,
    tasks,
    expected: {
      nodes: size.nodes,
      down: down.length,
      services: size.services,
      underStrength: services.filter((_, at) => at % SHORT_EACH === 0).length,
    },
  };
}

const isDown = (at: number): boolean => at % DOWN_EACH === DOWN_EACH - 1;
const nodeName = (at: number): string => `node-${String(at + 1).padStart(4, '0')}`;
const serviceName = (at: number): string =>
  `${['shop', 'mail', 'search', 'billing'][at % 4]}_${['web', 'api', 'worker', 'cache'][(at >> 2) % 4]}-${at + 1}`;

/** 25 letters and digits, as an engine's IDs are. */
function id(kind: string, at: number): string {
  return `${kind}${at.toString(36).padStart(6, '0')}q1w2e3r4t5y6u7i8o9`;
}

function node(nodeId: string, at: number) {
  const manager = at < 5;
  const address = `10.${Math.floor(at / 250)}.${at % 250}.10`;
  const drivers = ['awslogs', 'fluentd', 'gcplogs', 'gelf', 'journald', 'json-file', 'local', 'logentries'];
  const networks = ['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'];
  return {
    ID: nodeId,
    Version: { Index: 1000 + at },
    CreatedAt: AT,
    UpdatedAt: AT,
    Spec: {
      Labels: { zone: 'abc'[at % 3], disk: at % 2 === 0 ? 'ssd' : 'hdd' },
      Role: manager ? 'manager' : 'worker',
      Availability: at % 100 === 42 ? 'drain' : 'active',
    },
    Description: {
      Hostname: nodeName(at),
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Resources: { NanoCPUs: 8_000_000_000, MemoryBytes: 33_567_227_904 },
      Engine: {
        EngineVersion: at % 200 === 7 ? '20.10.21' : '20.10.24',
        Labels: { rack: `r${at % 40}` },
        Plugins: [
          ...drivers.map((Name) => ({ Type: 'Log', Name })),
          ...networks.map((Name) => ({ Type: 'Network', Name })),
          { Type: 'Volume', Name: 'local' },
        ],
      },
      TLSInfo: {
        TrustRoot: `-----BEGIN CERTIFICATE-----\n${`${'MIIBajCCARCgAwIBAgIUKfzqkrhdQDk5'.repeat(2)}\n`.repeat(9)}-----END CERTIFICATE-----\n`,
        CertIssuerSubject: 'MBMxETAPBgNVBAMTCHN3YXJtLWNh',
        CertIssuerPublicKey: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE'.repeat(3),
      },
    },
    Status: isDown(at)
      ? { State: 'down', Message: 'heartbeat failure', Addr: address }
      : { State: 'ready', Addr: address },
    ...(manager
      ? {
          ManagerStatus: {
            ...(at === 0 ? { Leader: true } : {}),
            Reachability: 'reachable',
            Addr: `${address}:2377`,
          },
        }
      : {}),
  };
}

function taskTemplate(at: number) {
  const name = serviceName(at);
  return {
    ContainerSpec: {
      Image: `${IMAGES[at % IMAGES.length]}@${DIGEST}`,
      Labels: { 'com.docker.stack.namespace': name.split('_')[0] },
      Env: [
        `APP_NAME=${name}`,
        'LOG_LEVEL=info',
        'HTTP_PORT=8080',
        `DATABASE_URL=postgres://db.internal.example.com:5432/${name}`,
        'OTEL_EXPORTER_OTLP_ENDPOINT=http://collector.internal.example.com:4317',
      ],
      Privileges: { CredentialSpec: null, SELinuxContext: null },
      Mounts: [
        {
          Type: 'volume',
          Source: `${name}-data`,
          Target: '/var/lib/app',
          VolumeOptions: { Labels: { keep: 'yes' } },
        },
      ],
      StopGracePeriod: 10_000_000_000,
      Healthcheck: {
        Test: ['CMD-SHELL', 'curl -fsS http://127.0.0.1:8080/healthz || exit 1'],
        Interval: 10_000_000_000,
        Timeout: 3_000_000_000,
        Retries: 3,
      },
      DNSConfig: {},
      Isolation: 'default',
    },
    Resources: {
      Limits: { NanoCPUs: 500_000_000, MemoryBytes: 536_870_912 },
      Reservations: { NanoCPUs: 100_000_000, MemoryBytes: 134_217_728 },
    },
    RestartPolicy: { Condition: 'any', Delay: 5_000_000_000, MaxAttempts: 0 },
    Placement: {
      Constraints: ['node.role == worker', 'node.labels.disk == ssd'],
      Platforms: [
        { Architecture: 'amd64', OS: 'linux' },
        { Architecture: 'arm64', OS: 'linux' },
      ],
    },
    Networks: [{ Target: id('v', at % 8), Aliases: [name.split('_')[1]] }],
    ForceUpdate: 0,
    Runtime: 'container',
  };
}

function service(serviceId: string, at: number, replicas: number) {
  const update = {
    Parallelism: 1,
    Delay: 5_000_000_000,
    FailureAction: 'pause',
    Monitor: 5_000_000_000,
    MaxFailureRatio: 0,
    Order: 'stop-first',
  };
  const port = {
    Protocol: 'tcp',
    TargetPort: 8080,
    PublishedPort: 20_000 + at,
    PublishMode: 'ingress',
  };
  const spec = {
    Name: serviceName(at),
    Labels: { 'com.docker.stack.image': IMAGES[at % IMAGES.length], 'com.docker.stack.namespace': 'shop' },
    TaskTemplate: taskTemplate(at),
    Mode: { Replicated: { Replicas: replicas } },
    UpdateConfig: update,
    RollbackConfig: update,
    EndpointSpec: { Mode: 'vip', Ports: [port] },
  };
  return {
    ID: serviceId,
    Version: { Index: 5000 + at },
    CreatedAt: AT,
    UpdatedAt: AT,
    Spec: spec,
    PreviousSpec: spec,
    Endpoint: {
      Spec: spec.EndpointSpec,
      Ports: [port],
      VirtualIPs: [
        { NetworkID: id('v', 0), Addr: '10.0.0.5/24' },
        { NetworkID: id('v', at % 8), Addr: '10.1.0.5/24' },
      ],
    },
    UpdateStatus: {
      State: at % 90 === 1 ? 'paused' : 'completed',
      StartedAt: AT,
      CompletedAt: AT,
      Message:
        at % 90 === 1 ? 'update paused due to failure or early termination of task' : 'update completed',
    },
  };
}

function task(of: {
  at: number;
  slot: number;
  serviceId: string;
  nodeId: string;
  desired: TaskItem['desired'];
  pending: boolean;
}): TaskItem {
  const { at, slot, serviceId, nodeId, desired, pending } = of;
  const taskId = id(desired === 'running' ? 't' : 'o', at * 1000 + slot);
  const name = `${serviceName(at)}.${slot}.${taskId}`;
  const network = (index: number, ingress: boolean) => ({
    Network: {
      ID: id('v', index),
      Version: { Index: 20 + index },
      CreatedAt: AT,
      UpdatedAt: AT,
      Spec: {
        Name: ingress ? 'ingress' : `backbone-${index}`,
        Labels: {},
        DriverConfiguration: {},
        ...(ingress ? { Ingress: true } : {}),
        IPAMOptions: { Driver: {}, Configs: [{ Subnet: '10.0.0.0/16', Gateway: '10.0.0.1' }] },
        Scope: 'swarm',
      },
      DriverState: { Name: 'overlay', Options: { 'com.docker.network.driver.overlay.vxlanid_list': '4096' } },
      IPAMOptions: { Driver: { Name: 'default' }, Configs: [{ Subnet: '10.0.0.0/16', Gateway: '10.0.0.1' }] },
    },
    Addresses: [`10.0.${slot % 250}.${at % 250}/16`],
  });
  const body = {
    ID: taskId,
    Version: { Index: 9000 + at },
    CreatedAt: AT,
    UpdatedAt: AT,
    Labels: {},
    Spec: taskTemplate(at),
    ServiceID: serviceId,
    Slot: slot,
    ...(nodeId === '' ? {} : { NodeID: nodeId }),
    Status: pending
      ? {
          Timestamp: AT,
          State: 'pending',
          Message: 'pending task scheduling',
          Err: 'no suitable node (insufficient resources on 12 nodes; scheduling constraints not satisfied on 988 nodes)',
          PortStatus: {},
        }
      : {
          Timestamp: AT,
          State: 'running',
          Message: 'started',
          ContainerStatus: { ContainerID: DIGEST.slice(7), PID: 4000 + slot, ExitCode: 0 },
          PortStatus: {},
        },
    DesiredState: desired,
    NetworksAttachments: [network(0, true), network((at % 7) + 1, false)],
  };
  return { json: JSON.stringify(body), id: taskId, name, service: serviceId, node: nodeId, desired };
}
