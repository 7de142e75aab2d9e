import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redact } from '../../src/hosts/redact.ts';

const token = 'SWMTKN-1-3pu6hszjas19xyp7ghgosyx9k8atbfcr8p2is99znpy26u2lkl-1awxwuwd3z9j1z3puu7rcgdbx';

test('no token or unlock key is left, wherever it stands', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      expect(redact(`${before} ${token} ${after}`)).not.toContain('3pu6hszjas19');
      expect(redact(`${before}"${token}"${after}`)).not.toContain('3puu7rcgdbx');
    }),
  );
  expect(redact(`key SWMKEY-1-abc, then`)).toBe('key SWMKEY-[secret], then');
  expect(redact(token.toLowerCase())).not.toContain('3pu6');
});

test('control characters become spaces and a flood is cut', () => {
  expect(redact('one\r\ntwo\u001b[31m three\u0000')).toBe('one two [31m three');
  expect(redact('x'.repeat(10_000)).length).toBeLessThan(1000);
});
