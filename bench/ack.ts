/** From Slack's envelope to the ack, at a leisurely and at a busy rate, beside a client that does nothing but ack. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startLocalSlack, type LocalSlack } from '../demo/slack/server.ts';
import { startProgram } from '../demo/system/program.ts';
import { percentile, type Finding } from './finding.ts';
import type { Ground } from './ground.ts';

const SECONDS = 10;
const BUSY = 100;
const GOAL_MS = 250;
/** Two are accepted as jobs, one is refused, one is answered at once. */
const LINES = ['/swarm nodes', '/swarm scale websky twelve', '/swarm nodes', '/swarm help join'];

export async function ack(ground: Ground): Promise<Finding[]> {
  const { slack, stop } = await ground.system();
  const calm = await load(slack, 1, ground.signal);
  const busy = await load(slack, BUSY, ground.signal);
  await stop();
  const bare = await bareAcks(ground);
  return [
    ...acks('at 1/s', calm),
    ...acks(`at ${BUSY}/s`, busy, GOAL_MS),
    ...acks(`of a client that only acks, at ${BUSY}/s`, bare),
    {
      what: `p99 of how late the commands at ${BUSY}/s were sent`,
      value: percentile(busy.late, 0.99),
      unit: 'ms',
      basis: 'the load itself, not the bot',
    },
  ];
}

function acks(what: string, { latencies }: Load, atMost?: number): Finding[] {
  const basis = `${latencies.length} commands, half of them accepted as jobs`;
  return [0.5, 0.99].map((share) => ({
    what: `p${share * 100} of acks ${what}`,
    value: percentile(latencies, share),
    unit: 'ms',
    ...(atMost !== undefined && share === 0.99 ? { goal: { atMost } } : {}),
    basis,
  }));
}

interface Load {
  /** From the envelope written to the ack read, in ms. */
  latencies: number[];
  /** By how much each command was sent later than planned, in ms. */
  late: number[];
}

/** Types commands at an even pace, whether or not the ones before were acknowledged. */
async function load(slack: LocalSlack, perSecond: number, signal: AbortSignal): Promise<Load> {
  const before = slack.sends().length;
  const began = performance.now();
  const late: number[] = [];
  const commands: Promise<void>[] = [];
  for (let number = 0; number < perSecond * SECONDS; number += 1) {
    const due = began + (1000 * number) / perSecond;
    const early = due - performance.now();
    if (early > 0) await sleep(early, undefined, { signal });
    late.push(performance.now() - due);
    commands.push(slack.command('alice', 'ops', LINES[number % LINES.length] ?? ''));
  }
  await Promise.all(commands);
  const latencies = slack
    .sends()
    .slice(before)
    .flatMap(({ latencyMs }) => latencyMs ?? []);
  if (latencies.length !== commands.length)
    throw new Error(
      `Only ${latencies.length} of ${commands.length} commands were acknowledged the first time.`,
    );
  return { latencies, late };
}

/** The same load on Slack's own client with an empty listener: what Slack, the network and Node take alone. */
async function bareAcks({ dir, signal }: Ground): Promise<Load> {
  const slack = await startLocalSlack();
  try {
    const client = await startProgram({
      argv: [process.execPath, fileURLToPath(new URL('./bare-client.ts', import.meta.url))],
      env: { SLACK_APP_TOKEN: slack.appToken, SLACK_API_URL: slack.apiUrl },
      logFile: join(dir, 'bare-client.log'),
      isReady: (line) => line === 'ready',
    });
    try {
      return await load(slack, BUSY, signal);
    } finally {
      await client.end();
    }
  } finally {
    await slack.close();
  }
}
