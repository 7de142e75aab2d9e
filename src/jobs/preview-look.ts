/** Looking at several targets as their job would, without its steps. */
import type { Step } from './define.ts';
import { forEachTarget, type Outcome } from './stages.ts';

const SILENT: Step = {
  say: () => undefined,
  show: () => undefined,
  fail: () => undefined,
  act: () => Promise.reject(new Error('A preview changes nothing.')),
};

/**
 * What the job itself would find of each: one alone is refused as the job refuses it, and of several those that it would
 * leave out are kept beside the others.
 * @throws UserError when it would work for none.
 */
export async function lookAtEach<R>(
  targets: string[],
  atOnce: number,
  signal: AbortSignal,
  look: (target: string) => Promise<R>,
): Promise<Outcome<R>[]> {
  const context = { signal, step: <T>(_title: string, work: (step: Step) => Promise<T>) => work(SILENT) };
  return await forEachTarget(targets, context, atOnce, look, () => '');
}
