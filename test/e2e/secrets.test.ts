import { randomBytes } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../demo/people.ts';
import { until } from '../../lab/until.ts';
import { createService, leftOut, startBench, type Bench } from './lab.ts';
import { allKeys, filesBelow, findSecrets, watchProcesses, type Places } from './leaks.ts';
import { monitorRedis } from './monitor.ts';

const VERIFICATION_TOKEN = 'verify4f1b9c2d7e5a8036';

const ANY_TOKEN = 'the beginning of a join token';

describe.skipIf(leftOut)(`secrets ${leftOut ?? ''}`, { timeout: 90_000 }, () => {
  let bench: Bench;
  let secrets: Record<string, string>;
  let redisCommands: Awaited<ReturnType<typeof monitorRedis>>;
  let processes: ReturnType<typeof watchProcesses>;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager', 'fedora-01', 'fedora-02', 'closed', 'off'],
      swarm: ['manager'],
      system: {
        env: { LOG_LEVEL: 'trace' },
        // Slack's limits on how fast a bot may write are another test's.
        slack: { tierScale: 100, verificationToken: VERIFICATION_TOKEN },
      },
    });
    const { lab, system } = bench;
    await createService(lab, 'manager', 'websky', 1);
    await Promise.all([lab.faults.dropPort('closed', 2377, 'tcp'), lab.faults.hostDies('off')]);
    const { JoinTokens: tokens } = (await lab.engine('manager').swarmInspect()) as {
      JoinTokens: { Worker: string; Manager: string };
    };
    const key = (await readFile(lab.sshKey, 'utf8'))
      .split('\n')
      .filter((line) => /^[\w+/=]{20,}$/.test(line));
    if (key.length < 4) throw new Error('The lab has no SSH key of several lines.');
    secrets = {
      'the join token for workers': tokens.Worker,
      'the join token for managers': tokens.Manager,
      [ANY_TOKEN]: 'SWMTKN-1',
      'the bot token': system.slack.botToken,
      'the app token': system.slack.appToken,
      'the signing secret': system.slack.signingSecret,
      'the verification token': VERIFICATION_TOKEN,
      QUEUE_SECRET: system.secret,
      'an environment value': randomBytes(12).toString('hex'),
      'a newer environment value': randomBytes(12).toString('hex'),
      ...Object.fromEntries(key.map((line, at) => [`line ${at + 1} of the SSH key`, line])),
    };
    redisCommands = await monitorRedis(system.redis.url);
    processes = watchProcesses();
  });
  afterAll(async () => {
    redisCommands?.stop();
    await processes?.stop();
    await bench?.stop();
  });

  /** Everything that Swarmkeeper wrote, kept, sent or started. */
  async function everywhere(): Promise<Places> {
    const { slack, redis } = bench.system;
    const channels = ['ops', 'alerts', 'random'].map((name) => slack.messages(name));
    return new Map([
      // The processes' logs, and Redis' files.
      ...[...(await filesBelow(bench.dir))].filter(([path]) => !path.endsWith('swarm.yaml')),
      // The hosts' own logs: sshd's and the engine's.
      ...(
        await Promise.all(
          bench.lab.hosts.map(({ name }) => filesBelow(join(bench.lab.dir, 'h', name, 'log'))),
        )
      ).flatMap((places) => [...places]),
      ...(await allKeys(redis.url)),
      ['a command to Redis', redisCommands.seen()],
      ['a call to Slack', Buffer.from(JSON.stringify(slack.calls.map(({ args }) => args)))],
      ['a message in Slack', Buffer.from(JSON.stringify(channels))],
      ['a command line', Buffer.from([...processes.commandLines].join('\n'))],
    ]);
  }

  it('are nowhere, after joins, a scale and every kind of failure', async () => {
    const { slack } = bench.system;
    for (const [line, says] of [
      ['join fedora-01 --label zone=a', 'fedora-01 has joined the swarm as a worker'],
      ['join fedora-02 --manager', 'fedora-02 has joined the swarm as a manager'],
      ['join closed', '2377/tcp from closed to fedora-02 and manager does not pass'],
      ['join off', 'Check that the host is up'],
      ['scale websky 4', 'all 4 tasks run'],
      ['scale websky 5 --timeout 1s', 'not everything worked'],
      ['scale nothing 4', 'No service is called nothing'],
      [`create web my-apache2:latest --env PASSWORD=${secrets['an environment value']}`, 'its task runs'],
      [`update web --env-add PASSWORD=${secrets['a newer environment value']}`, 'PASSWORD'],
      ['service web', 'PASSWORD'],
      ['why web', 'web'],
      ['rotate worker manager', 'new'],
      ['info manager', 'ClusterID'],
      ['frobnicate', 'There is no command "frobnicate"'],
    ] as const) {
      const { shown } = await command(slack, 'alice', `/swarm ${line}`, 60_000);
      expect(shown).toContain(says);
    }
    const places = await everywhere();
    // It is no search if nothing is there.
    for (const [place, known] of [
      ['worker-1.log', 'join fedora-02 as manager'],
      ['bot-1.log', '"msg":"ready"'],
      ['.incr.aof', '"title":"join fedora-02 --manager"'],
      ['the key', '"title\\":\\"join closed'],
      ['a command to Redis', 'join fedora-02 --manager'],
      ['a command line', 'src/worker.ts'],
      ['a command line', '--data-root'],
      ['a call to Slack', '2377/tcp from closed'],
      ['a message in Slack', 'all 4 tasks run'],
    ] as const) {
      const there = [...places].some(([name, bytes]) => name.includes(place) && bytes.includes(known));
      expect(there, `${place} has ${known}`).toBe(true);
    }
    // Command lines are the whole machine's: another lab's tests may join by hand, with tokens of their own.
    const { [ANY_TOKEN]: anyToken = '', ...ownSecrets } = secrets;
    expect(findSecrets(ownSecrets, places)).toEqual([]);
    places.delete('a command line');
    expect(findSecrets({ [ANY_TOKEN]: anyToken }, places)).toEqual([]);
  });

  it('would be found in each of the places', async () => {
    const { lab, system, dir } = bench;
    const worker = secrets['the join token for workers'] ?? '';
    const redis = new Redis({ path: system.redis.url.slice('unix://'.length) });
    await redis.hset('planted', 'token', worker);
    await redis.publish('planted', secrets['QUEUE_SECRET'] ?? '');
    redis.disconnect();
    await system.slack.say('alice', 'ops', `It is ${secrets['the signing secret']}`);
    await appendFile(join(dir, 'worker-1.log'), `${secrets['line 3 of the SSH key']}\n`);
    // Somebody types the token on a host while nobody looks for it there.
    const typing = lab.exec('fedora-01', ['sh', '-c', 'sleep 2', worker]);
    await until(() => [...processes.commandLines].some((line) => line.includes(worker)), {
      what: 'the command line to be seen',
      within: 10_000,
    });
    await typing;
    const found = findSecrets(secrets, await everywhere());
    expect(found).toEqual(
      expect.arrayContaining([
        'the join token for workers in the key planted',
        expect.stringMatching(/^the join token for workers in .*\.aof$/),
        'QUEUE_SECRET in a command to Redis',
        'the signing secret in a message in Slack',
        expect.stringMatching(/^line 3 of the SSH key in .*worker-1\.log$/),
        'the join token for workers in a command line',
      ]),
    );
  });
});
