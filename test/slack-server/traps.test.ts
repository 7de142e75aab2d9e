import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import { socketClient } from './connect.ts';

/*
 * Traps of the official clients that the local Slack springs as Slack does. Each runs in a process of its own, because it
 * ends that process. When an upgrade of a client makes one of these fail, the workaround for it can go.
 */

let slack: LocalSlack;
beforeEach(async () => {
  slack = await startLocalSlack();
});
afterEach(() => slack.close());

/** Runs a script against the local Slack; resolves with its exit code and what it wrote to stderr. */
async function run(script: string): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    env: { SLACK_API_URL: slack.apiUrl, APP_TOKEN: slack.appToken, BOT_TOKEN: slack.botToken },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 15_000,
  });
  const closed = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  const stderr = await text(child.stderr);
  return { code: await closed, stderr };
}

test('new App with a bad token ends the process, unless it is initialised later and awaited', async () => {
  const start = (options: string): Promise<{ code: number | null; stderr: string }> =>
    run(`
      import { App } from '@slack/bolt';
      const clientOptions = { slackApiUrl: process.env.SLACK_API_URL, retryConfig: { retries: 0 } };
      const app = new App({ token: 'xoxb-bad', signingSecret: 'x', clientOptions, ${options} });
      if (${options.length > 0}) await app.init().catch((error) => process.exit(error.message.includes('invalid_auth') ? 42 : 1));
    `);
  const { code, stderr } = await start('');
  expect(code).toBe(1);
  expect(stderr).toContain('invalid_auth');
  expect((await start('deferInitialization: true')).code).toBe(42);
});

test('without retries, one 503 while reconnecting is an unhandled rejection', async () => {
  const opened = slack.nextCall('apps.connections.open', () => true, 15_000);
  const running = run(`
    import { SocketModeClient } from '@slack/socket-mode';
    const clientOptions = { slackApiUrl: process.env.SLACK_API_URL, retryConfig: { retries: 0 } };
    const client = new SocketModeClient({ appToken: process.env.APP_TOKEN, clientPingTimeout: 200, clientOptions });
    await client.start();
  `);
  await opened;
  await expect.poll(() => slack.socketCount(), { timeout: 6000 }).toBe(1);
  slack.faults.failHttp('apps.connections.open', { status: 503 });
  slack.faults.disconnectSockets();
  const { code, stderr } = await running;
  expect(code).toBe(1);
  expect(stderr).toContain('503');
});

test('SocketModeClient writes its retries into the options that it was given', () => {
  const shared: { slackApiUrl: string; retryConfig?: object } = { slackApiUrl: slack.apiUrl };
  void socketClientWith(shared);
  expect(shared.retryConfig).toEqual({ retries: 100, factor: 1.3 });
});

function socketClientWith(clientOptions: object): unknown {
  const { constructor } = Object.getPrototypeOf(socketClient(slack)) as {
    constructor: new (options: object) => unknown;
  };
  return new constructor({ appToken: slack.appToken, clientOptions });
}

test('a socket that says goodbye waits for the TCP connection, which Slack leaves open', async () => {
  slack.faults.holdTcpAfterClose(true);
  const client = socketClient(slack, 600);
  await client.start();
  const started = performance.now();
  await client.disconnect();
  expect(performance.now() - started).toBeGreaterThan(400);
});
