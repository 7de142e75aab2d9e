import type { Body } from '../cards/body.ts';
import { context, header, lines, section } from '../cards/blocks.ts';
import { code, escape } from '../cards/text.ts';
import { words } from './args.ts';
import { defineAnswer, type Command } from './define.ts';
import { findCommand } from './find.ts';

export const help = defineAnswer({
  name: 'help',
  summary: 'Show all commands, or one of them in detail',
  risk: 'read',
  aliases: [],
  examples: ['help', 'help join'],
  args: { words: words('COMMAND', 'a command') },
  answer: ({ words: asked }, { commands, slash }) =>
    asked.length > 0 ? one(findCommand(asked, commands, slash).command, slash) : overview(commands, slash),
});

function overview(commands: Command[], slash: string): Body {
  const described = (risk: (command: Command) => boolean): string[] =>
    commands.filter(risk).map(({ usage, summary }) => `${code(`${slash} ${usage}`)}\n${escape(summary)}`);
  return {
    text: `Commands: ${commands.map(({ name }) => name).join(', ')}.`,
    blocks: [
      header('What Swarmkeeper can do'),
      ...lines(['*Look*', ...described(({ risk }) => risk === 'read')], 3),
      ...lines(['*Change*', ...described(({ risk }) => risk !== 'read')], 3),
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
