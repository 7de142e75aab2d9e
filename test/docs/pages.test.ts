import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generatedPages } from '../../docs/write.ts';

const pages = await generatedPages();

test.each([...pages])('docs/%s is what `npm run docs` writes', async (name, content) => {
  const written = await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
  expect(written, 'run `npm run docs`').toBe(content);
});
