/** The worker's pieces, put together. */
import { configuration } from './audit/configuration.ts';
import { openAudit } from './audit/log.ts';
import type { JobCommand } from './commands/define.ts';
import { commands } from './commands/index.ts';
import type { WorkerConfig } from './config.ts';
import { openHosts } from './hosts/inventory.ts';
import type { AnyJob } from './jobs/define.ts';
import { createLog } from './log.ts';
import type { Running } from './process.ts';
import { openSharedState } from './queue/open.ts';
import { approvalOf } from './policy/decide.ts';
import { startJobWorker } from './queue/worker.ts';
import { openSwarm } from './swarm/open-swarm.ts';

/** Jobs that run at SIGTERM get so long to end before they are handed back to the queue. */
const GRACE_MS = 5000;

/** Opens everything that the worker needs and begins to take jobs. */
export async function openWorker(config: WorkerConfig, jobs: Record<string, AnyJob>): Promise<Running> {
  const log = createLog('worker', config.logLevel);
  const shared = await openSharedState(config.redisUrl, config.secret, log);
  const { redis, store, queue } = shared;
  const hosts = openHosts(config.swarm.hosts, { log });
  const swarm = openSwarm({ managers: config.swarm.managers, hosts, log, key: config.secret });
  const audit = openAudit(redis, config.secret, log, { lines: config.auditLog, ...config.swarm.audit });
  // Where it cannot be kept, the log says so; nothing that changes anything is begun then either.
  audit.append(configuration('worker', config.swarm)).catch(() => undefined);
  const worker = startJobWorker({
    redis,
    store,
    queue,
    secret: config.secret,
    jobs,
    commandOf,
    context: { swarm, hosts, limits: { ...config.swarm.limits, stackSources: config.swarm.stacks.sources } },
    quorumOf: (name, input) => {
      const shows = commandOf(name)?.shows(input) ?? false;
      return approvalOf(config.swarm.policy, { name, shows })?.quorum ?? 0;
    },
    breakGlass: config.swarm.policy.breakGlass.length > 0,
    audit,
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
      await audit.close();
      await hosts.close();
      await shared.close();
    },
  };
}

function commandOf(name: string): JobCommand | undefined {
  const command = commands.find((one) => one.name === name);
  return command?.kind === 'job' ? command : undefined;
}
