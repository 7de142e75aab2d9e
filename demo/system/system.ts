/** Everything at once: Redis, the local Slack, bots and workers as processes of their own, against a swarm.yaml. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startLocalSlack, type LocalSlack, type LocalSlackOptions } from '../slack/server.ts';
import { startProgram, type Program } from './program.ts';
import { startRedis, type RedisServer } from './redis.ts';

export interface SystemOptions {
  /** For logs and Redis' data. */
  dir: string;
  swarmConfig: string;
  slack?: LocalSlackOptions;
  bots?: number;
  workers?: number;
  /** For all bots and workers. */
  env?: Record<string, string>;
}

export interface System {
  slack: LocalSlack;
  redis: RedisServer;
  secret: string;
  bots: Program[];
  workers: Program[];
  startBot: (env?: Record<string, string>) => Promise<Program>;
  startWorker: (env?: Record<string, string>) => Promise<Program>;
  stop: () => Promise<void>;
}

/** Starts it all. What was started is stopped again when something else does not start. */
export async function startSystem({
  dir,
  swarmConfig,
  slack: slackOptions,
  bots = 1,
  workers = 1,
  env = {},
}: SystemOptions): Promise<System> {
  await mkdir(dir, { recursive: true });
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).toReversed()) await one();
  };
  try {
    const redis = await startRedis(join(dir, 'redis'));
    stops.push(() => redis.stop());
    const slack = await startLocalSlack(slackOptions);
    stops.push(() => slack.close());

    const secret = randomBytes(32).toString('hex');
    const both = {
      PATH: process.env['PATH'] ?? '',
      // Compiled code is kept: the next start is quicker and needs no type stripper in memory.
      NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/node'),
      REDIS_URL: redis.url,
      SWARM_CONFIG: swarmConfig,
      QUEUE_SECRET: secret,
      // As many as this Slack takes.
      SLACK_UPDATES_PER_MINUTE: String(50 * (slackOptions?.tierScale ?? 1)),
      ...env,
    };
    const start = async (
      list: Program[],
      name: 'bot' | 'worker',
      extra: Record<string, string>,
    ): Promise<Program> => {
      const program = await startProgram({
        argv: [process.execPath, join(import.meta.dirname, `../../src/${name}.ts`)],
        env: { ...both, ...extra },
        logFile: join(dir, `${name}-${list.length + 1}.log`),
        isReady: (line) => line.includes('"msg":"ready"'),
      });
      list.push(program);
      stops.push(() => program.end());
      return program;
    };
    const system: System = {
      slack,
      redis,
      secret,
      bots: [],
      workers: [],
      startBot: (extra = {}) =>
        start(system.bots, 'bot', {
          SLACK_BOT_TOKEN: slack.botToken,
          SLACK_APP_TOKEN: slack.appToken,
          SLACK_API_URL: slack.apiUrl,
          ...extra,
        }),
      startWorker: (extra = {}) => start(system.workers, 'worker', extra),
      stop,
    };
    await Promise.all([
      ...Array.from({ length: bots }, () => system.startBot()),
      ...Array.from({ length: workers }, () => system.startWorker()),
    ]);
    return system;
  } catch (error) {
    await stop();
    throw error;
  }
}
