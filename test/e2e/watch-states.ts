import { Redis } from 'ioredis';
import type { Request } from '../../src/queue/request.ts';

/**
 * Notes every state of every request in the order in which Redis takes it, also those that no card ever showed.
 * `url`: `unix://PATH`.
 */
export async function watchStates(url: string): Promise<{ states: Request[]; stop: () => void }> {
  const redis = new Redis({ path: url.slice('unix://'.length) });
  const monitor = await redis.monitor();
  const states: Request[] = [];
  monitor.on('monitor', (_time: string, args: string[]) => {
    const at = args.indexOf('state');
    const state = args[at + 1];
    if (args[0]?.toLowerCase() === 'hset' && at > 0 && state) states.push(JSON.parse(state) as Request);
  });
  return {
    states,
    stop: () => {
      monitor.disconnect();
      redis.disconnect();
    },
  };
}
