import { context, section } from '../cards/blocks.ts';
import { list } from '../cards/text.ts';
import { UserError } from '../errors.ts';
import { WHOLE_SWARM } from '../target.ts';
import type { Arg } from './args.ts';
import { defineCommand } from './define.ts';
import { quoted } from './words.ts';

type Role = 'worker' | 'manager';
const ROLES: Role[] = ['worker', 'manager'];

export const rotate = defineCommand({
  name: 'rotate',
  summary: 'Make the join tokens of workers or managers new',
  risk: 'change',
  aliases: ['swarm join-token --rotate'],
  examples: ['rotate worker', 'rotate manager', 'rotate worker manager'],
  args: { roles: roles() },
  job: 'rotate',
  swarmWide: true,
  targets: () => [WHOLE_SWARM],
  input: ({ roles }) => ({ roles }),
  done: ({ roles }) => {
    const which = `The join ${roles.length === 1 ? 'token' : 'tokens'} of ${list(roles.map((one) => `${one}s`))}`;
    const text = `${which} ${roles.length === 1 ? 'is' : 'are'} new; the old ${roles.length === 1 ? 'one lets' : 'ones let'} nobody in any more.`;
    return {
      text,
      blocks: [
        section(`:white_check_mark: ${text}`),
        context(
          'Nodes that have joined stay in the swarm. `join` asks for the token each time it needs one; scripts that keep one of their own have to be told the new one.',
        ),
      ],
    };
  },
});

/** `worker`, `manager`, or both. */
function roles(): Arg<Role[]> {
  return {
    place: 'rest',
    usage: 'ROLE...',
    about: '"worker", "manager" or both',
    optional: false,
    parse: (values) => {
      const named = values.map((value) => {
        const found = ROLES.find((one) => one === value.toLowerCase());
        if (found) return found;
        throw new UserError(`${quoted(value)} has no join token.`, {
          hint: 'There are two: rotate worker, and rotate manager.',
        });
      });
      return [...new Set(named)];
    },
  };
}
