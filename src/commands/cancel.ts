import { paragraph } from '../cards/blocks.ts';
import { bold } from '../cards/text.ts';
import { UserError } from '../errors.ts';
import { word } from './args.ts';
import { defineAnswer } from './define.ts';

export const cancel = defineAnswer({
  name: 'cancel',
  summary: 'End a job early; what it has already changed stays',
  risk: 'change',
  onRequest: true,
  aliases: [],
  examples: ['cancel k3f9x2ab'],
  args: { id: word('ID', 'the ID of a job', ', as its card and the list of jobs show it') },
  answer: async ({ id }, { cancel: end, slash }) => {
    const outcome = await end(id.toLowerCase());
    if (outcome.kind === 'unknown')
      throw new UserError(`There is no job "${id}".`, { hint: `${slash} jobs lists them with their IDs.` });
    const { title, phase } = outcome.request;
    const what = {
      ended: `has ended already: ${phase}.`,
      cancelled: 'is cancelled; it had not begun.',
      asked: 'is told to stop. Its card shows when it has.',
    };
    return paragraph(`${bold(title)} ${what[outcome.kind]}`);
  },
});
