import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finalUpdates, QUICK_DEATH, runDying } from './crash-walk.ts';
import { createService, leftOut, startBench, type Bench } from './lab.ts';

describe.skipIf(leftOut)(
  `a worker killed at each step boundary of scale${leftOut ? ` (${leftOut})` : ''}`,
  () => {
    let bench: Bench;

    beforeAll(async () => {
      bench = await startBench({
        hosts: ['manager'],
        swarm: ['manager'],
        system: { workers: 0, env: QUICK_DEATH, slack: { tierScale: 20 } },
      });
      await createService(bench.lab, 'manager', 'websky', 1);
    });
    afterAll(async () => {
      await bench?.stop();
    });

    it('ends as asked every time, and the card ends once', { timeout: 480_000 }, async () => {
      const { lab, system, dir } = bench;
      const walked: string[] = [];
      for (let dieAt = 1; ; dieAt += 1) {
        const replicas = dieAt % 2 === 0 ? 1 : 3;
        const before = dieAt % 2 === 0 ? 3 : 1;
        const { died, card, ts } = await runDying(system, {
          line: `scale websky ${replicas}`,
          dieAt,
          dir,
          swarmConfig: join(dir, 'swarm.yaml'),
        });
        expect(card, died ?? 'to its end').toMatch(/: done\./);
        expect(card).toContain(`from ${before} to ${replicas}`);
        const service = (await lab.engine('manager').getService('websky').inspect()) as {
          Spec: { Mode: { Replicated: { Replicas: number } } };
        };
        expect(service.Spec.Mode.Replicated.Replicas).toBe(replicas);
        expect(finalUpdates(system, ts)).toBe(1);
        if (died === undefined) break;
        walked.push(died.replace(/^boundary \d+: /, ''));
      }
      expect(walked).toEqual([
        'before Look at the service',
        'after Look at the service',
        expect.stringMatching(/^before Set \d replicas?$/),
        expect.stringMatching(/^after the change "scale websky/),
        expect.stringMatching(/^after Set \d replicas?$/),
        'before Wait until the tasks run and stay',
        'after Wait until the tasks run and stay',
      ]);
    });
  },
);
