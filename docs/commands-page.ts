/** The reference page of all commands, made from the commands themselves so that it cannot go stale. Pure. */
import type { Command, Risk, Topic } from '../src/commands/define.ts';

const RISKS: Record<Risk, string> = {
  read: 'only reads',
  change: 'changes the swarm',
  destroy: 'destroys something',
};

/** Markdown. */
export function commandsPage(topics: readonly Topic[]): string {
  return [
    '# Commands',
    '',
    '<!-- Made by `npm run docs` from src/commands. Do not edit by hand. -->',
    '',
    'Each is typed behind `/swarm`. `/swarm help NAME` says the same in Slack. Hosts can be named several at once and as',
    'ranges, such as `web-[01-40]`. Docker’s own spelling works as well.',
    '',
    ...topics.flatMap(({ title, commands }) => [
      `**${title}**`,
      '',
      '| command | what it does | |',
      '| --- | --- | --- |',
      ...commands.map(
        ({ name, summary, risk }) =>
          `| [\`${name}\`](#${anchor(name)}) | ${cell(summary)} | ${RISKS[risk]} |`,
      ),
      '',
    ]),
    ...topics.flatMap(({ commands }) => commands.flatMap(chapter)),
  ].join('\n');
}

function chapter({ name, summary, usage, args, examples, aliases }: Command): string[] {
  return [
    `## ${name}`,
    '',
    `${summary}.`,
    '',
    '```',
    `/swarm ${usage}`,
    '```',
    '',
    ...args.map((arg) => {
      const isWord = arg.place === 'word' || arg.place === 'rest';
      const spelled = isWord ? arg.usage : `--${arg.name}${arg.usage ? ` ${arg.usage}` : ''}`;
      return `- \`${spelled}\`: ${text(arg.about)}${arg.optional || !isWord ? '' : ' (required)'}`;
    }),
    ...(args.length > 0 ? [''] : []),
    `For example: ${examples.map((example) => `\`/swarm ${example}\``).join(', ')}`,
    '',
    ...(aliases.length > 0
      ? [`Also as ${aliases.map((alias) => `\`/swarm ${alias}\``).join(', ')}.`, '']
      : []),
  ];
}

const anchor = (name: string) => name.replaceAll(' ', '-');
const text = (words: string) => words.replaceAll('<', '\\<').replaceAll('*', '\\*').replaceAll('_', '\\_');
const cell = (words: string) => text(words).replaceAll('|', '\\|');
