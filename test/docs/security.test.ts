import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseSwarmConfig } from '../../src/config.ts';

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
const policies = [...page.matchAll(/^## (?<title>[^\n]*)\n+```yaml\n(?<text>.*?)```/gms)].map(
  ({ groups }) => [groups?.['title'] ?? '', groups?.['text'] ?? ''] as const,
);

test('there are two policies to begin with', () => {
  expect(policies.map(([title]) => title)).toEqual(['A small team', 'A larger one']);
});

test.each(policies)('%s: is taken as it stands, without a warning', (_title, text) => {
  const hosts =
    'managers: [manager]\nssh: { key: k, knownHosts: h }\nhosts: { manager: { address: 192.168.2.100 } }\n';
  const { warnings } = parseSwarmConfig(hosts + text, { base: '/' });
  expect(warnings).toEqual([]);
});
