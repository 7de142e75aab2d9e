import type { SocketModeClient } from '@slack/socket-mode';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import { connectBySocket, socketClient, webClient } from './connect.ts';

let slack: LocalSlack;
let clients: SocketModeClient[] = [];

beforeEach(async () => {
  slack = await startLocalSlack();
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.disconnect()));
  clients = [];
  await slack.close();
});

interface Envelope {
  ack(response?: Record<string, unknown>): Promise<void>;
  envelope_id: string;
  body: Record<string, unknown>;
  retry_num?: number;
  retry_reason?: string;
}

/** Resolves at the client's next such event; unlike node's `once` it does not mind the errors in between. */
function happens(client: SocketModeClient, event: 'connected' | 'close'): Promise<void> {
  return new Promise((resolve) => {
    client.once(event, () => resolve());
  });
}

/** A started socket and the envelopes that it was given; acknowledges them if told. */
async function listening({ acks = true, pingTimeout = 5000 } = {}): Promise<{
  client: SocketModeClient;
  got: Envelope[];
}> {
  const client = socketClient(slack, pingTimeout);
  clients.push(client);
  const got: Envelope[] = [];
  client.on('slack_event', (envelope: Envelope) => {
    got.push(envelope);
    if (acks) void envelope.ack();
  });
  await client.start();
  return { client, got };
}

test('each envelope goes to exactly one of the open sockets, in turn', async () => {
  const sockets = [await listening(), await listening(), await listening()];
  expect(slack.socketCount()).toBe(3);
  for (let n = 0; n < 6; n += 1) await slack.command('alice', 'ops', `/swarm ${n}`);
  expect(sockets.map(({ got }) => got.length)).toEqual([2, 2, 2]);
  const texts = sockets.flatMap(({ got }) => got.map(({ body }) => body['text']));
  expect(new Set(texts)).toEqual(new Set(['0', '1', '2', '3', '4', '5']));
});

test('the time from envelope to ack is measured', async () => {
  await listening();
  await slack.command('alice', 'ops', '/swarm nodes');
  expect(slack.sends()).toMatchObject([{ type: 'slash_commands', via: 'socket', attempt: 0 }]);
  expect(slack.sends()[0]?.latencyMs).toBeGreaterThan(0);
});

test('without a socket the person reads dispatch_failed', async () => {
  await slack.command('alice', 'ops', '/swarm nodes');
  expect(slack.messages('ops', { as: 'alice' })).toMatchObject([
    { user: 'USLACKBOT', ephemeral: true, text: '/swarm failed with the error "dispatch_failed"' },
  ]);
  expect(slack.messages('ops', { as: 'bob' })).toEqual([]);
});

test('a command that is not installed is refused by Slack itself', async () => {
  const { got } = await listening();
  await slack.command('alice', 'ops', '/swarn nodes');
  expect(slack.transcript('ops', { as: 'alice' })).toContain('is not a valid command');
  expect(got).toEqual([]);
});

test('not acknowledged for 3 s: operation_timeout; for 4 s: the same again, to another socket', async () => {
  const deaf = await listening({ acks: false });
  const command = slack.command('alice', 'ops', '/swarm nodes');
  const good = await listening();
  await command;
  expect(slack.transcript('ops', { as: 'alice' })).toContain('operation_timeout');
  expect(good.got).toEqual([]);
  await expect.poll(() => good.got.length, { timeout: 6000 }).toBe(1);
  const [first, again] = [deaf.got[0], good.got[0]];
  expect(again?.body).toEqual(first?.body);
  expect(again?.envelope_id).not.toBe(first?.envelope_id);
  expect(again).toMatchObject({ retry_num: 1, retry_reason: 'timeout' });
});

test('an envelope can be delivered again on request, acknowledged or not', async () => {
  const { got } = await listening();
  await slack.command('alice', 'ops', '/swarm nodes');
  await slack.deliverAgain();
  slack.faults.resendEnvelopes(1);
  await slack.command('alice', 'ops', '/swarm services');
  expect(got.map(({ body }) => body['text'])).toEqual(['nodes', 'nodes', 'services', 'services']);
  expect(got[0]?.body['trigger_id']).toBe(got[1]?.body['trigger_id']);
});

test('a socket address works once', async () => {
  const { url = '' } = await webClient(slack, { token: slack.appToken }).apps.connections.open({});
  const first = new WebSocket(url);
  const [hello] = (await once(first, 'message')) as [Buffer];
  expect(JSON.parse(hello.toString())).toMatchObject({ type: 'hello', num_connections: 1 });
  const second = new WebSocket(url);
  const [error] = (await once(second, 'error')) as [Error];
  expect(error.message).toContain('403');
  first.terminate();
});

test('the eleventh socket is sent away', async () => {
  const { url: any = '' } = await webClient(slack, { token: slack.appToken }).apps.connections.open({});
  expect(any).toMatch(/^ws:\/\/127\.0\.0\.1:/);
  const sockets: WebSocket[] = [];
  const frames: unknown[] = [];
  for (let n = 0; n < 11; n += 1) {
    const { url = '' } = await webClient(slack, { token: slack.appToken }).apps.connections.open({});
    const socket = new WebSocket(url);
    sockets.push(socket);
    const [frame] = (await once(socket, 'message')) as [Buffer];
    frames.push(JSON.parse(frame.toString()));
  }
  expect(frames[9]).toMatchObject({ type: 'hello', num_connections: 10 });
  expect(frames[10]).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
  expect(slack.socketCount()).toBe(10);
  for (const socket of sockets) socket.terminate();
});

test('the server pings', async () => {
  await slack.close();
  slack = await startLocalSlack({ pingIntervalMs: 20 });
  const { url = '' } = await webClient(slack, { token: slack.appToken }).apps.connections.open({});
  const socket = new WebSocket(url);
  const [payload] = (await once(socket, 'ping')) as [Buffer];
  expect(payload.toString()).toContain('Ping');
  socket.terminate();
});

describe('disconnect frames', () => {
  test.each(['warning', 'refresh_requested'] as const)(
    '%s: the client comes back, and another socket takes over',
    async (reason) => {
      const leaving = await listening({ pingTimeout: 300 });
      const staying = await listening();
      slack.faults.disconnectSockets(reason, 1);
      expect(slack.socketCount()).toBe(1);
      await slack.command('alice', 'ops', '/swarm 1');
      await slack.command('alice', 'ops', '/swarm 2');
      expect(staying.got).toHaveLength(2);
      await happens(leaving.client, 'connected');
      expect(slack.socketCount()).toBe(2);
    },
  );

  test('trap: with one socket, socket-mode 3.1 is deaf for some 5 s after each', async () => {
    const { client } = await listening();
    slack.faults.disconnectSockets('refresh_requested');
    const gone = performance.now();
    await happens(client, 'close');
    await slack.command('alice', 'ops', '/swarm nodes');
    expect(slack.transcript('ops', { as: 'alice' })).toContain('dispatch_failed');
    await happens(client, 'connected');
    expect(performance.now() - gone).toBeGreaterThan(4500);
  });

  test('sockets cut without a frame come back too', async () => {
    const { client } = await listening({ pingTimeout: 300 });
    slack.faults.dropSockets();
    await happens(client, 'connected');
    expect(slack.socketCount()).toBe(1);
  });
});

test('down: connections are refused; up: the client comes back and the messages are still there', async () => {
  const { stop } = await connectBySocket(slack, (app) => {
    app.command('/swarm', async ({ ack }) => ack('hello'));
  });
  await stop();
  await slack.say('alice', 'ops', 'before');
  await slack.faults.down();
  await expect(fetch(slack.url)).rejects.toThrow('fetch failed');
  await slack.faults.up();
  await listening();
  await slack.command('alice', 'ops', '/swarm nodes');
  expect(slack.messages('ops')).toMatchObject([{ text: 'before' }]);
});
