import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take minutes, the longest first: they wait for the swarm's own delays, and begun last they would be waited
 * for alone. vitest knows durations only from an earlier run, which a fresh checkout has not had.
 */
const LONGEST = [
  'e2e/crash-join',
  'e2e/crash-scale',
  'diagnosis/real/',
  'e2e/',
  'fuzz/',
  'jobs/nodes/',
  'lab/',
  'lab.test',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((part) => moduleId.includes(part));
      return at === -1 ? LONGEST.length : at;
    };
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's method, not an array's
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 120_000,
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // Most of a lab test is waiting for engines: more files than cores run side by side.
    maxWorkers: 3,
  },
});
