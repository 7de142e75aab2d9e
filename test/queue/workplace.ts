/** A queue on a Redis of its own with as many workers as a test wants: what the jobs find, what they did, what was told. */
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { expect } from 'vitest';
import { z } from 'zod';
import type { AuditEvent, AuditLog } from '../../src/audit/record.ts';
import { defineJob, type AnyJob, type Fact, type JobContext } from '../../src/jobs/define.ts';
import { pressed, type Press } from '../../src/queue/approval.ts';
import { sign, type Envelope } from '../../src/queue/envelope.ts';
import type { Request } from '../../src/queue/request.ts';
import { RequestStore } from '../../src/queue/store.ts';
import { addWork, openWorkQueue, type WorkQueue } from '../../src/queue/work.ts';
import { startJobWorker, type JobWorker, type JobWorkerOptions } from '../../src/queue/worker.ts';
import { ownRedis } from './redis.ts';
import { hearing, newEnvelope, newRequest, secret } from './request.ts';

export const ALICE = { id: 'U1', name: 'alice', team: 'T1' };
export const BOB = { id: 'U2', name: 'bob', team: 'T1' };
export const CAROL = { id: 'U3', name: 'carol', team: 'T1' };

export interface Workplace {
  redis: Redis;
  url: string;
  store: RequestStore;
  queue: WorkQueue;
  audit: AuditEvent[];
  auditLog: AuditLog;
  /** Lines of the workers' logs. */
  logged: { level: number; msg: string; request?: string; why?: string }[];
  /** What the job `join` did: the names it was given. */
  done: string[];
  /** What previews find. */
  facts: Fact[];
  /** Is called within a preview, and within the job before it changes something. */
  hooks: {
    preview?: ((signal: AbortSignal) => Promise<void>) | undefined;
    run?: ((context: JobContext) => Promise<void>) | undefined;
  };
  jobs: Record<'join' | 'scale' | 'nodes', AnyJob>;
  start: (change?: Partial<JobWorkerOptions>) => JobWorker;
  /** Puts a request as the bot's desk makes it. `ask`: for an approval of so many. */
  give: (
    id: string,
    options?: { ask?: number; envelope?: Partial<Envelope>; request?: Partial<Request> },
  ) => Promise<void>;
  press: (id: string, press: Press, quorum?: number) => Promise<string>;
  reaches: (id: string, phase: Request['phase']) => Promise<Request>;
  /** Empties Redis and stops the workers. */
  clear: () => Promise<void>;
  stop: () => Promise<void>;
}

export async function openWorkplace(): Promise<Workplace> {
  const { redis, url, stop } = await ownRedis();
  const store = new RequestStore(redis, secret);
  const workers: JobWorker[] = [];
  const place: Workplace = {
    redis,
    url,
    store,
    queue: openWorkQueue(redis),
    audit: [],
    auditLog: hearing(redis, (event) => place.audit.push(event)),
    logged: [],
    done: [],
    facts: [],
    hooks: {},
    jobs: jobsOf({
      // As it is at that moment.
      get facts() {
        return place.facts;
      },
      get hooks() {
        return place.hooks;
      },
      done: (name) => redis.rpush(DONE, name).then(() => place.done.push(name)),
    }),
    start: (change = {}) => {
      const log = pino({ level: 'info' }, { write: (line) => place.logged.push(JSON.parse(line) as never) });
      const worker = startJobWorker({
        redis,
        store,
        queue: place.queue,
        secret,
        jobs: place.jobs,
        commandOf: (name) => ({ job: name, risk: name === 'nodes' ? 'read' : 'change' }),
        quorumOf: (command) => (command === 'join' ? 1 : 0),
        breakGlass: true,
        audit: place.auditLog,
        context: { hosts: { names: () => [] }, limits: { joinsAtOnce: 1 } } as unknown as JobContext,
        log,
        concurrency: 8,
        lockDurationMs: 1000,
        ...change,
      });
      workers.push(worker);
      return worker;
    },
    give: async (id, { ask = 0, envelope = {}, request = {} } = {}) => {
      const said = { command: ask > 0 ? 'join' : 'scale', title: 'join web-1', requester: ALICE };
      const asks = { authority: { kind: 'ask', rule: 'role operators' } } as const;
      const input = { name: id };
      const signed = sign(
        newEnvelope(id, { ...said, job: said.command, input, ...(ask > 0 ? asks : {}), ...envelope }),
        secret,
      );
      const approval = {
        round: 0,
        approvers: ['operators'],
        quorum: ask,
        expiresMs: 60_000,
        expiresAt: 0,
        grants: [],
        changed: [],
      };
      await store.create(newRequest(id, { ...said, ...(ask > 0 ? { approval } : {}), ...request }), signed);
      await addWork(place.queue, id, said.command);
    },
    press: (id, press, quorum = 1) => pressOnce(place, id, press, quorum),
    reaches: async (id, phase) => {
      let last: Request | undefined;
      await expect
        .poll(async () => (last = (await store.read(id))?.request)?.phase, { timeout: 15_000, interval: 20 })
        .toBe(phase);
      return last ?? newRequest(id);
    },
    clear: async () => {
      await Promise.all(workers.splice(0).map((worker) => worker.close(0)));
      await redis.flushall();
      place.audit.length = 0;
      place.logged.length = 0;
      place.done.length = 0;
      place.facts = [{ what: 'the swarm of web-1', value: 'none' }];
      place.hooks = {};
    },
    stop: async () => {
      await Promise.all(workers.splice(0).map((worker) => worker.close(0)));
      await place.queue.close();
      await stop();
    },
  };
  return place;
}

/** As a bot takes a press: looks, decides, writes if nothing has changed, and else looks again. */
export async function pressOnce(
  { store, queue }: Pick<Workplace, 'store' | 'queue'>,
  id: string,
  press: Press,
  quorum: number,
): Promise<string> {
  for (;;) {
    const found = await store.read(id);
    if (!found) return 'gone';
    const next = pressed(found, press, quorum, secret, Date.now());
    if (next.kind === 'told') return next.message;
    if ((await store.change(found, next.request, next.envelope)) !== 'written') continue;
    if (next.request.phase === 'approved') await addWork(queue, id, next.request.command, next.request.turn);
    return next.request.phase;
  }
}

/** In Redis: what was done, by whichever process. */
export const DONE = 'test:done';

/** `join` shows what it finds and asks for an approval; `scale` and `nodes` just do it. */
export function jobsOf(place: {
  facts: Fact[];
  hooks: Workplace['hooks'];
  done: (name: string) => Promise<unknown>;
}): Workplace['jobs'] {
  const input = z.object({ name: z.string() });
  const changes = defineJob({
    input,
    lock: ({ name }) => [`host:${name.split('-')[0] ?? ''}`],
    steps: () => ['Change'],
    run: async ({ name }, context) =>
      await context.step('Change', async ({ act }) => {
        await place.hooks.run?.(context);
        await act(`change ${name}`, () => place.done(name));
        return name;
      }),
  });
  const join = defineJob({
    ...changes,
    preview: async (_, { signal }) => {
      await place.hooks.preview?.(signal);
      return { says: ['web-1 joins as a worker.'], warnings: [], facts: place.facts };
    },
  });
  return { join, scale: changes, nodes: changes };
}
