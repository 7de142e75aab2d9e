/** `/swarm scale websky 12` from typing until the card says done, beside the docker CLI on the manager. */
import { ask } from './asked.ts';
import { timesAsLong, type Finding } from './finding.ts';
import { MANAGER, type Ground } from './ground.ts';
import { alternate } from './pairs.ts';
import { resetService, runningTasks } from './swarm.ts';

const SERVICE = 'websky';
const FEW = 3;
const MANY = 12;
const PAIRS = 5;

export async function scale(ground: Ground): Promise<Finding[]> {
  const { signal } = ground;
  const lab = await ground.lab();
  const { slack, stop } = await ground.system();
  const pairs = await alternate(
    PAIRS,
    {
      reset: () => resetService(lab, SERVICE, FEW, signal),
      ours: () => ask(slack, `/swarm scale ${SERVICE} ${MANY}`, signal),
      theirs: async () => {
        const { code, stderr } = await lab.exec(MANAGER, [
          'docker',
          'service',
          'scale',
          `${SERVICE}=${MANY}`,
        ]);
        if (code !== 0) throw new Error(`docker service scale failed: ${stderr}`);
      },
      check: async () => {
        const running = await runningTasks(lab, SERVICE);
        if (running !== MANY) throw new Error(`${running} of ${MANY} tasks run, though all were said to.`);
      },
    },
    signal,
  );
  await stop();
  return [timesAsLong(`scale ${SERVICE} ${MANY}`, pairs, 'docker service scale', 1.2)];
}
