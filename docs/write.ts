/** Writes the pages of docs/ that are made from the code: `npm run docs`. A test says when they are out of date. */
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { topics } from '../src/commands/index.ts';
import { THEMES } from '../test/diagnosis/rows.ts';
import { commandsPage } from './commands-page.ts';
import { troubleshootingPage } from './troubleshooting-page.ts';

/** Path in docs/ -> its text as the formatter leaves it. */
export async function generatedPages(): Promise<Map<string, string>> {
  return new Map([
    ['commands.md', await format(commandsPage(topics), { parser: 'markdown', printWidth: 110 })],
    [
      'troubleshooting.md',
      await format(troubleshootingPage(THEMES), { parser: 'markdown', printWidth: 110 }),
    ],
  ]);
}

if (import.meta.main)
  for (const [name, content] of await generatedPages())
    await writeFile(new URL(name, import.meta.url), content);
