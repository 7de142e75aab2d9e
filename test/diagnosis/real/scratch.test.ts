
import { afterAll, beforeAll, test, expect } from 'vitest';
import { startGround, command, type Ground } from './ground.ts';
import { explained } from '../../../src/diagnosis/failure.ts';
const TRIO = ['manager', 'manager-02', 'manager-03'];
let ground: Ground;
beforeAll(async () => {
  ground = await startGround({ hosts: [...TRIO, 'worker'], images: false });
  await ground.lab.initSwarm('manager');
  for (const host of TRIO.slice(1)) await ground.lab.join(host, 'manager', 'manager');
  await ground.lab.join('worker', 'manager');
}, 120000);
afterAll(async () => { await ground?.stop(); }, 60000);
const timed = async (what: string, run: () => Promise<unknown>) => {
  const began = performance.now();
  const out = await run().catch((e: unknown) => e);
  console.log(what, Math.round(performance.now() - began), 'ms', out instanceof Error ? JSON.stringify({ name: out.name, message: out.message, sent: (out as { sent?: boolean }).sent, ...explained(out as never, { service: 'websky' }) }) : JSON.stringify(out).slice(0, 1500));
};
test('x', async () => {
  const e = ground.lab.engine('manager') as never as { createService(b: object): Promise<unknown> };
  await e.createService({ Name: 'websky', TaskTemplate: { ContainerSpec: { Image: 'nothing:1' } }, Mode: { Replicated: { Replicas: 0 } } });
  const swarm = ground.swarm(...TRIO);
  await swarm.service('websky');
  await Promise.all(TRIO.slice(1).map((host) => ground.lab.faults.engineDies(host)));
  await Promise.all([
    timed('scale sent', () => swarm.scale('websky', 5)),
    timed('hosts at once', () => command(ground, TRIO, 'hosts')),
    timed('scale refused at once', () => command(ground, TRIO, 'scale websky 4')),
  ]);
  await timed('scale refused', () => command(ground, TRIO, 'scale websky 4'));
  await timed('hosts', () => command(ground, TRIO, 'hosts'));
  await ground.lab.faults.hostDies?.('worker');
  await timed('info', () => command(ground, TRIO, 'info worker'));
  expect(1).toBe(1);
}, 240000);
