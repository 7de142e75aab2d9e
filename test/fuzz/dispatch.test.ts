/**
 * 100,000 things that Slack might send, and that it never would, through Bolt, the desk and all commands, on a real Redis.
 * Only Slack's network is not there: what the bot sends back is caught and judged as the local Slack judges it.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { key } from '../../src/queue/redis.ts';
import { requestKey } from '../../src/queue/store.ts';
import type { Desk } from '../../src/slack/desk.ts';
import { noAudit } from '../queue/request.ts';
import { personOf, POLICIES } from './cast.ts';
import { faults } from './judge.ts';
import { anything } from './payloads.ts';
import { changes, picture, stand, STANDING_IDS, wrongs } from './standing.ts';
import { startFuzzSystem, type FuzzSystem, type Trace } from './system.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 100_000);
/** Sent to one Redis, which is then emptied. */
const BATCH = 500;
/** Under way at the same time. */
const AT_ONCE = 50;

const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);

beforeAll(() => {
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onRejection);
});

afterAll(() => {
  process.off('unhandledRejection', onRejection);
  process.off('uncaughtException', onRejection);
});

/** Sends them, and gives what is wrong with what came of them. */
async function batch(
  system: FuzzSystem,
  policy: keyof typeof POLICIES,
  seed: number,
  tally: Tally,
): Promise<string[]> {
  const { redis, store, queue, send } = system;
  system.setPolicy(POLICIES[policy]);
  await redis.flushdb();
  await stand(store, queue);
  const before = await picture(redis);
  const cases = fc.sample(anything, { seed, numRuns: BATCH });
  const traces: Trace[] = [];
  const next = cases.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const one of next) traces.push(await send(one));
    }),
  );
  if (traces.some(({ late }) => late)) await system.quiet();
  const found = traces.flatMap((trace) => {
    tally.add(trace);
    const wrong = faults(trace, POLICIES[policy]);
    return wrong.length === 0 ? [] : [`${wrong.join('\n')}\n  of ${JSON.stringify(trace.sent)}`];
  });
  // What stands in Redis came through the store's own door, where it was watched.
  const known = new Set([
    ...STANDING_IDS,
    ...traces.flatMap(({ created }) => created.map(({ request }) => request.id)),
  ]);
  const ids = await redis.zrange(key('requests'), '0', '-1');
  const keys = await redis.keys(`${requestKey('')}*`);
  for (const id of [...ids, ...keys.map((name) => name.slice(requestKey('').length))]) {
    if (!known.has(id)) found.push(`request ${id} came from nowhere`);
  }
  const after = await picture(redis);
  const told = traces.flatMap(({ audit }) => audit);
  for (const id of STANDING_IDS) {
    const changed = changes(before.get(id), after.get(id));
    if (changed.length === 0) continue;
    tally.changed += 1;
    const shown = await store.read(id);
    const wrong = shown ? wrongs(shown, POLICIES[policy], told) : ['it is gone'];
    if (policy === 'nobody' && changed.some((what) => what.startsWith('page:')))
      wrong.push('its page was turned although nobody may read it');
    found.push(...wrong.map((what) => `${id}: ${what}\n  ${changed.join('\n  ')}`));
  }
  if (policy === 'nobody' && ids.length > STANDING_IDS.length)
    found.push('a request although nobody may ask');
  found.push(
    ...system.strays.splice(0),
    ...rejections
      .splice(0)
      .map((reason) => `unhandled: ${reason instanceof Error ? reason.stack : String(reason)}`),
  );
  return found;
}

/** How much of what there is was reached. */
class Tally {
  created = 0;
  asked = 0;
  changed = 0;
  answered = 0;
  forms = 0;
  readonly commands = new Set<string>();

  add({ created, acks, answers, forms }: Trace): void {
    this.created += created.length;
    this.forms += forms.length;
    this.asked += created.filter(({ request }) => request.approval).length;
    for (const { request } of created) this.commands.add(request.command);
    this.answered += answers.length + acks.filter((ack) => ack !== undefined).length;
  }
}

/** The first of each kind. */
function different(found: string[]): string[] {
  const kinds = new Map(
    found.toReversed().map((fault) => [fault.split('\n')[0]?.replaceAll(/\S*\d\S*/g, '#'), fault]),
  );
  return [...kinds.values()].slice(0, 8);
}

/** `nobody` seldom: there is little to be found in refusals. */
const ROUND = ['team', 'team', 'open', 'nobody'] as const;

const random = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000);

test(
  `${CASES} lines, presses, forms and events, damaged ones too: nothing falls over, nothing is done that was not decided`,
  async () => {
    console.log(`The random half of the fuzz has the seed ${random}.`);
    const system = await startFuzzSystem();
    const tally = new Tally();
    try {
      for (let at = 0; at * BATCH < CASES; at += 1) {
        const seed = at % 2 === 0 ? at : random + at;
        const policy = ROUND[Math.floor(at / 2) % ROUND.length] ?? 'nobody';
        const found = await batch(system, policy, seed, tally);
        const where = `batch ${at}, seed ${seed}, policy ${policy}: ${found.length} faults`;
        expect(different(found), where).toEqual([]);
      }
    } finally {
      await system.stop();
    }
    // Otherwise what is sent is too far from what people send to show anything.
    const { created, asked, changed, answered, forms } = tally;
    const of = (share: number): number => Math.floor(CASES * share);
    expect.soft(created).toBeGreaterThan(of(0.05));
    expect.soft(asked).toBeGreaterThan(of(0.002));
    expect.soft(changed).toBeGreaterThan(of(0.005));
    expect.soft(forms).toBeGreaterThan(of(0.001));
    expect.soft(answered).toBeGreaterThan(of(0.5));
    expect.soft(tally.commands.size).toBeGreaterThan(30);
  },
  300_000 + CASES * 3,
);

test.each<[string, (desk: Desk) => Desk, RegExp]>([
  [
    'asks no policy',
    (desk) => changed(desk, { policy: POLICIES.open }),
    /signed as allowed, decided as (ask|deny)/,
  ],
  [
    'takes one for another',
    (desk) => changed(desk, { person: () => Promise.resolve(personOf({ id: 'U0ALICE', name: 'alice' })) }),
    /signed as \w+, decided as deny/,
  ],
  [
    'puts nothing on record',
    (desk) => changed(desk, { audit: noAudit }),
    /nothing in the audit decided it before/,
  ],
  [
    'mentions everybody',
    (desk) => changed(desk, { whom: () => Promise.resolve('<!channel>') }),
    /a reference from data/,
  ],
  [
    'falls over',
    (desk) => changed(desk, { whom: () => Promise.reject(new Error('nobody thought of this')) }),
    /an error in the log/,
  ],
])('it would be found if the bot %s', async (_what, breakIt, fault) => {
  const system = await startFuzzSystem(breakIt);
  try {
    expect((await batch(system, 'team', 1, new Tally())).join('\n')).toMatch(fault);
  } finally {
    await system.stop();
  }
});

/** The same desk with something else in it, its changing policy kept. */
function changed(desk: Desk, change: Partial<Desk>): Desk {
  return Object.create(desk, Object.getOwnPropertyDescriptors(change)) as Desk;
}
