/** Rows 29, 31 to 36, 39, 41, 42 and 44: where tasks can run and what becomes of updates, caused in a real swarm. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../lab/until.ts';
import type { JobResult } from '../../../src/jobs/index.ts';
import type { Swarm } from '../../../src/swarm/swarm.ts';
import { noLab, unlessLeftOut } from '../../lab/able.ts';
import {
  command,
  lines,
  Recorder,
  startGround,
  taskError,
  thrownBy,
  expectWhy,
  type Ground,
} from './ground.ts';
import { holdPort } from './hold-port.ts';
import { changeService, createService, readService, runs } from './services.ts';

const HOSTS = ['manager', 'fedora-01', 'fedora-02'];
/** A port of the host itself, with room for one task on each node. */
const HOST_PORT = { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' };

describe.skipIf(noLab)(`services that cannot run${unlessLeftOut}`, { timeout: 60_000 }, () => {
  const recorder = new Recorder('placing');
  const expectRow = recorder.expectRow.bind(recorder);
  let ground: Ground;
  let swarm: Swarm;

  beforeAll(async () => {
    ground = await startGround({ hosts: HOSTS, swarm: HOSTS });
    swarm = ground.swarm('manager');
    await recorder.of(ground, 'manager');
    const { lab } = ground;
    // All at once: each takes its time to fail, or to be seen not to come.
    await Promise.all([
      createService(lab, 'constrained', { task: { Placement: { Constraints: ['node.labels.zone==a'] } } }),
      createService(lab, 'greedy', { task: { Resources: { Reservations: { MemoryBytes: 1e15 } } } }),
      createService(lab, 'foreign', {
        task: { Placement: { Platforms: [{ Architecture: 's390x', OS: 'linux' }] } },
      }),
      createService(lab, 'ported', { replicas: 4, spec: { EndpointSpec: { Ports: [HOST_PORT] } } }),
      createService(lab, 'limited', { replicas: 4, task: { Placement: { MaxReplicas: 1 } } }),
      createService(lab, 'mixed', {
        replicas: 3,
        task: { Placement: { MaxReplicas: 1, Constraints: ['node.role==worker'] } },
      }),
      createService(lab, 'imageless', { replicas: 2, image: 'my-apache3:latest' }),
      createService(lab, 'websky', {
        replicas: 2,
        spec: { UpdateConfig: { Parallelism: 1, FailureAction: 'pause', Monitor: 1e9 } },
      }),
      createService(lab, 'everywhere', { spec: { Mode: { Global: {} } } }),
      crowded(),
      overlapping(),
    ]);
  });
  afterAll(async () => {
    await recorder.keep();
    await ground?.stop();
  });

  /** Six addresses, of which the network itself, the service and each node with a task on it take one. */
  async function crowded(): Promise<void> {
    const { lab } = ground;
    await lab.engine('manager').createNetwork({
      Name: 'crowded',
      Driver: 'overlay',
      IPAM: { Config: [{ Subnet: '10.77.0.0/29' }] },
    });
    await createService(lab, 'crowd', { replicas: 8, task: { Networks: [{ Target: 'crowded' }] } });
  }

  async function overlapping(): Promise<void> {
    const { lab } = ground;
    const overlay = (name: string, subnet: string) => ({
      Name: name,
      Driver: 'overlay',
      IPAM: { Config: [{ Subnet: subnet }] },
    });
    await lab.engine('manager').createNetwork(overlay('first', '10.78.0.0/24'));
    await lab.engine('manager').createNetwork(overlay('second', '10.78.0.0/16'));
    await createService(lab, 'overlapped', { task: { Networks: [{ Target: 'second' }] } });
  }

  /** What the tasks say is the row, and `why` gives it as the first reason. */
  const expectOf = async (row: number, service: string) => {
    expectRow(row, `ps ${service}`, await taskError(swarm, service), { service });
    return await expectWhy(ground, ['manager'], service, row);
  };

  test('row 31: a constraint that no node meets', async () => {
    const said = await expectOf(31, 'constrained');
    expect(said.cause).toContain('node.labels.zone==a');
    expect(lines(said)[0]).toMatch(/^label (manager|fedora-0[12]) zone=a$/);
  });

  test('row 32: a reservation that no node has room for', async () => {
    const said = await expectOf(32, 'greedy');
    expect(said.cause).toContain('3 nodes have less CPU or memory left unreserved');
  });

  test('row 33: an image for another platform', async () => {
    await expectOf(33, 'foreign');
  });

  test('row 34: a port in host mode is taken on every node', async () => {
    const said = await expectOf(34, 'ported');
    expect(lines(said)).toContain('scale ported 3');
  });

  test('row 34: a port in host mode is taken by a program that the swarm does not know', async () => {
    const { lab } = ground;
    await holdPort(lab, 'fedora-02', 8099, 'tcp');
    const spec = { EndpointSpec: { Ports: [{ ...HOST_PORT, PublishedPort: 8099 }] } };
    await createService(lab, 'occupied', { on: 'fedora-02', spec });
    const said = expectRow(34, 'ps occupied', await taskError(swarm, 'occupied'), {
      service: 'occupied',
      nodes: ['fedora-02'],
    });
    expect(said.cause).toContain('Something else on fedora-02 uses the port');
  });

  test('row 35: more replicas than the limit on one node allows', async () => {
    const said = await expectOf(35, 'limited');
    expect(lines(said)).toContain('scale limited 3');
    await expectOf(35, 'mixed');
  });

  test('row 36: an image that the nodes have not and cannot pull', async () => {
    const said = await expectOf(36, 'imageless');
    expect(said.cause).toContain('my-apache3:latest');
    expect(said.advice).toContain('docker pull my-apache3:latest');
  });

  test('row 42: a global service has no number of replicas', async () => {
    const { lab } = ground;
    const cli = await lab.exec('manager', ['docker', 'service', 'scale', 'everywhere=2']);
    expectRow(42, 'docker service scale everywhere=2', cli.stderr.trim(), { service: 'everywhere' });
    const line = 'scale everywhere 2';
    expectRow(42, line, await thrownBy(command(ground, ['manager'], line)));
  });

  test('row 41: somebody else was faster, each time', async () => {
    const { lab } = ground;
    await runs(lab, 'websky', 2);
    const { Version, Spec } = await readService(lab, 'websky');
    const stale = () =>
      lab
        .engine('manager')
        .getService('websky')
        .update({ _query: { version: Version.Index }, _body: { ...Spec, Labels: { by: 'somebody' } } });
    await stale();
    expectRow(41, 'service update with the version before', await thrownBy(stale()), {
      service: 'websky',
      doing: 'update',
    });
    // The project's own change reads again, and gets through.
    await swarm.scale('websky', 3);
    await runs(lab, 'websky', 3);
  });

  test('row 44: an update that stops half-way, and what made it stop', async () => {
    const { lab } = ground;
    await runs(lab, 'websky', 2);
    await changeService(lab, 'websky', (spec) => ({
      ...spec,
      TaskTemplate: { ...spec.TaskTemplate, ContainerSpec: { Image: 'my-apache2:none' } },
    }));
    const { updateMessage } = await until(
      async () => {
        const service = await swarm.service('websky');
        return service.updateState === 'paused' && service;
      },
      { what: 'the update of websky to be paused', within: 30_000, every: 200 },
    );
    const said = expectRow(44, 'service websky', updateMessage, { service: 'websky' });
    expect(lines(said)).toContain('rollback websky');
    expectRow(36, 'ps websky', await taskError(swarm, 'websky'), { service: 'websky' });
    const { answers } = (await command(ground, ['manager'], 'why websky')) as JobResult<'why'>;
    expect(answers[0]?.reasons.map(({ row }) => row)).toEqual(expect.arrayContaining([36, 44]));
  });

  test('row 29: two networks of one range', async () => {
    const { lab } = ground;
    const range = (name: string, subnet: string) => ({
      Name: name,
      Driver: 'bridge',
      IPAM: { Config: [{ Subnet: subnet }] },
    });
    const engine = lab.engine('fedora-01');
    await engine.createNetwork(range('narrow', '10.79.0.0/24'));
    const refused = await thrownBy(engine.createNetwork(range('wide', '10.79.0.0/16')));
    expectRow(29, 'network create on fedora-01', refused, { host: 'fedora-01' });
    // An overlay network of a range that is taken is created all the same; only the log says that it cannot be used.
    const overlaps = /failed allocating pools [^"]*Pool overlaps[^"]*/;
    const log = await until(
      async () => overlaps.exec((await lab.exec('manager', ['cat', '/var/log/dockerd.log'])).stdout)?.[0],
      { what: 'the manager to complain of the range', within: 20_000, every: 200 },
    );
    expectRow(29, "the manager's log", log, { service: 'overlapped' });
  });

  test('row 39: an overlay network without a free address', async () => {
    // At first only the manager's log speaks: the tasks stay in New, or are prepared in vain for half a minute.
    const { lab } = ground;
    const full = /could not find an available IP/;
    const log = await until(
      async () => full.exec((await lab.exec('manager', ['cat', '/var/log/dockerd.log'])).stdout)?.[0],
      { what: 'the manager to run out of addresses', within: 20_000, every: 200 },
    );
    expectRow(39, "the manager's log", log, { service: 'crowd' });
    expectRow(39, 'ps crowd', await taskError(swarm, 'crowd'), { service: 'crowd' });
    await expectWhy(ground, ['manager'], 'crowd', 39);
  });
});
