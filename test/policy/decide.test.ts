/** Who may do what, row by row. The policy stands in example.ts. */
import { describe, expect, test } from 'vitest';
import { SHORTEST_ID } from '../../src/jobs/node-find.ts';
import { decide, mayApprove } from '../../src/policy/decide.ts';
import { OPS, PEOPLE, POLICY, policyOf, questionOf, RANDOM, type Who } from './example.ts';

const here = OPS;
const elsewhere = RANDOM;

/** Who, command, what about, where, what is decided: by which role or rule, and after an approval of how many. */
type Row = [Who, string, string, string, 'yes' | 'no' | `asks ${number}`, string];

const TABLE: Row[] = [
  // Everybody of this workspace reads, anywhere, about anything.
  ['erin', 'status', 'the swarm', here, 'yes', 'role everyone'],
  ['erin', 'nodes', 'the swarm', elsewhere, 'yes', 'role everyone'],
  ['erin', 'logs', 'service bank', here, 'yes', 'role everyone'],
  ['erin', 'jobs', 'nothing', here, 'yes', 'role everyone'],
  ['erin', 'scale', 'service websky', here, 'no', 'no role'],
  ['erin', 'rm', 'service websky', here, 'no', 'no role'],
  ['erin', 'scale', 'anything', here, 'no', 'no role'],
  // Guests, bots and people of other workspaces get nothing.
  ['a guest', 'status', 'the swarm', here, 'no', 'no role'],
  ['a guest', 'help', 'nothing', here, 'no', 'no role'],
  ['an external', 'status', 'the swarm', here, 'no', 'no role'],
  ['a bot', 'status', 'the swarm', here, 'no', 'no role'],
  // Unless a role names them: by their ID, or by a group.
  ['paul', 'status', 'the swarm', here, 'yes', 'role partners'],
  ['paul', 'scale', 'service websky', here, 'yes', 'role partners'],
  ['paul', 'help', 'nothing', here, 'yes', 'role partners'],
  ['paul', 'nodes', 'the swarm', here, 'no', 'no role'],
  ['an external partner', 'status', 'the swarm', here, 'yes', 'role partners'],
  ['a guest of ops-team', 'scale', 'service websky', here, 'yes', 'role operators'],
  // Of whom Slack does not tell who they are: nothing, although a role names them.
  ['unknown carol', 'status', 'the swarm', here, 'no', 'unknown person'],
  ['unknown carol', 'help', 'nothing', here, 'no', 'unknown person'],
  // Operators do everything; the risky things after an approval.
  ['alice', 'scale', 'service websky', here, 'yes', 'role operators'],
  ['alice', 'node rm', 'node fedora-03', here, 'yes', 'role operators'],
  ['alice', 'join', 'host fedora-03', here, 'asks 1', 'role operators'],
  ['alice', 'join', 'host fedora-03, the swarm', here, 'asks 1', 'role operators'],
  ['alice', 'leave', 'host fedora-03', here, 'asks 1', 'role operators'],
  ['alice', 'promote', 'node fedora-03, the swarm', here, 'asks 1', 'role operators'],
  ['alice', 'demote', 'node fedora-03, the swarm', here, 'asks 1', 'role operators'],
  ['alice', 'rm', 'service websky', here, 'asks 1', 'role operators'],
  ['alice', 'stack apply', 'stack shop', here, 'asks 1', 'role operators'],
  ['alice', 'stack rm', 'stack shop', here, 'asks 1', 'role operators'],
  ['alice', 'rotate', 'the swarm', here, 'yes', 'role operators'],
  ['alice', 'drain', 'node fedora-03', here, 'asks 1', 'role operators'],
  ['alice', 'prune', 'host fedora-03', here, 'asks 2', 'role operators'],
  ['alice', 'look at prune', 'host fedora-03', here, 'yes', 'role operators'],
  ['erin', 'look at prune', 'host fedora-03', here, 'yes', 'role everyone'],
  ['erin', 'look at ports', 'host fedora-03', here, 'yes', 'role everyone'],
  ['erin', 'look at rebalance', 'the swarm', here, 'yes', 'role everyone'],
  ['a guest', 'look at prune', 'host fedora-03', here, 'no', 'no role'],
  // On call: changes, but destroys nothing.
  ['carol', 'scale', 'service websky', elsewhere, 'yes', 'role oncall'],
  ['carol', 'rm', 'service websky', here, 'no', 'no role'],
  // Developers reach what is called so, in capitals or not, and nothing else.
  ['dave', 'drain', 'node staging-1', here, 'asks 1', 'role developers'],
  ['dave', 'label', 'node STAGING-1', here, 'yes', 'role developers'],
  ['dave', 'scale', 'service staging-web, service staging-api', here, 'yes', 'role developers'],
  ['dave', 'scale', 'service staging-web, service websky', here, 'no', 'no role'],
  ['dave', 'scale', 'service websky', here, 'no', 'no role'],
  ['dave', 'join', 'host staging-9', here, 'asks 1', 'role developers'],
  ['dave', 'join', 'host staging-9, the swarm', here, 'no', 'no role'],
  ['dave', 'promote', 'node staging-1, the swarm', here, 'no', 'no role'],
  ['dave', 'rotate', 'the swarm', here, 'no', 'no role'],
  ['dave', 'rebalance', 'the swarm', here, 'no', 'no role'],
  ['dave', 'label', 'nothing', here, 'no', 'no role'],
  ['dave', 'scale', 'anything', here, 'yes', 'role developers'],
  ['dave', 'stack apply', 'stack shop', here, 'asks 1', 'role developers'],
  ['dave', 'scale', 'service shop_web', here, 'no', 'no role'],
  // An ID in place of a name is not among what they reach.
  ['dave', 'drain', 'node k5bpi6ih0jbhmd3xq9rzvfo1e', here, 'no', 'no role'],
  // Cleaning up: in one channel only.
  ['dave', 'prune', 'host fedora-03', here, 'asks 2', 'role cleaners'],
  ['dave', 'prune', 'host fedora-03', elsewhere, 'no', 'no role'],
  // What is forbidden stays so, whatever the roles.
  ['alice', 'scale', 'service bank', here, 'no', 'deny scale'],
  ['alice', 'scale', 'service BANK', here, 'no', 'deny scale'],
  ['alice', 'scale', 'service websky, service bank', here, 'no', 'deny scale'],
  ['paul', 'scale', 'service bank', here, 'no', 'deny scale'],
  ['alice', 'scale', 'service bank_db', here, 'no', 'deny scale'],
  ['alice', 'update', 'service bank', here, 'yes', 'role operators'],
  ['petra', 'label', 'node staging-1', here, 'no', 'deny rotate, label'],
  ['petra', 'drain', 'node staging-1', here, 'asks 1', 'role developers'],
  ['alice', 'join', 'host fedora-03', elsewhere, 'no', 'deny join'],
  ['alice', 'rm', 'service prod-web', here, 'no', 'deny destroy'],
  ['alice', 'stack rm', 'stack prod-shop', here, 'no', 'deny destroy'],
  ['alice', 'prune', 'host prod-1', here, 'no', 'deny destroy'],
  ['alice', 'look at prune', 'host prod-1', here, 'yes', 'role operators'],
  // Not to be got round by an ID, by its beginning, or by naming nothing.
  ['alice', 'node rm', 'node k5bpi6ih0jbhmd3xq9rzvfo1e', here, 'no', 'deny destroy'],
  ['alice', 'rm', 'service k5bpi6ih', here, 'no', 'deny destroy'],
  ['alice', 'rm', 'service k5bpi6i', here, 'asks 1', 'role operators'],
  ['alice', 'scale', 'service k5bpi6ih0jbh', here, 'no', 'deny scale'],
  ['alice', 'rm', 'nothing', here, 'no', 'deny destroy'],
  ['alice', 'rm', 'the swarm', here, 'no', 'deny destroy'],
  ['alice', 'prune', 'host k5bpi6ih0jbh', here, 'asks 2', 'role operators'],
  ['alice', 'rm', 'anything', here, 'asks 1', 'role operators'],
  // Names that are no command, and those of an object.
  ['alice', '__proto__', 'service websky', here, 'yes', 'role operators'],
  ['erin', 'constructor', 'service websky', here, 'no', 'no role'],
];

describe('decide', () => {
  test.each(TABLE)('%s: %s on %s in %s: %s (%s)', (who, verb, about, channel, expected, rule) => {
    const decision = decide(POLICY, questionOf(who, verb, about, channel));
    const told =
      decision.kind === 'allow'
        ? 'yes'
        : decision.kind === 'deny'
          ? 'no'
          : `asks ${decision.approval.quorum}`;
    expect([told, decision.rule]).toEqual([expected, rule]);
  });

  test.each<[Who, boolean]>([
    ['alice', false],
    ['carol', true],
    ['dave', false],
  ])('%s may go on without waiting: %s', (who, now) => {
    expect(decide(POLICY, questionOf(who, 'drain', 'node staging-1'))).toMatchObject({ kind: 'ask', now });
  });

  test('without any setting members read, and nobody changes anything', () => {
    const policy = policyOf('');
    expect(decide(policy, questionOf('erin', 'status', 'the swarm')).kind).toBe('allow');
    expect(decide(policy, questionOf('alice', 'scale', 'service websky')).kind).toBe('deny');
    expect(decide(policy, questionOf('a guest', 'status', 'the swarm')).kind).toBe('deny');
  });

  test('a short pattern reaches no name that could be an ID; a name that stands in a role is one', () => {
    const rights = (targets: string, name: string) =>
      decide(
        policyOf(
          `{ roles: { dev: { people: [U00000ERIN], allow: [change], targets: [${targets}] } }, approvals: none }`,
        ),
        questionOf('erin', 'scale', `service ${name}`),
      ).kind;
    expect(rights('"d*"', 'd5bpi6ih0jbhmd3xq9rzvfo1e')).toBe('deny');
    expect(rights('"d*"', 'd-web')).toBe('allow');
    expect(rights('"*b"', 'frontweb')).toBe('deny');
    expect(rights('"*"', 'd5bpi6ih0jbhmd3xq9rzvfo1e')).toBe('allow');
    expect(rights('"webs*"', 'websky01')).toBe('allow');
    expect(rights('websky01', 'websky01')).toBe('allow');

    const forbids = (name: string, more: string) =>
      decide(
        policyOf(
          `{ roles: { operators: { people: [U00000ERIN, U000000BOB] }${more} }, deny: [{ everyone: true, commands: [scale], targets: [prod-*] }] }`,
        ),
        questionOf('erin', 'scale', `service ${name}`),
      ).kind;
    expect(forbids('frontend', '')).toBe('deny');
    expect(forbids('frontend', ', names: { targets: [frontend] }')).toBe('allow');
    expect(forbids('front-end', '')).toBe('allow');
  });

  test('whoever has any role may ask for help, and only those', () => {
    const policy = policyOf(
      '{ roles: { operators: { groups: ["@ops-team"] }, dev: { people: [U0000GUEST], allow: [logs], targets: [staging-*] } } }',
    );
    const kind = (verb: string, about: string) => decide(policy, questionOf('a guest', verb, about)).kind;
    expect(kind('help', 'nothing')).toBe('allow');
    expect(kind('logs', 'service staging-web')).toBe('allow');
    expect(kind('status', 'the swarm')).toBe('deny');
    expect(decide(policy, questionOf('an external', 'help', 'nothing')).kind).toBe('deny');
  });

  test('what could be an ID is what nodes and services are found by', () => {
    const id = 'k5bpi6ih0jbhmd3xq9rzvfo1e';
    const rm = (kind: string, letters: number) =>
      decide(POLICY, questionOf('alice', 'rm', `${kind} ${id.slice(0, letters)}`)).kind;
    for (const kind of ['node', 'service']) {
      expect(rm(kind, SHORTEST_ID)).toBe('deny');
      expect(rm(kind, id.length)).toBe('deny');
      expect(rm(kind, SHORTEST_ID - 1)).toBe('ask');
    }
  });

  test('a prohibition of a name in a stack holds for the stack, and one of a stack for its services', () => {
    const rule = (target: string, verb: string, about: string) =>
      decide(
        policyOf(
          `{ roles: { operators: { people: [U00000ERIN, U000000BOB] } }, approvals: none, deny: [{ everyone: true, commands: [change, destroy], targets: [${target}] }] }`,
        ),
        questionOf('erin', verb, about),
      ).kind;
    expect(rule('shop_db', 'stack rm', 'stack shop')).toBe('deny');
    expect(rule('"*_db"', 'stack rm', 'stack shop')).toBe('deny');
    expect(rule('shop_db', 'stack rm', 'stack blog')).toBe('allow');
    expect(rule('shop', 'rm', 'service shop_db')).toBe('deny');
    expect(rule('my_shop', 'rm', 'service my_shop_db')).toBe('deny');
    expect(rule('shop', 'rm', 'service shopping')).toBe('deny'); // eight letters: it could be an ID
    expect(rule('shop', 'rm', 'service shop-1')).toBe('allow');
  });
});

/** Who, of what, about what; may they approve it for alice? */
const APPROVERS: [Who, string, string, boolean][] = [
  ['bob', 'join', 'host fedora-03', true],
  ['alice', 'join', 'host fedora-03', false],
  ['a guest of ops-team', 'join', 'host fedora-03', true],
  ['carol', 'join', 'host fedora-03', false],
  ['carol', 'drain', 'node fedora-03', true],
  ['unknown carol', 'drain', 'node fedora-03', false],
  ['erin', 'join', 'host fedora-03', false],
  ['a guest', 'join', 'host fedora-03', false],
  ['an external', 'join', 'host fedora-03', false],
  ['a bot', 'join', 'host fedora-03', false],
  // What somebody is forbidden to do they do not approve either.
  ['bob', 'rm', 'service websky', true],
  ['bob', 'rm', 'service prod-web', false],
  // What needs no approval is approved by nobody.
  ['bob', 'scale', 'service websky', false],
  ['bob', '__proto__', 'service websky', false],
];

describe('mayApprove', () => {
  test.each(APPROVERS)('%s approves %s of %s: %s', (who, verb, about, expected) => {
    const { channel: _, ...question } = questionOf(who, verb, about);
    const may = mayApprove(POLICY, { ...question, requester: PEOPLE.alice.id });
    expect(may.kind).toBe(expected ? 'yes' : 'no');
  });

  test('limits of an approver: what they reach counts, the channel does not', () => {
    const policy = policyOf(`
roles:
  operators: { people: [U0000ALICE] }
  leads: { people: [U000000BOB], targets: [staging-*], channels: [${RANDOM}] }
approvals: { drain: { approvers: [leads] }, prune: none, join: none, leave: none, promote: none, demote: none, rotate: none, rm: none, stack apply: none, stack rm: none }
`);
    const ask = (about: string) => {
      const { channel: _, ...question } = questionOf('bob', 'drain', about);
      return mayApprove(policy, { ...question, requester: PEOPLE.alice.id }).kind;
    };
    expect(ask('node staging-1')).toBe('yes');
    expect(ask('node staging-1, node prod-1')).toBe('no');
    expect(ask('the swarm')).toBe('no');
  });
});
