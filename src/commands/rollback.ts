import { rollbackBody } from '../cards/service-update.ts';
import { eachOf } from '../target.ts';
import { duration, word } from './args.ts';
import { defineCommand } from './define.ts';

export const rollback = defineCommand({
  name: 'rollback',
  summary: 'Take the last change of a service back, task by task',
  risk: 'change',
  aliases: ['service rollback', 'service update --rollback'],
  examples: ['rollback websky', 'rollback websky --timeout 5m'],
  args: {
    service: word('SERVICE', 'the name of a service'),
    timeout: duration('give up waiting after', '10m'),
  },
  job: 'rollback',
  targets: ({ name }) => eachOf('service', [name]),
  input: ({ service, timeout }) => ({ name: service, deadlineMs: timeout }),
  done: rollbackBody,
});
