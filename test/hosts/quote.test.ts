import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellLine } from '../../src/hosts/quote.ts';

test('a real shell gives back every argument as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }).filter((word) => !word.includes('\0'))), (words) => {
      const line = shellLine(['printf', String.raw`%s\0`, 'first', ...words]);
      const out = execFileSync('sh', ['-c', line], { encoding: 'utf8' });
      expect(out.split('\0').slice(0, -1)).toEqual(['first', ...words]);
    }),
    { numRuns: 60 },
  );
});

test('what a shell would act on stays a word', () => {
  const line = shellLine(['printf', '%s|', '$(echo pwned)', '`id`', "it's", '; reboot', '']);
  expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' })).toBe("$(echo pwned)|`id`|it's|; reboot||");
});

test('a NUL byte is refused', () => {
  expect(() => shellLine(['a\0b'])).toThrow('NUL');
});
