import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { HostFailure } from '../../src/hosts/failures.ts';
import type { HostSettings } from '../../src/hosts/hosts.ts';
import { openHosts } from '../../src/hosts/inventory.ts';
import type { HostTimes, SshHost } from '../../src/hosts/ssh-host.ts';
import { fakeEngine, knownHostsLines, noSshd, startSshd, wireTo } from './own-sshd.ts';
import type { FakeEngine, OwnSshd } from './own-sshd.ts';

describe.skipIf(noSshd !== '')(`a real sshd ${noSshd}`, () => {
  let sshd: OwnSshd;
  let engine: FakeEngine;
  const open: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    sshd = await startSshd();
    engine = await fakeEngine(sshd.settings.socket, (request, response) => {
      response.setHeader('Content-Type', 'application/json');
      if (request.url === '/version') response.end('{"Version":"20.10.24"}');
      else response.end('{"Name":"fedora-01","ServerVersion":"20.10.24"}');
    });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });
  afterAll(async () => {
    await engine.stop();
    await sshd.stop();
  });

  const hostWith = (
    change: Partial<HostSettings> & { ssh?: HostSettings['ssh'] } = {},
    times: Partial<HostTimes> = {},
  ): SshHost => {
    const hosts = openHosts([{ ...sshd.settings, ...change }], times);
    open.push(hosts);
    return hosts.host('fedora-01');
  };
  const withSsh = (ssh: Partial<HostSettings['ssh']>, times: Partial<HostTimes> = {}) =>
    hostWith({ ssh: { ...sshd.settings.ssh, ...ssh } }, times);
  /** A known_hosts file with this text. */
  const known = (name: string, text: string) => {
    const path = join(sshd.dir, name);
    writeFileSync(path, text);
    return { knownHosts: path };
  };
  const failureOf = async (work: Promise<unknown>): Promise<HostFailure> =>
    (await work.then(
      () => expect.unreachable('it should have failed'),
      (thrown: unknown) => thrown,
    )) as HostFailure;
  const here = () => `[127.0.0.1]:${sshd.port}`;
  const printed = (key: string) =>
    execFileSync('ssh-keygen', ['-lf', join(sshd.dir, `${key}.pub`)], { encoding: 'utf8' }).split(' ')[1] ??
    '';

  test('the engine answers through the forwarded socket', async () => {
    await expect(hostWith().info()).resolves.toMatchObject({ hostname: 'fedora-01', version: '20.10.24' });
  });

  test('the exit code of a short command is heard, also when its whole life comes in one packet', async () => {
    const host = hostWith();
    await host.info();
    // A process that is late at everything, so that what sshd says of the command's start and end lies there together.
    const busy = setInterval(() => {
      for (const end = performance.now() + 400; performance.now() < end;);
    }, 0);
    try {
      const codes: unknown[] = [];
      for (let time = 0; time < 6; time += 1) codes.push((await host.run(['sh', '-c', 'exit 7'])).code);
      expect(codes).toEqual(Array.from({ length: 6 }, () => 7));
    } finally {
      clearInterval(busy);
    }
  });

  describe('host keys', () => {
    test('of two host keys the known one is negotiated, whichever it is', async () => {
      for (const key of ['host_rsa', 'host_ed25519']) {
        const host = withSsh(known(`only-${key}`, knownHostsLines(sshd.dir, here(), [key])));
        await expect(host.info()).resolves.toMatchObject({ hostname: 'fedora-01' });
      }
    });

    test('a file that ssh-keyscan -H wrote is understood', async () => {
      const scanned = execFileSync('ssh-keyscan', ['-H', '-p', String(sshd.port), '127.0.0.1'], {
        stdio: 'pipe',
      });
      expect(scanned.toString()).toContain('|1|');
      await expect(withSsh(known('scanned', scanned.toString())).info()).resolves.toBeDefined();
    });

    test('an unknown key is refused, with its fingerprint and the file', async () => {
      const failure = await failureOf(withSsh(known('empty', '# nothing\n')).info());
      expect(failure.kind).toBe('host-key');
      expect(failure.message).toContain(`it shows ssh-ed25519 ${printed('host_ed25519')}`);
      expect(failure.message).toContain('and empty has none for');
      expect(failure.message).not.toContain(sshd.dir);
      expect(failure.hint).toContain('have the operator add the key');
    });

    test('a changed key is refused, with both fingerprints', async () => {
      const file = known('changed', knownHostsLines(sshd.dir, here(), ['user']));
      const failure = await failureOf(withSsh(file).info());
      expect(failure.kind).toBe('host-key');
      expect(failure.message).toContain('has changed');
      expect(failure.message).toContain(printed('host_ed25519'));
      expect(failure.message).toContain(printed('user'));
      expect(failure.hint).toContain('Somebody may be in between');
      expect(failure.message).toContain(here());
    });

    test('a revoked key is refused even where it is known as well', async () => {
      const lines = knownHostsLines(sshd.dir, here(), ['host_ed25519', 'host_rsa']);
      const failure = await failureOf(
        withSsh(known('revoked', lines + lines.replaceAll('[', '@revoked ['))).info(),
      );
      expect(failure.message).toContain('marked as revoked');
    });

    test('no file is no consent', async () => {
      const failure = await failureOf(withSsh({ knownHosts: join(sshd.dir, 'not-there') }).info());
      expect(failure).toMatchObject({ kind: 'host-key' });
      expect(failure.message).toContain('does not exist');
    });
  });

  describe('logging in', () => {
    test('a missing key file is named', async () => {
      const failure = await failureOf(withSsh({ key: '/not/there' }).info());
      expect(failure).toMatchObject({ kind: 'login' });
      expect(failure.message).toContain('/not/there, does not exist');
    });

    test('a key with a passphrase, a public key and a file of nonsense are told apart', async () => {
      const locked = join(sshd.dir, 'locked');
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'a passphrase', '-f', locked]);
      expect((await failureOf(withSsh({ key: locked }).info())).message).toContain('passphrase');
      expect((await failureOf(withSsh({ key: `${locked}.pub` }).info())).message).toContain(
        'is a public key',
      );
      expect((await failureOf(withSsh({ key: '/etc/hostname' }).info())).message).toContain('cannot be used');
      expect((await failureOf(withSsh({ key: '/etc' }).info())).message).toContain('cannot be read');
    });

    test('a key that the host does not want', async () => {
      const stranger = join(sshd.dir, 'stranger');
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', stranger]);
      const failure = await failureOf(withSsh({ key: stranger }).info());
      expect(failure).toMatchObject({ kind: 'login' });
      expect(failure.message).toMatch(/with the key stranger\.$/);
      expect(failure.hint).toContain('authorized_keys');
    });

    test('nobody listens', async () => {
      const failure = await failureOf(withSsh({ port: 1 }).info());
      expect(failure).toMatchObject({ kind: 'unreachable', broke: false });
      expect(failure.message).toContain('refuses SSH connections');
    });

    test('a name that does not exist', async () => {
      const failure = await failureOf(hostWith({ address: 'host.invalid' }).info());
      expect(failure).toMatchObject({ kind: 'unreachable' });
      expect(failure.message).toMatch(/name server/);
    });

    test('something listens and says nothing', async () => {
      const mute = createServer().listen(0, '127.0.0.1');
      await once(mute, 'listening');
      const { port } = mute.address() as AddressInfo;
      const failure = await failureOf(withSsh({ port }, { connectMs: 300 }).info());
      expect(failure.message).toContain('its sshd does not answer');
      mute.close();
    });
  });

  describe('one connection', () => {
    /** The same host with a wire in between. */
    const wired = async (times: Partial<HostTimes> = {}) => {
      const wire = await wireTo(sshd.port);
      open.push({ close: () => wire.stop() });
      const lines = knownHostsLines(sshd.dir, `[127.0.0.1]:${wire.port}`, ['host_ed25519']);
      return { wire, host: withSsh({ port: wire.port, ...known('wired', lines) }, times) };
    };

    test('is shared by all that start at once, and by those that come later', async () => {
      const { wire, host } = await wired();
      await Promise.all(Array.from({ length: 30 }, () => host.info()));
      await host.info();
      expect(wire.connections()).toBe(1);
    });

    test('is made again by the next use after it broke', async () => {
      const { wire, host } = await wired();
      await host.info();
      wire.cut();
      await expect(host.info()).resolves.toMatchObject({ hostname: 'fedora-01' });
      expect(wire.connections()).toBe(2);
    });

    test('that has gone dead is noticed by keepalive, and the question is asked again over a new one', async () => {
      const { wire, host } = await wired({ keepaliveMs: 100, keepaliveMisses: 2 });
      await host.info();
      wire.freeze();
      const before = performance.now();
      await expect(host.info()).resolves.toMatchObject({ hostname: 'fedora-01' });
      expect(performance.now() - before).toBeLessThan(3_000);
      expect(wire.connections()).toBe(2);
    });

    test("a caller's signal ends its wait on a dead connection at once, with its own reason", async () => {
      const { wire, host } = await wired();
      await host.info();
      wire.freeze();
      const controller = new AbortController();
      const reason = new Error('cancelled by carol');
      setTimeout(() => controller.abort(reason), 50);
      const before = performance.now();
      await expect(host.info(controller.signal)).rejects.toBe(reason);
      await expect(host.dial('127.0.0.1', 1, { signal: controller.signal })).rejects.toBe(reason);
      expect(performance.now() - before).toBeLessThan(1_000);
    });

    test('when all is closed, nothing is left and a late use is a bug', async () => {
      const { wire, host } = await wired();
      await host.info();
      await host.close();
      await expect(host.info()).rejects.toThrow('closed for good');
      expect(wire.connections()).toBe(1);
    });
  });

  test('dialling from the host: open and refused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(hostWith().dial('127.0.0.1', port)).resolves.toEqual({ kind: 'open' });
    server.close();
    await once(server, 'close');
    await expect(hostWith().dial('127.0.0.1', port)).resolves.toEqual({ kind: 'refused' });
  });

  test('an engine that is not there', async () => {
    const failure = await failureOf(hostWith({ socket: join(sshd.dir, 'no.sock') }).info());
    expect(failure).toMatchObject({ kind: 'socket' });
    expect(failure.message).toContain('no.sock');
  });

  test('a host that is not in the inventory gets the nearest name', () => {
    const hosts = openHosts([sshd.settings]);
    expect(() => hosts.host('fedora-02')).toThrow('No host is called fedora-02.');
    expect(hosts.names()).toEqual(['fedora-01']);
  });
});

describe.skipIf(noSshd !== '')('sshd settings', () => {
  // Whatever a test starts ends with it, also when it fails. The last one started ends first.
  const ownSshd = async (lines: string[] = []) => {
    const sshd = await startSshd(lines);
    onTestFinished(() => sshd.stop());
    return sshd;
  };
  const anEngine = async (...wanted: Parameters<typeof fakeEngine>) => {
    const engine = await fakeEngine(...wanted);
    onTestFinished(() => engine.stop());
    return engine;
  };
  const inventory = (...wanted: Parameters<typeof openHosts>) => {
    const hosts = openHosts(...wanted);
    onTestFinished(() => hosts.close());
    return hosts;
  };
  const docker = existsSync('/usr/bin/docker') || existsSync('/usr/local/bin/docker');

  test.skipIf(!docker)(
    'without socket forwarding the docker command stands in, many at once',
    async () => {
      const sshd = await ownSshd(['AllowStreamLocalForwarding no', 'MaxSessions 10']);
      const engine = await anEngine(sshd.settings.socket, (request, response) => {
        response.setHeader('Content-Type', 'application/json');
        setTimeout(
          () => response.end(request.url === '/version' ? '{"Version":"20.10.24"}' : '{"Name":"far"}'),
          20,
        );
      });
      const hosts = inventory([sshd.settings]);
      const answers = await Promise.all(Array.from({ length: 12 }, () => hosts.host('fedora-01').info()));
      expect(answers.every(({ hostname }) => hostname === 'far')).toBe(true);
      await engine.stop();
      await expect(hosts.host('fedora-01').info()).rejects.toMatchObject({
        kind: 'socket',
        message: expect.stringContaining('does not answer at its socket') as string,
      });
      // Each is a docker process on the host: a busy machine takes its time.
    },
    60_000,
  );

  test('where nothing is forwarded and no command runs, the setting to change is named', async () => {
    const sshd = await ownSshd([
      'AllowStreamLocalForwarding no',
      'AllowTcpForwarding no',
      'ForceCommand false',
    ]);
    const engine = await anEngine(sshd.settings.socket, (_request, response) => response.end('{}'));
    const hosts = inventory([sshd.settings]);
    const host = hosts.host('fedora-01');
    await expect(host.info()).rejects.toMatchObject({
      kind: 'socket',
      hint: expect.stringContaining('AllowStreamLocalForwarding') as string,
    });
    await expect(host.dial('127.0.0.1', 22)).rejects.toMatchObject({
      kind: 'forbidden',
      hint: expect.stringContaining('AllowTcpForwarding') as string,
    });
    expect(engine.requests).toEqual([]);
  });

  test('a server that is no OpenSSH and refuses everything is not called a lost connection', async () => {
    const sshd = await ownSshd();
    const server = new ssh2.Server({ hostKeys: [readFileSync(join(sshd.dir, 'host_rsa'))] }, (client) => {
      client.on('error', () => {});
      client.on('authentication', (context) => context.accept());
      client.on('session', (accept) => accept().on('exec', (_accept, reject) => reject()));
    });
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    writeFileSync(
      sshd.settings.ssh.knownHosts,
      knownHostsLines(sshd.dir, `[127.0.0.1]:${port}`, ['host_rsa']),
    );
    const hosts = inventory([{ ...sshd.settings, ssh: { ...sshd.settings.ssh, port } }]);
    await expect(hosts.host('fedora-01').info()).rejects.toMatchObject({ kind: 'forbidden', broke: false });
  });

  test('known_hosts is read again for each connection', async () => {
    const sshd = await ownSshd();
    await anEngine(sshd.settings.socket, (_request, response) => response.end('{"Version":"27.0.0"}'));
    const right = readFileSync(sshd.settings.ssh.knownHosts);
    writeFileSync(sshd.settings.ssh.knownHosts, '');
    const hosts = inventory([sshd.settings]);
    await expect(hosts.host('fedora-01').info()).rejects.toMatchObject({ kind: 'host-key' });
    writeFileSync(sshd.settings.ssh.knownHosts, right);
    await expect(hosts.host('fedora-01').info()).resolves.toBeDefined();
  });
});
