import type { Body } from '../cards/body.ts';
import { context, header, lines, section } from '../cards/blocks.ts';
import { code, escape, some, spoken } from '../cards/text.ts';
import { inWords } from '../phrase.ts';
import { line } from './args.ts';
import { defineAnswer, type Command, type Topic } from './define.ts';
import { findCommand } from './find.ts';
import type { May } from './may.ts';

export const help = defineAnswer({
  name: 'help',
  summary: 'Show what you may do, or explain one command',
  risk: 'read',
  aliases: [],
  examples: ['help', 'help join'],
  args: { words: line('COMMAND', 'a command') },
  answer: ({ words: asked }, { commands, topics, slash, may }) => {
    if (asked.length === 0) return overview(topics, slash, may);
    const { command } = findCommand(asked, commands, slash);
    return one(command, slash, may(command));
  },
});

const MARKS = { yes: '', ask: '  :raised_hand:', look: '  :eyes:', limited: '  :dart:' };

type MayDo = (command: Command) => May;

function overview(topics: Topic[], slash: string, may: MayDo): Body {
  const all = topics.flatMap(({ commands }) => commands);
  const open = all.filter((command) => may(command).kind !== 'no');
  const closed = all.filter((command) => !open.includes(command));
  return {
    text: `Commands: ${open.map(({ name }) => name).join(', ')}.`,
    blocks: [
      header('What you can do here'),
      ...topics.flatMap(({ title, commands }) => {
        const own = commands.filter((command) => open.includes(command));
        return own.length === 0
          ? []
          : lines([`*${title}*`, ...own.map((each) => inShort(each, slash, may))], 2);
      }),
      ...legend(open.map(may)),
      ...(closed.length > 0
        ? [
            context(
              `Not for you here: ${some(
                closed.map(({ name }) => name),
                escape,
                30,
              )}. ${code(`${slash} help ${closed[0]?.name ?? ''}`)} says why, and whom to ask.`,
            ),
          ]
        : []),
      context(
        `${code(`${slash} help join`)} explains one command. Docker's own spelling works as well, such as ${code(`${slash} service scale websky=12`)}.`,
      ),
    ],
  };
}

function inShort(command: Command, slash: string, may: MayDo): string {
  const can = may(command);
  const mark = can.kind === 'no' ? '' : MARKS[can.kind];
  return `${code(`${slash} ${command.name}`)}  ${escape(command.summary)}${mark}${isLimited(can) ? MARKS.limited : ''}`;
}

function isLimited(may: May): boolean {
  return may.kind !== 'no' && may.only.length > 0;
}

/** What the marks mean that stand above it. */
function legend(all: May[]): ReturnType<typeof context>[] {
  const only = [...new Set(all.flatMap((may) => (may.kind === 'no' ? [] : may.only)))];
  const parts = [
    ...(all.some(({ kind }) => kind === 'ask') ? [`${MARKS.ask.trim()} after an approval`] : []),
    ...(all.some(({ kind }) => kind === 'look') ? [`${MARKS.look.trim()} only to see what it would do`] : []),
    ...(only.length > 0 ? [`${MARKS.limited.trim()} only ${some(only, code, 8)}`] : []),
  ];
  const asked = all.flatMap((may) => (may.kind === 'ask' ? [may.approval] : []));
  const glass = asked.some(({ now }) => now)
    ? `; with ${code('--now')} as well it goes on at once, and is announced`
    : '';
  const words = `${code('--reason "..."')} behind a command tells those who approve it why${glass}.`;
  return [
    ...(parts.length > 0 ? [context(parts.join('     '))] : []),
    ...(asked.length > 0 ? [context(words)] : []),
  ];
}

function one(command: Command, slash: string, may: May): Body {
  const args = command.args.map(({ name, place, usage, about }) => {
    const spelled = place === 'word' || place === 'rest' ? usage : `--${name}${usage ? ` ${usage}` : ''}`;
    return `${code(spelled)}  ${escape(about)}`;
  });
  const examples = command.examples.map((example) => code(`${slash} ${example}`)).join('\n');
  return {
    text: `${slash} ${command.usage}: ${command.summary}.`,
    blocks: [
      section(`*${escape(command.summary)}*\n${code(`${slash} ${command.usage}`)}`),
      section(told(command, may, slash)),
      ...(args.length > 0 ? [section(args.join('\n'))] : []),
      section(`For example:\n${examples}`),
      ...(command.aliases.length > 0
        ? [context(`Also as ${command.aliases.map((alias) => code(`${slash} ${alias}`)).join(', ')}`)]
        : []),
    ],
  };
}

/** Whether the person may, and who approves it. */
function told(command: Command, may: May, slash: string): string {
  switch (may.kind) {
    case 'no':
      return `:no_entry: ${spoken(may.why)}`;
    case 'look':
      return `:eyes: You may look at what it would do${on(may.only)}. To do it: ${spoken(may.why)}`;
    case 'yes':
      return command.kind === 'answer' && command.onRequest
        ? ':white_check_mark: You may use it here; whether for a certain request depends on what that is about, and on who asked for it.'
        : `:white_check_mark: You may use it here${on(may.only)}.`;
    case 'ask': {
      const { whom, quorum, reasonNeeded, now } = may.approval;
      const by = whom.length > 0 ? spoken(whom) : 'somebody';
      const others = quorum > 1 ? `${quorum} others` : 'somebody else';
      const showing =
        command.kind === 'job' && command.canShow ? ' To see what it would do needs no approval.' : '';
      const reason = reasonNeeded
        ? ` Say why: ${code('--reason "..."')}.`
        : ` ${code('--reason "..."')} tells them why.`;
      const glass = now
        ? ` In an emergency ${code(`${slash} ${command.name} ... --now --reason "..."`)} goes on at once, and is announced.`
        : '';
      return `:raised_hand: You may use it here${on(may.only)}, once ${others} ${quorum > 1 ? 'approve' : 'approves'} it: ${by} may.${reason}${showing}${glass}`;
    }
  }
}

function on(only: readonly string[]): string {
  return only.length > 0 ? ` on ${spoken(inWords(only))} only` : '';
}
