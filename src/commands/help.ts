import type { Body } from '../cards/body.ts';
import { context, header, lines, section } from '../cards/blocks.ts';
import { code, escape } from '../cards/text.ts';
import { line } from './args.ts';
import { defineAnswer, type Command, type Topic } from './define.ts';
import { findCommand } from './find.ts';

export const help = defineAnswer({
  name: 'help',
  summary: 'Show all commands, or one of them in detail',
  risk: 'read',
  aliases: [],
  examples: ['help', 'help join'],
  args: { words: line('COMMAND', 'a command') },
  answer: ({ words: asked }, { commands, topics, slash }) =>
    asked.length > 0 ? one(findCommand(asked, commands, slash).command, slash) : overview(topics, slash),
});

function overview(topics: Topic[], slash: string): Body {
  const named = topics.flatMap(({ commands }) => commands.map(({ name }) => name));
  return {
    text: `Commands: ${named.join(', ')}.`,
    blocks: [
      header('What Swarmkeeper can do'),
      ...topics.flatMap(({ title, commands }) =>
        lines([
          `*${title}*`,
          ...commands.map(({ name, summary }) => `${code(`${slash} ${name}`)}  ${escape(summary)}`),
        ]),
      ),
      context(
        `${code(`${slash} help join`)} explains one command. Docker's own spelling works as well, such as ${code(`${slash} service scale websky=12`)}.`,
      ),
    ],
  };
}

function one(command: Command, slash: string): Body {
  const args = command.args.map(({ name, place, usage, about }) => {
    const spelled = place === 'word' || place === 'rest' ? usage : `--${name}${usage ? ` ${usage}` : ''}`;
    return `${code(spelled)}  ${escape(about)}`;
  });
  const examples = command.examples.map((example) => code(`${slash} ${example}`)).join('\n');
  return {
    text: `${slash} ${command.usage}: ${command.summary}.`,
    blocks: [
      section(`*${escape(command.summary)}*\n${code(`${slash} ${command.usage}`)}`),
      ...(args.length > 0 ? [section(args.join('\n'))] : []),
      section(`For example:\n${examples}`),
      ...(command.aliases.length > 0
        ? [context(`Also as ${command.aliases.map((alias) => code(`${slash} ${alias}`)).join(', ')}`)]
        : []),
    ],
  };
}
