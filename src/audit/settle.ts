/** Puts on record what is owed to the audit. */
import type { Redis } from 'ioredis';
import type { Log } from '../log.ts';
import type { Secret } from '../secret.ts';
import { isGenuine, recordOf } from './chain.ts';
import { MOST_OWED, OWED, readOwed, type Owed } from './owed.ts';
import type { AuditEvent } from './record.ts';
import { readRequest } from './stream.ts';

/** Entries of one look. */
const AT_ONCE = 100;

interface Settling {
  redis: Redis;
  secret: Secret;
  log: Pick<Log, 'error'>;
  /** False: another process has settled it. */
  tell: (event: AuditEvent, settles?: Buffer[]) => Promise<boolean>;
}

/** See AuditLog.settle. Whatever is read here was put there before: it is on record when this resolves. */
export async function settleOwed(own: Owed | undefined, settling: Settling): Promise<void> {
  let ownLeft = own;
  // More than there can be; somebody else who writes there keeps nobody here for ever.
  for (let looks = 0; looks <= MOST_OWED / AT_ONCE; looks += 1) {
    const entries = await settling.redis.lrangeBuffer(OWED, 0, AT_ONCE - 1);
    const found = await settleSome(entries, settling);
    if (ownLeft && found.has(ownLeft.mark)) ownLeft = undefined;
    if (entries.length < AT_ONCE) break;
  }
  // Another process has settled it, or somebody has taken it out.
  if (ownLeft && !(await isOnRecord(ownLeft, settling))) await settling.tell(ownLeft.event);
}

/** @returns marks of what is on record now. */
async function settleSome(entries: readonly Buffer[], settling: Settling): Promise<Set<string>> {
  const { redis, secret, log, tell } = settling;
  const genuine = new Map<string, Owed>();
  const forged: Buffer[] = [];
  for (const entry of entries) {
    const owed = readOwed(entry, secret);
    const known = owed && genuine.get(owed.mark);
    if (!owed) forged.push(entry);
    else if (known) known.entries.push(entry);
    else genuine.set(owed.mark, owed);
  }
  const done = new Set<string>();
  const telling: Promise<void>[] = [];
  // Told in the order in which it happened; which of it is on record already is looked at before.
  const old = await Promise.all([...genuine.values()].map((owed) => isOnRecord(owed, settling)));
  for (const [at, { event, entries: settles, mark }] of [...genuine.values()].entries()) {
    const told = old[at]
      ? // Somebody has put it back.
        Promise.all(settles.map((entry) => redis.lrem(OWED, 0, entry))).then(() => true)
      : tell(event, settles);
    telling.push(told.then((added) => void (added && done.add(mark))));
  }
  if (forged.length > 0) {
    const why =
      'what was owed to the audit holds entries that no bot has signed, or that were altered after that';
    log.error({ entries: forged.length, why }, 'thrown away what somebody wanted to have on record');
    telling.push(tell({ event: 'forged', request: '', why }, forged).then(() => undefined));
  }
  await Promise.all(telling);
  return done;
}

async function isOnRecord({ event, mark }: Owed, { redis, secret }: Settling): Promise<boolean> {
  const request = 'request' in event ? event.request : '';
  const records = await readRequest(redis, request);
  return records.some((entry) => recordOf(entry)?.event.mark === mark && isGenuine(entry, secret));
}
