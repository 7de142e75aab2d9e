/** What reaches the bot from Slack, as Slack sends it and as it never would. */
import fc from 'fast-check';
import { APPROVE_ACTION, DENY_ACTION, WITHDRAW_ACTION } from '../../src/cards/approval.ts';
import { PAGE_ACTION } from '../../src/cards/pages.ts';
import { REMEDY_ACTION } from '../../src/cards/remedies.ts';
import { CANCEL_ACTION } from '../../src/slack/card.ts';
import { CHANNELS, PEOPLE } from './cast.ts';
import { line } from './lines.ts';
import { STANDING_IDS } from './standing.ts';

/** One thing that Slack sends. `sound`: as Slack would, so nothing but plain words may come of it. */
export interface Case {
  what: string;
  sound: boolean;
  body: Record<string, unknown>;
}

/** Those who may do something oftener: of the others all that can be seen is that they are refused. */
const who = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PEOPLE.slice(0, 4)) },
  { weight: 2, arbitrary: fc.constantFrom(...PEOPLE, { id: 'U0STRANGER', name: 'stranger' }) },
);
const where = fc.constantFrom(...CHANNELS);

/** What no field should hold. */
const rubbish: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  undefined,
  null,
  '',
  0,
  -1,
  true,
  [],
  {},
  [null],
  { id: null },
  { id: { id: 1 } },
  '__proto__',
  'x'.repeat(5000),
  '\u0000',
  JSON.parse('{"__proto__": {"admin": true}}'),
);

const id = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...STANDING_IDS) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', 'zzzzzzzz', '__proto__', 'a'.repeat(300), '*', '{swarmkeeper}'),
  },
);
const round = fc.constantFrom(' 1', ' 1', ' 1', ' 1', ' 0', ' 2', '', ' 1 1', ' -1', ' NaN', ' __proto__');
const page = fc.constantFrom(' 1', ' 2', ' 3', ' 0', ' 999999', ' 1e9', ' -1', '', ' 2 ');

let sent = 0;
/** Never the same twice, except where a delivery is repeated. */
const trigger = fc.nat(99).map((chance) => `12345.${chance === 0 ? sent : (sent += 1)}`);

const slash = fc
  .tuple(line, who, where, trigger)
  .map(([text, { id: user, name }, channel, trigger_id]): Case => ({
    what: 'slash command',
    sound: true,
    body: {
      command: '/swarm',
      text,
      trigger_id,
      team_id: 'T1',
      team_domain: 'demo',
      channel_id: channel,
      channel_name: 'ops',
      user_id: user,
      user_name: name,
      response_url: 'https://slack.example/respond',
      api_app_id: 'A1',
      token: 't',
      is_enterprise_install: 'false',
    },
  }));

const action = fc.oneof(
  { weight: 3, arbitrary: id.map((value) => ({ action_id: CANCEL_ACTION, value })) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(APPROVE_ACTION, DENY_ACTION, WITHDRAW_ACTION), id, round)
      .map(([action_id, request, behind]) => ({ action_id, value: `${request}${behind}` })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('next', 'last', 'first', ''), id, page)
      .map(([label, request, behind]) => ({
        action_id: `${PAGE_ACTION}:${label}`,
        value: `${request}${behind}`,
      })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.nat(5), line)
      .map(([at, value]) => ({ action_id: `${REMEDY_ACTION}:${at}`, value })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 20 }),
          fc.constantFrom(
            'form',
            'approve:1',
            'remedy',
            'page',
            'cancel ',
            '__proto__',
            'constructor',
            'value',
          ),
        ),
        fc.oneof(id, line),
      )
      .map(([action_id, value]) => ({ action_id, value })),
  },
);

const press = fc
  .tuple(action, who, where, trigger)
  .map(([pressed, { id: user, name }, channel, trigger_id]): Case => ({
    what: `press of ${pressed.action_id}`,
    sound: true,
    body: {
      type: 'block_actions',
      user: { id: user, username: name, name, team_id: 'T1' },
      team: { id: 'T1', domain: 'demo' },
      enterprise: null,
      is_enterprise_install: false,
      api_app_id: 'A1',
      token: 't',
      container: { type: 'message', message_ts: '1.2', channel_id: channel, is_ephemeral: false },
      channel: { id: channel, name: 'ops' },
      message: { type: 'message', ts: '1.2', text: 'x' },
      trigger_id,
      response_url: 'https://slack.example/respond',
      actions: [
        {
          type: 'button',
          block_id: 'b',
          action_ts: '1.3',
          text: { type: 'plain_text', text: 'x' },
          ...pressed,
        },
      ],
    },
  }));

const text = fc.oneof(
  line,
  fc.constantFrom('version: "3"\nservices:\n  a:\n    image: b\n', '{', '\u0000'.repeat(3000)),
);
const metadata = fc.oneof(
  fc.tuple(line, where).map(([words, channel]) => JSON.stringify({ text: words, slash: '/swarm', channel })),
  fc
    .tuple(fc.constantFrom('stack deploy shop', 'stack deploy shop --prune'), where)
    .map(([words, channel]) => JSON.stringify({ text: words, slash: '/swarm', channel })),
  fc
    .tuple(id, round, where)
    .map(([request, behind, channel]) =>
      JSON.stringify({ value: `${request}${behind}`, id: request, round: 1, channel }),
    ),
  fc.tuple(id, round).map(([request, behind]) => `${request}${behind}`),
  fc.constantFrom(
    '',
    '{',
    'null',
    '[]',
    '1',
    '{}',
    '{"text":1,"channel":[],"slash":{}}',
    '{"__proto__":{"text":"join"}}',
  ),
);
const values: fc.Arbitrary<object> = fc.oneof<fc.Arbitrary<object>[]>(
  text.map((value) => ({ file: { value: { type: 'plain_text_input', value } } })),
  text.map((value) => ({ reason: { value: { type: 'plain_text_input', value } } })),
  fc.constantFrom(
    {},
    { file: {} },
    { file: { value: {} } },
    { file: { value: { value: null } } },
    JSON.parse('{"__proto__": {}}') as object,
  ),
);

const view = fc
  .tuple(
    fc.constantFrom('view_submission', 'view_submission', 'view_submission', 'view_closed'),
    fc.constantFrom('form', 'form', 'reason', 'reason', 'denial', 'denial', '', '__proto__', 'elsewhere'),
    metadata,
    values,
    who,
    trigger,
  )
  .map(([type, callback_id, private_metadata, filled, { id: user, name }, viewId]): Case => ({
    what: `${type} of ${callback_id}`,
    sound: false,
    body: {
      type,
      user: { id: user, username: name, name, team_id: 'T1' },
      team: { id: 'T1', domain: 'demo' },
      api_app_id: 'A1',
      token: 't',
      trigger_id: viewId,
      is_enterprise_install: false,
      ...(type === 'view_closed' ? { is_cleared: false } : { response_urls: [] }),
      view: {
        id: `V${viewId}`,
        type: 'modal',
        team_id: 'T1',
        callback_id,
        private_metadata,
        hash: '1.abc',
        blocks: [],
        state: { values: filled },
      },
    },
  }));

const event = fc
  .tuple(
    fc.constantFrom(
      'app_home_opened',
      'subteam_updated',
      'subteam_created',
      'subteam_members_changed',
      'message',
      'app_mention',
      'user_change',
      'function_executed',
      'app_uninstalled',
      '__proto__',
    ),
    who,
    fc.dictionary(
      fc.constantFrom('subteam', 'subteam_id', 'user', 'text', 'channel', 'tab', 'view', 'added_users'),
      rubbish,
      {
        maxKeys: 4,
      },
    ),
    trigger,
  )
  .map(([type, { id: user }, fields, event_id]): Case => ({
    what: `event ${type}`,
    sound: false,
    body: {
      type: 'event_callback',
      team_id: 'T1',
      api_app_id: 'A1',
      token: 't',
      event_id: `Ev${event_id}`,
      event_time: 1,
      authorizations: [{ team_id: 'T1', user_id: 'U0BOT', is_bot: true, is_enterprise_install: false }],
      event: { type, user, event_ts: '1.2', ...fields },
    },
  }));

const other = fc
  .tuple(
    fc.constantFrom(
      'shortcut',
      'message_action',
      'block_suggestion',
      'dialog_submission',
      'workflow_step_edit',
      'x',
      '',
    ),
    fc.constantFrom('form', 'cancel', 'approve', '__proto__', ''),
    line,
    who,
    trigger,
  )
  .map(([type, callback_id, value, { id: user, name }, trigger_id]): Case => ({
    what: `a ${type || 'nameless thing'}`,
    sound: false,
    body: {
      type,
      callback_id,
      action_id: callback_id,
      block_id: 'b',
      value,
      trigger_id,
      user: { id: user, username: name, name, team_id: 'T1' },
      team: { id: 'T1', domain: 'demo' },
      response_url: 'https://slack.example/respond',
    },
  }));

/** Where in a payload something is damaged. */
const PLACES = [
  'actions',
  'actions.0',
  'actions.0.action_id',
  'actions.0.value',
  'channel',
  'channel.id',
  'channel_id',
  'command',
  'event',
  'event.type',
  'response_url',
  'state',
  'team',
  'team_id',
  'text',
  'trigger_id',
  'type',
  'user',
  'user.id',
  'user.name',
  'user_id',
  'user_name',
  'view',
  'view.callback_id',
  'view.private_metadata',
  'view.state',
  'view.state.values',
  'view.state.values.file',
];

function damaged(value: unknown, [key = '', ...rest]: string[], into: unknown): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return value;
  const next = rest.length === 0 ? into : damaged(Reflect.get(value, key), rest, into);
  return Array.isArray(value) ? value.with(Number(key), next) : { ...value, [key]: next };
}

const broken = fc
  .tuple(
    fc.oneof(slash, press, view, event, other),
    fc.array(fc.tuple(fc.constantFrom(...PLACES), rubbish), { minLength: 1, maxLength: 3 }),
  )
  .map(([whole, damages]): Case => ({
    what: `damaged ${whole.what}`,
    sound: false,
    body: damages.reduce<Record<string, unknown>>(
      (body, [place, into]) => damaged(body, place.split('.'), into) as Record<string, unknown>,
      whole.body,
    ),
  }));

export const anything: fc.Arbitrary<Case> = fc.oneof(
  { weight: 50, arbitrary: slash },
  { weight: 22, arbitrary: press },
  { weight: 6, arbitrary: view },
  { weight: 4, arbitrary: event },
  { weight: 3, arbitrary: other },
  { weight: 15, arbitrary: broken },
);
