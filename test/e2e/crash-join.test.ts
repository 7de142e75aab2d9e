import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finalUpdates, QUICK_DEATH, runDying } from './crash-walk.ts';
import { leftOut, startBench, type Bench } from './lab.ts';

interface NodeJson {
  ID: string;
  Description: { Hostname: string };
  Status: { State: string };
}

describe.skipIf(leftOut)(
  `a worker killed at each step boundary of join${leftOut ? ` (${leftOut})` : ''}`,
  () => {
    let bench: Bench;

    beforeAll(async () => {
      bench = await startBench({
        hosts: ['manager', 'fedora-03'],
        swarm: ['manager'],
        system: { workers: 0, env: QUICK_DEATH, slack: { tierScale: 20 } },
      });
    });
    afterAll(async () => {
      await bench?.stop();
    });

    it(
      'ends with the host in the swarm once, its ghost gone, and the card ended once',
      { timeout: 480_000 },
      async () => {
        const { lab, system, dir } = bench;
        const walked: string[] = [];
        for (let dieAt = 1; ; dieAt += 1) {
          const { died, card, ts } = await runDying(system, {
            line: 'join fedora-03',
            dieAt,
            dir,
            swarmConfig: join(dir, 'swarm.yaml'),
          });
          expect(card, died ?? 'to its end').toMatch(/: done\. fedora-03 has joined the swarm/);
          const nodes = (await lab.engine('manager').listNodes()) as unknown as NodeJson[];
          expect(
            nodes.map(({ Description, Status }) => `${Description.Hostname} ${Status.State}`).toSorted(),
          ).toEqual(['fedora-03 ready', 'manager ready']);
          expect(finalUpdates(system, ts)).toBe(1);
          if (died === undefined) break;
          walked.push(died.replace(/^boundary \d+: /, ''));
          // It leaves by hand and stays behind as a ghost, which the next join has to clear.
          await lab.exec('fedora-03', ['docker', 'swarm', 'leave', '--force']);
        }
        expect(walked).toContain('after the change "join fedora-03 as worker"');
        expect(
          walked.filter((where) => where.startsWith('after the change "remove the old entry')),
        ).toHaveLength(1);
        // Six steps, each with a before and an after, and two changes.
        expect(walked).toHaveLength(14);
      },
    );
  },
);
