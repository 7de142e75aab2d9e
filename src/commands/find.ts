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
  let best: { command: Command; length: number; rest: string[] } | undefined;
  for (const command of commands) {
    for (const name of [command.name, ...command.aliases]) {
      const spelled = name.split(' ');
      if (spelled.length <= (best?.length ?? 0)) continue;
      const rest = behind(spelled, words);
      if (rest) best = { command, length: spelled.length, rest };
    }
  }
  if (best) return { command: best.command, rest: best.rest };
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

/**
 * The words without those of the spelling: its plain words at the start, its options anywhere, as in
 * `node update --availability drain`. Undefined when they are not all there.
 */
function behind(spelled: string[], words: string[]): string[] | undefined {
  const firstOption = spelled.findIndex((part) => part.startsWith('--'));
  const plain = firstOption === -1 ? spelled : spelled.slice(0, firstOption);
  if (!plain.every((part, at) => part === words[at]?.toLowerCase())) return undefined;
  let rest = words.slice(plain.length);
  const options = spelled.slice(plain.length);
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at] ?? '';
    const next = options[at + 1];
    const value = next?.startsWith('--') === false ? next : undefined;
    if (value !== undefined) at += 1;
    const left = without(rest, option, value);
    if (!left) return undefined;
    rest = left;
  }
  return rest;
}

/** The words without `--option`, or without `--option value` and `--option=value`; undefined when it is not there. */
function without(words: string[], option: string, value: string | undefined): string[] | undefined {
  const lower = words.map((word) => word.toLowerCase());
  if (value === undefined) {
    const at = lower.indexOf(option);
    return at === -1 ? undefined : words.toSpliced(at, 1);
  }
  const joined = lower.indexOf(`${option}=${value}`);
  if (joined !== -1) return words.toSpliced(joined, 1);
  const at = lower.findIndex((word, index) => word === option && lower[index + 1] === value);
  return at === -1 ? undefined : words.toSpliced(at, 2);
}
