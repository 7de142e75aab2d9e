/** The worker's pieces, put together. */
import { openAudit } from './audit/log.ts';
import type { WorkerConfig } from './config.ts';
import { openHosts } from './hosts/inventory.ts';
import type { AnyJob } from './jobs/define.ts';
import { createLog } from './log.ts';
import type { Running } from './process.ts';
import { openSharedState } from './queue/open.ts';
import { startJobWorker } from './queue/worker.ts';
import { openSwarm } from './swarm/open-swarm.ts';

/** Jobs that run at SIGTERM get so long to end before they are handed back to the queue. */
const GRACE_MS = 5000;

/** Opens everything that the worker needs and begins to take jobs. */
export async function openWorker(config: WorkerConfig, jobs: Record<string, AnyJob>): Promise<Running> {
  const log = createLog('worker', config.logLevel);
  const shared = await openSharedState(config.redisUrl, log);
  const { redis, store, queue } = shared;
  const hosts = openHosts(config.swarm.hosts, { log });
  const swarm = openSwarm({ managers: config.swarm.managers, hosts, log });
  const worker = startJobWorker({
    redis,
    store,
    queue,
    secret: config.secret,
    jobs,
    context: { swarm, hosts, limits: { ...config.swarm.limits, stackSources: config.swarm.stacks.sources } },
    quorumOf: (command) => {
      const { approvals } = config.swarm.policy;
      return Object.hasOwn(approvals, command) ? (approvals[command]?.quorum ?? 0) : 0;
    },
    audit: openAudit(redis, config.secret),
    log,
    concurrency: config.swarm.limits.jobsAtOnce,
    lockDurationMs: config.deadAfterMs,
  });
  log.info({ managers: config.swarm.managers, hosts: config.swarm.hosts.length }, 'ready');

  return {
    log,
    started: Promise.resolve(),
    close: async () => {
      await worker.close(GRACE_MS);
      await hosts.close();
      await shared.close();
    },
  };
}
