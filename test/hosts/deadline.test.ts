import { expect, test } from 'vitest';
import { orAborted, within } from '../../src/hosts/deadline.ts';

const late = () => new Error('too late');
const never = () => new Promise<never>(() => {});

test('what the work gives comes through, and its error too', async () => {
  await expect(within(1000, undefined, late, () => Promise.resolve(7))).resolves.toBe(7);
  await expect(within(1000, undefined, late, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('work that listens to nothing is left behind at the deadline', async () => {
  await expect(within(20, undefined, late, never)).rejects.toThrow('too late');
});

test("the caller's signal ends it with its own reason, also when it was aborted before", async () => {
  const controller = new AbortController();
  const reason = new Error('cancelled by carol');
  const waiting = within(10_000, controller.signal, late, never);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(within(10_000, controller.signal, late, never)).rejects.toBe(reason);
});

test('the signal of the work fires at the deadline', async () => {
  let fired: unknown;
  await expect(
    within(20, undefined, late, (signal) => {
      signal.addEventListener('abort', () => (fired = signal.aborted));
      return never();
    }),
  ).rejects.toThrow('too late');
  expect(fired).toBe(true);
});

test('a promise that fails after its caller went away disturbs nobody', async () => {
  const controller = new AbortController();
  let fail: (error: Error) => void = () => {};
  const slow = new Promise<never>((_resolve, reject) => (fail = reject));
  const waiting = orAborted(slow, controller.signal);
  controller.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  fail(new Error('unheard'));
});

test('one signal may end forty waits without a warning', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  const controller = new AbortController();
  const waits = Array.from({ length: 40 }, () => within(10_000, controller.signal, late, never));
  controller.abort(new Error('stop'));
  await Promise.allSettled(waits);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
