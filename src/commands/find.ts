import { UserError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Command } from './define.ts';
import { quoted } from './words.ts';

/**
 * The command whose name or alias is the longest match at the start of the words, and the words behind it.
 * @throws UserError that names the nearest commands, or says how to begin when there are no words.
 */
export function findCommand(
  words: string[],
  commands: Command[],
  slash: string,
): { command: Command; rest: string[] } {
  const [first] = words;
  if (first === undefined) {
    throw new UserError('What shall the swarm do?', {
      hint: `Try "${slash} nodes", or "${slash} help" for everything it knows.`,
    });
  }
  const lower = words.map((word) => word.toLowerCase());
  let best: { command: Command; length: number } | undefined;
  for (const command of commands) {
    for (const name of [command.name, ...command.aliases]) {
      const spelled = name.split(' ');
      const matches = spelled.every((part, at) => part === lower[at]);
      if (matches && spelled.length > (best?.length ?? 0)) best = { command, length: spelled.length };
    }
  }
  if (best) return { command: best.command, rest: words.slice(best.length) };
  const near = nearest(
    first,
    commands.map(({ name }) => name),
  );
  throw new UserError(`There is no command ${quoted(first)}.`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.map((name) => `"${slash} ${name}"`).join(' or ')}?`
        : `"${slash} help" lists all of them.`,
  });
}
