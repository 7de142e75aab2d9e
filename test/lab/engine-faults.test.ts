import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { staticBusybox } from '../../lab/images.ts';
import type { Lab } from '../../lab/lab.ts';
import { startLab } from '../../lab/lab.ts';
import { startRegistry } from '../../lab/registry.ts';
import { noLab, unlessLeftOut } from './able.ts';

describe.skipIf(noLab)(
  `faults of an engine and of the way to it${unlessLeftOut}`,
  { timeout: 60_000 },
  () => {
    const HOST = 'fedora-01';
    let lab: Lab;

    beforeAll(async () => {
      lab = await startLab({ hosts: ['manager', HOST], swarm: ['manager', HOST] });
    });
    afterAll(() => lab?.down());
    afterEach(() => lab.faults.hostComesBack(HOST));

    const answers = async (path: 'ping' | 'info') => {
      const engine = lab.engine(HOST);
      const answer = path === 'ping' ? engine.ping() : engine.info();
      return await Promise.race([answer.then(() => true), sleep(1500, false)]);
    };
    const nodeState = async () => {
      const nodes = (await lab.engine('manager').listNodes()) as {
        Description: { Hostname: string };
        Status: { State: string };
      }[];
      return nodes.find(({ Description }) => Description.Hostname === HOST)?.Status.State;
    };
    /** Whether a packet of so many bytes, its IP header counted, comes through from the manager. */
    const passes = async (bytes: number) => {
      const size = ['-s', String(bytes - 28)];
      const ping = [staticBusybox() ?? '', 'ping', '-c', '1', '-W', '1', ...size, lab.host(HOST).address];
      return (await lab.exec('manager', ping)).code === 0;
    };
    const dial = async (from: string, to: string, port: number) => {
      const line = `exec 3<>/dev/tcp/${lab.host(to).address}/${port}`;
      const { code, stderr } = await lab.exec(from, ['timeout', '2', 'bash', '-c', line]);
      return code === 0
        ? 'open'
        : code === 124
          ? 'silence'
          : (/No route to host/.exec(stderr)?.[0] ?? stderr);
    };

    test('an engine that hangs answers nothing until it goes on', async () => {
      await lab.faults.hangs(HOST, 'engine');
      expect(await answers('ping')).toBe(false);
      await lab.faults.goesOn(HOST, 'engine');
      expect(await answers('ping')).toBe(true);
    });

    test('without its containerd an engine hangs only where containers are asked for, and its node is ready', async () => {
      await lab.faults.hangs(HOST, 'containerd');
      expect([await answers('ping'), await answers('info')]).toEqual([true, false]);
      expect(await nodeState()).toBe('ready');
      await lab.faults.hostComesBack(HOST);
      expect(await answers('info')).toBe(true);
    });

    test('an engine that hangs can be killed, and its host comes back', async () => {
      await lab.faults.hangs(HOST, 'engine');
      await lab.faults.engineDies(HOST);
      await lab.faults.hostComesBack(HOST);
      expect(await answers('info')).toBe(true);
    });

    test('settings are in force, or refused with the reason', async () => {
      const isOn = async () =>
        ((await lab.engine(HOST).info()) as { LiveRestoreEnabled: boolean }).LiveRestoreEnabled;
      await lab.faults.engineSettings('manager', {});
      await lab.engine(HOST).swarmLeave({});
      await lab.faults.engineSettings(HOST, { 'live-restore': true });
      expect(await isOn()).toBe(true);
      await lab.faults.engineSettings(HOST, { 'live-restore': false });
      expect(await isOn()).toBe(false);
      await expect(lab.faults.engineSettings(HOST, { 'no-such': 1 })).rejects.toThrow(/no-such/);
      await lab.faults.engineSettings(HOST, {});
      await lab.join(HOST, 'manager');
    });

    test('a small disk is full when the engine says so', async () => {
      await lab.faults.diskShrinks(HOST, 4);
      await expect(lab.loadImages([HOST])).rejects.toThrow(/no space left on device/);
      // The power goes, and the small disk with it.
      await lab.faults.hostDies(HOST);
      await lab.faults.hostComesBack(HOST);
      await lab.loadImages([HOST]);
      await vi.waitUntil(async () => (await nodeState()) === 'ready', { timeout: 30_000 });
    });

    test('a rejected port says no route to host, in and out, until it is passed', async () => {
      await lab.faults.rejectPort(HOST, 22, 'tcp', 'in');
      await lab.faults.rejectPort(HOST, 2377, 'tcp', 'out');
      expect([await dial('manager', HOST, 22), await dial(HOST, 'manager', 2377)]).toEqual([
        'No route to host',
        'No route to host',
      ]);
      await lab.faults.passPort(HOST, 22, 'tcp');
      await lab.faults.passPort(HOST, 2377, 'tcp');
      expect([await dial('manager', HOST, 22), await dial(HOST, 'manager', 2377)]).toEqual(['open', 'open']);
    });

    test('a narrow path loses what is too large for it, and nothing else', async () => {
      expect([await passes(1400), await passes(1500)]).toEqual([true, true]);
      await lab.faults.narrowPath(HOST, 1400);
      expect([await passes(1400), await passes(1401)]).toEqual([true, false]);
      await lab.faults.widenPath(HOST, 1400);
      expect(await passes(1500)).toBe(true);
    });

    test('a registry refuses pulls for their number', async () => {
      const registry = await startRegistry(lab, [HOST], 'rate-limit');
      try {
        await expect(
          lab.engine(HOST).pull(`${registry.address}/my-apache2:latest`) as Promise<unknown>,
        ).rejects.toThrow(/toomanyrequests/);
        expect(registry.asked).toContain('GET /v2/');
      } finally {
        await registry.close();
      }
    });

    test('a silent registry keeps the one who asks waiting', async () => {
      const registry = await startRegistry(lab, [HOST], 'silence');
      try {
        const pull = `docker pull ${registry.address}/my-apache2:latest`;
        const { code } = await lab.exec(HOST, ['timeout', '2', 'sh', '-c', pull]);
        expect(code).toBe(124);
        expect(registry.asked).toContain('GET /v2/');
      } finally {
        await registry.close();
      }
    });
  },
);
