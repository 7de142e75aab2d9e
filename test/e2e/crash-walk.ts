import { join } from 'node:path';
import { startProgram } from '../../demo/system/program.ts';
import type { System } from '../../demo/system/system.ts';

/** Environment under which a dead worker is noticed fast. */
export const QUICK_DEATH = { WORKER_DEAD_AFTER_MS: '1000' };

/**
 * Runs `/swarm LINE` with a worker that dies at boundary number `dieAt`, then lets a healthy one finish.
 * @returns the boundary at which it died, or undefined when the job had fewer, and the final card's text.
 */
export async function runDying(
  system: System,
  { line, dieAt, dir, swarmConfig }: { line: string; dieAt: number; dir: string; swarmConfig: string },
): Promise<{ died: string | undefined; card: string; ts: string }> {
  const { slack } = system;
  const since = slack.messages('ops').at(-1)?.ts ?? '0';
  const dying = await startProgram({
    argv: [process.execPath, join(import.meta.dirname, 'dying-worker.ts')],
    env: {
      PATH: process.env['PATH'] ?? '',
      REDIS_URL: system.redis.url,
      SWARM_CONFIG: swarmConfig,
      QUEUE_SECRET: system.secret,
      DIE_AT: String(dieAt),
      ...QUICK_DEATH,
    },
    logFile: join(dir, `dying-${dieAt}.log`),
    isReady: (text) => text.includes('"msg":"ready"'),
  });
  await slack.command('alice', 'ops', `/swarm ${line}`);
  const ended = slack.waitFor(
    ({ text }) => /: (done|not everything worked|failed|refused|cancelled)\./.test(text),
    {
      channel: 'ops',
      since,
      timeoutMs: 60_000,
    },
  );
  // The job is with the dying worker for good: the healthy one can start beside it.
  await Promise.race([dying.printed('boundary 1'), dying.gone]);
  const healthy = await system.startWorker();
  const { text, ts } = await ended;
  await healthy.end();
  await dying.end();
  const killed = (await dying.gone) === null;
  const last = (await dying.log()).split('\n').findLast((line) => line.startsWith('boundary '));
  return { died: killed ? last : undefined, card: text, ts };
}

/** How often Slack was asked to show an ended state of this card. */
export function finalUpdates(system: System, ts: string): number {
  return system.slack.calls.filter(
    ({ method, args }) =>
      method === 'chat.update' &&
      args['ts'] === ts &&
      /: (done|failed|cancelled|not everything)/.test(String(args['text'])),
  ).length;
}
