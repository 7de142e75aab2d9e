/** What measurements stand on: a folder, a lab, a whole system. Each is started when first asked for, and ends with the run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalSlackOptions } from '../demo/slack/server.ts';
import { startSystem, type System } from '../demo/system/system.ts';
import { startLab, type Lab } from '../lab/lab.ts';
import { each } from '../lab/until.ts';

/** The swarm that every measurement finds; other hosts are outside it until one joins them. */
export const MANAGER = 'manager';
const SWARM = [MANAGER, 'fedora-01', 'fedora-02'];
/** Waits to be joined alone. */
export const JOINER = 'fedora-03';

const ADDED_AT_ONCE = 4;

/** A Slack that never says "too many requests": its limits are not what is measured here. */
const GENEROUS: LocalSlackOptions = { tierScale: 1000 };

export class Ground implements AsyncDisposable {
  readonly dir: string;
  /** Fires when the run is to end early. */
  readonly signal: AbortSignal;
  readonly #closers: (() => Promise<unknown>)[] = [];
  #lab: Promise<Lab> | undefined;
  #systems = 0;

  private constructor(dir: string, signal: AbortSignal) {
    this.dir = dir;
    this.signal = signal;
    this.#closers.push(() => rm(dir, { recursive: true, force: true }));
  }

  static async open(signal: AbortSignal): Promise<Ground> {
    return new Ground(await mkdtemp(join(tmpdir(), 'swarmkeeper-bench-')), signal);
  }

  /** Three hosts in a swarm, one outside it. The same lab for all measurements of this run. */
  lab(): Promise<Lab> {
    this.#lab ??= startLab({ hosts: [...SWARM, JOINER], swarm: SWARM, signal: this.signal }).then((lab) => {
      this.#closers.push(() => lab.down());
      return lab;
    });
    return this.#lab;
  }

  /** More hosts outside the swarm; those that are there already are left alone. */
  async addHosts(names: string[]): Promise<void> {
    const lab = await this.lab();
    const lacking = names.filter((name) => lab.hosts.every((host) => host.name !== name));
    await each(lacking, ADDED_AT_ONCE, async (name) => {
      this.signal.throwIfAborted();
      await lab.addHost(name);
    });
  }

  /** Redis, local Slack, one bot and one worker of the caller's own, for the lab as it is now. */
  async system(options: { programs?: 0 | 1 } = {}): Promise<System> {
    this.#systems += 1;
    const dir = join(this.dir, `system-${this.#systems}`);
    const swarmConfig = join(this.dir, `swarm-${this.#systems}.yaml`);
    await (await this.lab()).writeConfig(swarmConfig);
    this.signal.throwIfAborted();
    const { programs = 1 } = options;
    const system = await startSystem({
      dir,
      swarmConfig,
      slack: GENEROUS,
      bots: programs,
      workers: programs,
    });
    // Whoever started it may have stopped it before; a second stop does nothing.
    this.#closers.push(() => system.stop());
    return system;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close();
  }
}
