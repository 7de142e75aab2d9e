import { expect, test } from 'vitest';
import { findCommand } from '../../src/commands/find.ts';
import { commands } from '../../src/commands/index.ts';
import { splitWords } from '../../src/commands/words.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { explainShortfall } from '../../src/diagnosis/tasks.ts';
import { facts as parsing } from '../commands/reading.ts';
import { RECORDED } from './recorded.ts';

const TASKS_SAY = [
  'task: non-zero exit (1)',
  'invalid mount config for type "bind": bind source path does not exist: /data',
  'its node is down',
];

/** With every name that could stand in a line. */
const of = ({ text, facts }: (typeof RECORDED)[number]) =>
  diagnose(text, {
    host: 'fedora-03',
    node: 'fedora-03',
    service: 'websky',
    nodes: ['fedora-01', 'fedora-02'],
    fits: 2,
    ...facts,
    request: 'ab12cd34',
  })?.remedies ?? [];

const shortfall = TASKS_SAY.map((error) => ({ state: 'failed', error, tasks: 1, nodes: ['fedora-01'] }));

const LINES = [
  ...new Set(
    [...RECORDED.flatMap(of), ...explainShortfall(shortfall, { service: 'websky' }).remedies].map(
      ({ line }) => line,
    ),
  ),
];

test('there are remedies of many kinds', () => {
  expect(new Set(LINES.map((line) => line.split(' ')[0])).size).toBeGreaterThan(14);
});

test.each(LINES)('"%s" is a command as somebody would type it', (line) => {
  const { command, rest } = findCommand(splitWords(line), commands, '/swarm');
  const understood = command.kind === 'job' ? command.parse(rest, parsing).title : rest.join(' ');
  expect(understood).not.toBe('');
});
