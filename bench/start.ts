/** How long bot and worker take to start, and how much memory they hold once each has done something. */
import { readFile } from 'node:fs/promises';
import { ask } from './asked.ts';
import { median, type Finding } from './finding.ts';
import type { Ground } from './ground.ts';
import type { Program } from '../demo/system/program.ts';

const ROUNDS = 5;

export async function start(ground: Ground): Promise<Finding[]> {
  const system = await ground.system({ programs: 0 });
  const found = {
    worker: { ms: [] as number[], mib: [] as number[] },
    bot: { ms: [] as number[], mib: [] as number[] },
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    ground.signal.throwIfAborted();
    const began = performance.now();
    const worker = await system.startWorker();
    const between = performance.now();
    const bot = await system.startBot();
    found.worker.ms.push(between - began);
    found.bot.ms.push(performance.now() - between);
    await ask(system.slack, '/swarm nodes', ground.signal);
    found.worker.mib.push(await residentMiB(worker));
    found.bot.mib.push(await residentMiB(bot));
    await Promise.all([bot.end(), worker.end()]);
  }
  await system.stop();
  return Object.entries(found).flatMap(([name, { ms, mib }]): Finding[] => [
    {
      what: `${name}: start until ready`,
      value: median(ms) / 1000,
      unit: 's',
      goal: { atMost: 1.5 },
      basis: `median of ${ROUNDS}`,
    },
    {
      what: `${name}: resident after one command`,
      value: median(mib),
      unit: 'MiB',
      goal: { atMost: 150 },
      basis: `median of ${ROUNDS}`,
    },
  ]);
}

/** Linux: VmRSS of proc(5), in KiB there. */
async function residentMiB({ pid }: Program): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
