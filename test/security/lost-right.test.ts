/** Somebody approves, and is sent away before the others have: their word counts no more. */
import { expect, test } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { grantsShown, pressed, signPreview } from '../../src/queue/approval.ts';
import { sign, verify, type SignedText } from '../../src/queue/envelope.ts';
import type { Request } from '../../src/queue/request.ts';
import { press } from '../../src/slack/approvals.ts';
import type { Desk } from '../../src/slack/desk.ts';
import { PEOPLE, policyOf, type Who } from '../policy/example.ts';
import { newEnvelope, newRequest, noAudit, secret } from '../queue/request.ts';

const policy = policyOf(`
roles:
  operators: { groups: ["@ops-team"], people: [U0000CAROL] }
approvals:
  rm: { quorum: 2 }
`);
const actorOf = (who: Who) => ({ id: PEOPLE[who].id, name: who, team: 'T1' });

/** What `rm` of alice is after bob has approved it, and then carol, of whom `gone` may do so no more. */
async function approvedByBobThenCarol(gone: Who[]): Promise<Request> {
  const targets = [{ kind: 'service' as const, name: 'websky' }];
  const about = { command: 'rm', title: 'rm websky', requester: actorOf('alice'), targets };
  const envelope = sign(
    newEnvelope('a', { ...about, job: 'rm', authority: { kind: 'ask', rule: 'role operators' } }),
    secret,
  );
  const signed = verify(envelope, secret);
  if (!signed) throw new Error('It is not signed.');
  const round = { round: 1, expiresAt: Date.now() + 600_000 };
  const asking = newRequest('a', {
    ...about,
    phase: 'asking',
    approval: {
      ...round,
      approvers: ['operators'],
      quorum: 2,
      expiresMs: 600_000,
      preview: signPreview(signed, round, { says: [], warnings: [], facts: [] }, secret),
      grants: [],
      changed: [],
    },
  });
  const first = pressed(
    { request: asking, envelope },
    { kind: 'approve', by: actorOf('bob') },
    2,
    secret,
    Date.now(),
  );
  if (first.kind !== 'changed') throw new Error(first.message);
  let request = first.request;
  const desk = {
    commands,
    policy,
    secret,
    audit: noAudit,
    person: ({ id }: { id: string }) => {
      const [who] = Object.entries(PEOPLE).find(([, one]) => one.id === id) ?? [];
      const person = PEOPLE[who as Who];
      return Promise.resolve(gone.includes(who as Who) ? { ...person, groups: [] } : person);
    },
    store: {
      read: () => Promise.resolve({ request, envelope, version: 1 }),
      change: (_found: unknown, next: Request, _envelope?: SignedText) => {
        request = next;
        return Promise.resolve('written');
      },
    },
  } as unknown as Desk;
  await press({ id: 'a', round: 1 }, 'approve', actorOf('carol'), '', desk);
  return request;
}

test('two approve it while both may', async () => {
  expect((await approvedByBobThenCarol([])).phase).toBe('approved');
});

test('of one who may no more, nothing is counted', async () => {
  const { phase, approval } = await approvedByBobThenCarol(['bob']);
  expect(phase).toBe('asking');
  expect(approval && grantsShown(approval).map(({ by }) => by.id)).toEqual([PEOPLE.carol.id]);
});
