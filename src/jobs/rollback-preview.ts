import type { Preview, PreviewContext } from './define.ts';
import { namesFact, serviceFacts } from './preview-facts.ts';
import { fromTo } from './service-update.ts';

/** What approvers of a rollback are shown: all that it takes back. */
export async function previewRollback(
  { name }: { name: string },
  { swarm, signal }: PreviewContext,
): Promise<Preview> {
  const plan = await swarm.planRollback(name, signal);
  const changes = plan.changes.map(fromTo);
  return {
    says: [
      `${plan.name} goes back to what it was before its last change.`,
      ...(changes.length === 0
        ? ['It differs from that in nothing that is shown.']
        : changes.map((one) => `${plan.name}: ${one}.`)),
    ],
    warnings: [],
    facts: [
      ...serviceFacts(await swarm.serviceBases([name], signal)),
      namesFact(`what is taken back of ${plan.name}`, changes),
    ],
  };
}
