/** What holds for every policy and every question. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, mayApprove } from '../../src/policy/decide.ts';
import { globMatches, globMeets } from '../../src/policy/glob.ts';
import { outlook } from '../../src/policy/outlook.ts';
import type { Audience, DenyRule, Limits, Person, Policy, Role } from '../../src/policy/policy.ts';
import type { Question } from '../../src/policy/question.ts';
import { plain } from '../../src/phrase.ts';
import type { Target } from '../../src/target.ts';

/** Few of each, so that they meet; and those that are names of something else in JavaScript. */
const IDS = ['U1', 'U2', 'U3', '__proto__', ''];
const GROUPS = ['@ops', 'S1', 'constructor'];
const CHANNELS = ['C1', 'C2', ''];
const COMMANDS = ['status', 'scale', 'rm', 'join', '__proto__', 'toString', ''];
const NAMES = [
  'web',
  'web-1',
  'WEB-1',
  'shop',
  'shop_db',
  'k5bpi6ih0jbhmd3xq9rzvfo1e',
  'frontend',
  '',
  '__proto__',
];
const GLOBS = ['*', 'web*', '*-1', 'w*', 'shop', 'shop_*', '****', 'frontend', '*b*1*', ''];
const ROLES = ['operators', 'everyone', '__proto__', 'a', ''];

const some = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 });
const one = <T>(values: readonly T[]) => fc.constantFrom(...values);
const word = fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, fc.string({ maxLength: 12 }));
const limits: fc.Arbitrary<Limits> = fc.record({
  channels: fc.oneof(fc.constant<string[]>([]), some(CHANNELS)),
  targets: fc.oneof(fc.constant<string[]>([]), some(GLOBS)),
});
const audience: fc.Arbitrary<Audience> = fc.record({
  people: some(IDS),
  groups: some(GROUPS),
  everyone: fc.boolean(),
});
const allow = some([...COMMANDS, 'read', 'change', 'destroy']);
const role: fc.Arbitrary<Role> = fc
  .tuple(audience, limits, one(ROLES), allow)
  .map(([who, where, name, allow]) => ({ ...who, ...where, name, allow }));
const rule: fc.Arbitrary<DenyRule> = fc
  .tuple(audience, limits, allow)
  .map(([who, where, commands]) => ({ ...who, ...where, commands }));
const approval = fc.record({
  approvers: some(ROLES),
  quorum: fc.integer({ min: 1, max: 3 }),
  expiresMs: fc.constant(60_000),
  reason: fc.constant('optional' as const),
});
const policy: fc.Arbitrary<Policy> = fc.record({
  roles: fc.array(role, { maxLength: 4 }),
  deny: fc.array(rule, { maxLength: 2 }),
  approvals: fc.dictionary(one(COMMANDS), approval, { maxKeys: 3 }),
  breakGlass: some(ROLES),
});
const person: fc.Arbitrary<Person> = fc.record({
  id: one(IDS),
  name: fc.string({ maxLength: 5 }),
  kind: one(['member', 'guest', 'external', 'bot', 'unknown'] as const),
  groups: some(GROUPS),
});
const target: fc.Arbitrary<Target> = fc
  .tuple(one(['host', 'node', 'service', 'stack', 'swarm'] as const), one(NAMES), word)
  .map(([kind, name, other]) => ({ kind, name: other ?? name }));
const question: fc.Arbitrary<Question> = fc
  .tuple(
    person,
    one(CHANNELS),
    one(COMMANDS),
    one(['read', 'change', 'destroy'] as const),
    fc.boolean(),
    word,
  )
  .chain(([person, channel, name, risk, shows, other]) =>
    fc.option(fc.array(target, { maxLength: 3 }), { nil: undefined, freq: 8 }).map((targets) => ({
      person,
      channel,
      command: { name: other ?? name, risk, shows },
      targets,
    })),
  );

const rank = { deny: 0, ask: 1, allow: 2 };
const allowed = (policy: Policy, question: Question) => rank[decide(policy, question).kind];

/** How many of the cases had something to show, so that none of this holds only because nothing is ever allowed. */
function holdsFor(
  property: (policy: Policy, question: Question) => boolean,
  more = { numRuns: 6000 },
): number {
  let telling = 0;
  fc.assert(
    fc.property(policy, question, (policy, question) => {
      if (property(policy, question)) telling += 1;
    }),
    more,
  );
  return telling;
}

describe('for every policy and question', () => {
  test('there is an answer: a role or rule, or a refusal in words with what to do next', () => {
    const denied = holdsFor((policy, question) => {
      const decision = decide(policy, question);
      expect(decision.rule).not.toBe('');
      outlook(policy, question, { canShow: true, swarmWide: question.command.risk === 'destroy' });
      const approve = mayApprove(policy, { ...question, requester: 'U2' });
      for (const refused of [decision, approve].filter(({ kind }) => kind === 'deny' || kind === 'no')) {
        if (!('says' in refused)) throw new Error('A refusal without words.');
        expect(refused.reason).toMatch(/^[A-Z"].*[.]$/s);
        expect(refused.hint).toMatch(/^([A-Z].*[.})])?$/s);
        expect(plain(refused.says)).not.toContain('undefined');
        expect(refused.says.length).toBeLessThan(60);
      }
      return decision.kind === 'deny';
    });
    expect(denied).toBeGreaterThan(250);
  });

  test('a further role takes nothing away', () => {
    let telling = 0;
    fc.assert(
      fc.property(policy, role, fc.nat(4), question, (policy, added, at, question) => {
        const before = allowed(policy, question);
        const after = allowed({ ...policy, roles: policy.roles.toSpliced(at, 0, added) }, question);
        expect(after).toBeGreaterThanOrEqual(before);
        if (after > before) telling += 1;
      }),
      { numRuns: 6000 },
    );
    expect(telling).toBeGreaterThan(50);
  });

  test('a further prohibition allows nothing, and one of everything without limits leaves nothing', () => {
    let telling = 0;
    fc.assert(
      fc.property(policy, rule, question, (policy, added, question) => {
        const before = allowed(policy, question);
        const after = allowed({ ...policy, deny: [...policy.deny, added] }, question);
        expect(after).toBeLessThanOrEqual(before);
        if (after < before) telling += 1;
        const all: DenyRule = {
          commands: [question.command.name],
          people: [question.person.id],
          groups: [],
          everyone: false,
          channels: [],
          targets: [],
        };
        expect(allowed({ ...policy, deny: [...policy.deny, all] }, question)).toBe(0);
      }),
      { numRuns: 6000 },
    );
    expect(telling).toBeGreaterThan(50);
  });

  test('a prohibition of one target holds for every list with it', () => {
    let telling = 0;
    fc.assert(
      fc.property(policy, question, fc.array(target, { maxLength: 3 }), (policy, question, more) => {
        if (!question.targets || question.targets.length === 0) return;
        const before = decide(policy, question);
        if (before.kind !== 'deny') return;
        telling += 1;
        const after = decide(policy, { ...question, targets: [...more, ...question.targets] });
        expect(after.kind).toBe('deny');
      }),
      { numRuns: 6000 },
    );
    expect(telling).toBeGreaterThan(250);
  });

  test('people of whom nothing is known may do nothing, and approve nothing', () => {
    holdsFor((policy, question) => {
      const unknown = { ...question, person: { ...question.person, kind: 'unknown' as const } };
      expect(decide(policy, unknown).kind).toBe('deny');
      expect(mayApprove(policy, { ...unknown, requester: 'U9' }).kind).toBe('no');
      return true;
    });
  });

  test('guests, bots and people of other workspaces may only what a role that names them grants', () => {
    const telling = holdsFor((policy, question) => {
      const { person } = question;
      const stranger = { ...person, kind: 'guest' as const };
      const named = policy.roles.filter(
        ({ people, groups }) =>
          people.includes(person.id) || groups.some((group) => person.groups.includes(group)),
      );
      const asked = { ...question, person: stranger };
      const mine = allowed(policy, asked);
      expect(named.length === 0 ? mine : 0).toBe(0);
      const onlyNamed = { ...policy, roles: named.map((one) => ({ ...one, everyone: false })) };
      // Names that other roles are limited to are known to be no IDs: that may only help.
      expect(allowed(onlyNamed, asked)).toBeLessThanOrEqual(mine);
      for (const kind of ['external', 'bot'] as const)
        expect(allowed(policy, { ...question, person: { ...person, kind } })).toBe(mine);
      return mine > 0;
    });
    expect(telling).toBeGreaterThan(75);
  });

  test('nobody approves their own request, whatever the policy', () => {
    holdsFor((policy, question) => {
      const may = mayApprove(policy, { ...question, requester: question.person.id });
      expect(may.kind).toBe('no');
      return true;
    });
  });

  test('a role that is limited to targets never reaches the swarm as a whole, nor what has no name', () => {
    const telling = holdsFor((policy, question) => {
      const limited = {
        ...policy,
        roles: policy.roles.map((one) => ({ ...one, targets: one.targets.length > 0 ? one.targets : ['*'] })),
      };
      for (const targets of [[], [{ kind: 'swarm' as const, name: '' }]])
        expect(decide(limited, { ...question, targets }).kind).toBe('deny');
      return decide(limited, question).kind !== 'deny';
    });
    expect(telling).toBeGreaterThan(75);
  });
});

describe('patterns', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '-'), maxLength: 7 });
  const glob = fc.string({ unit: fc.constantFrom('a', 'B', '-', '*', '*'), maxLength: 6 });

  test.each([
    ['staging-*', 'staging-1', true],
    ['staging-*', 'staging-', true],
    ['staging-*', 'staging', false],
    ['STAGING-*', 'staging-1', true],
    ['staging-*', 'Staging-1', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['ab*ba', 'aba', false],
    ['*b*', 'abc', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['web.1', 'webx1', false],
    ['web', 'web-1', false],
  ])('%s is %s: %s', (glob, name, expected) => {
    expect(globMatches(glob, name)).toBe(expected);
  });

  test('mean what the same expression means', () => {
    let matched = 0;
    fc.assert(
      fc.property(glob, letters, (glob, name) => {
        const expected = new RegExp(`^${glob.replaceAll('*', '.*')}$`, 'i').test(name);
        expect(globMatches(glob, name)).toBe(expected);
        if (expected) matched += 1;
      }),
      { numRuns: 6000 },
    );
    expect(matched).toBeGreaterThan(250);
  });

  test('meet a beginning when some name with it matches', () => {
    fc.assert(
      fc.property(glob, letters, letters, (glob, start, rest) => {
        expect(globMatches(glob, start + rest) && !globMeets(glob, start)).toBe(false);
        // The other way round: the shortest name that matches and begins so, where there is one.
        const head = (glob.split('*')[0] ?? '').toLowerCase();
        const fits =
          head.startsWith(start.toLowerCase()) ||
          (glob.includes('*') && start.toLowerCase().startsWith(head));
        expect(globMeets(glob, start)).toBe(fits);
      }),
      { numRuns: 5000 },
    );
  });

  test('take no time, however many stars and targets', () => {
    const glob = `${'*a'.repeat(5000)}*b`;
    const name = 'a'.repeat(20_000);
    const started = performance.now();
    for (let times = 0; times < 20; times += 1) expect(globMatches(glob, name)).toBe(false);
    const policy: Policy = {
      roles: [
        {
          name: 'dev',
          people: ['U1'],
          groups: [],
          everyone: false,
          allow: ['change'],
          channels: [],
          targets: Array.from({ length: 200 }, (_, at) => `*web${at}*-*`),
        },
      ],
      deny: [],
      approvals: {},
      breakGlass: [],
    };
    const targets = Array.from({ length: 5000 }, (_, at) => ({
      kind: 'host' as const,
      name: `web${at % 200}-${at}`,
    }));
    const person: Person = { id: 'U1', name: 'a', kind: 'member', groups: [] };
    const question: Question = { person, channel: 'C1', command: { name: 'join', risk: 'change' }, targets };
    expect(decide(policy, question).kind).toBe('allow');
    // Exponential or cubic would be minutes; this is some ten milliseconds.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
