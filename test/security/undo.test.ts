/** What is put back after somebody cancelled a job changes the swarm as its steps do: the audit has it. */
import { expect, it } from 'vitest';
import type { AuditEvent } from '../../src/audit/record.ts';
import type { AnyJob } from '../../src/jobs/define.ts';
import { createLog } from '../../src/log.ts';
import { runRequest, Stopped, type RunOptions } from '../../src/queue/run.ts';
import { z } from 'zod';
import { newRequest } from '../queue/request.ts';

it('is on record, also while the job may act no more', async () => {
  const events: AuditEvent[] = [];
  const cancel = new AbortController();
  const job: AnyJob = {
    input: z.unknown(),
    lock: () => [],
    steps: () => ['Pause'],
    run: async (_input, { step, undo, signal }) => {
      try {
        await step('Pause', async ({ act }) => {
          await act('pause web-1', () => Promise.resolve(cancel.abort(new Stopped('cancelled', 'bob'))));
          signal.throwIfAborted();
        });
      } catch (error) {
        await undo('activate web-1', () => Promise.resolve());
        throw error;
      }
    },
  };
  const options = {
    store: { write: () => Promise.resolve('written') },
    attempt: 1,
    signal: cancel.signal,
    log: createLog('worker', 'silent'),
    context: { hosts: { names: () => [] } },
    audit: {
      append: (event: AuditEvent) => {
        events.push(event);
        return Promise.resolve();
      },
    },
    risk: 'change',
    approvedBy: [],
  } as unknown as RunOptions;
  const { phase } = await runRequest(newRequest('a'), job, {}, options);
  expect(phase).toBe('cancelled');
  const acts = events.flatMap((one) => ('what' in one ? [`${one.event} ${one.what}`] : []));
  expect(acts).toEqual([
    'changing pause web-1',
    'changed pause web-1',
    'changing activate web-1',
    'changed activate web-1',
  ]);
});
