import { section } from '../cards/blocks.ts';
import { engineInfo } from '../cards/engine-info.ts';
import { bold, escape } from '../cards/text.ts';
import { eachOf } from '../target.ts';
import { host } from './args.ts';
import { defineCommand } from './define.ts';

export const info = defineCommand({
  name: 'info',
  summary: "Show a host's docker info",
  risk: 'read',
  aliases: ['docker info', 'system info'],
  examples: ['info fedora-03'],
  args: { host: host() },
  job: 'info',
  targets: ({ host: name }) => eachOf('host', [name]),
  input: ({ host: name }) => ({ host: name }),
  done: ({ host: name, info: found }) => {
    const { state, isManager } = found.swarm;
    const part =
      state === 'active'
        ? `${isManager ? 'a manager' : 'a worker'} of the swarm`
        : `not in a swarm (${state})`;
    const rest = `is ${part}, engine ${escape(found.version)}.`;
    return {
      text: `${escape(name)} ${rest}`,
      blocks: [section(`${bold(name)} ${rest}`), engineInfo(name, found, { open: true })],
    };
  },
});
