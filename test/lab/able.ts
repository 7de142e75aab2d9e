import { describe } from 'vitest';
import { canRunLab } from '../../lab/lab.ts';

/** `describe` for tests that need a lab: left out, with the reason in their title, where none can run. */
export function describeLab(title: string, tests: () => void): void {
  const able = canRunLab();
  if (able.ok) describe(title, tests);
  else describe.skip(`${title} (left out: ${able.why})`, tests);
}
