import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import { refusal, webClient } from './connect.ts';

let slack: LocalSlack;

beforeAll(async () => {
  slack = await startLocalSlack({ tierScale: 1000 });
});
afterAll(() => slack.close());

type Fields = Record<string, unknown>;

const chars = (count: number): string => 'x'.repeat(count);
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const plain = (text: string): Fields => ({ type: 'plain_text', text });
const mrkdwn = (text: string): Fields => ({ type: 'mrkdwn', text });
const section = (text: string): Fields => ({ type: 'section', text: mrkdwn(text) });
const button = (more: Fields = {}): Fields => ({ type: 'button', text: plain('Go'), ...more });
const actions = (...elements: Fields[]): Fields => ({ type: 'actions', elements });
const option = (value: string, text = value): Fields => ({ text: plain(text), value });
const select = (count: number): Fields => ({
  type: 'static_select',
  options: times(count, (n) => option(String(n))),
});
const rich = (text: string): Fields => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
});
const raw = (text: string): Fields => ({ type: 'raw_text', text });
const table = (rows: Fields[][]): Fields => ({ type: 'table', rows });
const dataTable = (rows: Fields[][], more: Fields = {}): Fields => ({
  type: 'data_table',
  caption: 'Nodes',
  rows,
  ...more,
});
const grid = (rows: number, columns: number): Fields[][] => times(rows, () => times(columns, () => raw('x')));
const task = (more: Fields = {}): Fields => ({
  type: 'task_card',
  task_id: 'a',
  title: 'Check',
  status: 'pending',
  ...more,
});
const plan = (...tasks: Fields[]): Fields => ({ type: 'plan', title: 'Join', tasks });
const container = (more: Fields = {}): Fields => ({
  type: 'container',
  title: plain('docker info'),
  child_blocks: [section('x')],
  ...more,
});
const card = (more: Fields): Fields => ({ type: 'card', ...more });
const context = (...elements: Fields[]): Fields => ({ type: 'context', elements });
const input = (element: Fields): Fields => ({ type: 'input', label: plain('Node'), element });

const post = (blocks: unknown): Promise<unknown> =>
  webClient(slack).apiCall('chat.postMessage', { channel: 'C00000OPS1', text: 'fallback', blocks });

const fine: [string, Fields[]][] = [
  ['a section of 3000 characters', [section(chars(3000))]],
  ['50 blocks', times(50, () => ({ type: 'divider' }))],
  ['10 fields of 1000', [{ type: 'section', fields: times(10, () => mrkdwn(chars(1000))) }]],
  ['a header of 150', [{ type: 'header', text: plain(chars(150)) }]],
  [
    '25 buttons with the longest text, value and id',
    [
      actions(
        ...times(25, (n) =>
          button({ text: plain(chars(75)), value: chars(2000), action_id: String(n).padStart(255, 'x') }),
        ),
      ),
    ],
  ],
  ['a menu with 100 options', [actions(select(100))]],
  ['10 context elements', [context(...times(10, () => mrkdwn('x')))]],
  ['a table of 100 x 20', [table(grid(100, 20))]],
  ['a data_table of 1 + 100 rows', [dataTable(grid(101, 20), { page_size: 100 })]],
  ['a data_table with 10,000 characters', [dataTable([[raw(chars(5000))], [raw(chars(5000))]])]],
  [
    'a plan with every status, details and output',
    [
      plan(
        ...['pending', 'in_progress', 'complete', 'error'].map((status) =>
          task({ task_id: status, status, details: rich('d'), output: rich('o') }),
        ),
      ),
    ],
  ],
  [
    'a folded container',
    [
      container({
        is_collapsible: true,
        default_collapsed: true,
        child_blocks: [rich('x'), section('y'), table(grid(2, 2))],
      }),
    ],
  ],
  ['markdown of 12,000', [{ type: 'markdown', text: chars(12_000) }]],
  ['a card', [card({ title: mrkdwn('t'), body: mrkdwn(chars(200)), actions: [button()] })]],
  ['an image from the web', [{ type: 'image', alt_text: 'x', image_url: 'https://example.org/x.png' }]],
  [
    'a confirm dialog',
    [
      actions(
        button({
          style: 'danger',
          confirm: { title: plain('Sure?'), text: mrkdwn('x'), confirm: plain('Yes'), deny: plain('No') },
        }),
      ),
    ],
  ],
  [
    'rich text of every kind',
    [
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'user', user_id: 'U000000BOB' },
              { type: 'emoji', name: 'wave' },
              { type: 'text', text: 'x', style: { bold: true, code: true } },
            ],
          },
          {
            type: 'rich_text_list',
            style: 'bullet',
            elements: [
              { type: 'rich_text_section', elements: [{ type: 'link', url: 'https://example.org' }] },
            ],
          },
          { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'x' }] },
          { type: 'rich_text_quote', elements: [{ type: 'text', text: 'x' }] },
        ],
      },
    ],
  ],
];

test.each(fine)('%s is fine', async (_what, blocks) => {
  await expect(post(blocks)).resolves.toMatchObject({ ok: true });
});

const wrong: [string, unknown[], string][] = [
  ['an unknown block', [{ type: 'sectoin' }], 'unsupported type: sectoin [json-pointer:/blocks/0/type]'],
  ['a block without type', [{ text: plain('x') }], 'missing required field: type [json-pointer:/blocks/0]'],
  [
    'an unknown field',
    [{ ...section('x'), colour: 'red' }],
    'invalid additional property: colour [json-pointer:/blocks/0]',
  ],
  [
    '51 blocks',
    times(51, () => ({ type: 'divider' })),
    'no more than 50 items allowed [json-pointer:/blocks]',
  ],
  [
    'a section of 3001',
    [section(chars(3001))],
    'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
  ],
  ['an empty section', [section('')], 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
  ['a section with nothing', [{ type: 'section' }], 'missing required field: text [json-pointer:/blocks/0]'],
  [
    '11 fields',
    [{ type: 'section', fields: times(11, () => mrkdwn('x')) }],
    'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
  ],
  [
    'a field of 2001',
    [{ type: 'section', fields: [mrkdwn(chars(2001))] }],
    'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
  ],
  [
    'a header of 151',
    [{ type: 'header', text: plain(chars(151)) }],
    'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
  ],
  [
    'a header in mrkdwn',
    [{ type: 'header', text: mrkdwn('x') }],
    'unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]',
  ],
  [
    '26 actions',
    [actions(...times(26, () => button()))],
    'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
  ],
  ['no actions', [actions()], 'no fewer than 1 items allowed [json-pointer:/blocks/0/elements]'],
  [
    'button text of 76',
    [actions(button({ text: plain(chars(76)) }))],
    'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
  ],
  [
    'a button value of 2001',
    [actions(button({ value: chars(2001) }))],
    'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
  ],
  [
    'an action_id of 256',
    [actions(button({ action_id: chars(256) }))],
    'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
  ],
  [
    'a block_id of 256',
    [{ type: 'divider', block_id: chars(256) }],
    'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
  ],
  [
    'an unknown style',
    [actions(button({ style: 'green' }))],
    'must be a valid enum value [json-pointer:/blocks/0/elements/0/style]',
  ],
  [
    'a block_id twice',
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'a' },
    ],
    '`block_id` `a` already exists for another block [json-pointer:/blocks]',
  ],
  [
    'an action_id twice',
    [actions(button({ action_id: 'a' }), button({ action_id: 'a' }))],
    '`action_id` `a` already exists for another element [json-pointer:/blocks]',
  ],
  [
    '101 options',
    [actions(select(101))],
    'no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]',
  ],
  [
    'an option text of 76',
    [actions({ type: 'static_select', options: [option('a', chars(76))] })],
    'must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]',
  ],
  [
    'an initial option that is not offered',
    [actions({ ...select(2), initial_option: option('9') })],
    'initial_option must be among the options [json-pointer:/blocks/0/elements/0]',
  ],
  [
    '11 context elements',
    [context(...times(11, () => mrkdwn('x')))],
    'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
  ],
  [
    'a button in a context',
    [context(button())],
    'unsupported type: button [json-pointer:/blocks/0/elements/0/type]',
  ],
  [
    'a confirm text of 301',
    [actions(button({ confirm: { text: mrkdwn(chars(301)) } }))],
    'must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]',
  ],
  ['101 table rows', [table(grid(101, 1))], 'no more than 100 items allowed [json-pointer:/blocks/0/rows]'],
  ['21 table columns', [table(grid(1, 21))], 'no more than 20 items allowed [json-pointer:/blocks/0/rows/0]'],
  [
    'an empty table cell',
    [table([[raw('')]])],
    'must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]',
  ],
  ['two tables', [table(grid(1, 1)), dataTable(grid(2, 1))], 'only_one_table_allowed [json-pointer:/blocks]'],
  [
    'a data_table without caption',
    [{ type: 'data_table', rows: grid(2, 1) }],
    'missing required field: caption [json-pointer:/blocks/0]',
  ],
  [
    'a data_table with only a header',
    [dataTable(grid(1, 1))],
    'no fewer than 2 items allowed [json-pointer:/blocks/0/rows]',
  ],
  [
    '102 data_table rows',
    [dataTable(grid(102, 1))],
    'no more than 101 items allowed [json-pointer:/blocks/0/rows]',
  ],
  [
    'a page size of 101',
    [dataTable(grid(2, 1), { page_size: 101 })],
    'must be less than or equal to 100 [json-pointer:/blocks/0/page_size]',
  ],
  [
    'rows of different length',
    [dataTable([[raw('a'), raw('b')], [raw('c')]])],
    'all rows must have the same number of cells [json-pointer:/blocks/0]',
  ],
  [
    'rich text in a header row',
    [dataTable([[rich('a')], [raw('c')]])],
    'rich_text is not allowed in the header row [json-pointer:/blocks/0]',
  ],
  [
    'a data_table with 10,001 characters',
    [dataTable([[raw(chars(5000))], [raw(chars(5001))]])],
    'the total number of characters in all cells must be less than 10001 [json-pointer:/blocks/0]',
  ],
  [
    'two plans',
    [plan(task()), plan(task({ task_id: 'b' }))],
    'only one plan block is allowed [json-pointer:/blocks]',
  ],
  [
    'an unknown task status',
    [plan(task({ status: 'done' }))],
    'must be a valid enum value [json-pointer:/blocks/0/tasks/0/status]',
  ],
  [
    'the same task twice',
    [plan(task(), task())],
    '`task_id` `a` already exists for another task [json-pointer:/blocks]',
  ],
  [
    'task details as text',
    [plan(task({ details: 'text' }))],
    'must provide an object [json-pointer:/blocks/0/tasks/0/details]',
  ],
  [
    'a container without title',
    [{ type: 'container', child_blocks: [section('x')] }],
    'missing required field: title [json-pointer:/blocks/0]',
  ],
  [
    '11 children',
    [container({ child_blocks: times(11, () => section('x')) })],
    'no more than 10 items allowed [json-pointer:/blocks/0/child_blocks]',
  ],
  [
    'a plan in a container',
    [container({ child_blocks: [plan(task())] })],
    'unsupported type: plan [json-pointer:/blocks/0/child_blocks/0/type]',
  ],
  [
    'a container folded but not foldable',
    [container({ default_collapsed: true })],
    'default_collapsed requires is_collapsible [json-pointer:/blocks/0]',
  ],
  [
    'markdown of 12,001',
    [{ type: 'markdown', text: chars(12_001) }],
    'must be less than 12001 characters [json-pointer:/blocks/0/text]',
  ],
  [
    'an alert in a message',
    [{ type: 'alert', text: mrkdwn('x') }],
    'unsupported type: alert [json-pointer:/blocks/0/type]',
  ],
  [
    'a card with nothing',
    [card({ subtitle: mrkdwn('x') })],
    'must provide at least one of hero_image, title, actions, body [json-pointer:/blocks/0]',
  ],
  [
    'a card body of 201',
    [card({ body: mrkdwn(chars(201)) })],
    'must be less than 201 characters [json-pointer:/blocks/0/body/text]',
  ],
  [
    'an image without alt text',
    [{ type: 'image', image_url: 'https://example.org/x.png' }],
    'missing required field: alt_text [json-pointer:/blocks/0]',
  ],
  [
    'an image that Slack cannot reach',
    [{ type: 'image', alt_text: 'x', image_url: 'http://127.0.0.1/x.png' }],
    'downloading image failed [json-pointer:/blocks/0/image_url]',
  ],
  [
    'an empty rich text element',
    [rich('')],
    'must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]',
  ],
  [
    'an input without element',
    [{ type: 'input', label: plain('x') }],
    'missing required field: element [json-pointer:/blocks/0]',
  ],
];

test.each(wrong)('%s is refused', async (_what, blocks, problem) => {
  const { error, errors, response_metadata } = await refusal(post(blocks));
  expect({ error, errors }).toEqual({ error: 'invalid_blocks', errors: [problem] });
  expect(response_metadata).toMatchObject({ messages: [`[ERROR] ${problem}`] });
});

test('blocks that are no list of objects have another error', async () => {
  expect((await refusal(post('not json'))).error).toBe('invalid_blocks_format');
  expect((await refusal(post({ type: 'divider' }))).error).toBe('invalid_blocks_format');
});

test('all blocks together have a limit of about 13,200 characters', async () => {
  await post(times(4, () => section(chars(3000))));
  expect((await refusal(post(times(5, () => section(chars(2700)))))).error).toBe('msg_blocks_too_long');
});

const view = (type: string, blocks: Fields[], more: Fields = {}): Fields => ({
  type,
  ...(type === 'modal' ? { title: plain('Join'), submit: plain('Join') } : {}),
  blocks,
  ...more,
});

const publish = (blocks: Fields[]): Promise<unknown> =>
  webClient(slack).apiCall('views.publish', { user_id: slack.users.alice.id, view: view('home', blocks) });

/** Views are checked before their trigger is, so that a wrong trigger shows that the view is fine. */
const open = (blocks: Fields[], more: Fields = {}): Promise<unknown> =>
  webClient(slack).apiCall('views.open', { trigger_id: 'none', view: view('modal', blocks, more) });

test.each([
  ['plan', plan(task())],
  ['task_card', task()],
  ['markdown', { type: 'markdown', text: 'x' }],
  ['container', container()],
  ['alert', { type: 'alert', text: mrkdwn('x') }],
  ['table', table(grid(1, 1))],
  ['data_table', dataTable(grid(2, 1))],
])('Home takes no %s', async (type, block) => {
  const { error, response_metadata } = await refusal(publish([block]));
  expect(error).toBe('invalid_arguments');
  expect(response_metadata).toMatchObject({
    messages: [`[ERROR] unsupported type: ${type} [json-pointer:/view/blocks/0/type]`],
  });
});

test('Home takes headers, fields, rich text, context, actions and cards, up to 100', async () => {
  await publish([
    { type: 'header', text: plain('x') },
    { type: 'section', fields: [mrkdwn('x')] },
    rich('x'),
    context(mrkdwn('x')),
    actions(button()),
    card({ title: mrkdwn('x') }),
    ...times(94, () => ({ type: 'divider' })),
  ]);
  expect((await refusal(publish(times(101, () => ({ type: 'divider' }))))).error).toBe('invalid_arguments');
});

test('a modal takes an alert and inputs', async () => {
  const blocks = [
    { type: 'alert', level: 'warning', text: mrkdwn('x') },
    input({ type: 'plain_text_input' }),
  ];
  expect((await refusal(open(blocks))).error).toBe('invalid_trigger_id');
});

test.each([
  [
    'a title of 25',
    [],
    { title: plain(chars(25)) },
    'must be less than 25 characters [json-pointer:/view/title/text]',
  ],
  [
    'a submit of 25',
    [],
    { submit: plain(chars(25)) },
    'must be less than 25 characters [json-pointer:/view/submit/text]',
  ],
  [
    'private_metadata of 3001',
    [],
    { private_metadata: chars(3001) },
    'must be less than 3001 characters [json-pointer:/view/private_metadata]',
  ],
  ['a plan', [plan(task())], {}, 'unsupported type: plan [json-pointer:/view/blocks/0/type]'],
  ['a card', [card({ title: mrkdwn('x') })], {}, 'unsupported type: card [json-pointer:/view/blocks/0/type]'],
  [
    'inputs without submit',
    [input({ type: 'plain_text_input' })],
    { submit: undefined },
    'missing required field: submit [json-pointer:/view]',
  ],
])('a modal with %s is refused', async (_what, blocks, more, problem) => {
  const { error, response_metadata } = await refusal(open(blocks, more));
  expect(error).toBe('invalid_arguments');
  expect(response_metadata).toMatchObject({ messages: [`[ERROR] ${problem}`] });
});
