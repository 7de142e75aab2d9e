/** A bot on REDIS_URL that takes one press (PRESS) and kills itself with signal 9 when the state of the request has changed. */
import type { AuditLog } from '../../src/audit/record.ts';
import { commands } from '../../src/commands/index.ts';
import type { Actor } from '../../src/policy/decide.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { cancelRequest } from '../../src/queue/cancel.ts';
import { connectRedis } from '../../src/queue/redis.ts';
import { RequestStore } from '../../src/queue/store.ts';
import { openWorkQueue } from '../../src/queue/work.ts';
import { expireDue, press } from '../../src/slack/approvals.ts';
import type { Desk } from '../../src/slack/desk.ts';
import { noAudit, secret } from './request.ts';
import { ALICE, BOB } from './workplace.ts';

class Dying extends RequestStore {
  override async change(...how: Parameters<RequestStore['change']>): ReturnType<RequestStore['change']> {
    const done = await super.change(...how);
    if (done === 'written') process.kill(process.pid, 'SIGKILL');
    return done;
  }
}

const redis = connectRedis(process.env['REDIS_URL'] ?? '', () => undefined);
const store = new Dying(redis, secret);
const all = { everyone: true, people: [], groups: [], channels: [], targets: [] };
const policy: Policy = {
  roles: [{ ...all, name: 'operators', allow: ['read', 'change', 'destroy'] }],
  deny: [],
  approvals: { join: { approvers: ['operators'], quorum: 1, expiresMs: 60_000, reason: 'optional' } },
  breakGlass: [],
};
const audit: AuditLog = noAudit;
const desk = {
  commands,
  store,
  secret,
  policy,
  audit,
  person: ({ id, name }: Actor) => Promise.resolve({ id, name, kind: 'member', groups: [] }),
} as unknown as Desk;

const what = { id: 'a-1', round: undefined };
const { PRESS = '' } = process.env;
switch (PRESS) {
  case 'approve':
    await press(what, 'approve', BOB, '', desk);
    break;
  case 'deny':
    await press(what, 'deny', BOB, 'not today', desk);
    break;
  case 'withdraw':
    await press(what, 'withdraw', ALICE, '', desk);
    break;
  case 'expire':
    await expireDue(desk);
    break;
  default:
    await cancelRequest('a-1', BOB, { redis, store, queue: openWorkQueue(redis), audit, secret });
}
