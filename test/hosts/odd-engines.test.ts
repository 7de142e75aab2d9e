import type { RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EngineRefusal } from '../../src/hosts/failures.ts';
import { openHosts } from '../../src/hosts/inventory.ts';
import type { OpenHosts } from '../../src/hosts/inventory.ts';
import type { HostTimes } from '../../src/hosts/ssh-host.ts';
import { Secret } from '../../src/secret.ts';
import { fakeEngine, noSshd, startSshd } from './own-sshd.ts';
import type { FakeEngine, OwnSshd } from './own-sshd.ts';

describe.skipIf(noSshd !== '')(`engines that answer oddly, behind a real sshd ${noSshd}`, () => {
  let sshd: OwnSshd;
  let engine: FakeEngine | undefined;
  let hosts: OpenHosts | undefined;

  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterEach(async () => {
    await hosts?.close();
    await engine?.stop();
    hosts = undefined;
    engine = undefined;
  });
  afterAll(() => sshd.stop());

  /** A host whose engine answers `/version` well and everything else so. */
  const hostThat = async (answer: RequestListener, times: Partial<HostTimes> = {}, version = '20.10.24') => {
    engine = await fakeEngine(sshd.settings.socket, (request, response) => {
      response.setHeader('Content-Type', 'application/json');
      if (request.url === '/version') response.end(JSON.stringify({ Version: version }));
      else answer(request, response);
    });
    hosts = openHosts([sshd.settings], times);
    return hosts.host('fedora-01');
  };

  test('one older than 1.12 is refused before anything is asked of it', async () => {
    const host = await hostThat((_request, response) => response.end('{}'), {}, '1.11.2');
    const failure = { kind: 'too-old', message: expect.stringContaining('1.12 or newer') as string };
    await expect(host.info()).rejects.toMatchObject(failure);
    await expect(host.joinSwarm({ managers: ['x:2377'], token: new Secret('t') })).rejects.toMatchObject(
      failure,
    );
    await expect(host.docker()).rejects.toMatchObject(failure);
    expect(new Set(engine?.requests)).toEqual(new Set(['GET /version']));
  });

  test('one that hangs is given up at the deadline', async () => {
    const host = await hostThat(() => {}, { answerMs: 2000 });
    await expect(host.info()).rejects.toMatchObject({ kind: 'silent' });
    expect(engine?.requests.filter((request) => request === 'GET /info')).toHaveLength(1);
  });

  test('one that breaks off is asked a question once more, but never a change', async () => {
    let broken = 0;
    const host = await hostThat((request, response) => {
      if (broken++ === 0 || request.method === 'POST') response.destroy();
      else response.end('{"Name":"fedora-01"}');
    });
    await expect(host.info()).resolves.toMatchObject({ hostname: 'fedora-01' });
    await expect(host.joinSwarm({ managers: ['x:2377'], token: new Secret('t') })).rejects.toMatchObject({
      kind: 'unreachable',
    });
    expect(engine?.requests.filter((request) => request === 'POST /swarm/join')).toHaveLength(1);
  });

  test('one that is restarted between two questions loses neither a question nor a change', async () => {
    const answer: RequestListener = (_request, response) => response.end('{"Name":"fedora-01"}');
    const host = await hostThat(answer);
    for (const next of [() => host.info(), () => host.leaveSwarm({ force: true })]) {
      await Promise.all([host.info(), host.info(), host.info()]);
      await engine?.stop();
      engine = await fakeEngine(sshd.settings.socket, answer);
      await next();
    }
    expect(engine?.requests).toEqual(['POST /swarm/leave?force=true']);
  });

  test('one that redirects is not followed anywhere', async () => {
    const host = await hostThat((_request, response) => {
      response.writeHead(301, { Location: 'http://127.0.0.1:1/elsewhere' }).end();
    });
    await expect(host.info()).rejects.toThrow('redirects');
  });

  test('an error page in plain text is passed on, cut and without tokens', async () => {
    const host = await hostThat((_request, response) => {
      response.writeHead(500).end(`boom SWMTKN-1-abc-def ${'x'.repeat(5_000)}`);
    });
    const thrown: unknown = await host.info().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(EngineRefusal);
    expect((thrown as EngineRefusal).text).toMatch(/^boom SWMTKN-\[secret\] x+\.\.\.$/);
  });

  test('no token is in what a refused join says', async () => {
    const token = 'SWMTKN-1-3pu6hszjas19-1awxwuwd3z9j';
    const host = await hostThat((request, response) => {
      request.on('data', (body: Buffer) => {
        response.writeHead(400).end(JSON.stringify({ message: `cannot parse ${body.toString()}` }));
      });
    });
    const join = host.joinSwarm({ managers: ['10.0.0.1:2377'], token: new Secret(token) });
    const thrown = (await join.catch((error: unknown) => error)) as EngineRefusal;
    expect(thrown.message).toContain('10.0.0.1:2377');
    expect(`${thrown.message} ${thrown.text} ${String(thrown.cause)}`).not.toContain('3pu6hszjas19');
  });

  test('paths are made of names only', async () => {
    const host = await hostThat((request, response) => {
      response.writeHead(404).end(JSON.stringify({ message: `no such thing ${request.url}` }));
    });
    const odd = ['../../containers/json', 'a//b', '', 'x?y=1', 'a b', 'ok:1'];
    await expect(host.missingImages(odd)).resolves.toEqual(odd);
    expect(engine?.requests).toEqual(['GET /version', 'GET /images/ok:1/json']);
  });
});
