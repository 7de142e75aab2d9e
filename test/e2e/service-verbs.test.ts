import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, type Answer } from '../../demo/people.ts';
import { openHosts } from '../../src/hosts/inventory.ts';
import type { OpenHosts } from '../../src/hosts/inventory.ts';
import { openSwarm } from '../../src/swarm/open-swarm.ts';
import type { Swarm } from '../../src/swarm/swarm.ts';
import { settingsOf } from '../hosts/lab-settings.ts';
import { crashed } from '../jobs/services/crashed.ts';
import { replicasOf, runningByNode } from './engines.ts';
import { leftOut, startBench, type Bench } from './lab.ts';
import { allKeys, filesBelow, findSecrets } from './leaks.ts';
import { refused } from './refused.ts';

const PASSWORD = 'open-sesame-4711';
const OTHER = 'abracadabra-0815';

const ENDED = /: (done|not everything worked|failed|refused|cancelled|expired)\./;

interface ServiceJson {
  ID: string;
  Version: { Index: number };
  Spec: {
    Labels: Record<string, string>;
    TaskTemplate: {
      ContainerSpec: { Image: string; Env?: string[] };
      Placement?: { Constraints?: string[] };
      ForceUpdate: number;
    };
    EndpointSpec: { Ports?: object[] };
    UpdateConfig?: object;
  };
}

describe.skipIf(leftOut)(`services ${leftOut ?? ''}`, { timeout: 90_000 }, () => {
  let bench: Bench;
  let hosts: OpenHosts;
  let swarm: Swarm;

  beforeAll(async () => {
    const names = ['manager', 'fedora-01', 'fedora-02'];
    bench = await startBench({
      hosts: names,
      swarm: names,
      // Slack's limits on how fast a bot may write are another test's.
      system: { env: { LOG_LEVEL: 'trace' }, slack: { tierScale: 100 } },
    });
    hosts = openHosts(settingsOf(bench.lab));
    swarm = openSwarm({ managers: ['manager'], hosts });
  }, 120_000);
  afterAll(async () => {
    await hosts?.close();
    await bench?.stop();
  }, 60_000);

  const type = (line: string): Promise<Answer> =>
    command(bench.system.slack, 'alice', `/swarm ${line}`, 60_000);
  const no = (line: string): Promise<string> => refused(bench.system.slack, line);
  const inspect = async (name: string) =>
    (await bench.lab.engine('manager').getService(name).inspect()) as ServiceJson;
  const total = async (name: string): Promise<number> =>
    Object.values(await runningByNode(bench.lab, name)).reduce((sum, count) => sum + count, 0);
  /** Waits for the card of another line than the last one typed. */
  const ended = async (line: string): Promise<string> => {
    const { slack } = bench.system;
    const card = await slack.waitFor(({ text }) => text.startsWith(`${line}:`) && ENDED.test(text), {
      channel: 'ops',
      timeoutMs: 60_000,
    });
    return slack.renderText(card);
  };
  /** A service made by hand whose tasks count as staying after a second. */
  async function byHand(name: string, replicas: number, change: object = {}, image = 'my-apache2:latest') {
    await bench.lab.engine('manager').createService({
      Name: name,
      TaskTemplate: { ContainerSpec: { Image: image } },
      Mode: { Replicated: { Replicas: replicas } },
      UpdateConfig: { Parallelism: 1, Monitor: 1e9, FailureAction: 'pause', Order: 'stop-first', ...change },
    });
  }
  const settled = (name: string) =>
    swarm
      .converge(name, { deadlineMs: 30_000, stableMs: 200 })
      .then(({ kind }) => expect(kind).toBe('converged'));

  it('create: as asked, waited for; once more it is so already; something else of the name is refused', async () => {
    const line = `create websky my-apache2 --replicas 2 -e PASSWORD=${PASSWORD} --env MODE=a -p published=18080,target=80,mode=host --constraint node.hostname!=manager --label team=web --mount type=volume,src=data,dst=/data --limit-memory 64m --update-monitor 1s`;
    const { shown, well } = await type(line);
    expect(well, shown).toBe(true);
    expect(shown).toContain('websky is created; all 2 tasks run.');
    expect(shown).toContain('--env PASSWORD=… --env MODE=…');
    expect(await runningByNode(bench.lab, 'websky')).toEqual({ 'fedora-01': 1, 'fedora-02': 1 });
    const { Spec } = await inspect('websky');
    expect(Spec).toMatchObject({
      Labels: { team: 'web' },
      TaskTemplate: {
        ContainerSpec: {
          Image: 'my-apache2:latest',
          Env: [`PASSWORD=${PASSWORD}`, 'MODE=a'],
          Mounts: [{ Type: 'volume', Source: 'data', Target: '/data' }],
        },
        Placement: { Constraints: ['node.hostname!=manager'] },
        Resources: { Limits: { MemoryBytes: 64 * 1024 ** 2 } },
      },
      EndpointSpec: {
        Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 18_080, PublishMode: 'host' }],
      },
    });

    const before = await inspect('websky');
    const again = await type(line);
    expect(again.shown).toContain('websky was there already, exactly so; all 2 tasks run.');
    expect((await inspect('websky')).Version).toEqual(before.Version);

    const other = await no(`service create --name websky my-apache2:2 -e PASSWORD=${OTHER}`);
    expect(other).toContain(
      'There is a service websky already, and it differs from this in image (it has my-apache2:latest)',
    );
    expect(other).toContain('env PASSWORD');
    expect(other).toContain('[Update it]');
    expect(other).not.toContain(OTHER);
    expect((await inspect('websky')).Version).toEqual(before.Version);
  });

  it('create refuses what the swarm cannot hold or does not have, and names what would do', async () => {
    const crowd = await no('create crowd my-apache2 --replicas 7 --max-per-node 2');
    expect(crowd).toContain('crowd cannot have 7 tasks: only 6 fit. 3 nodes take at most 2 each');
    const shy = await no('create shy my-apache2 --network backennd');
    expect(shy).toContain('No network is called backennd.');
    await byHand('proxy', 0);
    const ports = await inspect('proxy');
    await bench.lab
      .engine('manager')
      .getService('proxy')
      .update({
        version: ports.Version.Index,
        ...ports.Spec,
        EndpointSpec: { Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 18_443 }] },
      });
    const taken = await type('create second my-apache2 --publish 18443:80');
    expect(taken.shown).toContain('Port 18443 is published already, by the service proxy.');
    expect(await names()).not.toEqual(expect.arrayContaining(['crowd']));
  });
  const names = async () => (await swarm.services()).map(({ name }) => name);

  it('service: everything about it but the values of its environment', async () => {
    const { shown } = await type('service websky');
    for (const part of [
      'websky (replicated): 2 of 2 tasks run, image my-apache2:latest.',
      '`*:18080->80/tcp (host)`',
      '`node.hostname!=manager`',
      '`PASSWORD` and `MODE`',
      '`data -> /data`',
      '64 MiB',
      '`team=web`',
      'stop-first',
      'pause on failure',
      '[Tasks]',
    ])
      expect(shown).toContain(part);
    expect(shown).not.toContain(PASSWORD);
    expect(await no('service webskyy')).toContain('Did you mean websky?');
    expect((await type('service inspect websky')).well).toBe(true);
  });

  it('update: task by task with old and new, and says when it is so already', async () => {
    await byHand('api', 3);
    await settled('api');
    const { shown, well } = await type('update api --image my-apache2:2 --replicas 4 --label-add tier=2');
    expect(well, shown).toBe(true);
    expect(shown).toContain('api has a new image, number of replicas and label tier; all 4 tasks run.');
    expect(shown).toContain('• image: `my-apache2:latest` → `my-apache2:2`');
    expect(shown).toContain('• replicas: `3` → `4`');
    expect(await total('api')).toBe(4);
    const lines = progressLines('Wait until the tasks run and stay');
    expect(
      lines.some((line) => /\d of 4 running, \d of the old version/.test(line)),
      lines.join('\n'),
    ).toBe(true);
    const { Version, Spec } = await inspect('api');
    expect(Spec.TaskTemplate.ContainerSpec.Image).toBe('my-apache2:2');

    const again = await type('service update --image my-apache2:2 --replicas 4 api');
    expect(again.shown).toContain('api was so already; all 4 tasks run.');
    expect((await inspect('api')).Version).toEqual(Version);
  });
  /** What the cards said under a step while it ran, as Slack was told. */
  const progressLines = (title: string) =>
    bench.system.slack.calls
      .filter(({ method }) => method === 'chat.update')
      .flatMap(({ args }) => JSON.stringify(args).match(new RegExp(`${title}: [^"\\\\]*`, 'g')) ?? []);

  it('update: variables, ports and constraints; what restarts nothing says so', async () => {
    const { shown, well } = await type(
      `update websky --env-add PASSWORD=${OTHER} --env-rm MODE --publish-rm 80 --constraint-rm node.hostname!=manager --constraint-add node.role==worker`,
    );
    expect(well, shown).toBe(true);
    expect(shown).toContain('• env PASSWORD: changed');
    expect(shown).toContain('• env MODE: removed');
    expect(shown).toContain('• constraint node.role==worker: added');
    const { Spec } = await inspect('websky');
    expect(Spec.TaskTemplate.ContainerSpec.Env).toEqual([`PASSWORD=${OTHER}`]);
    expect(Spec.TaskTemplate.Placement?.Constraints).toEqual(['node.role==worker']);
    expect(Spec.EndpointSpec.Ports ?? []).toEqual([]);
    const quiet = await type('update websky --update-delay 2s --label-rm team');
    expect(quiet.shown).toContain('without a restart of its tasks');
    expect((await inspect('websky')).Spec).toMatchObject({
      Labels: {},
      UpdateConfig: { Delay: 2e9, Parallelism: 1, FailureAction: 'pause' },
    });
    const nowhere = await no('update websky --constraint-add node.labels.zone==a');
    expect(nowhere).toContain(
      'websky cannot have 2 tasks: no node can take one. 2 nodes do not meet the constraint node.labels.zone==a',
    );
    expect(nowhere).toMatch(/\[Label fedora-0\d zone=a\]/);
    const first = await no('create first my-apache2:latest --constraint node.labels.zone==a');
    expect(first).toContain('Give a node the label zone=a, or leave the constraint out.');
    expect(first).toMatch(/\[Label fedora-0\d zone=a\]/);
    expect(first).not.toContain('--replicas');
    expect(await no('update nope --image x:1')).toContain('No service is called nope.');
    expect(await no('update websky')).toContain('What shall change about websky?');
  });

  it('update to an image that nobody has pauses: told with the task’s words; Roll back mends it', async () => {
    await byHand('shop', 2);
    await settled('shop');
    const { shown, well } = await type('update shop --image nobody-has:1');
    expect(well, shown).toBe(false);
    expect(shown).toContain('The update of shop is paused: 0 of 2 tasks run the new version, 1 the old one.');
    expect(shown).toMatch(/• 1 task rejected on [\w-]+: `No such image: nobody-has:1`/);
    expect(shown).toContain('[Roll back]');
    expect((await type('service shop')).shown).toContain('Its update is paused');

    await bench.system.slack.press('alice', 'Roll back');
    const back = await ended('rollback shop');
    expect(back).toContain('shop is what it was before; all 2 tasks run.');
    expect(back).toContain('It took back:');
    expect(back).toContain('• image: `nobody-has:1` → `my-apache2:latest`');
    expect((await inspect('shop')).Spec.TaskTemplate.ContainerSpec.Image).toBe('my-apache2:latest');
    expect(await total('shop')).toBe(2);
  });

  it('an update that the swarm takes back by itself is no success, and the task’s words are kept', async () => {
    await byHand('till', 2, { FailureAction: 'rollback' });
    await settled('till');
    const { shown, well } = await type('update till --image nobody-has:2');
    expect(well, shown).toBe(false);
    expect(shown).toContain(
      'The update of till failed, and the swarm went back to what was before; all 2 tasks run.',
    );
    expect(shown).toContain('No such image: nobody-has:2');
  });

  it('restart starts every task anew; in docker’s spelling as well', async () => {
    const before = await tasks('shop');
    const { shown, well } = await type('restart shop');
    expect(well, shown).toBe(true);
    expect(shown).toContain('All tasks of shop were started anew; all 2 tasks run.');
    const after = await tasks('shop');
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect((await type('service update --force shop')).shown).toContain(
      'All tasks of shop were started anew',
    );
    expect((await tasks('shop')).filter((id) => after.includes(id))).toEqual([]);
  });
  const tasks = async (name: string) => (await swarm.tasks({ service: name })).map(({ id }) => id);

  it('rollback has nothing to go back to for a service that was never changed', async () => {
    await byHand('fresh', 1);
    expect(await no('rollback fresh')).toContain('There is nothing to roll fresh back to');
    expect(await no('service update --rollback fresh')).toContain('There is nothing to roll fresh back to');
  });

  it('a job is not updated: it runs to its end', async () => {
    await bench.lab.engine('manager').createService({
      Name: 'nightly',
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' } },
      Mode: { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1 } },
    });
    const { Version } = await inspect('nightly');
    for (const line of [
      'restart nightly',
      'update nightly --image x:1',
      'rollback nightly',
      'scale nightly 2',
    ])
      expect(await no(line)).toMatch(/nightly is a (job|replicated-job service)/);
    expect((await inspect('nightly')).Version).toEqual(Version);
  });

  it('an update on what somebody else has just changed wins, and says what they had set', async () => {
    await byHand('race', 1);
    const plan = await swarm.planUpdate('race', { image: 'my-apache2:2', envAdd: ['KEY=ours'] });
    const theirs = await swarm.planUpdate('race', {
      image: 'my-redis:latest',
      envAdd: ['KEY=theirs'],
      labelAdd: { a: 'b' },
    });
    await swarm.updateService(
      'race',
      { image: 'my-redis:latest', envAdd: ['KEY=theirs'], labelAdd: { a: 'b' } },
      theirs,
    );
    const change = { image: 'my-apache2:2', envAdd: ['KEY=ours'] };
    expect(await swarm.updateService('race', change, plan)).toEqual({
      meanwhile: [
        { field: 'image', from: 'my-apache2:latest', to: 'my-redis:latest', secret: false },
        { field: 'env KEY', from: null, to: '', secret: true },
      ],
    });
    expect((await inspect('race')).Spec).toMatchObject({
      Labels: { a: 'b' },
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:2', Env: ['KEY=ours'] } },
    });
    expect(JSON.stringify(plan)).not.toContain('ours');
  });

  describe.concurrent('after a crash right behind the change', () => {
    const context = () => ({ swarm, hosts });

    it('a forced restart has restarted once', async () => {
      await byHand('once', 1);
      const result = await crashed('restart', { name: 'once', deadlineMs: 30_000 }, context());
      expect(result).toMatchObject({ service: 'once', restarted: true, convergence: { kind: 'converged' } });
      expect((await inspect('once')).Spec.TaskTemplate.ForceUpdate).toBe(1);
    });

    it('a rollback has not gone forward again', async () => {
      await byHand('back', 1);
      const change = { image: 'my-apache2:2' };
      await swarm.updateService('back', change, await swarm.planUpdate('back', change));
      await settled('back');
      const result = await crashed('rollback', { name: 'back', deadlineMs: 30_000 }, context());
      expect(result).toMatchObject({
        changes: [{ field: 'image', from: 'my-apache2:2', to: 'my-apache2:latest' }],
        convergence: { kind: 'converged' },
      });
      expect((await inspect('back')).Spec.TaskTemplate.ContainerSpec.Image).toBe('my-apache2:latest');
    });

    it('an update tells what it has changed, and a create and a removal are done', async () => {
      await byHand('kept', 1);
      const updated = await crashed(
        'update',
        { name: 'kept', change: { envAdd: ['A=1'] }, anyway: false, deadlineMs: 30_000 },
        context(),
      );
      expect(updated).toMatchObject({ changes: [{ field: 'env A', secret: true }], meanwhile: [] });
      const wanted = {
        name: 'made',
        image: 'my-redis',
        replicas: 1,
        env: [],
        labels: {},
        constraints: [],
        ports: [],
        mounts: [],
        networks: [],
        reserve: {},
        limit: {},
        maxPerNode: 0,
      };
      const created = await crashed('create', { wanted, anyway: false, deadlineMs: 30_000 }, context());
      expect(created).toMatchObject({ already: false, convergence: { kind: 'converged', running: 1 } });
      const removed = await crashed('rm', { services: ['made', 'kept'], deadlineMs: 30_000 }, context());
      expect(removed).toMatchObject({ services: [{ ok: true }, { ok: true }] });
      expect(await names()).not.toEqual(expect.arrayContaining(['made']));
    });
  });

  it('rm: gone when its tasks are gone; a name that never was gets the nearest', async () => {
    expect(await no('rm webskyy api')).toContain('Did you mean websky?');
    expect(await replicasOf(bench.lab, 'api')).toBe(4);
    const { shown, well } = await type('rm websky api');
    expect(well, shown).toBe(true);
    expect(shown).toContain('websky is removed; its 2 tasks are gone.');
    expect(shown).toContain('api is removed; its 4 tasks are gone.');
    const containers = await Promise.all(
      bench.lab.hosts.map(({ name }) =>
        bench.lab.engine(name).listContainers({ filters: { label: ['com.docker.swarm.service.name=api'] } }),
      ),
    );
    expect(containers.flat()).toEqual([]);
    expect(await no('service rm api')).toContain('No service is called api.');
  });

  it('no value of an environment variable is anywhere but in the engines', async () => {
    const { slack, redis } = bench.system;
    const places = new Map([
      // Logs, and every change that Redis was told.
      ...(await filesBelow(bench.dir)),
      ...(await allKeys(redis.url)),
      ['a call to Slack', Buffer.from(JSON.stringify(slack.calls.map(({ args }) => args)))],
      ['a message in Slack', Buffer.from(JSON.stringify(slack.messages('ops')))],
    ]);
    // It is no search if nothing is there.
    for (const place of ['.incr.aof', 'worker-1.log', 'the key ', 'a call to Slack']) {
      const there = [...places].some(
        ([name, bytes]) => name.includes(place) && bytes.includes('env PASSWORD'),
      );
      expect(there, place).toBe(true);
    }
    expect(findSecrets({ 'the first value': PASSWORD, 'the second value': OTHER }, places)).toEqual([]);
  });
});
