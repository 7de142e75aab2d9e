/** The page of all that goes wrong in a swarm, in the words that the bot says, so that it cannot go stale. Pure. */
import { diagnose, type Diagnosis } from '../src/diagnosis/diagnose.ts';
import type { Covered, Theme } from '../test/diagnosis/rows.ts';

/** Markdown. @throws when the diagnosis does not take the example of a row for that row. */
export function troubleshootingPage(themes: readonly Theme[]): string {
  const rows = themes.flatMap(({ rows }) => rows);
  const real = rows.filter(({ how }) => how === 'real').length;
  return [
    '# What goes wrong in a swarm',
    '',
    '<!-- Made by `npm run docs` from src/diagnosis and test/diagnosis/rows.ts. Do not edit by hand. -->',
    '',
    `Swarmkeeper knows these ${rows.length} troubles. When a command fails, and in the answer to \`/swarm why NAME\`, it says which one`,
    'it is in the words below, and offers the ways out as buttons. The names are examples: fedora-03 is a host, websky a',
    'service. The table at the end says how each is tested.',
    '',
    ...themes.flatMap(({ title, rows }) => [`## ${title}`, '', ...rows.flatMap(entry)]),
    '## How each is tested',
    '',
    `For real: a test causes it between real engines and diagnoses what they then say or show. These are ${real}. Recorded: the`,
    'words were taken from the sources of the engines. The words that engines said for real are kept in',
    '[test/diagnosis/recorded](../test/diagnosis/recorded).',
    '',
    '| # | | where |',
    '| --- | --- | --- |',
    ...rows.toSorted((a, b) => a.row - b.row).map(tested),
    '',
  ].join('\n');
}

function entry({ row, symptom, example }: Covered): string[] {
  const said = diagnose(example.text, example.facts);
  if (said?.row !== row)
    throw new Error(`The example of row ${row} is taken for row ${said?.row ?? 'none'}.`);
  return [
    `### ${row}. ${symptom.charAt(0).toUpperCase()}${symptom.slice(1)}`,
    '',
    `${said.cause} ${said.explanation}`,
    '',
    `${said.advice}${buttons(said)}`,
    '',
  ];
}

function buttons({ remedies }: Diagnosis): string {
  return remedies.length === 0 ? '' : ` Buttons: ${remedies.map(({ label }) => `**${label}**`).join(', ')}.`;
}

function tested({ row, how, file, because }: Covered): string {
  const link = `[${file}](../test/diagnosis/${file})`;
  return how === 'real' ? `| ${row} | for real | ${link} |` : `| ${row} | recorded | ${link}: ${because} |`;
}
