import type { Preview } from '../../src/jobs/define.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectRedis } from '../../src/queue/redis.ts';
import {
  buttonsOf,
  BY_ALL,
  direct,
  idOf,
  ROTATES,
  startApprovalBench,
  type ApprovalBench,
  type Message,
} from './approval-bench.ts';

let bench: ApprovalBench;
let slack: ApprovalBench['slack'];

beforeAll(async () => {
  bench = await startApprovalBench(
    {
      approvals: {
        rotate: BY_ALL,
        rm: { ...BY_ALL, quorum: 2 },
        drain: { ...BY_ALL, reason: 'required' },
        promote: { ...BY_ALL, expiresMinutes: 1 / 30 },
      },
      channels: { alerts: 'C0ALERTS01' },
    },
    { bots: 2 },
  );
  ({ slack } = bench);
}, 60_000);
afterAll(() => bench?.stop());
afterEach(async () => {
  slack.faults.clear();
  bench.finds(ROTATES);
  for (const person of ['alice', 'bob', 'carol'])
    if (slack.modals(person).length > 0) await slack.closeView(person, { all: true });
});

/** Types it in #ops, and gives the card when it says so. */
async function ask(person: string, line: string, says = 'waits for an approval'): Promise<Message> {
  const since = slack.messages('ops').at(-1)?.ts ?? '';
  await slack.command(person, 'ops', `/swarm ${line}`);
  return await shows({ since }, says);
}

/** The card, from any message or since one, when its text says this. */
async function shows(which: { ts?: string; since?: string }, says: string): Promise<Message> {
  const { ts, since = '' } = which;
  return await slack.waitFor(
    (one) => !one.ephemeral && (ts === undefined || one.ts === ts) && one.text.includes(`: ${says}`),
    { channel: 'ops', since, timeoutMs: 20_000 },
  );
}

/** This person's copy of the card, when it reads so. */
async function copyOf(person: string, card: Message, says: string | RegExp): Promise<string> {
  const id = idOf(card);
  const message = await slack.until(
    () =>
      direct(slack, person).find((one) => {
        const shown = slack.renderText(one);
        return shown.includes(id) && (typeof says === 'string' ? shown.includes(says) : says.test(shown));
      }),
    20_000,
    () => `${person} reads\n${direct(slack, person).map(slack.renderText).join('\n\n')}`,
  );
  return slack.renderText(message);
}

const inCard = (card: Message) => ({ channel: 'ops', ts: card.ts });

/** What only this person is told because of it. */
async function toldBy(person: string, act: () => Promise<unknown>, channel = 'ops'): Promise<string> {
  const known = new Set(slack.messages(channel, { as: person }).map(({ ts }) => ts));
  await act();
  const message = await slack.waitFor(({ ephemeral, ts }) => ephemeral && !known.has(ts), {
    channel,
    as: person,
  });
  return slack.renderText(message);
}

async function deny(person: string, card: Message, reason: string): Promise<void> {
  await slack.press(person, 'Deny', inCard(card));
  await slack.until(() => (slack.modals(person).length > 0 ? true : undefined));
  await slack.submitView(person, { 'Why not?': reason });
}

describe('what is asked', { timeout: 60_000 }, () => {
  test('stands on the card, and in a direct message to each who may approve it', async () => {
    bench.finds({ ...ROTATES, warnings: ['One manager of three is down.'] });
    const card = await ask('alice', 'rotate worker --reason "leaked in a log"');
    expect(card.text).toBe('rotate worker: waits for an approval. alice asks: leaked in a log');
    const shown = slack.renderText(card);
    expect(shown).toContain('• The join token of workers becomes new.');
    expect(shown).toContain('⚠️ One manager of three is down.');
    expect(shown).toContain('Reason  leaked in a log');
    expect(shown).toMatch(/One approval is needed • @ops-team and @oncall may decide • until .* \(30 min\)/);
    expect(buttonsOf(shown)).toEqual(['Approve', 'Deny', 'Withdraw']);
    for (const person of ['bob', 'carol']) {
      const copy = await copyOf(person, card, '@alice asks for your approval: rotate worker');
      expect(copy).toContain('• The join token of workers becomes new.');
      expect(copy).toContain('⚠️ One manager of three is down.');
      expect(copy).toContain('Reason  leaked in a log');
      expect(buttonsOf(copy)).toEqual(['Approve', 'Deny']);
    }
    expect(direct(slack, 'alice').map(slack.renderText).join()).not.toContain(idOf(card));
    await slack.press('alice', 'Withdraw', inCard(card));
    await shows(card, 'withdrawn');
  });

  test('is approved in a direct message, and all of them tell the end', async () => {
    const card = await ask('alice', 'rotate manager');
    await copyOf('carol', card, 'asks for your approval');
    await copyOf('bob', card, 'asks for your approval');
    await slack.press('bob', 'Approve', { channel: '@bob' });
    const done = slack.renderText(await shows(card, 'done'));
    expect(done).toMatch(/✅ approved by @bob \d/);
    expect(done).toContain('✔ Do it');
    for (const person of ['bob', 'carol']) {
      const copy = await copyOf(person, card, 'rotate manager (done)');
      expect(copy).toMatch(/✅ approved by @bob \d/);
      expect(copy).toContain('The join token of workers is new');
      expect(buttonsOf(copy)).toEqual([]);
    }
  });

  test('waits for two people, and counts nobody twice', async () => {
    const ran = bench.ran.length;
    const card = await ask('alice', 'rm websky');
    expect(slack.renderText(card)).toContain('2 people must approve it, nobody has yet');
    await copyOf('bob', card, 'asks for your approval');
    // Slack delivers the press twice.
    slack.faults.resendEnvelopes(1);
    await slack.press('bob', 'Approve', inCard(card));
    const copy = await copyOf('bob', card, 'You have approved rm websky of @alice. It waits for others.');
    expect(buttonsOf(copy)).toEqual(['Deny']);
    await copyOf('carol', card, '1 of 2 approved: @bob');
    const again = await toldBy('bob', () => slack.press('bob', 'Approve', inCard(card)));
    expect(again).toContain('You have approved it already.');
    expect(bench.ran).toHaveLength(ran);
    await slack.press('carol', 'Approve', inCard(card));
    expect(slack.renderText(await shows(card, 'done'))).toMatch(
      /✅ approved by @bob [\d:]+ UTC, @carol [\d:]+ UTC/,
    );
    expect(bench.ran).toHaveLength(ran + 1);
  });

  test('has one effect when two people press in the same moment, at two bots', async () => {
    const ran = bench.ran.length;
    for (let round = 0; round < 5; round += 1) {
      const card = await ask('alice', 'rotate worker manager');
      await Promise.all([
        slack.press('bob', 'Approve', inCard(card)),
        slack.press('carol', 'Approve', inCard(card)).catch(() => undefined),
      ]);
      const done = slack.renderText(await shows(card, 'done'));
      expect(done).toMatch(/approved by @(bob|carol) [\d:]+ UTC$/m);
    }
    expect(bench.ran).toHaveLength(ran + 5);
  });

  test('is asked anew, with what has changed, when the facts are others by then', async () => {
    const card = await ask('alice', 'rotate worker');
    await copyOf('bob', card, 'asks for your approval');
    bench.finds({ ...ROTATES, facts: [{ what: 'the managers', value: '3' }] });
    await slack.press('bob', 'Approve', inCard(card));
    const why = 'the managers: was 1, is now 3.';
    const anew = await slack.waitFor((one) => one.ts === card.ts && slack.renderText(one).includes(why), {
      channel: 'ops',
    });
    expect(slack.renderText(anew)).toContain('One approval is needed');
    await copyOf('bob', card, why);
    await copyOf('carol', card, why);
    // Whoever types the ID reads first what is another now.
    const typed = await toldBy('bob', () => slack.command('bob', 'ops', `/swarm approve ${idOf(card)}`));
    expect(typed).toContain(why);
    expect(buttonsOf(typed)).toEqual(['Approve', 'Deny']);
    await slack.press('bob', 'Approve', { channel: 'ops' });
    const done = slack.renderText(await shows(card, 'done'));
    expect(done).toContain(`asked anew because of this: ${why}`);
  });
});

describe('no', { timeout: 60_000 }, () => {
  test('is said with a reason, which everybody reads', async () => {
    const card = await ask('alice', 'rotate worker');
    await copyOf('carol', card, 'asks for your approval');
    await deny('bob', card, 'not during the sale');
    const denied = await shows(card, 'denied');
    expect(slack.renderText(denied)).toMatch(/⛔ denied by @bob [\d:]+ UTC: not during the sale/);
    expect(buttonsOf(slack.renderText(denied))).toEqual([]);
    expect(await copyOf('carol', card, '(denied)')).toContain('not during the sale');
    expect(await copyOf('alice', card, '@bob has denied rotate worker')).toContain('not during the sale');
    expect(slack.modals('bob')).toEqual([]);
  });

  test('needs a word', async () => {
    const card = await ask('alice', 'rotate worker');
    await expect(deny('bob', card, ' ')).rejects.toThrow(/not (accept|filled)/);
    await slack.closeView('bob');
    expect((await shows(card, 'waits for an approval')).ts).toBe(card.ts);
    await slack.press('alice', 'Withdraw', inCard(card));
  });

  test('comes too late in a form that was open while others decided', async () => {
    const card = await ask('alice', 'rotate worker');
    await slack.press('carol', 'Deny', inCard(card));
    await slack.until(() => (slack.modals('carol').length > 0 ? true : undefined));
    await slack.press('bob', 'Approve', inCard(card));
    await shows(card, 'done');
    await slack.submitView('carol', { 'Why not?': 'too late' });
    const [modal] = slack.modals('carol');
    expect(JSON.stringify(modal?.blocks)).toContain('rotate worker was approved by bob and is done.');
    expect(modal?.submit).toBeUndefined();
  });

  test('is not said when Slack opens no form', async () => {
    const card = await ask('alice', 'rotate worker');
    slack.faults.rateLimit('views.open');
    const told = await toldBy('bob', () => slack.press('bob', 'Deny', inCard(card)));
    expect(told).toContain('Slack did not open the form that asks why, so nothing is denied yet.');
    const typed = await toldBy('bob', () =>
      slack.command('bob', 'ops', `/swarm deny ${idOf(card)} because of -- the sale`),
    );
    expect(typed).toContain('You have denied rotate worker.');
    expect(slack.renderText(await shows(card, 'denied'))).toContain(': because of -- the sale');
  });

  test('and yes in the same moment: one wins, and both read which', async () => {
    const card = await ask('alice', 'rotate worker');
    await slack.press('carol', 'Deny', inCard(card));
    await slack.until(() => (slack.modals('carol').length > 0 ? true : undefined));
    await Promise.all([
      slack.submitView('carol', { 'Why not?': 'no' }),
      slack.press('bob', 'Approve', inCard(card)),
    ]);
    const end = await slack.waitFor((one) => one.ts === card.ts && /: (done|denied)\./.test(one.text), {
      channel: 'ops',
    });
    const loser = end.text.includes('denied')
      ? slack.renderText(await slack.waitFor('has denied', { channel: 'ops', as: 'bob', since: card.ts }))
      : JSON.stringify(slack.modals('carol')[0]?.blocks);
    expect(loser).toMatch(/carol has denied rotate worker: no|rotate worker was approved by bob/);
  });
});

describe('who', { timeout: 60_000 }, () => {
  test('asked cannot approve it, wherever the button stands, and may take it back', async () => {
    const card = await ask('alice', 'rotate worker');
    const told = await toldBy('alice', () => slack.press('alice', 'Approve', inCard(card)));
    expect(told).toMatch(/what (they|you) have asked for/i);
    const typed = await toldBy('alice', () => slack.command('alice', 'ops', `/swarm approve ${idOf(card)}`));
    expect(typed).toMatch(/what (they|you) have asked for/i);
    const other = await toldBy('bob', () => slack.press('bob', 'Withdraw', inCard(card)));
    expect(other).toContain('Only whoever asked for it can take it back.');
    const back = await toldBy('alice', () => slack.command('alice', 'ops', `/swarm cancel ${idOf(card)}`));
    expect(back).toContain('rotate worker');
    expect((await shows(card, 'withdrawn')).text).toContain('alice');
    await copyOf('bob', card, '(withdrawn)');
    // They know it themselves.
    expect(direct(slack, 'alice').map(slack.renderText).join()).not.toContain(idOf(card));
  });

  test('presses an old button reads what became of it', async () => {
    const card = await ask('alice', 'rotate worker');
    // A list that only carol sees keeps its buttons.
    await toldBy('carol', () => slack.command('carol', 'ops', '/swarm approvals'));
    const list = slack.messages('ops', { as: 'carol' }).findLast(({ ephemeral }) => ephemeral);
    await deny('bob', card, 'no');
    await shows(card, 'denied');
    const told = await toldBy('carol', () =>
      slack.press('carol', 'Approve', { channel: 'ops', ts: list?.ts ?? '' }),
    );
    expect(told).toContain('bob has denied rotate worker: no');
    expect(told).toContain(`/swarm retry ${idOf(card)}`);
  });

  test('waits for whom is listed', async () => {
    const none = await toldBy('bob', () => slack.command('bob', 'ops', '/swarm approvals'));
    expect(none).toContain('Nothing waits for an approval.');
    const card = await ask('alice', 'rotate worker --reason "a leak"');
    const id = idOf(card);
    const mine = await toldBy('alice', () => slack.command('alice', 'ops', '/swarm approvals'));
    expect(mine).toContain('Nothing waits for you.');
    expect(mine).toMatch(/What you have asked for\n• rotate worker.*waits for @ops-team and @oncall until/);
    expect(buttonsOf(mine)).toEqual([]);
    const bobs = await toldBy('bob', () => slack.command('bob', 'ops', '/swarm approvals'));
    expect(bobs).toContain('1 request waits for you.');
    expect(bobs).toContain('• The join token of workers becomes new.');
    expect(bobs).toContain('a leak');
    await slack.press('bob', 'Approve', { channel: 'ops' });
    expect(slack.renderText(await shows(card, 'done'))).toContain('approved by @bob');
    expect(id).toMatch(/^\w{8}$/);
  });
});

describe('why', { timeout: 60_000 }, () => {
  test('is asked in a form where the policy wants it', async () => {
    const since = slack.messages('ops').at(-1)?.ts ?? '';
    await slack.command('alice', 'ops', '/swarm drain fedora-03');
    await slack.until(() => (slack.modals('alice').length > 0 ? true : undefined));
    expect(slack.messages('ops', { since })).toEqual([]);
    await slack.submitView('alice', { Reason: 'a new disk' });
    const card = await shows({ since }, 'waits for an approval');
    expect(slack.renderText(card)).toContain('Reason  a new disk');
    await slack.press('bob', 'Approve', inCard(card));
    expect(slack.renderText(await shows(card, 'done'))).toContain('Reason  a new disk');
  });

  test('goes with --now into the alerts channel, and what became of it', async () => {
    const since = slack.messages('alerts').at(-1)?.ts ?? '';
    let go = (): void => undefined;
    bench.hold(new Promise<void>((resolve) => (go = resolve)));
    const card = await ask('carol', 'rotate worker --now --reason "it is on fire"', 'running');
    const notice = await slack.waitFor('goes on without an approval', { channel: 'alerts', since });
    expect(notice.text).toContain('carol goes on without an approval: rotate worker. Reason: it is on fire');
    expect(slack.renderText(notice)).toContain('It has begun.');
    expect(slack.renderText(notice)).toContain(card.ts.replace('.', ''));
    expect(slack.renderText(card)).toContain('Without an approval');
    go();
    await shows(card, 'done');
    await slack.waitFor(
      ({ ts, ...one }) => ts === notice.ts && slack.renderText({ ts, ...one }).includes('✅ Done.'),
      { channel: 'alerts' },
    );
    expect(slack.messages('alerts', { since })).toHaveLength(1);
  });

  test('is asked in a form of whoever gives none with --now; others may not', async () => {
    await slack.command('carol', 'ops', '/swarm rotate worker --now');
    await slack.until(() => (slack.modals('carol').length > 0 ? true : undefined));
    await slack.closeView('carol');
    const told = await toldBy('alice', () => slack.command('alice', 'ops', '/swarm rotate worker --now'));
    expect(told).toContain('You may not go on without an approval.');
  });
});

describe('in the end', { timeout: 60_000 }, () => {
  test('it expires, on all copies, and can be asked anew', async () => {
    const card = await ask('alice', 'promote fedora-03');
    const asked = performance.now();
    await copyOf('bob', card, 'asks for your approval');
    const expired = await shows(card, 'expired');
    expect(performance.now() - asked).toBeGreaterThan(1000);
    expect(buttonsOf(slack.renderText(expired))).toEqual(['Ask anew']);
    await copyOf('bob', card, '(expired)');
    expect(await copyOf('alice', card, 'promote fedora-03 has expired.')).toContain(
      'Nobody approved it in time',
    );
    await slack.press('alice', 'Ask anew', inCard(card));
    const anew = await slack.waitFor(
      (one) => one.ts > card.ts && one.text.startsWith('promote fedora-03: waits for an approval'),
      { channel: 'ops' },
    );
    await slack.press('alice', 'Withdraw', inCard(anew));
    await shows(anew, 'withdrawn');
  });

  test('buttons work after both bots were killed and others have started', async () => {
    const card = await ask('alice', 'rotate worker');
    await copyOf('bob', card, 'asks for your approval');
    await copyOf('carol', card, 'asks for your approval');
    await Promise.all(bench.system.bots.slice(-2).map((bot) => bot.end('SIGKILL')));
    await Promise.all([bench.system.startBot(), bench.system.startBot()]);
    await slack.press('bob', 'Approve', { channel: '@bob' });
    await shows(card, 'done');
    await copyOf('carol', card, '(done)');
    const copies = direct(slack, 'carol').filter((one) => slack.renderText(one).includes(idOf(card)));
    expect(copies).toHaveLength(1);
  });

  test('one message each, although the bot was killed between Slack’s taking it and the record of it', async () => {
    const [first, ...others] = bench.system.bots.slice(-2);
    await Promise.all(others.map((bot) => bot.end()));
    const looked = Promise.withResolvers<Preview>();
    bench.finds(looked.promise);
    const queued = await ask('alice', 'rotate manager', 'waiting for a worker');
    slack.faults.slow('chat.postMessage', 20_000, 2);
    looked.resolve(ROTATES);
    // Slack has them, and the bot does not know.
    await copyOf('bob', queued, 'asks for your approval');
    await copyOf('carol', queued, 'asks for your approval');
    await first?.end('SIGKILL');
    slack.faults.clear();
    await bench.system.startBot();
    await slack.press('alice', 'Withdraw', inCard(queued));
    await copyOf('bob', queued, '(withdrawn)');
    await copyOf('carol', queued, '(withdrawn)');
    for (const person of ['bob', 'carol'])
      expect(
        direct(slack, person).filter((one) => slack.renderText(one).includes(idOf(queued))),
      ).toHaveLength(1);
  });

  test('a press after Redis was killed is told that it cannot be reached, and is taken when it is back', async () => {
    const { redis } = bench.system;
    for (let round = 0; round < 3; round += 1) {
      const card = await ask('alice', 'rotate worker');
      let told: string;
      try {
        const killed = redis.kill();
        told = await toldBy('bob', () => slack.press('bob', 'Approve', inCard(card)));
        await killed;
      } finally {
        await redis.start();
      }
      expect(told).toContain('The job queue cannot be reached at the moment, so it is not certain');
      expect(slack.renderText(await shows(card, 'done'))).toContain('approved by @bob');
    }
  });

  test('a press while Redis does not answer is told so in time', async () => {
    const card = await ask('alice', 'rotate worker');
    const redis = connectRedis(bench.system.redis.url, () => undefined);
    try {
      await redis.client('PAUSE', 4000, 'ALL');
      const told = await toldBy('bob', () => slack.press('bob', 'Approve', inCard(card)));
      expect(told).toContain('The job queue cannot be reached at the moment, so it is not certain');
      // It was taken after all.
      expect(slack.renderText(await shows(card, 'done'))).toContain('approved by @bob');
    } finally {
      redis.disconnect();
    }
  });
});
