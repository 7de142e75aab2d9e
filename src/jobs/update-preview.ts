import type { ServiceChange } from '../swarm/service-changes.ts';
import type { Preview, PreviewContext } from './define.ts';
import { serviceFacts } from './preview-facts.ts';
import { fromTo } from './service-update.ts';
import { foresee, wouldRefuse } from './update-look.ts';

interface Input {
  name: string;
  change: ServiceChange;
  anyway: boolean;
}

/** What approvers of an update are shown: each field before and after, never a value that could be secret. */
export async function previewUpdate(
  { name, change, anyway }: Input,
  context: PreviewContext,
): Promise<Preview> {
  const { swarm, signal } = context;
  const beyond = await foreseen(name, change, anyway, context);
  const plan = await swarm.planUpdate(name, change, signal);
  const { running } = await swarm.service(name, signal);
  const { changes, restarts } = plan;
  return {
    says:
      changes.length === 0
        ? [`${plan.name} is so already, and nothing is changed.`]
        : [
            ...changes.map((one) => `${plan.name}: ${fromTo(one)}.`),
            restarts
              ? `${running === 0 ? 'No task of it runs now; its tasks' : running === 1 ? 'The one task that runs' : `The ${running} tasks that run`} ${running === 1 ? 'is' : 'are'} replaced, as its own rule for updates says.`
              : 'Its tasks go on: none is replaced.',
          ],
    warnings: beyond,
    facts: serviceFacts(await swarm.serviceBases([name], signal)),
  };
}

/** What approvers of a restart are shown. */
export async function previewRestart({ name }: { name: string }, context: PreviewContext): Promise<Preview> {
  const { swarm, signal } = context;
  const plan = await swarm.planUpdate(name, { force: true }, signal);
  const { running, wanted, image } = await swarm.service(name, signal);
  return {
    says: [
      `Every task of ${plan.name} (${image}) is started anew, as its own rule for updates says. ${running} of ${wanted} run now.`,
    ],
    warnings: wanted === 1 ? [`${plan.name} has a single task, so it may be away for a moment.`] : [],
    facts: serviceFacts(await swarm.serviceBases([name], signal)),
  };
}

/** The refusal, as a warning where somebody asked to go on all the same. */
async function foreseen(
  name: string,
  change: ServiceChange,
  anyway: boolean,
  context: PreviewContext,
): Promise<string[]> {
  if (!anyway) {
    await foresee(name, change, context);
    return [];
  }
  const refusal = await wouldRefuse(name, change, context);
  return refusal ? [refusal.message] : [];
}
