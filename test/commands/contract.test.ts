import { describe, expect, test } from 'vitest';
import { findCommand } from '../../src/commands/find.ts';
import { commands } from '../../src/commands/index.ts';
import { splitWords } from '../../src/commands/words.ts';
import { jobs } from '../../src/jobs/index.ts';
import { facts } from './reading.ts';

const find = (line: string) => findCommand(splitWords(line), commands, '/swarm');

describe('all commands together', () => {
  test('no name or alias leads to two of them', () => {
    const spellings = commands.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(spellings.filter((one, at) => spellings.indexOf(one) !== at)).toEqual([]);
  });

  test('the ones that the product promises are there', () => {
    const promised = ['help', 'join', 'scale', 'info', 'nodes', 'services', 'ps', 'jobs', 'cancel'];
    expect(commands.map(({ name }) => name)).toEqual(expect.arrayContaining(promised));
  });
});

test('no command has an option of its own called --now or --reason, which stand behind all of them', () => {
  const own = commands.flatMap(({ name, args }) => args.map((arg) => `${name} --${arg.name}`));
  expect(own.filter((option) => / --(?:now|reason)$/.test(option) && !option.startsWith('deny '))).toEqual(
    [],
  );
});

describe.each(commands.map((command) => [command.name, command] as const))('%s', (name, command) => {
  test('is described in the common style', () => {
    expect(name).toMatch(/^[a-z]+( [a-z]+)?$/);
    expect(command.summary).toMatch(/^[A-Z].{10,70}[^.]$/u);
    expect(command.usage).toMatch(new RegExp(`^${name}( |$)`));
    for (const arg of command.args) {
      expect(arg.name).toMatch(/^[a-z][a-z-]*$/);
      expect(arg.about).toMatch(/^[^A-Z\s].*[^.]$/u);
      expect(arg.usage).toMatch(arg.place === 'flag' ? /^$/ : /^[A-Z][A-Z= ]*(\.\.\.)?$/);
    }
  });

  test.each(command.aliases)('also answers to "%s"', (alias) => {
    expect(alias).toMatch(/^[a-z]+( [a-z-]+)*$/);
    expect(find(`${alias} and more`)).toEqual({ command, rest: ['and', 'more'] });
    // The options of a spelling may stand anywhere, as docker's own may.
    const [plain = '', ...options] = alias.split(/ (?=--)/);
    expect(find([plain, 'one and two', ...options].join(' '))).toEqual({
      command,
      rest: ['one', 'and', 'two'],
    });
  });

  test.each(command.examples)('understands its example "%s"', (example) => {
    const found = find(example);
    expect(found.command).toBe(command);
    if (command.kind !== 'job') return;
    const { input, title } = command.parse(found.rest, facts);
    expect(title).toBe(example);
    expect(Object.keys(jobs)).toContain(command.job);
    expect(jobs[command.job].input.safeParse(input)).toEqual({ success: true, data: input });
    // What the card names up front, and what the job locks, follows from the input alone.
    const job = jobs[command.job] as {
      steps: (input: unknown) => string[];
      lock: (input: unknown) => string[];
    };
    expect(job.steps(input).length).toBeGreaterThan(0);
    expect(job.lock(input).length > 0).toBe(command.risk !== 'read');
  });
});
