import { word } from './args.ts';
import { defineAnswer } from './define.ts';

export const approve = defineAnswer({
  name: 'approve',
  summary: 'Approve what somebody has asked for, as the button does',
  // Whether this very person may is decided for what was asked, not for this word.
  risk: 'read',
  onRequest: true,
  aliases: [],
  examples: ['approve k3f9x2ab'],
  args: { id: word('ID', 'the ID of a request', ', as its card and the list of approvals show it') },
  answer: async ({ id }, { press }) => await press(id.toLowerCase(), 'approve', ''),
});
