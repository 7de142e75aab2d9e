import { updateBody } from '../cards/service-update.ts';
import { eachOf } from '../target.ts';
import { duration, word } from './args.ts';
import { defineCommand } from './define.ts';

export const restart = defineCommand({
  name: 'restart',
  summary: 'Start all tasks of a service anew, one after the other',
  risk: 'change',
  aliases: ['service restart'],
  examples: ['restart websky', 'restart websky --timeout 5m'],
  args: {
    service: word('SERVICE', 'the name of a service'),
    timeout: duration('give up waiting after', '10m'),
  },
  job: 'restart',
  targets: ({ name }) => eachOf('service', [name]),
  input: ({ service, timeout }) => ({ name: service, deadlineMs: timeout }),
  done: (restarted) => updateBody(restarted, 'restart'),
});
