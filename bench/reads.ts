/** `status`, `nodes` and `services` on a swarm of 1,000 nodes and 10,000 tasks, beside the docker CLI on its manager. */
import { readFile } from 'node:fs/promises';
import { startSystem } from '../demo/system/system.ts';
import type { Program } from '../demo/system/program.ts';
import { ask } from './asked.ts';
import { shell } from './by-hand.ts';
import { median, timesAsLong, type Finding } from './finding.ts';
import { startGenerated } from './generated-ground.ts';
import type { Ground } from './ground.ts';
import { alternate } from './pairs.ts';

const SIZE = { nodes: 1000, services: 1000, tasks: 10_000 };
const PAIRS = 5;

/** What a person types, and what they would type instead. */
const READS: [line: string, byHand: string[]][] = [
  ['nodes', ['node ls']],
  ['services', ['service ls']],
  ['status', ['node ls', 'service ls']],
];

export async function reads({ dir, signal }: Ground): Promise<Finding[]> {
  await using swarm = await startGenerated(dir, SIZE);
  const system = await startSystem({
    dir: `${dir}/reads`,
    swarmConfig: swarm.config,
    slack: { tierScale: 1000 },
  });
  try {
    const findings: Finding[] = [];
    for (const [line, byHand] of READS) {
      const pairs = await alternate(
        PAIRS,
        {
          reset: () => Promise.resolve(),
          ours: () => ask(system.slack, `/swarm ${line}`, signal),
          theirs: async () => {
            for (const command of byHand) await shell(`${swarm.docker(command)} > /dev/null`, signal);
          },
          check: () => Promise.resolve(),
        },
        signal,
      );
      const what = `${line}: ${SIZE.nodes} nodes, ${SIZE.services} services, ${SIZE.tasks} tasks`;
      const goal = { atMost: 1 };
      findings.push(
        { what, value: median(pairs.ours) / 1000, unit: 's', goal, basis: `median of ${PAIRS}` },
        timesAsLong(`${line}: the same`, pairs, byHand.map((one) => `docker ${one}`).join(', '), 1.2),
      );
    }
    const [worker, bot] = [system.workers[0], system.bots[0]];
    const basis = `the most in ${READS.length * PAIRS} reads`;
    if (worker)
      findings.push({
        what: 'worker: resident',
        value: await mostMiB(worker),
        unit: 'MiB',
        goal: { atMost: 250 },
        basis,
      });
    if (bot)
      findings.push({
        what: 'bot: resident',
        value: await mostMiB(bot),
        unit: 'MiB',
        goal: { atMost: 250 },
        basis,
      });
    return findings;
  } finally {
    await system.stop();
  }
}

/** Linux: VmHWM of proc(5), the most that was ever resident, in KiB there. */
async function mostMiB({ pid }: Program): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
