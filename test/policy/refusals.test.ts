/** Refusals as they read in the channel: what is in the way, who can do it, what to do next. The policy: example.ts. */
import { describe, expect, test } from 'vitest';
import { furnishWorkspace, installApp } from '../../demo/slack/app.ts';
import { renderMrkdwn } from '../../demo/slack/render/mrkdwn.ts';
import { spoken } from '../../src/cards/text.ts';
import { UserError } from '../../src/errors.ts';
import { decide, mayApprove } from '../../src/policy/decide.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { refusal } from '../../src/slack/failures.ts';
import { OPS, PEOPLE, POLICY, policyOf, questionOf, RANDOM, type Who } from './example.ts';

const workspace = furnishWorkspace(installApp({}));

function told(policy: Policy, who: Who, verb: string, about: string, channel = OPS): string {
  const decision = decide(policy, questionOf(who, verb, about, channel));
  return decision.kind === 'deny' ? renderMrkdwn(spoken(decision.says), workspace) : decision.kind;
}

function toldApprover(who: Who, verb: string, about: string): string {
  const may = mayApprove(POLICY, { ...questionOf(who, verb, about), requester: PEOPLE.alice.id });
  return may.kind === 'no' ? renderMrkdwn(spoken(may.says), workspace) : may.kind;
}

const ASK = 'Ask one of them, or whoever runs this bot for the role.';
const RULES = 'in swarm.yaml says so, and it wins over every role.';

describe('a role is missing', () => {
  test.each<[Who, string, string, string]>([
    ['erin', 'rm', 'service websky', `"rm" needs the role operators: @ops-team has it. ${ASK}`],
    ['carol', 'rm', 'service websky', `"rm" needs the role operators: @ops-team has it. ${ASK}`],
    [
      'erin',
      'label',
      'node fedora-03',
      `"label" needs the role operators (@ops-team) or oncall (@carol). ${ASK}`,
    ],
    [
      'a guest',
      'label',
      'node fedora-03',
      `You are a guest here. "label" needs the role operators (@ops-team) or oncall (@carol). ${ASK}`,
    ],
    [
      'a guest',
      'nodes',
      'the swarm',
      'You are a guest here, and "nodes" is for full members of this workspace, and for those whom a role names. Ask one of them to do it, or whoever runs this bot to name you in a role of swarm.yaml.',
    ],
    [
      'an external',
      'nodes',
      'the swarm',
      'You are from another workspace, and "nodes" is for full members of this workspace, and for those whom a role names. Ask one of them to do it, or whoever runs this bot to name you in a role of swarm.yaml.',
    ],
    [
      'unknown carol',
      'nodes',
      'the swarm',
      'Slack does not tell at this moment who you are, so nothing can be allowed. Try again in a minute. If it stays so, the log of the bot says why.',
    ],
  ])('%s: %s on %s', (who, verb, about, expected) => {
    expect(told(POLICY, who, verb, about)).toBe(expected);
  });

  test('of many people a few are named', () => {
    const ids = Array.from({ length: 12 }, (_, at) => `U0000000${at + 10}`).join(', ');
    expect(
      told(policyOf(`roles: { operators: { people: [${ids}] } }`), 'erin', 'scale', 'service websky'),
    ).toBe(
      `"scale" needs the role operators: @U000000010, @U000000011, @U000000012, @U000000013, @U000000014 and 7 more have it. ${ASK}`,
    );
  });
});

describe('nobody has the role', () => {
  test.each([
    [
      '',
      'Nobody may use "scale": no role in swarm.yaml allows it. Whoever runs this bot can add one there: roles: { operators: { people: [U0000ALICE], allow: [change] } }',
    ],
    [
      'roles: { operators: {} }',
      '"scale" needs the role operators, and nobody has it. Whoever runs this bot can name people in swarm.yaml: roles: { operators: { people: [U0000ALICE] } }',
    ],
    [
      '{ roles: { operators: { groups: ["@ops-team"], allow: [read] } }, approvals: none }',
      'Nobody may use "scale": no role in swarm.yaml allows it. Whoever runs this bot can add change to the "allow" of a role there.',
    ],
  ])('%s', (yaml, expected) => {
    expect(told(policyOf(yaml), 'alice', 'scale', 'service websky')).toBe(expected);
  });

  test('and what it says to write works', () => {
    for (const yaml of ['', 'roles: { operators: {} }']) {
      const says = told(policyOf(yaml), 'alice', 'scale', 'service websky');
      const written = policyOf(says.slice(says.indexOf('roles:')));
      expect(told(written, 'alice', 'scale', 'service websky')).toBe('allow');
    }
  });
});

describe('the channel or the target is in the way', () => {
  const reach = 'Your role developers reaches staging-* and shop only';

  test.each<[Who, string, string, string, string]>([
    [
      'dave',
      'prune',
      'host fedora-03',
      RANDOM,
      'You may use "prune", but not in this channel: your role cleaners is for #ops. Ask again there.',
    ],
    [
      'dave',
      'label',
      'node fedora-03',
      OPS,
      `${reach}: fedora-03 is not among them. Ask somebody who reaches it: @ops-team and @carol have it.`,
    ],
    [
      'dave',
      'label',
      'node staging-1, node fedora-03',
      OPS,
      `${reach}: fedora-03 is not among them. Ask somebody who reaches it: @ops-team and @carol have it.`,
    ],
    [
      'dave',
      'rotate',
      'the swarm',
      OPS,
      `${reach}, and this is about the swarm as a whole. Ask somebody who reaches it: @ops-team and @carol have it.`,
    ],
    [
      'dave',
      'label',
      'node k5bpi6ih0jbh',
      OPS,
      `${reach}, and "k5bpi6ih0jbh" could be the ID of something else. Give the name where that is an ID. Ask somebody who reaches it: @ops-team and @carol have it.`,
    ],
  ])('%s: %s on %s', (who, verb, about, channel, expected) => {
    expect(told(POLICY, who, verb, about, channel)).toBe(expected);
  });

  test('two roles that reach it only together', () => {
    const policy = policyOf(
      '{ roles: { a: { people: [U00000ERIN], allow: [scale], targets: [web] }, b: { people: [U00000ERIN], allow: [scale], targets: [api] } } }',
    );
    expect(told(policy, 'erin', 'scale', 'service web, service api')).toBe(
      'Your roles a and b reach web and api only, and none of them alone all of what you ask for. Ask for each by itself.',
    );
  });
});

describe('it is forbidden', () => {
  test.each<[Who, string, string, string, string]>([
    [
      'alice',
      'scale',
      'service bank',
      OPS,
      `"scale" is forbidden for you on bank. Rule 1 under "deny" ${RULES}`,
    ],
    ['petra', 'label', 'node staging-1', OPS, `"label" is forbidden for you. Rule 2 under "deny" ${RULES}`],
    [
      'alice',
      'join',
      'host fedora-03',
      RANDOM,
      `"join" is forbidden for you in this channel. Rule 4 under "deny" ${RULES}`,
    ],
    [
      'alice',
      'rm',
      'the swarm',
      OPS,
      `"rm" is forbidden for you on what is called prod-*, and this is about the swarm as a whole. Rule 3 under "deny" ${RULES}`,
    ],
    [
      'alice',
      'rm',
      'service frontend',
      OPS,
      `"rm" is forbidden for you on what is called prod-*, and "frontend" could be the ID of such a one. Give its name in place of an ID. If that is its name, whoever runs this bot can write it under the "targets" of any role. Rule 3 under "deny" ${RULES}`,
    ],
  ])('%s: %s on %s', (who, verb, about, channel, expected) => {
    expect(told(POLICY, who, verb, about, channel)).toBe(expected);
  });
});

test.each<[Who, string, string, string]>([
  [
    'alice',
    'join',
    'host fedora-03',
    'Nobody approves what they have asked for themselves. Somebody else must; you can take it back.',
  ],
  ['carol', 'join', 'host fedora-03', 'Only the role operators decides on this: @ops-team has it.'],
  [
    'erin',
    'drain',
    'node fedora-03',
    'Only the role operators or oncall decides on this: @ops-team and @carol have it.',
  ],
  ['bob', 'rm', 'service prod-web', `"rm" is forbidden for you on prod-web. Rule 3 under "deny" ${RULES}`],
])('%s may not approve %s of %s', (who, verb, about, expected) => {
  expect(toldApprover(who, verb, about)).toBe(expected);
});

test('names of others stay text, and only IDs become mentions', () => {
  const deny = decide(POLICY, questionOf('alice', 'scale', 'service bank, service <!channel>'));
  if (deny.kind !== 'deny') throw new Error('It is allowed.');
  const policy = policyOf(
    '{ roles: { operators: { groups: ["@ops-team", S000OPS001], people: [U0000ALICE] } } }',
  );
  const asked = decide(policy, questionOf('erin', 'scale', 'service websky'));
  if (asked.kind !== 'deny') throw new Error('It is allowed.');
  const { text } = refusal(new UserError(asked.reason, { hint: asked.hint, says: asked.says }));
  expect(text).toContain('@ops-team, <!subteam^S000OPS001> and <@U0000ALICE> have it');
  // The log and the audit have the same as plain words.
  expect(asked.reason).toBe(
    '"scale" needs the role operators: @ops-team, S000OPS001 and U0000ALICE have it.',
  );

  const evil = {
    ...questionOf('dave', 'label', 'node a'),
    targets: [{ kind: 'node' as const, name: '<!channel>*' }],
  };
  const decision = decide(POLICY, evil);
  if (decision.kind !== 'deny') throw new Error('It is allowed.');
  expect(spoken(decision.says)).toContain('&lt;!channel&gt;* is not among them');
  expect(spoken([{ person: '!channel' }, ' ', { group: '!here' }, ' ', { channel: 'C1|x>' }])).toBe(
    '!channel !here C1|x&gt;',
  );
});
