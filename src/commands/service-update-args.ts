/** How the swarm goes about updates of a service, in docker's own options. */
import { UserError } from '../errors.ts';
import type { Arg } from './args.ts';
import { choice, number, once } from './service-args.ts';
import { quoted } from './words.ts';

const TIMES: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `0s`, `10s`, `1m30s` -> milliseconds, up to a day. */
function pause(about: string): Arg<number | undefined> {
  return once('TIME', about, (value) => {
    const parts = [...value.matchAll(/(\d{1,6})(ms|s|m|h)/g)];
    const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (TIMES[unit ?? ''] ?? 0), 0);
    if (parts.length > 0 && parts.map(([whole]) => whole).join('') === value && ms <= 86_400_000) return ms;
    throw new UserError(`${quoted(value)} is not a span of time.`, { hint: 'Write it like 10s or 1m30s.' });
  });
}

/** Options that say how updates of a service go, as docker spells them. */
export const updateOptions = {
  updateParallelism: number('N', 'tasks that an update changes at a time; 0 for all at once'),
  updateDelay: pause('time between two of them'),
  updateMonitor: pause('how long a new task is watched'),
  updateFailureAction: choice('when new tasks fail', 'pause', 'continue', 'rollback'),
  updateOrder: choice('what comes first', 'stop-first', 'start-first'),
};

/** Undefined when none of them is given. */
export function updateRule(given: {
  updateParallelism: number | undefined;
  updateDelay: number | undefined;
  updateMonitor: number | undefined;
  updateFailureAction: 'pause' | 'continue' | 'rollback' | undefined;
  updateOrder: 'stop-first' | 'start-first' | undefined;
}) {
  const rule = {
    parallelism: given.updateParallelism,
    delayMs: given.updateDelay,
    monitorMs: given.updateMonitor,
    failureAction: given.updateFailureAction,
    order: given.updateOrder,
  };
  return Object.values(rule).some((value) => value !== undefined) ? rule : undefined;
}
