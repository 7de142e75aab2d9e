import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../src/audit/record.ts';
import { commands } from '../../src/commands/index.ts';
import { UserError } from '../../src/errors.ts';
import type { Actor } from '../../src/policy/decide.ts';
import type { ApprovalRule, Person, Policy, Role } from '../../src/policy/policy.ts';
import { signPreview } from '../../src/queue/approval.ts';
import { sign } from '../../src/queue/envelope.ts';
import { RequestStore } from '../../src/queue/store.ts';
import { expireDue, press, readPress, type PressKind } from '../../src/slack/approvals.ts';
import type { Desk } from '../../src/slack/desk.ts';
import { WHOLE_SWARM } from '../../src/target.ts';
import { ownRedis } from '../queue/redis.ts';
import { hearing, newEnvelope, newRequest, secret } from '../queue/request.ts';

let redis: Redis;
let store: RequestStore;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ redis, stop } = await ownRedis());
  store = new RequestStore(redis, secret);
});
afterAll(() => stop());
let audited: AuditEvent[];
beforeEach(async () => {
  await redis.flushall();
  audited = [];
});

const role = (name: string, people: string[]): Role => ({
  name,
  people,
  groups: [],
  everyone: false,
  allow: ['read', 'change', 'destroy'],
  channels: [],
  targets: [],
});
const RULE: ApprovalRule = { approvers: ['operators'], quorum: 1, expiresMs: 60_000, reason: 'optional' };
const OPERATORS = role('operators', ['U1', 'U2', 'U3']);

/** A bot whose policy is this one now. */
function deskOf(
  { rule = RULE, roles = [OPERATORS], deny = [] }: Partial<Policy> & { rule?: ApprovalRule | undefined } = {},
  kinds: Record<string, Person['kind']> = {},
): Desk {
  return {
    commands,
    topics: [],
    facts: { hosts: [], limits: { replicas: 1 } },
    store,
    secret,
    policy: { roles, deny, approvals: rule ? { rotate: rule } : {}, breakGlass: [] },
    person: ({ id, name }: Actor) => Promise.resolve({ id, name, kind: kinds[id] ?? 'member', groups: [] }),
    whom: () => Promise.resolve(''),
    audit: hearing(redis, (event) => audited.push(event)),
  } as unknown as Desk;
}
const withoutRule = (): Desk => ({ ...deskOf(), policy: { ...deskOf().policy, approvals: {} } });

/** U1 has asked for it; `quorum` as it was shown. */
async function asked(quorum = 1, expiresAt = Date.now() + 60_000): Promise<string> {
  const id = 'ab12cd34';
  const parts = { command: 'rotate', title: 'rotate worker', targets: [WHOLE_SWARM] };
  const envelope = newEnvelope(id, {
    ...parts,
    job: 'rotate',
    authority: { kind: 'ask', rule: 'role operators' },
  });
  const found = { says: ['It becomes new.'], warnings: [], facts: [] };
  const request = newRequest(id, {
    ...parts,
    phase: 'asking',
    approval: {
      round: 1,
      approvers: ['operators'],
      quorum,
      expiresMs: 60_000,
      expiresAt,
      preview: signPreview(envelope, { round: 1, expiresAt }, found, secret),
      grants: [],
      changed: [],
    },
  });
  await store.create(request, sign(envelope, secret));
  await store.write(request, 1);
  return id;
}
const as = (id: string) => ({ id, name: `person ${id}`, team: 'T1' });
const presses = (who: string, kind: PressKind, desk: Desk, value = 'ab12cd34 1'): Promise<void> =>
  press(readPress(value), kind, as(who), kind === 'deny' ? 'no' : '', desk);
const phase = async () => (await store.read('ab12cd34'))?.request.phase;

describe('the policy counts as it is when somebody presses', () => {
  test('one who has lost the role approves nothing', async () => {
    await asked();
    const desk = deskOf({ roles: [role('operators', ['U1', 'U3'])] });
    await expect(presses('U2', 'approve', desk)).rejects.toBeInstanceOf(UserError);
    await expect(presses('U2', 'deny', desk)).rejects.toBeInstanceOf(UserError);
    expect(await phase()).toBe('asking');
    await presses('U3', 'approve', desk);
    expect(await phase()).toBe('approved');
  });

  test('more are needed than were, or as many as were shown', async () => {
    await asked(1);
    const two = deskOf({ rule: { ...RULE, quorum: 2 } });
    await presses('U2', 'approve', two);
    expect(await phase()).toBe('asking');
    await presses('U3', 'approve', two);
    expect(await phase()).toBe('approved');
    await redis.flushall();
    await asked(2);
    await presses('U2', 'approve', deskOf());
    expect(await phase()).toBe('asking');
  });

  test('no approval is needed any more: one of those who were asked is enough, and nobody else', async () => {
    await asked(2);
    await expect(presses('U4', 'approve', withoutRule())).rejects.toBeInstanceOf(UserError);
    await presses('U2', 'approve', withoutRule());
    expect(await phase()).toBe('approved');
  });

  test('whoever asked has lost the right: it can be denied, not approved', async () => {
    await asked();
    const desk = deskOf({ roles: [role('operators', ['U2'])] });
    await expect(presses('U2', 'approve', desk)).rejects.toThrow('alice may not do this at the moment');
    await presses('U2', 'deny', desk);
    expect(await phase()).toBe('denied');
  });

  test.each(['approve', 'deny'] as const)('%s itself is forbidden', async (kind) => {
    await asked();
    const rule = { people: ['U2'], groups: [], everyone: false, channels: [], targets: [], commands: [kind] };
    await expect(presses('U2', kind, deskOf({ deny: [rule] }))).rejects.toBeInstanceOf(UserError);
    expect(await phase()).toBe('asking');
  });

  test('nobody whom Slack does not know at the moment', async () => {
    await asked();
    await expect(presses('U2', 'approve', deskOf({}, { U2: 'unknown' }))).rejects.toBeInstanceOf(UserError);
    expect(await phase()).toBe('asking');
  });
});

describe('a press', () => {
  test('of whoever asked approves nothing, and takes it back', async () => {
    await asked();
    await expect(presses('U1', 'approve', deskOf())).rejects.toBeInstanceOf(UserError);
    await expect(presses('U2', 'withdraw', deskOf())).rejects.toThrow('Only whoever asked for it');
    await presses('U1', 'withdraw', deskOf());
    expect(await phase()).toBe('withdrawn');
  });

  test.each(['', 'ab12cd34', 'ab12cd34 2', 'ab12cd34 -1', 'ab12cd34 x', 'zz12cd34 1', '1'])(
    'with the value "%s" has no effect',
    async (value) => {
      await asked();
      await expect(presses('U2', 'approve', deskOf(), value)).rejects.toBeInstanceOf(UserError);
      expect(await phase()).toBe('asking');
      expect(audited).toEqual([]);
    },
  );

  test('after its time ends it as expired, and says so', async () => {
    await asked(1, Date.now() - 1);
    await expect(presses('U2', 'approve', deskOf())).rejects.toThrow('rotate worker has expired.');
    expect(await phase()).toBe('expired');
    expect(audited.map(({ event }) => event)).toEqual(['expired']);
  });

  test.each(Array.from({ length: 20 }, (_, at) => at))(
    'of many at once has one end, and one record (%i)',
    async () => {
      await asked();
      const desks = [deskOf(), deskOf()];
      const all = (['approve', 'deny', 'withdraw'] as const).flatMap((kind) =>
        desks.map((desk) => presses(kind === 'withdraw' ? 'U1' : kind === 'deny' ? 'U3' : 'U2', kind, desk)),
      );
      const outcomes = await Promise.allSettled(all);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const ended = await phase();
      expect(audited.map(({ event }) => event)).toEqual([ended]);
    },
  );

  test('any number of bots end what is due, once', async () => {
    const expiresAt = Date.now() - 1;
    await asked(1, expiresAt);
    await store.expireAt('ab12cd34', expiresAt + 1);
    await Promise.all(Array.from({ length: 5 }, () => expireDue(deskOf())));
    expect(await phase()).toBe('expired');
    expect(audited.map(({ event }) => event)).toEqual(['expired']);
    await expireDue(deskOf());
    expect(await store.toExpire(Date.now())).toEqual([]);
  });
});
