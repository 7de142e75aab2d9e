import type { Preview, PreviewContext } from './define.ts';
import { fact } from './preview-facts.ts';
import { joined } from './preview-text.ts';

/** What approvers of a rotation are shown. The tokens themselves are in none of it: the fact is a keyed mark. */
export async function previewRotate(
  { roles }: { roles: ('worker' | 'manager')[] },
  { swarm, signal }: PreviewContext,
): Promise<Preview> {
  const { id, nodes, managers } = await swarm.cluster(signal);
  const marks = await Promise.all(
    roles.map(async (role) =>
      fact(`the join token of ${role}s`, `marked ${await swarm.tokenMark(role, signal)}`),
    ),
  );
  const many = roles.length > 1;
  return {
    says: [
      `The join ${many ? 'tokens' : 'token'} of ${joined(roles.map((role) => `${role}s`))} ${many ? 'become new ones' : 'becomes a new one'}; the old ${many ? 'ones let' : 'one lets'} nobody in any more.`,
      `All ${nodes} nodes that have joined stay, ${managers === 1 ? 'the manager' : `the ${managers} managers`} among them, and \`join\` here asks for the new token by itself.`,
    ],
    warnings: [
      `Scripts and machine images that keep the old ${many ? 'tokens' : 'token'} cannot join with ${many ? 'them' : 'it'} any more.`,
    ],
    facts: [fact('the ID of the swarm', id), ...marks],
  };
}
