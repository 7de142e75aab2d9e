import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSystem, type System, type SystemOptions } from '../../demo/system/system.ts';
import { canRunLab, startLab, type Lab } from '../../lab/lab.ts';

const able = canRunLab();

/** Why the tests that need a swarm of their own are left out here, or undefined. */
export const leftOut: string | undefined = able.ok ? undefined : able.why;

export interface Bench {
  lab: Lab;
  system: System;
  dir: string;
  stop: () => Promise<void>;
}

/**
 * A lab and everything of Swarmkeeper against it. `bare`: hosts that get none of the lab's images. `policy`: instead of
 * one that lets everybody do everything.
 */
export async function startBench(options: {
  hosts: string[];
  swarm: string[];
  bare?: string[];
  policy?: object;
  system?: Partial<SystemOptions>;
}): Promise<Bench> {
  const dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-test-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close();
  };
  try {
    const { hosts, swarm, bare } = options;
    const lab = await startLab({ hosts, swarm, ...(bare ? { images: false } : {}) });
    closers.push(() => lab.down());
    if (bare) await lab.loadImages(hosts.filter((host) => !bare.includes(host)));
    const swarmConfig = join(dir, 'swarm.yaml');
    await lab.writeConfig(swarmConfig, options.policy ? { more: options.policy } : {});
    const system = await startSystem({ dir, swarmConfig, ...options.system });
    closers.push(() => system.stop());
    return { lab, system, dir, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export async function createService(
  lab: Lab,
  manager: string,
  name: string,
  replicas: number,
): Promise<void> {
  await lab.engine(manager).createService({
    Name: name,
    TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' } },
    Mode: { Replicated: { Replicas: replicas } },
  });
}
