/** A worker on REDIS_URL that kills itself with signal 9 at the point that DIE_AT names. */
import { pino } from 'pino';
import type { JobContext } from '../../src/jobs/define.ts';
import { connectRedis } from '../../src/queue/redis.ts';
import { isFinal, type Request } from '../../src/queue/request.ts';
import { RequestStore } from '../../src/queue/store.ts';
import { openWorkQueue } from '../../src/queue/work.ts';
import { startJobWorker } from '../../src/queue/worker.ts';
import { noAudit, secret } from './request.ts';
import { jobsOf } from './workplace.ts';

const dieAt = process.env['DIE_AT'];
const reach = (point: string): void => {
  if (point === dieAt) process.kill(process.pid, 'SIGKILL');
};

class Dying extends RequestStore {
  override async take(id: string): ReturnType<RequestStore['take']> {
    const taken = await super.take(id);
    reach(`taken up ${taken.found?.request.phase ?? ''}`);
    return taken;
  }

  override async write(request: Request, attempt: number): ReturnType<RequestStore['write']> {
    const what = isFinal(request.phase) ? 'the end' : request.phase;
    reach(`before the write of ${what}`);
    const done = await super.write(request, attempt);
    reach(`after the write of ${what}`);
    return done;
  }
}

const redis = connectRedis(process.env['REDIS_URL'] ?? '', () => undefined);
startJobWorker({
  redis,
  store: new Dying(redis, secret),
  queue: openWorkQueue(redis),
  secret,
  jobs: jobsOf({
    facts: [{ what: 'the swarm of web-1', value: process.env['FACT'] ?? 'none' }],
    hooks: {
      preview: () => Promise.resolve(reach('a preview')),
      run: () => Promise.resolve(reach('a run')),
    },
    done: (name) => redis.rpush('test:done', name),
  }),
  commandOf: (job) => ({ job, risk: 'change' }),
  quorumOf: (command) => (command === 'join' ? 1 : 0),
  breakGlass: false,
  audit: noAudit,
  context: { hosts: { names: () => [] }, limits: { joinsAtOnce: 1 } } as unknown as JobContext,
  log: pino({ level: 'silent' }),
  concurrency: 1,
  lockDurationMs: 500,
});
