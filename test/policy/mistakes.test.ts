/** What is wrong in swarm.yaml about who may do what: told with its path, all at once. */
import { describe, expect, test } from 'vitest';
import { ConfigError, parseSwarmConfig } from '../../src/config.ts';
import { policyOf, toldOf } from './example.ts';

const OPERATORS = 'operators: { people: [U0000ALICE, U000000BOB] }';

describe('a mistake is told with its path, and what to do', () => {
  test.each<[string, string, string]>([
    [
      'a name in place of an ID',
      'roles: { operators: { people: [alice, U000000BOB, U0000CAROL] } }',
      'roles.operators.people.0: "alice" is no ID of a person: those begin with U or W and are copied from "Copy member ID" in somebody\'s profile in Slack.',
    ],
    [
      'a group without its @',
      'roles: { operators: { groups: [ops-team] } }',
      'roles.operators.groups.0: "ops-team" is no user group: write its handle in quotes, such as "@ops-team", or its ID, which begins with S.',
    ],
    [
      'a channel by name',
      `roles: { ${OPERATORS}, dev: { people: [U0000CAROL], channels: ["#ops"] } }`,
      'roles.dev.channels.0: "#ops" is no ID of a channel: those begin with C and stand at the end of the channel\'s details in Slack.',
    ],
    [
      'a range as a target',
      `roles: { ${OPERATORS}, dev: { targets: ["web-[01-40]"] } }`,
      'roles.dev.targets.0: "web-[01-40]" is no name of a host, node, service or stack; of patterns there is only *, as in staging-*.',
    ],
    [
      'an empty list of limits',
      `roles: { ${OPERATORS}, dev: { targets: [] } }`,
      'roles.dev.targets: an empty list says nothing; leave it out where there is no limit.',
    ],
    [
      'a command that is none',
      `roles: { ${OPERATORS}, dev: { allow: [scael] } }`,
      'roles.dev.allow.0: there is no command "scael". Did you mean scale?',
    ],
    [
      'a risk that is none',
      `roles: { ${OPERATORS}, dev: { allow: [destory] } }`,
      'roles.dev.allow.0: there is no command "destory". Did you mean destroy or restart?',
    ],
    [
      'a key that is none',
      `roles: { ${OPERATORS}, dev: { alow: [scale] } }`,
      'roles.dev: Unrecognized key: "alow".',
    ],
    [
      'a role without a usual name',
      `roles: { ${OPERATORS}, "__proto__": { allow: [scale] } }`,
      'roles: "__proto__" cannot be the name of a role: use letters, digits, - and _.',
    ],
    ['roles as a list', 'roles: [operators]', 'roles: it must have names with what belongs to each.'],
    [
      'a rule about nobody',
      `{ roles: { ${OPERATORS} }, deny: [{ commands: [scale] }] }`,
      'deny.0: it is about nobody: give people, groups, or everyone: true.',
    ],
    [
      'a rule against nothing',
      `{ roles: { ${OPERATORS} }, deny: [{ everyone: true, commands: [] }] }`,
      'deny.0.commands: name commands, or read, change or destroy.',
    ],
    [
      'a rule against a command that is none',
      `{ roles: { ${OPERATORS} }, deny: [{ everyone: true, commands: [scale, stak rm] }] }`,
      'deny.0.commands.1: there is no command "stak rm". Did you mean stack rm or stack ls or stack up?',
    ],
    [
      'rules without a list',
      `{ roles: { ${OPERATORS} }, deny: { commands: [scale] } }`,
      'deny: it must be a list of rules, each with commands and whom it is about.',
    ],
    [
      'approval of a command that is none',
      `{ roles: { ${OPERATORS} }, approvals: { jion: none } }`,
      'approvals.jion: there is no command "jion". Did you mean job or join?',
    ],
    [
      'approval of an answer',
      `{ roles: { ${OPERATORS} }, approvals: { jobs: { quorum: 1 } } }`,
      'approvals.jobs: "jobs" is answered at once, so it cannot be approved.',
    ],
    [
      'approval of a whole risk',
      `{ roles: { ${OPERATORS} }, approvals: { destroy: { quorum: 1 } } }`,
      'approvals.destroy: approvals are given for single commands, not for all that destroy.',
    ],
    [
      'approval of the same twice',
      `{ roles: { ${OPERATORS} }, approvals: { rm: none, service rm: { quorum: 1 } } }`,
      'approvals.service rm: "rm" has another rule above.',
    ],
    [
      'approvers that are no role',
      `{ roles: { ${OPERATORS} }, approvals: { rm: { approvers: [operator] } } }`,
      'approvals.rm.approvers.0: there is no role "operator". Did you mean operators?',
    ],
    [
      'approvers that are nobody',
      `{ roles: { ${OPERATORS}, leads: { allow: [] } }, approvals: { rm: { approvers: [leads] } } }`,
      'approvals.rm.approvers: nobody is in the role leads, so nobody could approve it.',
    ],
    [
      'more approvers than there are people',
      `{ roles: { ${OPERATORS} }, approvals: { rm: { quorum: 3 } } }`,
      'approvals.rm.quorum: 3 must approve, and only 2 people have the role operators.',
    ],
    [
      'a span of time that is none',
      `{ roles: { ${OPERATORS} }, approvals: { rm: { expiresMinutes: 0 } } }`,
      'approvals.rm.expiresMinutes: Too small: expected number to be >0.',
    ],
    [
      'a break-glass role that is none',
      `{ roles: { ${OPERATORS} }, breakGlass: [oncal] }`,
      'breakGlass.0: there is no role "oncal". Give it under roles.',
    ],
    [
      'approvals by default of what people may ask, by a role that nobody has',
      'roles: { admins: { people: [U0000ALICE], allow: [destroy] } }',
      'approvals: prune, rm and stack rm need an approval by the role operators unless you say otherwise, and nobody has that role. Give it to people, name other approvers, or write "none".',
    ],
  ])('%s', (_what, yaml, expected) => {
    expect(toldOf(yaml).mistakes).toEqual([expected]);
  });

  test('all of them at once, beside those of the rest of the file', () => {
    const read = () =>
      parseSwarmConfig(
        `
managers: []
hosts: { manager: { adress: 192.0.2.1 } }
roles:
  operators: { groups: [ops] }
  dev: { allow: [scael], channels: [] }
deny: [{ commands: [jion], everyone: true }]
approvals: { rm: { approvers: [operator], quorum: 0 }, nonsense: none }
breakGlass: [nobody]
`,
        { base: '/' },
      );
    expect(read).toThrow(ConfigError);
    for (const path of [
      'managers',
      'hosts.manager',
      'roles.operators.groups.0',
      'roles.dev.allow.0',
      'roles.dev.channels',
      'deny.0.commands.0',
      'approvals.rm.quorum',
      'approvals.nonsense',
      'breakGlass.0',
    ])
      expect(read).toThrow(`  - ${path}`);
  });

  test('handles want quotes', () => {
    expect(() => parseSwarmConfig('roles: { operators: { groups: [@ops] } }', { base: '/' })).toThrow(
      'Write handles in quotes: "@ops-team".',
    );
  });

  test('the channel of alerts is an ID', () => {
    expect(() => parseSwarmConfig('channels: { alerts: "#alerts" }', { base: '/' })).toThrow(
      'channels.alerts: give the ID of a channel, which begins with C.',
    );
  });
});

describe('a warning for the log', () => {
  test('when nobody may change anything', () => {
    const told =
      'roles: nobody may change anything. Give a role "operators" people or groups: operators: { groups: ["@ops-team"] }.';
    expect(toldOf('')).toEqual({ mistakes: [], warnings: [told] });
    expect(toldOf('roles: { everyone: { allow: [read] }, operators: {} }').warnings).toEqual([told]);
  });

  test('when the only operator would have to approve what they ask', () => {
    expect(toldOf('roles: { operators: { people: [U0000ALICE] } }')).toEqual({
      mistakes: [],
      warnings: [
        'approvals: nobody can get an approval of join, leave, promote, demote, rotate, prune, rm, stack apply and stack rm: without whoever asks, too few people could give it. Name more people, or write "none".',
      ],
    });
  });

  test('and none when everything is in order', () => {
    expect(toldOf(`roles: { ${OPERATORS} }`)).toEqual({ mistakes: [], warnings: [] });
    expect(toldOf('roles: { operators: { groups: ["@ops"] } }')).toEqual({ mistakes: [], warnings: [] });
    expect(toldOf('{ roles: { everyone: { allow: [read, change, destroy] } }, approvals: none }')).toEqual({
      mistakes: [],
      warnings: [],
    });
  });
});

describe('what is written in few words', () => {
  test('keys without a value are as if they were not there', () => {
    expect(policyOf('roles:\ndeny:\napprovals:\nbreakGlass:')).toEqual(policyOf(''));
  });

  test("docker's spellings are names as well, and a deploy is what carries it out", () => {
    const { roles, deny, approvals } = policyOf(`
roles:
  ${OPERATORS}
  dev: { people: [U0000CAROL], allow: [service scale, Node   RM, stack deploy] }
deny: [{ everyone: true, commands: [stack deploy, service rm] }]
approvals: { stack deploy: { quorum: 2 }, service rm: none }
`);
    expect(roles[1]?.allow).toEqual(['scale', 'node rm', 'stack deploy', 'stack apply']);
    expect(deny[0]?.commands).toEqual(['stack deploy', 'stack apply', 'rm']);
    expect(approvals['stack apply']?.quorum).toBe(2);
    expect(approvals).not.toHaveProperty('stack deploy');
    expect(approvals).not.toHaveProperty('rm');
  });

  test('an approval takes what it does not say from the default', () => {
    expect(
      policyOf(`{ roles: { ${OPERATORS} }, approvals: { drain: {}, join: { reason: required } } }`).approvals,
    ).toMatchObject({
      drain: { approvers: ['operators'], quorum: 1, expiresMs: 1_800_000, reason: 'optional' },
      join: { approvers: ['operators'], quorum: 1, expiresMs: 1_800_000, reason: 'required' },
    });
  });
});
