/** Whether tasks of a service can be moved at all. */
import { UserError } from '../errors.ts';
import type { Balance } from '../swarm/rebalance-facts.ts';
import type { JobContext } from './define.ts';
import { balanceOf } from './rebalance-move.ts';

/** @throws UserError when the service has no tasks that could be moved. */
export async function movable(
  name: string,
  { single }: { single: boolean },
  { swarm, signal }: Pick<JobContext, 'swarm' | 'signal'>,
): Promise<Balance> {
  const service = await swarm.service(name, signal);
  if (service.mode === 'global') {
    throw new UserError(
      `${service.name} is a global service: it runs once on every node and is always level.`,
      {
        hint: 'Only replicated services can be rebalanced.',
      },
    );
  }
  if (service.mode !== 'replicated') {
    throw new UserError(`${service.name} is a job: its tasks run to their end where they are.`, {
      hint: 'Only replicated services can be rebalanced.',
    });
  }
  if (service.wanted === 1 && !single) {
    throw new UserError(
      `${service.name} has a single task: it is replaced to be moved, and may be away for a moment.`,
      {
        hint: 'Where it bears that, use `--single`.',
        remedies: [
          {
            label: `Move ${service.name} all the same`,
            line: `rebalance ${service.name} --single`,
            confirm: `The task of ${service.name} is replaced by one on another node, and the service may be away for a moment.`,
          },
        ],
      },
    );
  }
  if (service.updateState === 'updating' || service.updateState === 'rollback_started') {
    throw new UserError(`${service.name} is being updated: its tasks move anyway.`, {
      hint: 'Wait until the update has ended, then rebalance it.',
    });
  }
  return await balanceOf(service.id, swarm, signal);
}
