import type { RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EngineRefusal } from '../../src/hosts/failures.ts';
import { openHosts } from '../../src/hosts/inventory.ts';
import type { OpenHosts } from '../../src/hosts/inventory.ts';
import { openSwarm } from '../../src/swarm/open-swarm.ts';
import { fakeEngine, noSshd, startSshd } from './own-sshd.ts';
import type { FakeEngine, OwnSshd } from './own-sshd.ts';

const NODE = {
  ID: 'n1',
  Version: { Index: 1 },
  Description: { Hostname: 'fedora-01' },
  Status: { State: 'ready' },
};

describe.skipIf(noSshd !== '')(`lists that are read item by item, behind a real sshd ${noSshd}`, () => {
  let sshd: OwnSshd;
  let engine: FakeEngine | undefined;
  let hosts: OpenHosts | undefined;

  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterEach(async () => {
    await hosts?.close();
    await engine?.stop();
  });
  afterAll(() => sshd.stop());

  const swarmThat = async (answer: RequestListener) => {
    engine = await fakeEngine(sshd.settings.socket, (request, response) => {
      response.setHeader('Content-Type', 'application/json');
      if (request.url === '/version') response.end(JSON.stringify({ Version: '20.10.24' }));
      else answer(request, response);
    });
    hosts = openHosts([sshd.settings], { answerMs: 2000 });
    return openSwarm({ managers: ['fedora-01'], hosts });
  };

  test('a list that breaks off half-way is asked for once more, and is never taken for the whole', async () => {
    let asked = 0;
    const swarm = await swarmThat((_request, response) => {
      asked += 1;
      if (asked > 1) return response.end(JSON.stringify([NODE, { ...NODE, ID: 'n2' }]));
      response.write(`[${JSON.stringify(NODE)},`);
      return setImmediate(() => response.destroy());
    });
    expect((await swarm.nodes()).map(({ id }) => id)).toEqual(['n1', 'n2']);
    expect(asked).toBe(2);
  });

  test('one that ends too soon although the engine says that it is over is an error', async () => {
    const swarm = await swarmThat((_request, response) => response.end(`[${JSON.stringify(NODE)}`));
    await expect(swarm.nodes()).rejects.toThrow('ends too soon');
  });

  test('a refusal is told in the engine’s words', async () => {
    const swarm = await swarmThat((_request, response) => {
      response.writeHead(400).end(JSON.stringify({ message: "invalid filter 'color'" }));
    });
    const thrown: unknown = await swarm.nodes(undefined, { color: ['red'] }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(EngineRefusal);
    expect((thrown as EngineRefusal).text).toContain("invalid filter 'color'");
    expect(engine?.requests).toContain('GET /nodes?filters=%7B%22color%22%3A%5B%22red%22%5D%7D');
  });

  test('one that never ends is given up at the deadline, and at once when nobody wants it any more', async () => {
    const swarm = await swarmThat((_request, response) => void response.write(`[${JSON.stringify(NODE)},`));
    await expect(swarm.nodes()).rejects.toThrow(/does not answer/);
    const stop = new AbortController();
    const reading = swarm.nodes(stop.signal);
    stop.abort(new Error('cancelled'));
    await expect(reading).rejects.toThrow('cancelled');
  });

  test('an engine that counts no tasks by service is asked for the tasks', async () => {
    const service = {
      ID: 's1',
      Version: { Index: 1 },
      Spec: { Name: 'websky', Mode: { Replicated: { Replicas: 3 } } },
    };
    const task = {
      ID: 't1',
      ServiceID: 's1',
      NodeID: 'n1',
      Slot: 1,
      DesiredState: 'running',
      Status: { State: 'running' },
    };
    const swarm = await swarmThat((request, response) => {
      const path = (request.url ?? '').split('?')[0];
      const lists: Record<string, object[]> = { '/nodes': [NODE], '/services': [service], '/tasks': [task] };
      response.end(JSON.stringify(lists[path ?? '']));
    });
    expect(await swarm.services()).toMatchObject([{ name: 'websky', wanted: 3, running: 1 }]);
    expect(engine?.requests).toContain('GET /services?status=true');
  });
});
