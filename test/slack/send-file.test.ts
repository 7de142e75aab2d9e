import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLocalSlack, type LocalSlack } from '../../demo/slack/server.ts';
import { mentionsIn } from '../../src/slack/mentions.ts';
import { clientOptions } from '../../src/slack/receivers.ts';
import { fileSender } from '../../src/slack/send-file.ts';
import { quiet } from '../slack-server/connect.ts';

const alice = { id: 'U0000ALICE', name: 'alice', team: 'T1' };

let slack: LocalSlack;
let logged: string[];
let send: ReturnType<typeof fileSender>;

beforeEach(async () => {
  slack = await startLocalSlack({ tierScale: 100 });
  logged = [];
  const client = new WebClient(slack.botToken, { ...clientOptions(slack.apiUrl), logger: quiet });
  send = fileSender(client, pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }));
});
afterEach(() => slack.close());

const said = (channel: string) => slack.messages(channel, { as: 'alice' }).map(({ text }) => text);

test('a file comes in a direct message to this person alone', async () => {
  await send(
    { name: 'audit.jsonl', title: 'Audit', content: () => Promise.resolve('{}\n') },
    alice,
    slack.channels.ops.id,
  );
  const [file] = slack.messages('@alice', { as: 'alice' }).flatMap(({ files }) => files);
  expect(file).toMatchObject({ name: 'audit.jsonl', title: 'Audit', size: 3 });
  expect(said('ops')).toEqual([]);
  expect(logged).toEqual([]);
});

test('an empty one is said instead', async () => {
  await send({ name: 'audit.jsonl', title: 'Audit', content: '' }, alice, slack.channels.ops.id);
  expect(said('@alice')).toEqual(['`audit.jsonl` would be empty: nothing fits.']);
});

test('one that cannot be made or sent is told of where it was asked for, with a reference to the log', async () => {
  const content = () => Promise.reject(new Error('Redis is away'));
  await send({ name: 'audit.jsonl', title: 'Audit', content }, alice, slack.channels.ops.id);
  const [told = ''] = said('ops');
  expect(told).toContain('The file `audit.jsonl` could not be sent to you.');
  const [reference = ''] = /E-[0-9a-f]{8}/.exec(told) ?? [];
  expect(logged.join('')).toContain(reference);
  expect(slack.messages('ops', { as: 'bob' })).toEqual([]);
});

test('people who are mentioned are known by their IDs', () => {
  expect(mentionsIn('audit <@U0000ALICE|alice> <@W1|b. o.b> <#C1|ops> <!here> <@U2> @carol <@U3|>')).toEqual([
    { id: 'U0000ALICE', name: 'alice' },
    { id: 'W1', name: 'b. o.b' },
  ]);
});
