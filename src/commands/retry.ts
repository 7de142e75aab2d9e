import { word } from './args.ts';
import { defineAnswer } from './define.ts';

export const retry = defineAnswer({
  name: 'retry',
  summary: 'Carry out a job of the last days once more',
  risk: 'change',
  onRequest: true,
  aliases: ['job retry'],
  examples: ['retry ab12cd34'],
  args: { id: word('ID', 'the ID of a job') },
  answer: async ({ id }, { retry: again }) => {
    await again(id.toLowerCase());
    return undefined;
  },
});
