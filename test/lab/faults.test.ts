import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Lab } from '../../lab/lab.ts';
import { startLab } from '../../lab/lab.ts';
import { noLab, unlessLeftOut } from './able.ts';
import { overSsh } from './ssh.ts';

describe.skipIf(noLab)(`faults of a lab${unlessLeftOut}`, { timeout: 60_000 }, () => {
  let lab: Lab;
  const HOST = 'fedora-01';

  beforeAll(async () => {
    lab = await startLab({ hosts: ['manager', HOST], swarm: ['manager', HOST] });
  });
  afterAll(() => lab.down());
  // Every test ends with a host that is well, so that none depends on another.
  afterEach(async () => {
    await lab.faults.hostComesBack(HOST);
    await vi.waitUntil(async () => (await nodeState()) === 'ready', { timeout: 20_000 });
  });

  /** How the machine fares with a TCP port of the host: "open", "ETIMEDOUT", "ECONNREFUSED", "EHOSTUNREACH". */
  async function tcp(port: number, from?: { host: string; to: string }): Promise<string> {
    if (from) {
      const dial = `exec 3<>/dev/tcp/${lab.host(from.to).address}/${port}`;
      const { code } = await lab.exec(from.host, ['timeout', '1', 'bash', '-c', dial]);
      return code === 0 ? 'open' : code === 124 ? 'ETIMEDOUT' : 'ECONNREFUSED';
    }
    const socket = connect({ host: lab.host(HOST).address, port, timeout: 1000 });
    const ended = Promise.withResolvers<string>();
    socket.on('connect', () => ended.resolve('open'));
    socket.on('timeout', () => ended.resolve('ETIMEDOUT'));
    socket.on('error', (error: NodeJS.ErrnoException) => ended.resolve(error.code ?? error.message));
    const how = await ended.promise;
    socket.destroy();
    return how;
  }

  async function engineAnswers(): Promise<boolean> {
    return lab
      .engine(HOST)
      .ping()
      .then(() => true)
      .catch(() => false);
  }

  async function nodeState(): Promise<string | undefined> {
    const nodes = (await lab.engine('manager').listNodes()) as {
      Description: { Hostname: string };
      Status: { State: string };
    }[];
    return nodes.find((node) => node.Description.Hostname === HOST)?.Status.State;
  }

  async function processes(): Promise<string[]> {
    return (await lab.exec(HOST, ['sh', '-c', 'cat /proc/[0-9]*/comm'])).stdout.split('\n');
  }

  async function runContainer(): Promise<void> {
    const container = await lab.engine(HOST).createContainer({ Image: 'my-apache2:latest' });
    await container.start();
  }

  test('an engine that dies leaves its containers, and starts again', async () => {
    await runContainer();
    await lab.faults.engineDies(HOST);
    expect(await engineAnswers()).toBe(false);
    expect(await processes()).toContain('httpd');
    expect(await processes()).not.toContain('dockerd');
    expect(await tcp(22)).toBe('open');
    await lab.faults.engineStarts(HOST);
    expect(await engineAnswers()).toBe(true);
  });

  test('an engine that stops ends its containers first', async () => {
    await runContainer();
    await lab.faults.engineStops(HOST);
    expect(await engineAnswers()).toBe(false);
    expect(await processes()).not.toContain('httpd');
    await lab.faults.engineStarts(HOST);
    expect(await engineAnswers()).toBe(true);
  });

  test(
    'a host that dies is silent, loses what ran, and comes back into the swarm',
    { timeout: 60_000 },
    async () => {
      await runContainer();
      const idle = connect(22, lab.host(HOST).address);
      await once(idle, 'data');
      let closed = false;
      idle.on('close', () => (closed = true)).on('error', () => {});

      await lab.faults.hostDies(HOST);
      expect(await engineAnswers()).toBe(false);
      await expect(lab.exec(HOST, ['true'])).rejects.toThrow('fedora-01 is off');
      expect(await tcp(22)).toMatch(/ETIMEDOUT|EHOSTUNREACH/);
      // Nobody said goodbye on the open connection.
      expect(closed).toBe(false);
      idle.destroy();
      await expect.poll(() => nodeState(), { timeout: 30_000 }).toBe('down');

      await lab.faults.hostComesBack(HOST);
      expect(await engineAnswers()).toBe(true);
      expect(await tcp(22)).toBe('open');
      expect(await processes()).not.toContain('httpd');
      await expect.poll(() => nodeState(), { timeout: 20_000 }).toBe('ready');
    },
  );

  test('a link that is cut takes the host away from everybody, and leaves it running', async () => {
    await lab.faults.cutLink(HOST);
    expect(await tcp(22)).toMatch(/ETIMEDOUT|EHOSTUNREACH/);
    expect(await engineAnswers()).toBe(true);
    await lab.faults.mendLink(HOST);
    expect(await tcp(22)).toBe('open');
  });

  test('a dropped TCP port, in and out', async () => {
    const out = { host: HOST, to: 'manager' };
    expect([await tcp(22), await tcp(2377, out)]).toEqual(['open', 'open']);
    await lab.faults.dropPort(HOST, 22, 'tcp', 'in');
    await lab.faults.dropPort(HOST, 2377, 'tcp', 'out');
    await lab.faults.dropPort(HOST, 2377, 'tcp');
    expect([await tcp(22), await tcp(2377, out)]).toEqual(['ETIMEDOUT', 'ETIMEDOUT']);
    expect(await tcp(22, out)).toBe('open');
    await lab.faults.passPort(HOST, 22, 'tcp');
    await lab.faults.passPort(HOST, 2377, 'tcp');
    expect([await tcp(22), await tcp(2377, out)]).toEqual(['open', 'open']);
  });

  test('a dropped UDP port', async () => {
    // Nobody listens: a datagram that arrives is answered with "port unreachable", which reaches the sender's socket.
    const arrives = async () => {
      const socket = createSocket('udp4');
      socket.connect(9999, lab.host(HOST).address);
      await once(socket, 'connect');
      const refused = Promise.withResolvers<boolean>();
      socket.on('error', () => refused.resolve(true));
      const sending = setInterval(() => socket.send('knock'), 20);
      const silence = setTimeout(() => refused.resolve(false), 1000);
      const answer = await refused.promise;
      clearInterval(sending);
      clearTimeout(silence);
      socket.close();
      return answer;
    };
    expect(await arrives()).toBe(true);
    await lab.faults.dropPort(HOST, 9999, 'udp');
    expect(await arrives()).toBe(false);
    await lab.faults.passPort(HOST, 9999, 'udp');
    expect(await arrives()).toBe(true);
  });

  test('sshd stops with its sessions, and starts', async () => {
    const { client } = await overSsh(lab, HOST);
    const closed = new Promise<void>((done) => {
      client.on('error', () => {});
      client.on('close', () => done());
    });
    await lab.faults.sshStops(HOST);
    await closed;
    expect(await tcp(22)).toBe('ECONNREFUSED');
    await lab.faults.sshStarts(HOST);
    expect(await tcp(22)).toBe('open');
  });

  test('a changed host key does not match known_hosts until it is put back', async () => {
    await lab.faults.changeHostKey(HOST);
    await expect(overSsh(lab, HOST)).rejects.toThrow(/host key|verif/i);
    await lab.faults.restoreHostKey(HOST);
    const { client } = await overSsh(lab, HOST);
    client.end();
  });

  test('a host that the lab does not have is named', async () => {
    await expect(lab.faults.hostDies('fedora-99')).rejects.toThrow(
      'has no host fedora-99. Its hosts: manager, fedora-01',
    );
  });
});
