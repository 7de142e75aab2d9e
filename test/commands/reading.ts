/** A line as the bot reads it, for tests in which a test is a line. */
import type { ParseFacts } from '../../src/commands/args.ts';
import { findCommand } from '../../src/commands/find.ts';
import { commands } from '../../src/commands/index.ts';
import { splitWords } from '../../src/commands/words.ts';

const numbered = (name: string, to: number): string[] =>
  Array.from({ length: to }, (_, at) => `${name}-${String(at + 1).padStart(2, '0')}`);

export const facts: ParseFacts = {
  hosts: ['manager', ...numbered('fedora', 4), ...numbered('web', 40)],
  limits: { replicas: 1000 },
};

/** Reads what stands behind `/swarm`. @throws what the bot would answer with. */
export function read(line: string): { command: string; input: unknown; title: string } {
  const { command, rest } = findCommand(splitWords(line), commands, '/swarm');
  if (command.kind === 'answer') return { command: command.name, input: rest, title: line };
  return { command: command.name, ...command.parse(rest, facts) };
}
