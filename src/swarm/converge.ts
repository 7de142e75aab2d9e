import { setTimeout as sleep } from 'node:timers/promises';
import { judge, observe, waitBegins } from './converge-rule.ts';
import type { Snapshot } from './converge-rule.ts';
import type { TaskJson } from './engine-json.ts';
import { NoManager } from './no-manager.ts';
import { hasFailed, reasonsOf, spreadOf, troublesOf } from './shortfall.ts';
import type { ConvergeOptions, Convergence } from './swarm.ts';

/** The docker CLI's own. */
const POLL_MS = 200;
const STABLE_MS = 5_000;
/** A change of leader takes the managers this long at most to be of use again. */
const LEADERLESS_MS = 30_000;

export interface Look {
  snapshot: Snapshot;
  /** Hostnames by node ID. */
  names: Map<string, string>;
}

/**
 * Looks until the rule says that the service has converged or will not in time.
 * @throws what `look` throws: at once, unless only the managers do not answer; then after half a minute of that.
 */
export async function converge(
  look: (signal: AbortSignal | undefined) => Promise<Look>,
  { deadlineMs, stuckMs, stableMs, signal, onProgress }: ConvergeOptions,
): Promise<Convergence> {
  const began = performance.now();
  const elapsed = () => performance.now() - began;
  let wait = waitBegins;
  let shown = '';
  let blindSince: number | undefined;
  const failed = new Map<string, TaskJson>();
  let since: string | undefined;
  for (;;) {
    let seen: Look;
    try {
      seen = await look(signal);
      blindSince = undefined;
    } catch (thrown) {
      signal?.throwIfAborted();
      if (!(thrown instanceof NoManager)) throw thrown;
      blindSince ??= elapsed();
      if (elapsed() - blindSince >= LEADERLESS_MS || elapsed() >= deadlineMs) throw thrown;
      await pause(signal);
      continue;
    }
    const { snapshot, names } = seen;
    since ??= lastChange(snapshot);
    for (const task of [...snapshot.tasks, ...(snapshot.others ?? [])])
      if (task.CreatedAt >= since && hasFailed(task)) failed.set(task.ID, task);
    const observation = observe(snapshot);
    const { running, wanted, states, old, update } = observation;
    const progress = JSON.stringify([
      running,
      wanted,
      old,
      update,
      Object.entries(states).toSorted((a, b) => a[0].localeCompare(b[0])),
    ]);
    if (progress !== shown) onProgress?.({ running, wanted, states, old, update });
    shown = progress;
    const monitorMs = snapshot.service.Spec.UpdateConfig.Monitor / 1e6;
    const step = judge(wait, observation, elapsed(), {
      stableMs: stableMs ?? (monitorMs || STABLE_MS),
      deadlineMs,
      stuckMs,
    });
    wait = step.wait;
    if (step.verdict !== 'wait') {
      const spread = spreadOf(snapshot, names);
      const end = { running, wanted, spread, update, old, troubles: troublesOf([...failed.values()], names) };
      return step.verdict === 'converged'
        ? { kind: 'converged', ...end }
        : { kind: 'short', ...end, reasons: reasonsOf(snapshot, names) };
    }
    await pause(signal);
  }
}

/**
 * When the service or its update was last changed, by the engines' own clocks: tasks from then on belong to the change
 * that is waited for.
 */
function lastChange({ service }: Snapshot): string {
  const { StartedAt } = service.UpdateStatus;
  return StartedAt !== '' && StartedAt < service.UpdatedAt ? StartedAt : service.UpdatedAt;
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await sleep(POLL_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
}
