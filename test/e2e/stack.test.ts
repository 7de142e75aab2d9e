import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, type Answer } from '../../demo/people.ts';
import { startSystem, type System } from '../../demo/system/system.ts';
import { startLab, type Lab } from '../../lab/lab.ts';
import { allKeys, filesBelow, findSecrets, type Places } from './leaks.ts';
import { leftOut } from './lab.ts';
import { monitorRedis } from './monitor.ts';
import { refused } from './refused.ts';
import { selfSigned } from './self-signed.ts';

const PASSWORD = 'correct-horse-battery';
const CONFIG = 'the-content-of-a-config';

const file = (replicas: number, { image = 'my-apache2:latest', more = '' } = {}): string => `
services:
  web:
    image: ${image}
    environment: {DB_PASSWORD: ${PASSWORD}, LEVEL: info}
    configs: [motd]
    links: [cache]
    deploy:
      replicas: ${replicas}
      update_config: {monitor: 1s}
  cache:
    image: my-redis:latest
    deploy: {update_config: {monitor: 1s}}
${more}
configs:
  motd: {content: ${CONFIG}}
`;

describe.skipIf(leftOut)(`/swarm stack ${leftOut ?? ''}`, { timeout: 90_000 }, () => {
  let dir: string;
  let lab: Lab;
  let system: System;
  let git: Server;
  let origin: string;
  /** What the Git server answers, by path. */
  const served = new Map<string, { status?: number; location?: string; type?: string; body?: string }>();
  const requested: string[] = [];
  let redisCommands: Awaited<ReturnType<typeof monitorRedis>>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-stack-'));
    const { key, cert } = selfSigned();
    const trusted = join(dir, 'cert.pem');
    await writeFile(trusted, cert);
    git = createServer({ key, cert }, (request, response) => {
      requested.push(request.url ?? '');
      const {
        status = 200,
        location,
        type = 'text/plain',
        body = '',
      } = served.get(request.url ?? '') ?? { status: 404 };
      response.writeHead(status, { 'content-type': type, ...(location ? { location } : {}) }).end(body);
    });
    await new Promise<void>((listening) => git.listen(0, 'localhost', listening));
    origin = `https://localhost:${(git.address() as AddressInfo).port}`;
    lab = await startLab({ hosts: ['manager', 'fedora-01'], swarm: ['manager', 'fedora-01'] });
    const swarmConfig = join(dir, 'swarm.yaml');
    await lab.writeConfig(swarmConfig);
    await appendFile(swarmConfig, `stacks: {sources: ['${origin}/ops']}\n`);
    system = await startSystem({
      dir,
      swarmConfig,
      env: { NODE_EXTRA_CA_CERTS: trusted, LOG_LEVEL: 'trace' },
      slack: { tierScale: 100 },
    });
    redisCommands = await monitorRedis(system.redis.url);
  }, 120_000);
  afterAll(async () => {
    redisCommands?.stop();
    await system?.stop();
    await lab?.down();
    git?.close();
    git?.closeAllConnections();
    if (dir) await rm(dir, { recursive: true, force: true });
  }, 60_000);

  const swarm = (line: string): Promise<Answer> => command(system.slack, 'alice', `/swarm ${line}`, 60_000);

  /** Opens the form of `stack deploy NAME` and sends it, then gives the card that shows the plan. */
  async function paste(line: string, parts: Record<string, string>): Promise<string> {
    const { slack } = system;
    const since = slack.messages('ops').at(-1)?.ts ?? '0';
    await slack.command('alice', 'ops', `/swarm ${line}`);
    await slack.until(() => slack.modals('alice')[0]);
    await slack.submitView('alice', parts);
    return await nextCard(since);
  }
  async function nextCard(since: string, user = 'alice'): Promise<string> {
    const { slack } = system;
    const card = await slack.waitFor(
      ({ text, ephemeral }) => ephemeral || /: (done|not everything worked|failed|refused)\./.test(text),
      { channel: 'ops', as: user, since, timeoutMs: 60_000 },
    );
    return slack.renderText(card);
  }
  async function press(label: string, user = 'alice'): Promise<string> {
    const { slack } = system;
    const since = slack.messages('ops').at(-1)?.ts ?? '0';
    await slack.press(user, label);
    return await nextCard(since, user);
  }
  const inspect = async (name: string) =>
    (await lab.engine('manager').getService(name).inspect()) as {
      Spec: {
        Labels: Record<string, string>;
        Mode: { Replicated: { Replicas: number } };
        TaskTemplate: { ContainerSpec: { Image: string; Env: string[]; Labels: Record<string, string> } };
      };
    };

  it('opens a form, keeps what was pasted when it does not fit, and shows what would change', async () => {
    const { slack } = system;
    await slack.command('alice', 'ops', '/swarm stack deploy shop');
    const open = await slack.until(() => slack.modals('alice')[0]);
    expect(open.title).toBe('Deploy a stack');
    await expect(
      slack.submitView('alice', { file: 'services: {web: {image: a, prots: [80]}}' }),
    ).rejects.toMatchObject({
      errors: {
        file: 'The compose file does not fit: services.web has a key "prots" that the compose specification does not know (did you mean ports?). Correct the file and try again.',
      },
    });
    expect(slack.modals('alice')).toHaveLength(1);
    await slack.closeView('alice');

    const lines = file(2).split('\n');
    const shown = await paste('stack deploy shop', {
      file: lines.slice(0, 6).join('\n'),
      'part-2': lines.slice(6).join('\n'),
    });
    expect(shown).toContain(
      'shop: 2 services to create, 1 network to create, 1 config to create. Nothing has been changed yet.',
    );
    expect(shown).toContain('• create shop_web: `my-apache2:latest`, 2 replicas');
    expect(shown).toContain('Networks: shop_default (new)');
    expect(shown).toContain('Configs: shop_motd (new)');
    expect(shown).toContain('`services.web.links`: services on one network reach each other by their names');
    expect(shown).toContain('[Deploy]');
    expect((await lab.engine('manager').listServices()) as unknown[]).toEqual([]);
  });

  it('deploys exactly this file at the press of the button, and reports each service', async () => {
    const shown = await press('Deploy', 'bob');
    expect(shown).toContain('shop is deployed: 2 services created.');
    expect(shown).toContain('shop_web is created; all 2 tasks run');
    expect(shown).toContain('shop_cache is created; its task runs');
    const { Spec } = await inspect('shop_web');
    expect(Spec.Labels).toEqual({
      'com.docker.stack.namespace': 'shop',
      'com.docker.stack.image': 'my-apache2:latest',
    });
    expect(Spec.TaskTemplate.ContainerSpec.Env).toEqual([`DB_PASSWORD=${PASSWORD}`, 'LEVEL=info']);
  });

  it('lists the stack and what is in it', async () => {
    expect((await swarm('stack ls')).shown).toContain('1 stack, all at full strength.');
    const { shown } = await swarm('stack services shop');
    expect(shown).toContain('shop has 2 services, all at full strength.');
    expect(shown).toContain('Networks: shop_default');
    expect(await refused(system.slack, 'stack shpo')).toContain(
      'No stack is called shpo. Did you mean shop?',
    );
  });

  it('warns before it undoes a scale from chat, and does not deploy what was planned on other facts', async () => {
    served.set('/ops/shop.yml', { body: file(3) });
    expect((await swarm('scale shop_web 4')).well).toBe(true);
    const { shown } = await swarm(`stack deploy shop ${origin}/ops/shop.yml`);
    expect(shown).toContain('⚠️ shop_web was scaled to 4 from chat; the file says 3. Deploying undoes that.');
    expect(shown).toContain('◦ replicas: 4 → 3');
    expect((await swarm('scale shop_web 1')).well).toBe(true);
    expect(await press('Deploy')).toContain(
      'The stack is not as it was when the plan was shown. shop_web was changed: its replicas from 4 to 1.',
    );
    expect((await inspect('shop_web')).Spec.Mode.Replicated.Replicas).toBe(1);

    expect(await press('Show the plan again')).toContain(
      'shop_web was scaled to 1 from chat; the file says 3.',
    );
    const done = await press('Deploy');
    expect(done).toContain('This deploy has undone that.');
    expect(done).toContain('shop_web is updated; all 3 tasks run');
    const again = await swarm(`stack deploy shop ${origin}/ops/shop.yml`);
    expect(again.shown).toContain('shop runs as the file says: there is nothing to do.');
    expect(again.shown).not.toContain('[Deploy]');
  });

  it('does not deploy another file than the one whose plan was shown', async () => {
    served.set('/ops/shop.yml', { body: file(3, { image: 'my-apache2:2' }) });
    const { shown } = await swarm(`stack deploy shop ${origin}/ops/shop.yml`);
    expect(shown).toContain('◦ image: my-apache2:latest → my-apache2:2');
    served.set('/ops/shop.yml', { body: file(3, { image: 'my-redis:latest' }) });
    expect(await press('Deploy')).toContain(
      'The file behind the address is another one since the plan was shown.',
    );
    expect((await inspect('shop_web')).Spec.TaskTemplate.ContainerSpec.Image).toBe('my-apache2:latest');
  });

  it('says of each service whether it runs, and why not', async () => {
    served.set('/ops/bad.yml', { body: 'services: {web: {image: nobody-has:1}}' });
    await swarm(`stack deploy bad ${origin}/ops/bad.yml --timeout 2s`);
    const shown = await press('Deploy');
    expect(shown).toContain('bad is deployed, but its service is not as it should be.');
    expect(shown).toMatch(/bad_web is created, but its task does not run/);
    expect(shown).toContain('[Why bad_web?]');
    expect((await swarm('stack rm bad')).shown).toContain('bad is removed: 1 service and 1 network.');
  });

  it('takes files from listed addresses only, wherever the server sends', async () => {
    served.set('/ops/away', { status: 302, location: `${origin}/other/shop.yml` });
    served.set('/ops/near', { status: 301, location: '/ops/shop.yml' });
    served.set('/ops/page', { type: 'text/html; charset=utf-8', body: '<html>' });
    served.set('/ops/big', { body: `# ${'x'.repeat(1_100_000)}` });
    served.set('/ops/loop', { status: 307, location: '/ops/loop' });
    served.set('/other/shop.yml', { body: file(1) });
    requested.length = 0;
    for (const [address, says] of [
      [`${origin}/other/shop.yml`, 'That address is not among those that compose files may come from.'],
      [`${origin}/opsy/shop.yml`, 'That address is not among those'],
      [`${origin}/ops/../other/shop.yml`, 'That address is not among those'],
      [`${origin}/ops/%2e%2e/other/shop.yml`, 'That address is not among those'],
      [`${origin}/ops/..%2fother/shop.yml`, 'That address is not among those'],
      ['https://localhost/ops/shop.yml', 'That address is not among those'],
      [`${origin}/ops/away`, 'The server sends on to an address that is not among those'],
      [`${origin}/ops/loop`, 'The server sends from one address to the next'],
      [`${origin}/ops/page`, 'answered with a web page'],
      [`${origin}/ops/big`, 'larger than 1 MiB'],
      [`${origin}/ops/nothing`, 'answered with 404'],
      [origin.replace('https:', 'http:'), 'is no address that begins with https://'],
      [origin.replace('//', '//alice:secret@'), 'The address carries a login'],
      [`${origin}/ops/shop.yml?token=abc`, 'The address carries a login'],
    ] as const)
      expect(await refused(system.slack, `stack deploy shop ${address}`)).toContain(says);
    expect(requested.filter((path) => !path.startsWith('/ops/'))).toEqual([]);
    expect((await swarm(`stack deploy near ${origin}/ops/near`)).shown).toContain(
      'near: 2 services to create',
    );
  });

  it('goes on from nothing but a plan', async () => {
    expect(await refused(system.slack, 'stack apply zzzzzzzz')).toContain(
      'There is no job "zzzzzzzz" to go on from.',
    );
    const id = /`([2-9a-z]{8})`$/.exec((await swarm('services')).shown.trim())?.[1] ?? '';
    expect(await refused(system.slack, `stack apply ${id}`)).toContain('"services" is no plan of a stack.');
  });

  it('is removed with all that is its own', async () => {
    const { shown, well } = await swarm('stack rm shop');
    expect(well, shown).toBe(true);
    expect(shown).toContain('shop is removed: 2 services, 1 config and 1 network.');
    expect(shown).not.toContain('volume');
    expect((await swarm('stack ls')).shown).toContain('There is no stack yet.');
  });

  it('tells nobody what the file holds', async () => {
    const { slack, redis } = system;
    const places: Places = new Map([
      ...[...(await filesBelow(dir))].filter(
        ([path]) => !path.endsWith('.pem') && !path.endsWith('swarm.yaml'),
      ),
      ...(await allKeys(redis.url)),
      ['a command to Redis', redisCommands.seen()],
      ['a message in Slack', Buffer.from(JSON.stringify(slack.messages('ops')))],
      ['a call to Slack', Buffer.from(JSON.stringify(slack.calls.map(({ args }) => args)))],
    ]);
    // It is no search if nothing is there.
    expect([...places.keys()].some((name) => name.includes('worker-1.log'))).toBe(true);
    for (const place of ['worker-1.log', 'a command to Redis', 'a message in Slack', 'a call to Slack'])
      expect(
        [...places].some(([name, bytes]) => name.includes(place) && bytes.includes('shop_web')),
        place,
      ).toBe(true);
    expect(findSecrets({ 'a password': PASSWORD, 'a config': CONFIG }, places)).toEqual([]);
  });
});
