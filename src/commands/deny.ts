import { line, word } from './args.ts';
import { defineAnswer } from './define.ts';

export const deny = defineAnswer({
  name: 'deny',
  summary: 'Deny what somebody has asked for, and say why',
  // Whether this very person may is decided for what was asked, not for this word.
  risk: 'read',
  onRequest: true,
  aliases: [],
  examples: ['deny k3f9x2ab not during the sale'],
  args: {
    id: word('ID', 'the ID of a request', ', as its card and the list of approvals show it'),
    reason: line('REASON', 'why not'),
  },
  answer: async ({ id, reason }, { press }) => await press(id.toLowerCase(), 'deny', plain(reason.join(' '))),
});

/** Hands that know `--reason "..."` of other commands type it here as well. */
function plain(reason: string): string {
  return reason
    .trim()
    .replace(/^--reason(?:=|\s+)(?<quote>["'\u201c\u201d]?)(?<why>.*)\k<quote>$/su, '$<why>');
}
