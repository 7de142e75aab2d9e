import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Lab } from '../../lab/lab.ts';
import { attachLab, LAB_IMAGES, startLab } from '../../lab/lab.ts';
import { noLab, unlessLeftOut } from './able.ts';
import { overSsh } from './ssh.ts';

describe.skipIf(noLab)(`a swarm in a lab${unlessLeftOut}`, { timeout: 60_000 }, () => {
  let lab: Lab;

  beforeAll(async () => {
    const hosts = ['manager', 'fedora-01', 'fedora-02', 'fedora-03'];
    lab = await startLab({ hosts, swarm: hosts.slice(0, 3) });
  });
  afterAll(() => lab.down());

  interface Task {
    NodeID: string;
    DesiredState: string;
    Status: { State: string };
  }

  async function runningOn(service: string): Promise<string[]> {
    const filters = JSON.stringify({ service: [service], 'desired-state': ['running'] });
    const tasks = (await lab.engine('manager').listTasks({ filters })) as Task[];
    return tasks.filter((task) => task.Status.State === 'running').map((task) => task.NodeID);
  }

  test('runs three replicas on three hosts, and stops them without waiting out the grace', async () => {
    const manager = lab.engine('manager');
    await manager.createService({
      Name: 'websky',
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' } },
      Mode: { Replicated: { Replicas: 3 } },
    });
    await expect.poll(async () => new Set(await runningOn('websky')).size, { timeout: 20_000 }).toBe(3);
    const started = performance.now();
    await manager.getService('websky').remove();
    const containers = async () => {
      const lists = await Promise.all(
        ['manager', 'fedora-01', 'fedora-02'].map((h) => lab.engine(h).listContainers()),
      );
      return lists.flat().length;
    };
    await expect.poll(containers, { timeout: 9_000 }).toBe(0);
    expect(performance.now() - started).toBeLessThan(9_000);
  });

  test('serves a page on a port in host mode', async () => {
    const port = { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' } as const;
    const manager = lab.engine('manager');
    await manager.createService({
      Name: 'page',
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:2' } },
      Mode: { Global: {} },
      EndpointSpec: { Ports: [port] },
    });
    await expect.poll(async () => (await runningOn('page')).length, { timeout: 20_000 }).toBe(3);
    const answer = await fetch(`http://${lab.host('fedora-02').address}:8080/`);
    expect(await answer.text()).toContain('my-apache2:2');
    await manager.getService('page').remove();
  });

  test('every host has the images, the same ones, small and with layers in common', async () => {
    const lists = await Promise.all(lab.hosts.map((host) => lab.engine(host.name).listImages()));
    const described = lists.map((images) => images.map((i) => `${i.RepoTags?.[0] ?? ''} ${i.Id}`).toSorted());
    expect(described[0]?.map((line) => line.split(' ')[0])).toEqual([...LAB_IMAGES].toSorted());
    expect(new Set(described.map(String)).size).toBe(1);
    const layers = async (ref: string) =>
      (await lab.engine('manager').getImage(ref).inspect()).RootFS.Layers ?? [];
    const [one, two] = [await layers('my-apache2:latest'), await layers('my-redis:latest')];
    expect(one[0]).toBe(two[0]);
    expect(one[1]).not.toBe(two[1]);
  });

  test('my-redis answers, stubborn does not mind a SIGTERM', async () => {
    const engine = lab.engine('fedora-03');
    const redis = await engine.createContainer({
      Image: 'my-redis:latest',
      HostConfig: { NetworkMode: 'host' },
    });
    await redis.start();
    const ask = "printf 'PING\\r\\n' | timeout 2 busybox nc 127.0.0.1 6379";
    await expect.poll(async () => (await lab.exec('fedora-03', ['sh', '-c', ask])).stdout).toBe('+PONG\r\n');
    await redis.stop({ t: 8 });
    expect((await redis.inspect()).State.ExitCode).toBe(0);

    const stubborn = await engine.createContainer({ Image: 'stubborn:latest' });
    await stubborn.start();
    await stubborn.stop({ t: 1 });
    expect((await stubborn.inspect()).State.ExitCode).toBe(137);
  });

  test('is reached over ssh as a real host is: its name, its docker, its socket', async () => {
    const ssh = await overSsh(lab, 'fedora-01');
    expect((await ssh.exec('hostname')).trim()).toBe('fedora-01');
    expect((await ssh.exec("docker info --format '{{.Name}} {{.Swarm.LocalNodeState}}'")).trim()).toBe(
      'fedora-01 active',
    );
    expect(await ssh.get('/var/run/docker.sock', '/info')).toMatchObject({ Name: 'fedora-01' });
    ssh.client.end();
  });

  test('engines are told apart by their IDs', async () => {
    const infos = await Promise.all(
      lab.hosts.map((host) => lab.engine(host.name).info() as Promise<{ ID: string }>),
    );
    expect(new Set(infos.map((info) => info.ID)).size).toBe(lab.hosts.length);
  });

  test('a host keeps to itself: files in /etc, /tmp, /root, and processes', async () => {
    await lab.exec('fedora-01', [
      'sh',
      '-c',
      'for d in /etc /tmp /root /run /var/log /opt; do echo 1 >$d/skl-probe; done; mkdir -p /etc/docker && echo {} >/etc/docker/daemon.json',
    ]);
    const look = [
      'sh',
      '-c',
      'ls /etc/skl-probe /tmp/skl-probe /root/skl-probe /run/skl-probe /var/log/skl-probe /opt/skl-probe /etc/docker/daemon.json',
    ];
    expect((await lab.exec('fedora-01', look)).code).toBe(0);
    expect((await lab.exec('fedora-02', look)).stdout).toBe('');
    const engines = await lab.exec('fedora-01', ['sh', '-c', 'cat /proc/[0-9]*/comm | grep -c dockerd']);
    expect(engines.stdout.trim()).toBe('1');
  });

  test(
    'another process picks the lab up, adds a host, and makes it a manager',
    { timeout: 40_000 },
    async () => {
      const same = await attachLab(lab.name);
      const added = await same.addHost('fedora-04');
      expect(added.address).not.toBe(lab.host('fedora-03').address);
      await same.join('fedora-04', 'manager', 'manager');
      expect(await same.exec('fedora-04', ['hostname'])).toEqual({
        stdout: 'fedora-04\n',
        stderr: '',
        code: 0,
      });
      (await overSsh(same, 'fedora-04')).client.end();

      const folder = await mkdtemp(`${tmpdir()}/skl-config-`);
      await same.writeConfig(`${folder}/swarm.yaml`, { hosts: ['manager', 'fedora-03'] });
      expect(parse(await readFile(`${folder}/swarm.yaml`, 'utf8'))).toEqual({
        managers: ['manager', 'fedora-04'],
        ssh: { user: 'root', port: 22, key: lab.sshKey, knownHosts: lab.knownHosts },
        hosts: {
          manager: { address: lab.host('manager').address },
          'fedora-03': { address: lab.host('fedora-03').address },
        },
        roles: { everyone: { allow: ['read', 'change', 'destroy'] } },
        approvals: 'none',
      });
      await rm(folder, { recursive: true });
      await expect(attachLab('no-such-lab')).rejects.toThrow('npm run lab -- status');
    },
  );

  test('an image can be left out and loaded later', async () => {
    await using bare = await startLab({ hosts: ['a'], images: ['my-redis:latest'] });
    const tags = async () => (await bare.engine('a').listImages()).flatMap((image) => image.RepoTags ?? []);
    expect(await tags()).toEqual(['my-redis:latest']);
    await bare.loadImages(['a'], ['my-apache2:latest']);
    expect((await tags()).toSorted()).toEqual(['my-apache2:latest', 'my-redis:latest']);
    await expect(bare.loadImages(['a'], ['nginx:latest'])).rejects.toThrow('It makes my-apache2:latest');
  });
});
