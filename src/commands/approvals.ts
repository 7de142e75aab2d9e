import type { KnownBlock } from '@slack/types';
import { decideButtons, type Asking } from '../cards/approval.ts';
import type { Body } from '../cards/body.ts';
import { context, lines, paragraph, section } from '../cards/blocks.ts';
import { fit } from '../cards/fit.ts';
import { bold, clamp, clock, code, count, escape, mention, literal } from '../cards/text.ts';
import { defineAnswer, type Waiting } from './define.ts';

/** With buttons of their own; the others stand in lines. */
const MOST_WITH_BUTTONS = 10;
/** What a person can read here of one request: of more than that the card is to be read before it is approved. */
const MOST_SENTENCES = 4;
const MOST_CHARACTERS = 600;

export const approvals = defineAnswer({
  name: 'approvals',
  summary: 'List what waits for an approval: yours, and that of others',
  risk: 'read',
  aliases: ['approval ls', 'approval list'],
  examples: ['approvals'],
  args: {},
  answer: async (_args, { waiting, actor, slash }) => {
    const all = await waiting();
    if (all.length === 0) return paragraph('Nothing waits for an approval.');
    const mine = all.filter(({ may }) => may);
    const asked = all.filter(({ request }) => request.requester.id === actor.id);
    const others = all.filter((one) => !mine.includes(one) && !asked.includes(one));
    return body(mine, asked, others, slash);
  },
});

function body(mine: Waiting[], asked: Waiting[], others: Waiting[], slash: string): Body {
  const shown = mine.slice(0, MOST_WITH_BUTTONS);
  const rest = mine.slice(shown.length);
  const text =
    mine.length > 0
      ? `${count(mine.length, 'request waits', 'requests wait')} for you.`
      : 'Nothing waits for you.';
  const middle: KnownBlock[] = [
    ...shown.flatMap(one),
    ...(rest.length > 0 ? lines(['*They also wait for you*', ...rest.map(line)], 2) : []),
    ...(asked.length > 0 ? lines(['*What you have asked for*', ...asked.map(line)], 2) : []),
    ...(others.length > 0 ? lines(['*What waits for others*', ...others.map(line)], 2) : []),
  ];
  const commands = [
    ...(mine.length > 0
      ? [`${code(`${slash} approve ID`)} and ${code(`${slash} deny ID REASON`)} do what the buttons do`]
      : []),
    ...(asked.length > 0 ? [`${code(`${slash} cancel ID`)} takes back what you have asked for`] : []),
  ];
  return {
    text,
    blocks: fit(
      [section(`:raised_hand: *${text}*`)],
      middle,
      commands.length > 0 ? [context(`${commands.join('; ')}.`)] : [],
    ),
  };
}

/** One that this person may decide on: what they approve stands beside the button. */
function one({ request, asking }: Waiting): KnownBlock[] {
  const { title, requester, channel, createdAt } = request;
  const words = [
    ...asking.changed.map((sentence) => `:repeat: ${escape(sentence)}`),
    ...asking.says.map((sentence) => `• ${escape(sentence)}`),
    ...asking.warnings.map((sentence) => `:warning: ${escape(sentence)}`),
  ];
  const whole = words.length <= MOST_SENTENCES && words.join('\n').length <= MOST_CHARACTERS;
  const head = [
    `${bold(clamp(title, 150))}  ${code(request.id)}`,
    `${mention(requester.id)} in <#${channel}> ${clock(createdAt)}${why(asking)}`,
  ];
  if (whole) return [section([...head, ...words].join('\n')), decideButtons(asking, { withdraw: false })];
  return [
    section(
      [...head, `Its card says what will be done, in ${count(words.length, 'line')}: read it there.`].join(
        '\n',
      ),
    ),
  ];
}

function line({ request, asking }: Waiting): string {
  const { id, title, requester } = request;
  const { approvedBy, quorum, approvers, expiresAt } = asking;
  const some = quorum > 1 ? `, ${approvedBy.length} of ${quorum} approved` : '';
  return `• ${bold(clamp(title, 60))}  ${code(id)}  ${mention(requester.id)}${some}, waits for ${approvers} until ${clock(expiresAt)}`;
}

function why({ reason }: Asking): string {
  return reason ? `: ${literal(clamp(reason, 200))}` : '';
}
