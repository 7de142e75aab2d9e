import { describe, expect, test } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { card } from '../../src/slack/card.ts';
import { objections } from '../cards/slack-takes.ts';
import { request, RESULTS, SHAPES } from './results.ts';

const jobCommands = commands.flatMap((command) => (command.kind === 'job' ? [command] : []));

describe.each(jobCommands.map((command) => [command.name, command] as const))(
  'a result of %s',
  (name, command) => {
    test.each(Object.entries(SHAPES))('%s', (_title, shape) => {
      for (const result of RESULTS[command.job](shape)) {
        for (const phase of ['done', 'incomplete'] as const) {
          const steps = { ...shape, text: 'Look', many: Math.min(shape.many, 6) };
          expect(objections(card(request(name, phase, steps, result), command))).toEqual([]);
        }
      }
    });
  },
);
