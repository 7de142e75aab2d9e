/** Requests that are on record while the fuzz goes on, for its presses to hit; and what may have become of them. */
import type { Redis } from 'ioredis';
import type { AuditEvent } from '../../src/audit/record.ts';
import { findCommand } from '../../src/commands/find.ts';
import { commands } from '../../src/commands/index.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { grantsShown, mayRun, signPreview } from '../../src/queue/approval.ts';
import { sign, verify, type Envelope } from '../../src/queue/envelope.ts';
import type { Approval, Request } from '../../src/queue/request.ts';
import { requestKey, type RequestStore, type Shown } from '../../src/queue/store.ts';
import { addWork, type WorkQueue } from '../../src/queue/work.ts';
import { newEnvelope, newRequest, secret } from '../queue/request.ts';
import { FACTS, OPS, PEOPLE } from './cast.ts';

interface Standing {
  id: string;
  line: string;
  phase: Request['phase'];
  requester: string;
  quorum?: number;
  result?: unknown;
  /** Its time to be approved is over. */
  late?: true;
}

const STANDING: Standing[] = [
  { id: 'asks2222', line: 'join fedora-03', phase: 'asking', requester: 'U0ALICE' },
  { id: 'asks3333', line: 'join fedora-04', phase: 'asking', requester: 'U0BOB' },
  { id: 'asks4444', line: 'rm websky', phase: 'asking', requester: 'U0ALICE', quorum: 2 },
  { id: 'asks5555', line: 'promote web-01', phase: 'asking', requester: 'U0HEIDI' },
  // Whoever asked is not there any more: nobody may take it back.
  { id: 'asks6666', line: 'leave web-02', phase: 'asking', requester: 'U0GONE' },
  { id: 'asks7777', line: 'join web-03', phase: 'asking', requester: 'U0GONE', late: true },
  { id: 'runs2222', line: 'scale websky 3', phase: 'running', requester: 'U0ALICE' },
  { id: 'runs3333', line: 'restart staging-web', phase: 'running', requester: 'U0DAVE' },
  { id: 'wait2222', line: 'scale api 3', phase: 'queued', requester: 'U0BOB' },
  { id: 'done2222', line: 'nodes', phase: 'done', requester: 'U0HEIDI', result: { nodes: [] } },
  { id: 'done3333', line: 'scale websky 3', phase: 'failed', requester: 'U0ALICE' },
];

/** As the bot reads the line of one. */
function readStanding({ line }: Standing) {
  const { command, rest } = findCommand(line.split(' '), commands, '/swarm');
  if (command.kind !== 'job') throw new Error(`${line} is no job.`);
  const { input, title } = command.parse(rest, FACTS);
  return { command, input, title, targets: command.targets(input) };
}

export const STANDING_IDS = STANDING.map(({ id }) => id);

/** Puts all of them into an empty Redis. */
export async function stand(store: RequestStore, queue: WorkQueue): Promise<void> {
  await Promise.all(
    STANDING.map(async (standing) => {
      const { id, phase, requester, quorum = 1, result, late } = standing;
      const { command, input, title, targets } = readStanding(standing);
      const who = {
        ...(PEOPLE.find((one) => one.id === requester) ?? { id: requester, name: 'gone' }),
        team: 'T1',
      };
      const said: Partial<Envelope> = {
        command: command.name,
        job: command.job,
        requester: who,
        channel: OPS,
        title,
        targets,
        input,
        authority: { kind: phase === 'asking' ? 'ask' : 'allowed', rule: 'role operators' },
      };
      const now = Date.now();
      const approval: Approval = {
        round: 1,
        approvers: ['operators'],
        quorum,
        expiresMs: 60_000,
        expiresAt: late ? now - 1000 : now + 600_000,
        grants: [],
        changed: [],
      };
      const envelope = newEnvelope(id, said);
      approval.preview = signPreview(
        envelope,
        approval,
        { says: ['It joins.'], warnings: [], facts: [] },
        secret,
      );
      const request = newRequest(id, {
        command: command.name,
        title,
        requester: who,
        channel: OPS,
        targets,
        ...(phase === 'asking' ? { approval } : {}),
      });
      await store.create(request, sign(envelope, secret));
      if (phase === 'queued') await addWork(queue, id, command.job);
      await store.write({ ...request, phase, ...(result === undefined ? {} : { result }) }, 0);
    }),
  );
}

/** All that is on record of each. */
export async function picture(redis: Redis): Promise<Map<string, Record<string, string>>> {
  const rows = await Promise.all(
    STANDING_IDS.map(async (id) => [id, await redis.hgetall(requestKey(id))] as const),
  );
  return new Map(rows);
}

/** What is another on record than it was: `phase: asking, withdrawn`. */
export function changes(before: Record<string, string> = {}, after: Record<string, string> = {}): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => before[field] !== after[field])
    .map((field) => `${field}: ${before[field]}, ${after[field]}`);
}

/**
 * What has become of one of them that those who pressed could not rightly bring about: sentences. `told`: what the audit
 * was told meanwhile; whether that was right is judged case by case, see judge.ts.
 */
export function wrongs(
  { request, envelope, cancelledBy }: Shown,
  policy: Policy,
  told: AuditEvent[],
): string[] {
  const before = STANDING.find(({ id }) => id === request.id);
  if (!before) return ['it was not there'];
  const by = (event: AuditEvent['event']): string[] =>
    told.flatMap((one) =>
      one.event === event &&
      'request' in one &&
      one.request === request.id &&
      'by' in one &&
      one.by &&
      typeof one.by === 'object'
        ? [one.by.id]
        : [],
    );
  const found: string[] = [];
  const { approval } = request;
  for (const grant of approval ? grantsShown(approval) : []) {
    if (!by('approved').includes(grant.by.id)) found.push(`the audit has no approval of ${grant.by.id}`);
  }
  if (approval?.denied && !by('denied').includes(approval.denied.by.id))
    found.push('the audit has no such denial');
  if (cancelledBy && by('cancelled').length === 0) found.push(`the audit has no cancel of ${cancelledBy}`);
  if (request.phase === before.phase) return found;
  const whole = verify(envelope, secret);
  const quorum = policy.approvals[request.command]?.quorum ?? 1;
  const fits: Partial<Record<Request['phase'], boolean>> = {
    approved: whole !== undefined && mayRun(whole, quorum, false, secret).kind === 'yes',
    denied: approval?.denied !== undefined,
    withdrawn: by('withdrawn').includes(before.requester),
    cancelled: cancelledBy !== '',
    expired: before.late === true,
  };
  if (!fits[request.phase]) found.push(`it was ${before.phase} and is ${request.phase}`);
  return found;
}
