/** Rows 6, 21, 22, 25, 27, 28, 36 to 38, 43, 45 to 48: hosts and images, caused on real hosts. */
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRegistry, type Registry } from '../../../lab/registry.ts';
import { until } from '../../../lab/until.ts';
import type { JobResult } from '../../../src/jobs/index.ts';
import type { Swarm } from '../../../src/swarm/swarm.ts';
import { noLab, unlessLeftOut } from '../../lab/able.ts';
import {
  command,
  lines,
  nodeIn,
  Recorder,
  sideBySide,
  startGround,
  taskError,
  thrownBy,
  expectWhy,
  type Ground,
} from './ground.ts';
import { holdPort } from './hold-port.ts';
import { changeService, createService, runs, tasksOf } from './services.ts';

const TROUBLED = ['dying', 'rejoined', 'frozen', 'hung', 'cut-off', 'taken', 'small', 'drained'];
const MANAGERS = ['manager'];
/** The kernel has ip_vs, or can load it: then the routing mesh works, as it should. */
const mayBalance = ['/proc/net/ip_vs', `/lib/modules/${release()}`].some((path) => existsSync(path));
/** Where nothing is wrong. */
const STEADY = TROUBLED.map((host) => `node.hostname!=${host}`);

describe.skipIf(noLab)(`hosts in trouble${unlessLeftOut}`, { timeout: 90_000 }, () => {
  const recorder = new Recorder('nodes');
  const expectRow = recorder.expectRow.bind(recorder);
  let ground: Ground;
  let swarm: Swarm;
  let limited: Registry;
  let silent: Registry;
  let begun: ReturnType<typeof beginAll>;

  beforeAll(async () => {
    const hosts = ['manager', 'pulling', ...TROUBLED];
    ground = await startGround({ hosts: [...hosts, 'late'], swarm: hosts });
    swarm = ground.swarm('manager');
    await recorder.of(ground, 'manager');
    begun = beginAll();
  });
  afterAll(async () => {
    await recorder.keep();
    await silent?.close();
    await limited?.close();
    await ground?.stop();
  });

  const beginAll = () =>
    sideBySide({
      dying: async () => {
        await ground.lab.faults.engineDies('dying');
        return await nodeIn(swarm, 'dying', 'down');
      },
      rejoined: async () => {
        const { lab } = ground;
        const { id } = await nodeIn(swarm, 'rejoined', 'ready');
        await lab.engine('rejoined').swarmLeave({ force: true });
        await lab.join('rejoined', 'manager');
        await nodeIn(swarm, 'rejoined', 'down');
        return id;
      },
      frozen: async () => {
        await ground.lab.faults.hangs('frozen', 'containerd');
        return await expectWhy(ground, MANAGERS, 'frozen', 22);
      },
      leaves: async () => {
        const { lab, hosts } = ground;
        await createService(lab, 'on-hung', { on: 'hung' });
        await runs(lab, 'on-hung');
        // Connected before, for a new connection begins with a question that hangs as well.
        await hosts.host('hung').info();
        await lab.faults.hangs('hung', 'containerd');
        return await thrownBy(hosts.host('hung').leaveSwarm({ force: false }));
      },
      cutOff: async () => {
        const { lab } = ground;
        await createService(lab, 'moving', { on: 'cut-off' });
        await runs(lab, 'moving');
        // Only the way to the managers is blocked: the containers, and SSH, go on.
        await lab.faults.dropPort('cut-off', 2377, 'tcp', 'out');
        await nodeIn(swarm, 'cut-off', 'down');
        await changeService(lab, 'moving', (spec) => ({
          ...spec,
          TaskTemplate: { ...spec.TaskTemplate, Placement: { Constraints: ['node.role==manager'] } },
        }));
        await until(
          async () =>
            (await tasksOf(lab, 'moving')).some(
              ({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'running',
            ),
          { what: 'the service to run elsewhere', within: 30_000, every: 200 },
        );
      },
      taken: async () => {
        const { lab } = ground;
        await holdPort(lab, 'taken', 4789, 'udp');
        await lab.engine('manager').createNetwork({ Name: 'overlay', Driver: 'overlay' });
        await createService(lab, 'on-taken', { on: 'taken', task: { Networks: [{ Target: 'overlay' }] } });
        return await taskError(swarm, 'on-taken');
      },
      drained: async () => {
        const { lab } = ground;
        await createService(lab, 'pinned', { on: 'drained' });
        await runs(lab, 'pinned');
        const { id } = await nodeIn(swarm, 'drained', 'ready');
        await swarm.updateNode(id, { availability: 'drain' });
      },
      slowCreate: async () => {
        silent = await startRegistry(ground.lab, ['manager'], 'silence');
        const create = `docker service create --detach --name asked ${silent.address}/my-apache2:latest`;
        return await ground.lab.exec('manager', ['timeout', '5', 'sh', '-c', create]);
      },
      small: async () => {
        await ground.lab.faults.diskShrinks('small', 4);
        return await thrownBy(ground.lab.loadImages(['small']));
      },
    });

  test.skipIf(mayBalance)('row 28: a kernel without ip_vs', async () => {
    const { lab } = ground;
    await createService(lab, 'meshed', {
      on: 'pulling',
      spec: { EndpointSpec: { Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8088 }] } },
    });
    const missing = /Could not get ipvs family[^"]*/;
    const log = await until(
      async () => missing.exec((await lab.exec('pulling', ['cat', '/var/log/dockerd.log'])).stdout)?.[0],
      { what: 'the engine to miss ip_vs', within: 20_000, every: 200 },
    );
    expectRow(28, "the engine's log", log, { host: 'pulling' });
  });

  test('row 38: a registry that lets nobody pull more, and row 36: what the task says of it', async () => {
    const { lab, hosts } = ground;
    limited = await startRegistry(lab, ['pulling'], 'rate-limit');
    const image = `${limited.address}/my-apache2:latest`;
    const docker = await hosts.host('pulling').docker();
    const refused = await thrownBy(docker.pull(image));
    expectRow(38, 'image pull', refused, { service: 'websky' });
    await createService(lab, 'pulled', { on: 'pulling', image });
    expectRow(36, 'ps pulled', await taskError(swarm, 'pulled'), { service: 'pulled' });
    await expectWhy(ground, MANAGERS, 'pulled', 36);
  });

  test('row 37: a registry that does not answer holds up who asks it, and nobody else', async () => {
    const { code } = await begun.slowCreate;
    expect(code).toBe(124);
    expect(silent.asked.some((asked) => asked.startsWith('HEAD /v2/') || asked === 'GET /v2/')).toBe(true);
    // What Swarmkeeper creates does not ask.
    const before = silent.asked.length;
    await createService(ground.lab, 'unasked', { image: `${silent.address}/my-apache2:latest`, replicas: 0 });
    expect(silent.asked.length).toBe(before);
    // One that refuses is said to be away, in lines of some 80 letters.
    const create = 'docker service create --detach --replicas 0 --name away 127.0.0.1:9/my-apache2:latest';
    const { stderr } = await ground.lab.exec('manager', ['sh', '-c', create]);
    expectRow(37, 'docker service create', stderr.trim(), { service: 'away', doing: 'create' });
  });

  test('row 45: a node that has just joined stays empty', async () => {
    const { lab } = ground;
    await createService(lab, 'spread', { replicas: 3, task: { Placement: { Constraints: STEADY } } });
    await runs(lab, 'spread', 3);
    await lab.join('late', 'manager');
    const said = await expectWhy(ground, MANAGERS, 'late', 45);
    expect(lines(said)).toContain('rebalance spread');
    expectRow(45, 'nodes', '', { node: 'late', emptyNode: true, service: 'spread' });
  });

  test('row 46: a drain takes away the only node that a service can use', async () => {
    await begun.drained;
    const said = await expectWhy(ground, MANAGERS, 'pinned', 46);
    expect(lines(said)).toContain('activate drained');
    expectRow(46, 'ps pinned', await taskError(swarm, 'pinned'), {
      service: 'pinned',
      closedFor: ['drained'],
    });
  });

  test('row 43: a deploy takes back what was scaled from chat', async () => {
    const { lab } = ground;
    const compose = [
      'version: "3.8"',
      'services:',
      '  web:',
      '    image: my-apache2:latest',
      `    deploy: {replicas: 1, placement: {constraints: ${JSON.stringify(STEADY)}}}`,
    ];
    const deploy =
      'printf "%s\\n" "$@" >/tmp/shop.yaml && docker stack deploy --resolve-image never -c /tmp/shop.yaml shop';
    const deploys = () => lab.exec('manager', ['sh', '-c', deploy, 'sh', ...compose]);
    expect(await deploys()).toMatchObject({ code: 0 });
    await runs(lab, 'shop_web');
    await swarm.scale('shop_web', 3, undefined, { fromChat: true });
    expect(await deploys()).toMatchObject({ code: 0 });
    const said = await expectWhy(ground, MANAGERS, 'shop_web', 43);
    expect(lines(said)).toContain('scale shop_web 3');
    expectRow(43, 'why shop_web', '', {
      service: 'shop_web',
      snappedBack: { from: 3, to: 1, stack: 'shop' },
    });
  });

  test('row 47: a full disk', async () => {
    expectRow(47, 'image load', await begun.small, { host: 'small' });
  });

  test('row 27: another program has the port of the overlay networks', async () => {
    expectRow(27, 'ps on-taken', await begun.taken, { service: 'on-taken', host: 'taken' });
    await expectWhy(ground, MANAGERS, 'on-taken', 27);
  });

  test('row 25: a leave that does not come to an end', async () => {
    expectRow(25, 'swarm leave', await begun.leaves, { host: 'hung', doing: 'leave' });
    await ground.lab.faults.goesOn('hung', 'containerd');
  });

  test('row 21: a node whose engine has died', async () => {
    const { message } = await begun.dying;
    expectRow(21, 'nodes', message, { node: 'dying', nodeState: 'down' });
    // The host itself tells more than the managers know.
    const { answers } = (await command(ground, MANAGERS, 'why dying')) as JobResult<'why'>;
    expect(answers[0]?.reasons[0]?.cause).toContain('The engine of dying does not run');
  });

  test('row 6: the host joins anew, and its old entry stays', async () => {
    const old = await begun.rejoined;
    const said = await expectWhy(ground, MANAGERS, 'rejoined', 6);
    expect(lines(said)).toEqual([`node rm ${old}`]);
    expectRow(6, 'nodes', '', { node: 'rejoined', ghosts: [old] });
  });

  test('row 22: a node that is ready and does nothing', async () => {
    expect(lines(await begun.frozen)).toContain('drain frozen');
    expectRow(22, 'nodes and info', '', { host: 'frozen', nodeState: 'ready', engine: 'silent' });
    await ground.lab.faults.goesOn('frozen', 'containerd');
  });

  test('row 48: what ran on a host that was cut off runs twice', async () => {
    const { lab } = ground;
    await begun.cutOff;
    const own = (await lab.engine('cut-off').listContainers()) as { State: string; Image: string }[];
    expect(own).toMatchObject([{ State: 'running' }]);
    expectRow(48, 'docker ps', '', { host: 'cut-off', strays: own.length });
    await lab.faults.passPort('cut-off', 2377, 'tcp');
    await until(async () => (await lab.engine('cut-off').listContainers()).length === 0, {
      what: 'the managers to have it stopped',
      within: 40_000,
      every: 200,
    });
  });
});
