/**
 * 200 rounds of people who press at the same moment, through two bots and two workers. What had an effect is counted on
 * the swarm itself: every request of a round restarts a service of its own, which raises that service's counter by one.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  ask,
  cardOf,
  ended,
  named,
  onlyTo,
  openDenial,
  closeForm,
  openRecords,
  press,
  ROLES,
  sendDenial,
  type Asked,
} from './asking.ts';
import { leftOut, startBench, type Bench } from './lab.ts';

const ROUNDS = 50;
/** Of one kind; three kinds go on side by side. */
const AT_ONCE = 10;

type Outcome = 'done' | 'denied' | 'expired';

describe.skipIf(leftOut)(`people who press at once ${leftOut ?? ''}`, { timeout: 150_000 }, () => {
  let bench: Bench;
  let records: ReturnType<typeof openRecords>;

  beforeAll(async () => {
    const approval = { approvers: ['operators', 'oncall'] };
    bench = await startBench({
      hosts: ['manager'],
      swarm: ['manager'],
      policy: {
        roles: ROLES,
        // An update that only restarts does what a restart does: it is the one that expires soon.
        approvals: { restart: approval, update: { ...approval, expiresMinutes: 0.1 } },
      },
      system: { bots: 2, workers: 2, slack: { tierScale: 1000 } },
    });
    records = openRecords(bench.system);
    const names = ['both', 'split', 'twice', 'late'].flatMap((kind) =>
      Array.from({ length: ROUNDS }, (_, at) => `${kind}-${at}`),
    );
    await side(names, 20, (name) =>
      bench.lab.engine('manager').createService({
        Name: name,
        TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' } },
        Mode: { Replicated: { Replicas: 0 } },
        // A restart ends when its tasks have stayed for so long; there are none.
        UpdateConfig: { Parallelism: 1, Order: 'stop-first', Monitor: 1e6 },
      }),
    );
  });
  afterAll(async () => {
    records?.close();
    await bench?.stop();
  });

  /** How often each service of this kind was restarted, by name. */
  async function restarts(kind: string): Promise<Record<string, number>> {
    const services = (await bench.lab.engine('manager').listServices()) as {
      Spec: { Name: string; TaskTemplate: { ForceUpdate?: number } };
    }[];
    return Object.fromEntries(
      services
        .filter(({ Spec }) => Spec.Name.startsWith(`${kind}-`))
        .map(({ Spec }) => [Spec.Name, Spec.TaskTemplate.ForceUpdate ?? 0]),
    );
  }

  /** The rounds have ended each in one way, the same everywhere: card, Redis, audit and swarm. @returns how often in which. */
  async function expectOneEffectEach(kind: string, rounds: Asked[]): Promise<Record<Outcome, number>> {
    const { slack } = bench.system;
    const counts = { done: 0, denied: 0, expired: 0 };
    const expected: Record<string, number> = {};
    for (const round of rounds) {
      const shown = await ended(slack, round);
      const { phase } = await records.request(round.id);
      expect(phase, shown).toMatch(/^(done|denied|expired)$/);
      const outcome = phase as Outcome;
      counts[outcome] += 1;
      expect(cardOf(slack, round).text).toMatch(new RegExp(`: ${outcome}\\.`));
      expected[round.title.split(' ')[1] ?? ''] = outcome === 'done' ? 1 : 0;
    }
    expect(await restarts(kind)).toEqual(expected);
    // The card may say that it has ended a moment before that is on record.
    await vi.waitFor(async () => expectOnRecord(rounds), { timeout: 20_000, interval: 200 });
    return counts;
  }

  async function expectOnRecord(rounds: Asked[]): Promise<void> {
    const all = await records.audit();
    for (const { id, title } of rounds) {
      const { phase } = await records.request(id);
      const decision = phase === 'done' ? 'approved started changing changed ended' : phase;
      const events = all.filter((event) => 'request' in event && event.request === id);
      expect(named(events), title).toBe(`asked decided previewed ${decision}`);
    }
  }

  it.concurrent('two approvers: one of them has approved it, the other is told', async () => {
    const { slack } = bench.system;
    const rounds = await side(numbers(), AT_ONCE, async (at) => {
      const asked = await ask(slack, 'alice', `restart both-${at}`);
      await Promise.all([press(slack, 'bob', 'Approve', asked), press(slack, 'carol', 'Approve', asked)]);
      return asked;
    });
    expect(await expectOneEffectEach('both', rounds)).toEqual({ done: ROUNDS, denied: 0, expired: 0 });
    await expectOneToldEach(rounds, ['bob', 'carol'], /was approved by (bob|carol) and /);
  });

  it.concurrent('a double click: it is approved once', async () => {
    const { slack } = bench.system;
    const rounds = await side(numbers(), AT_ONCE, async (at) => {
      const asked = await ask(slack, 'bob', `restart twice-${at}`);
      await Promise.all([press(slack, 'alice', 'Approve', asked), press(slack, 'alice', 'Approve', asked)]);
      return asked;
    });
    expect(await expectOneEffectEach('twice', rounds)).toEqual({ done: ROUNDS, denied: 0, expired: 0 });
    await expectOneToldEach(rounds, ['alice'], /was approved by alice and /);
  });

  /** Of the people who press in a round exactly one is told alone how it was decided: it stands on the card for the rest. */
  async function expectOneToldEach(rounds: Asked[], people: string[], says: RegExp): Promise<void> {
    for (const { title } of rounds) {
      const told = await bench.system.slack.until(() => {
        const about = toldOf(title, people);
        return about.length > 0 ? about : undefined;
      });
      expect(told, title).toEqual([expect.stringMatching(says)]);
    }
  }
  /** What one person alone is told never changes: it is rendered once. */
  const rendered = new Map<string, string>();
  const toldOf = (title: string, people: string[]): string[] =>
    people
      .flatMap((person) => onlyTo(bench.system.slack, person))
      .map((message) => {
        const text = rendered.get(message.ts) ?? bench.system.slack.renderText(message);
        rendered.set(message.ts, text);
        return text;
      })
      .filter((text) => new RegExp(`${title}(?!\\d)`).test(text));

  it.concurrent('an approval and a denial: one of them wins, the other is told', async () => {
    const { slack } = bench.system;
    // One form at a time is open before a person.
    const lanes = [
      { asker: 'alice', approver: 'bob', denier: 'carol' },
      { asker: 'alice', approver: 'carol', denier: 'bob' },
      { asker: 'bob', approver: 'carol', denier: 'alice' },
    ];
    const rounds = await Promise.all(
      lanes.map(async ({ asker, approver, denier }, lane) => {
        const done: { asked: Asked; approver: string; form: string }[] = [];
        for (const at of numbers().filter((number) => number % lanes.length === lane)) {
          const asked = await ask(slack, asker, `restart split-${at}`);
          await openDenial(slack, denier, asked);
          await Promise.all([
            press(slack, approver, 'Approve', asked),
            sendDenial(slack, denier, `reason ${at}`),
          ]);
          done.push({ asked, approver, form: await closeForm(slack, denier) });
        }
        return done;
      }),
    );
    const { done, denied, expired } = await expectOneEffectEach(
      'split',
      rounds.flat().map(({ asked }) => asked),
    );
    expect([done + denied, expired]).toEqual([ROUNDS, 0]);
    for (const { asked, approver, form } of rounds.flat()) {
      const { phase } = await records.request(asked.id);
      // Whoever denied too late reads it in the form, whoever approved too late below the card.
      expect(form).toMatch(phase === 'done' ? /^Not denied.*was approved by (alice|bob|carol) and /s : /^$/);
      if (phase === 'denied')
        await expectOneToldEach([asked], [approver], /(alice|bob|carol) has denied .*: reason \d+/);
    }
  });

  it('an approval in the moment in which the time is over', async () => {
    const { slack } = bench.system;
    const rounds = await side(numbers(), ROUNDS, async (at) => {
      const asked = await ask(slack, 'alice', `update late-${at} --force`);
      const { approval } = await records.request(asked.id);
      // From a little before to a little after.
      await moment((approval?.expiresAt ?? 0) - ROUNDS / 2 + at);
      // The card may say by then that its time is over: then there is nothing left to press.
      await press(slack, 'bob', 'Approve', asked).catch((error: unknown) => {
        if (!String(error).includes('no button "Approve"')) throw error;
      });
      return asked;
    });
    const { done, denied, expired } = await expectOneEffectEach('late', rounds);
    expect([done + expired, denied]).toEqual([ROUNDS, 0]);
  });
});

const numbers = (): number[] => Array.from({ length: ROUNDS }, (_, at) => at);

/** Resolves at this time of day (milliseconds since 1970). */
async function moment(at: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
}

/** Does it for each, so many at once. */
async function side<T, R>(items: T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [at, item] of rest) results[at] = await work(item);
    }),
  );
  return results;
}
