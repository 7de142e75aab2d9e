import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserName } from '../../demo/lines.ts';
import { click, command, send } from '../../demo/people.ts';
import { until } from '../../lab/until.ts';
import { recordOf } from '../../src/audit/chain.ts';
import type { AuditEvent } from '../../src/audit/record.ts';
import { readForwards } from '../../src/audit/stream.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import { connectRedis } from '../../src/queue/redis.ts';
import { Secret } from '../../src/secret.ts';
import { ROLES } from './asking.ts';
import { createService, leftOut, startBench, type Bench } from './lab.ts';
import { allKeys, filesBelow, findSecrets, watchProcesses, type Places } from './leaks.ts';
import { monitorRedis } from './monitor.ts';

const VERIFICATION_TOKEN = 'verify4f1b9c2d7e5a8036';

const ANY_TOKEN = 'the beginning of a join token';

const composeFile = (value: string): string => `
services:
  web:
    image: my-apache2:latest
    environment: {DB_PASSWORD: ${value}}
    deploy: {replicas: 1}
`;

/** Has Redis write all that it knows into a file, uncompressed, beside the one that it appends to. */
async function rewriteFiles(url: string): Promise<void> {
  const redis = connectRedis(url, () => undefined);
  await redis.config('SET', 'rdbcompression', 'no');
  await redis.save();
  redis.disconnect();
}

describe.skipIf(leftOut)(`secrets ${leftOut ?? ''}`, { timeout: 240_000 }, () => {
  let bench: Bench;
  let auditDir: string;
  let auditFile: string;
  let secrets: Record<string, string>;
  let redisCommands: Awaited<ReturnType<typeof monitorRedis>>;
  let processes: ReturnType<typeof watchProcesses>;

  beforeAll(async () => {
    auditDir = await mkdtemp(join(tmpdir(), 'swarmkeeper-audit-'));
    auditFile = join(auditDir, 'audit.jsonl');
    bench = await startBench({
      hosts: ['manager', 'fedora-01', 'fedora-02', 'closed', 'off'],
      swarm: ['manager'],
      policy: {
        roles: ROLES,
        approvals: {},
        breakGlass: ['oncall'],
        channels: { alerts: 'C0ALERTS01' },
        audit: { reads: 'all' },
      },
      system: {
        env: { LOG_LEVEL: 'trace', AUDIT_LOG: auditFile },
        // Slack's limits on how fast a bot may write are another test's.
        slack: { tierScale: 100, verificationToken: VERIFICATION_TOKEN },
      },
    });
    const { lab, system } = bench;
    await createService(lab, 'manager', 'websky', 1);
    await Promise.all([lab.faults.dropPort('closed', 2377, 'tcp'), lab.faults.hostDies('off')]);
    const tokens = await joinTokens();
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
      'the unlock key': await unlockKey(),
      'an environment value': randomBytes(12).toString('hex'),
      'a value in a compose file': randomBytes(12).toString('hex'),
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
    if (auditDir) await rm(auditDir, { recursive: true, force: true });
  });

  async function joinTokens(): Promise<{ Worker: string; Manager: string }> {
    const swarm: unknown = await bench.lab.engine('manager').swarmInspect();
    return (swarm as { JoinTokens: { Worker: string; Manager: string } }).JoinTokens;
  }

  /** Of a swarm whose managers ask for it when they start: from now on this one. */
  async function unlockKey(): Promise<string> {
    await bench.lab.exec('manager', ['docker', 'swarm', 'update', '--autolock=true']);
    const { stdout } = await bench.lab.exec('manager', ['docker', 'swarm', 'unlock-key', '-q']);
    return stdout.trim();
  }

  /** As OpenSSH tells the key of this host that known_hosts has. */
  function knownKey(name: string): string {
    const { hosts, knownHosts } = bench.lab;
    const address = hosts.find((host) => host.name === name)?.address ?? '';
    const told = execFileSync('ssh-keygen', ['-lf', knownHosts, '-F', address], { encoding: 'utf8' });
    return /SHA256:\S+/.exec(told)?.[0] ?? 'no key';
  }

  async function audited(): Promise<AuditEvent[]> {
    const redis = connectRedis(bench.system.redis.url, () => undefined);
    const events: AuditEvent[] = [];
    for await (const entries of readForwards(redis))
      events.push(...entries.flatMap((entry) => recordOf(entry)?.event ?? []));
    redis.disconnect();
    return events;
  }

  /** Everything that Swarmkeeper wrote, kept, sent or started. */
  async function everywhere(): Promise<Places> {
    const { slack, redis } = bench.system;
    const names = ['ops', 'alerts', 'random', '@alice', '@bob', '@carol'];
    const channels = names.map((name) => (hasChannel(name) ? slack.messages(name) : []));
    const posted = await Promise.all(
      channels
        .flat()
        .flatMap(({ files }) => files)
        .map(async ({ name, url }) => {
          const answer = await fetch(new URL(url, slack.url));
          return [`the file ${name} in Slack`, Buffer.from(await answer.arrayBuffer())] as const;
        }),
    );
    return new Map([
      // The processes' logs, and Redis' files.
      ...[...(await filesBelow(bench.dir))].filter(([path]) => !path.endsWith('swarm.yaml')),
      ['the audit’s lines', await readFile(auditFile)],
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
      ...posted,
      ['a command line', Buffer.from([...processes.commandLines].join('\n'))],
      ['an environment of a host’s process', Buffer.from([...processes.environments].join('\n'))],
    ]);
  }

  /** The bot opens a direct message when it first writes there. */
  function hasChannel(name: string): boolean {
    try {
      return bench.system.slack.messages(name).length > 0;
    } catch {
      return false;
    }
  }

  it('are nowhere, after joins, approvals, a stack and every kind of failure', async () => {
    const { slack } = bench.system;
    const value = (name: string): string => secrets[name] ?? '';
    const say = async (line: string, says: string, user: UserName = 'alice'): Promise<void> => {
      const { shown } = await command(slack, user, `/swarm ${line}`, 60_000);
      expect(shown).toContain(says);
    };
    const press = async (label: string, says: string, user: UserName = 'bob'): Promise<void> => {
      const { shown } = await click(slack, user, label, 60_000);
      expect(shown).toContain(says);
    };
    await say('join fedora-01 --label zone=a', 'Approve');
    await press('Approve', 'fedora-01 has joined the swarm as a worker');
    await say(
      'join fedora-02 --manager --now --reason "two are too few"',
      'fedora-02 has joined the swarm as a manager',
      'carol',
    );
    await say('join closed', '2377/tcp from closed to fedora-02 and manager does not pass');
    await say('join off', 'Check that the host is up');
    await say('promote fedora-01', 'Approve');
    await press('Deny', 'Deny');
    expect((await send(slack, 'bob', 'not today')).shown).toContain('not today');
    await say('promote fedora-01', 'Approve');
    await press('Approve', 'fedora-01');
    await say('scale websky 4', 'all 4 tasks run');
    await say('scale websky 5 --timeout 1s', 'not everything worked');
    await say('scale nothing 4', 'No service is called nothing');
    await say(
      `create web my-apache2:latest --env PASSWORD=${value('an environment value')}`,
      'its task runs',
    );
    await say(`update web --env-add PASSWORD=${value('a newer environment value')}`, 'PASSWORD');
    await say('service web', 'PASSWORD');
    await say('why web', 'web');
    await slack.command('alice', 'ops', '/swarm stack deploy shop');
    await slack.until(() => slack.modals('alice')[0]);
    await slack.submitView('alice', { file: composeFile(value('a value in a compose file')) });
    await slack.waitFor(({ text }) => text.startsWith('stack deploy shop: done.'), {
      channel: 'ops',
      timeoutMs: 60_000,
    });
    await press('Deploy', 'Approve', 'alice');
    await press('Approve', 'shop is deployed');
    await say('rotate worker manager', 'Approve');
    await press('Approve', 'new');
    const newer = await joinTokens();
    secrets['the newer join token for workers'] = newer.Worker;
    secrets['the newer join token for managers'] = newer.Manager;
    expect(newer.Worker).not.toBe(secrets['the join token for workers']);
    await say('leave fedora-01', 'Approve');
    await press('Approve', 'fedora-01');
    await say('info manager', 'ClusterID');
    await say('frobnicate', 'There is no command "frobnicate"');
    await say('audit web', 'create web');
    await say('audit --export', 'as a file in a direct message');
    await slack.until(
      () => hasChannel('@alice') && slack.messages('@alice').find(({ files }) => files.length > 0),
    );
    await rewriteFiles(bench.system.redis.url);
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
      ['.rdb', 'join fedora-02 --manager'],
      ['the key {swarmkeeper}:audit', 'join fedora-02 --manager'],
      ['the audit’s lines', 'join fedora-02 --manager'],
      ['the file audit.jsonl in Slack', 'join fedora-02 --manager'],
      ['an environment of a host’s process', 'PATH='],
    ] as const) {
      const there = [...places].some(([name, bytes]) => name.includes(place) && bytes.includes(known));
      expect(there, `${place} has ${known}`).toBe(true);
    }
    // Command lines are the whole machine's: another lab's tests may join by hand, with tokens of their own.
    const { [ANY_TOKEN]: anyToken = '', ...ownSecrets } = secrets;
    // A container has its own values, as it should.
    const environments = places.get('an environment of a host’s process') ?? Buffer.from('');
    places.delete('an environment of a host’s process');
    expect(findSecrets(ownSecrets, places)).toEqual([]);
    const {
      'an environment value': _,
      'a newer environment value': __,
      'a value in a compose file': ___,
      ...keys
    } = ownSecrets;
    expect(findSecrets(keys, new Map([['an environment', environments]]))).toEqual([]);
    places.delete('a command line');
    expect(findSecrets({ [ANY_TOKEN]: anyToken }, places)).toEqual([]);
  });

  it('have left an audit that proves, of everything that was done', async () => {
    const events = await audited();
    const ofTitle = (title: string): AuditEvent[] =>
      events.filter((event) => 'title' in event && event.title === title);
    const names = (title: string): string[] => ofTitle(title).map(({ event }) => event);
    expect(names('join fedora-01 --label zone=a')).toEqual([
      'asked',
      'decided',
      'previewed',
      'approved',
      'started',
      ...Array.from({ length: names('join fedora-01 --label zone=a').length - 6 }, (_, at) =>
        at % 2 === 0 ? 'changing' : 'changed',
      ),
      'ended',
    ]);
    expect(ofTitle('join fedora-01 --label zone=a').at(-1)).toMatchObject({
      actor: { name: 'alice' },
      phase: 'done',
      hostKeys: { manager: knownKey('manager'), 'fedora-01': knownKey('fedora-01') },
    });
    const [asked, decided] = ofTitle('join fedora-02 --manager');
    expect(asked).toMatchObject({ event: 'asked', actor: { name: 'carol' }, reason: 'two are too few' });
    expect(decided).toMatchObject({ event: 'decided', outcome: 'break-glass' });
    expect(names('promote fedora-01').slice(0, 4)).toEqual(['asked', 'decided', 'previewed', 'denied']);
    expect(names('scale websky 4')).toEqual(['asked', 'decided', 'started', 'changing', 'changed', 'ended']);
    expect(events.filter(({ event }) => event === 'configuration')).toHaveLength(2);

    const redis = connectRedis(bench.system.redis.url, () => undefined);
    const verified = await verifyAudit(redis, new Secret(bench.system.secret), { files: [auditFile] });
    redis.disconnect();
    expect(verified.findings).toEqual([]);
    expect(verified.count).toBeGreaterThan(60);
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
    await lab.exec('fedora-01', ['env', `TOKEN=${worker}`, 'sleep', '2']);
    const found = findSecrets(secrets, await everywhere());
    expect(found).toEqual(
      expect.arrayContaining([
        'the join token for workers in the key planted',
        expect.stringMatching(/^the join token for workers in .*\.aof$/),
        'QUEUE_SECRET in a command to Redis',
        'the signing secret in a message in Slack',
        expect.stringMatching(/^line 3 of the SSH key in .*worker-1\.log$/),
        'the join token for workers in a command line',
        'the join token for workers in an environment of a host’s process',
      ]),
    );
  });
});
