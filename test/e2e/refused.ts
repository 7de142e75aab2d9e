import { expect } from 'vitest';
import { command } from '../../demo/people.ts';
import type { LocalSlack } from '../../demo/slack/server.ts';

/**
 * Types `/swarm LINE` as alice in #ops, where it must be refused: told to her alone, in one message, while the channel
 * shows nothing of it in the end. @returns what she reads.
 */
export async function refused(slack: LocalSlack, line: string): Promise<string> {
  const since = slack.messages('ops').at(-1)?.ts ?? '0';
  const { shown, ts } = await command(slack, 'alice', `/swarm ${line}`, 30_000);
  const answer = slack.messages('ops').find((message) => message.ts === ts);
  expect(answer?.ephemeral, `this stands in the channel for everybody: ${shown}`).toBeTruthy();
  // A card that stood while the worker looked is taken back just after she was told.
  await slack.until(
    () => (slack.messages('ops', { as: 'bob', since }).length === 0 ? true : undefined),
    10_000,
    () => `This stays in the channel for everybody:\n${slack.transcript('ops', { as: 'bob', since })}`,
  );
  expect(slack.messages('ops', { as: 'alice', since }).map(slack.renderText)).toEqual([shown]);
  expect(answer?.text.trim()).not.toBe('');
  expect(shown).toMatch(/^⛔ /);
  return shown;
}
