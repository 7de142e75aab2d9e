/** Bots as processes of their own, the local Slack, a real Redis, and a worker whose jobs are tiny: no swarm is needed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { startSystem, type System } from '../../demo/system/system.ts';
import { readWorkerConfig } from '../../src/config.ts';
import type { AnyJob, Preview } from '../../src/jobs/define.ts';
import type { JobName } from '../../src/jobs/index.ts';
import { openWorker } from '../../src/worker-process.ts';
import { RESULTS } from '../commands/results.ts';

export type Message = Awaited<ReturnType<System['slack']['waitFor']>>;

export interface ApprovalBench {
  system: System;
  slack: System['slack'];
  /** What the worker finds when it looks, from now on; or when it has found it. */
  finds: (preview: Preview | Promise<Preview>) => void;
  /** Jobs wait for this before they do anything. */
  hold: (until: Promise<unknown>) => void;
  /** Titles of the jobs that have run, in order. */
  ran: string[];
  stop: () => Promise<void>;
}

/** As `swarm.yaml` says it. Alice and Bob are operators by their user group, Carol is on call. */
const ROLES = {
  roles: {
    operators: { groups: ['@ops-team'], allow: ['read', 'change', 'destroy'] },
    oncall: { groups: ['@oncall'], allow: ['read', 'change', 'destroy'] },
  },
  breakGlass: ['oncall'],
};
export const BY_ALL = { approvers: ['operators', 'oncall'], quorum: 1 };

export const ROTATES: Preview = {
  says: ['The join token of workers becomes new.'],
  warnings: [],
  facts: [{ what: 'the managers', value: '1' }],
};

/** `more`: of swarm.yaml. */
export async function startApprovalBench(
  more: Record<string, unknown>,
  options: { bots?: number; env?: Record<string, string> } = {},
): Promise<ApprovalBench> {
  const dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-test-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close();
  };
  try {
    const swarmConfig = join(dir, 'swarm.yaml');
    await Promise.all(['key', 'known_hosts'].map((name) => writeFile(join(dir, name), '')));
    await writeFile(
      swarmConfig,
      stringify({
        managers: ['manager'],
        ssh: { key: 'key', knownHosts: 'known_hosts' },
        hosts: { manager: { address: '192.0.2.1' }, 'fedora-03': { address: '192.0.2.3' } },
        ...ROLES,
        ...more,
      }),
    );
    const { bots = 1, env = {} } = options;
    const system = await startSystem({
      dir,
      swarmConfig,
      bots,
      workers: 0,
      env,
      // Slack's limits on how fast a bot may write are another test's.
      slack: { tierScale: 1000 },
    });
    closers.push(() => system.stop());

    let preview: Preview | Promise<Preview> = ROTATES;
    let held: Promise<unknown> = Promise.resolve();
    const ran: string[] = [];
    const tiny = (name: JobName): AnyJob => ({
      input: z.unknown(),
      lock: () => [name],
      steps: () => ['Look', 'Do it'],
      preview: async () => await preview,
      run: async (_input, { step }) => {
        await step('Look', async () => await held);
        await step('Do it', async ({ act }) => {
          await act(name, () => Promise.resolve(ran.push(name)));
        });
        return RESULTS[name]({ text: 'web-1', many: 1 })[0];
      },
    });
    const config = readWorkerConfig({
      REDIS_URL: system.redis.url,
      QUEUE_SECRET: system.secret,
      SWARM_CONFIG: swarmConfig,
      LOG_LEVEL: process.env['TEST_LOG'] ?? 'silent',
    });
    const worker = await openWorker(
      config,
      Object.fromEntries((Object.keys(RESULTS) as JobName[]).map((name) => [name, tiny(name)])),
    );
    closers.push(() => worker.close());
    return {
      system,
      slack: system.slack,
      finds: (found) => {
        preview = found;
      },
      hold: (until) => {
        held = until;
      },
      ran,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The request's ID, as the card's metadata has it. */
export function idOf({ metadata }: Message): string {
  const { id = '' } = (metadata?.['event_payload'] ?? {}) as { id?: string };
  return id;
}

/** This person's conversation with the bot. */
export function direct(slack: System['slack'], person: string): Message[] {
  try {
    return slack.messages(`@${person}`, { as: person });
  } catch {
    // The bot has not written to them yet.
    return [];
  }
}

/** The labels of the buttons, as a message is shown. */
export function buttonsOf(shown: string): string[] {
  return [...shown.matchAll(/\[(?<label>[A-Z][^\]]*)\]/g)].map(({ groups }) => groups?.['label'] ?? '');
}
