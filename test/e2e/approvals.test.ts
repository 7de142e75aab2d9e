/** Approvals on a real swarm, with two bots and two workers: what people press, what the swarm does, what stays on record. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../demo/people.ts';
import {
  ask,
  asks,
  auditOf,
  buttonsOf,
  cardOf,
  deny,
  direct,
  ended,
  named,
  openRecords,
  press,
  ROLES,
  toldAfter,
  type Asked,
} from './asking.ts';
import { QUICK_DEATH } from './crash-walk.ts';
import { localSwarm, nodesOf, replicasOf } from './engines.ts';
import { createService, leftOut, startBench, type Bench } from './lab.ts';

/** Events of the audit by which a request stops waiting for people. */
const DECISIONS = ['approved', 'denied', 'expired', 'withdrawn'];
const MANAGERS = ['manager', 'manager-02', 'manager-03'];

describe.skipIf(leftOut)(`approvals ${leftOut ?? ''}`, { timeout: 90_000 }, () => {
  let bench: Bench;
  let records: ReturnType<typeof openRecords>;
  const slackOf = (): Bench['system']['slack'] => bench.system.slack;

  beforeAll(async () => {
    bench = await startBench({
      hosts: [...MANAGERS, 'fedora-03', 'fedora-04'],
      swarm: ['manager'],
      policy: {
        roles: ROLES,
        approvals: {
          // Beside what needs one anyhow, by another operator.
          scale: {},
          demote: { approvers: ['operators', 'oncall'], quorum: 2 },
          label: { expiresMinutes: 0.05 },
          leave: 'none',
        },
        breakGlass: ['oncall'],
        channels: { alerts: 'C0ALERTS01' },
      },
      system: { bots: 2, workers: 2, env: QUICK_DEATH, slack: { tierScale: 100 } },
    });
    for (const name of MANAGERS.slice(1)) await bench.lab.join(name, 'manager', 'manager');
    await createService(bench.lab, 'manager', 'websky', 1);
    records = openRecords(bench.system);
  });
  afterAll(async () => {
    records?.close();
    await bench?.stop();
  });

  const isMember = async (host: string): Promise<boolean> => {
    const [{ LocalNodeState }, nodes] = await Promise.all([localSwarm(bench.lab, host), nodesOf(bench.lab)]);
    const listed = nodes.some(
      ({ Description, Status }) => Description.Hostname === host && Status.State === 'ready',
    );
    expect(LocalNodeState === 'active', `${host} and the managers agree`).toBe(listed);
    return listed;
  };
  const roleOf = async (host: string): Promise<string | undefined> =>
    (await nodesOf(bench.lab)).find(({ Description }) => Description.Hostname === host)?.Spec.Role;
  const reachability = async (host: string): Promise<string | undefined> =>
    (await nodesOf(bench.lab)).find(({ Description }) => Description.Hostname === host)?.ManagerStatus
      ?.Reachability;
  const labelsOf = async (host: string): Promise<Record<string, string> | undefined> =>
    (await nodesOf(bench.lab)).find(({ Description }) => Description.Hostname === host)?.Spec.Labels;
  /** Takes a host out of the swarm, if it is in it, as somebody would at its own prompt. */
  async function outside(host: string): Promise<void> {
    const { LocalNodeState, NodeID: id } = await localSwarm(bench.lab, host);
    if (LocalNodeState === 'inactive') return;
    await bench.lab.engine(host).swarmLeave({ force: true });
    await bench.lab.engine('manager').getNode(id).remove({ force: true });
  }
  async function decisionsOn({ id }: Asked): Promise<string[]> {
    return (await records.audit(id)).flatMap((event) => {
      if (!DECISIONS.includes(event.event) || !('by' in event) || typeof event.by === 'string') return [];
      return [`${event.event} by ${event.by?.name ?? 'nobody'}`];
    });
  }
  /** Nobody is offered a decision on it any more, in #ops or alone. */
  async function expectNoButtonsLeft({ title, ts }: Asked): Promise<void> {
    const slack = slackOf();
    const offering = (): string[] =>
      [
        ...slack.messages('ops').filter((message) => message.ts === ts),
        ...['alice', 'bob', 'carol'].flatMap((person) =>
          direct(slack, person).filter((message) => slack.renderText(message).includes(title)),
        ),
      ].flatMap((message) =>
        buttonsOf(slack, message).filter((label) => /^(Approve|Deny|Withdraw)$/.test(label)),
      );
    await slack.until(
      () => (offering().length === 0 ? true : undefined),
      10_000,
      () => `Somebody is still offered ${offering().join(', ')} for ${title}.`,
    );
  }

  it('a join that alice asks for waits until bob approves it', async () => {
    const slack = slackOf();
    const asked = await ask(
      slack,
      'alice',
      'join fedora-03 --reason "more room for websky"',
      'join fedora-03',
    );
    const shown = slack.renderText(cardOf(slack, asked));
    expect(shown).toContain('more room for websky');
    expect(shown).toContain('joins as a worker');
    expect(buttonsOf(slack, cardOf(slack, asked))).toEqual(expect.arrayContaining(['Approve', 'Deny']));

    for (const label of ['Approve', 'Deny'])
      expect(await toldAfter(slack, 'alice', () => press(slack, 'alice', label, asked))).toMatch(
        /^⛔ Nobody (approves|decides on) what they have asked for/,
      );
    // Not by another of the bot's buttons either.
    for (const words of [`retry ${asked.id}`, `approve ${asked.id}`])
      expect((await command(slack, 'alice', `/swarm ${words}`)).well, words).toBe(false);
    expect(await toldAfter(slack, 'carol', () => press(slack, 'carol', 'Approve', asked))).toMatch(
      /^⛔ .*operators/,
    );
    expect(cardOf(slack, asked).text).toContain('waits for an approval');
    expect(await isMember('fedora-03')).toBe(false);

    await press(slack, 'bob', 'Approve', asked);
    expect(await ended(slack, asked)).toContain('fedora-03 has joined the swarm as a worker');
    expect(await isMember('fedora-03')).toBe(true);
    await expectNoButtonsLeft(asked);
    const events = await auditOf(records, asked.id);
    expect(named(events)).toMatch(/^asked decided previewed approved started( changing changed)+ ended$/);
    expect(await decisionsOn(asked)).toEqual(['approved by bob']);
  });

  it('the copy in a direct message is as good as the card, and tells how it went', async () => {
    const slack = slackOf();
    await outside('fedora-03');
    const asked = await ask(slack, 'alice', 'join fedora-03');
    const copy = await slack.until(() =>
      direct(slack, 'bob').findLast((message) => buttonsOf(slack, message).includes('Approve')),
    );
    await slack.press('bob', 'Approve', { channel: copy.channel, ts: copy.ts });
    expect(await ended(slack, asked)).toContain('fedora-03 has joined');
    await expectNoButtonsLeft(asked);
  });

  it('denied, with a reason that everybody reads', async () => {
    const slack = slackOf();
    await outside('fedora-03');
    const asked = await ask(slack, 'alice', 'join fedora-03');
    await deny(slack, 'bob', asked, 'not before the weekend');
    const shown = await ended(slack, asked);
    expect(shown).toContain('not before the weekend');
    expect(shown).toContain('bob');
    await expectNoButtonsLeft(asked);
    expect(await isMember('fedora-03')).toBe(false);
    await auditOf(records, asked.id, 'denied');
    expect(await decisionsOn(asked)).toEqual(['denied by bob']);
  });

  it('withdrawn by alice, and by nobody else', async () => {
    const slack = slackOf();
    await outside('fedora-03');
    const asked = await ask(slack, 'alice', 'join fedora-03');
    expect(await toldAfter(slack, 'bob', () => press(slack, 'bob', 'Withdraw', asked))).toMatch(
      /^⛔ Only whoever asked/,
    );
    await press(slack, 'alice', 'Withdraw', asked);
    expect(await ended(slack, asked)).toContain('withdrawn');
    await expectNoButtonsLeft(asked);
    expect(await isMember('fedora-03')).toBe(false);
    await auditOf(records, asked.id, 'withdrawn');
    expect(await decisionsOn(asked)).toEqual(['withdrawn by alice']);
  });

  it('expires, visibly, and a late approval has no effect', async () => {
    const slack = slackOf();
    const asked = await ask(slack, 'alice', 'label manager rack=7');
    expect(await ended(slack, asked)).toContain('expired');
    await expectNoButtonsLeft(asked);
    expect(await labelsOf('manager')).toEqual({});
    await auditOf(records, asked.id, 'expired');
    expect(await decisionsOn(asked)).toEqual(['expired by nobody']);
  });

  it('asks anew when the host has been joined by hand meanwhile', async () => {
    const slack = slackOf();
    await outside('fedora-04');
    const asked = await ask(slack, 'alice', 'join fedora-04');
    await bench.lab.join('fedora-04', 'manager');
    await press(slack, 'bob', 'Approve', asked);
    const again = await anew(asked);
    expect(again).toMatch(/the swarm that fedora-04 is in: was none, is now this swarm, as \w{25}/);
    expect(again).toContain('fedora-04 is in this swarm already');
    // What bob approved was something else: his word is asked again, and his earlier one does not count.
    await press(slack, 'bob', 'Approve', asked);
    expect(await ended(slack, asked)).toMatch(/fedora-04 .*already/);
    await auditOf(records, asked.id);
    expect(await decisionsOn(asked)).toEqual(['approved by bob', 'approved by bob']);
  });

  it('asks anew when somebody else has scaled the service meanwhile', async () => {
    const slack = slackOf();
    const asked = await ask(slack, 'alice', 'scale websky 3');
    const service = bench.lab.engine('manager').getService('websky');
    const { Version, Spec } = (await service.inspect()) as { Version: { Index: number }; Spec: object };
    await service.update({ ...Spec, version: Version.Index, Mode: { Replicated: { Replicas: 2 } } });
    await press(slack, 'bob', 'Approve', asked);
    expect(await anew(asked)).toMatch(/was 1, is now 2/);
    expect(await replicasOf(bench.lab, 'websky')).toBe(2);
    await press(slack, 'bob', 'Approve', asked);
    expect(await ended(slack, asked)).toContain('websky went from 2 to 3');
    expect(await replicasOf(bench.lab, 'websky')).toBe(3);
  });

  it('goes on after both bots were killed while it asked', async () => {
    const { system } = bench;
    const asked = await ask(slackOf(), 'alice', 'scale websky 1');
    // What a bot was delivering when it died is delivered by another one after 15 s: not what is looked at here.
    await records.delivered();
    await Promise.all(system.bots.map((bot) => bot.end('SIGKILL')));
    await Promise.all([system.startBot(), system.startBot()]);
    await press(slackOf(), 'bob', 'Approve', asked);
    expect(await ended(slackOf(), asked)).toContain('websky went from 3 to 1');
    await auditOf(records, asked.id);
    expect(await decisionsOn(asked)).toEqual(['approved by bob']);
  });

  it('goes on after Redis was killed while it asked', async () => {
    const { system } = bench;
    const asked = await ask(slackOf(), 'alice', 'scale websky 2');
    await system.redis.kill();
    await system.redis.start();
    await press(slackOf(), 'bob', 'Approve', asked);
    expect(await ended(slackOf(), asked)).toContain('websky went from 1 to 2');
    expect(await replicasOf(bench.lab, 'websky')).toBe(2);
  });

  it('ends once although both workers were killed in the middle of what was approved', async () => {
    const { system } = bench;
    const asked = await ask(slackOf(), 'alice', 'scale websky 4');
    await press(slackOf(), 'bob', 'Approve', asked);
    await expect.poll(async () => (await records.request(asked.id)).acted, { timeout: 20_000 }).toBe(true);
    await Promise.all(system.workers.map((worker) => worker.end('SIGKILL')));
    await Promise.all([system.startWorker(), system.startWorker()]);
    expect(await ended(slackOf(), asked)).toContain('websky went from 2 to 4');
    expect(await replicasOf(bench.lab, 'websky')).toBe(4);
    const events = await auditOf(records, asked.id);
    // Who died between a change and the record of it leaves "changing" alone behind.
    expect(events.filter(({ event }) => event === 'changed').length).toBeLessThan(2);
    expect(events.filter(({ event }) => event === 'ended')).toHaveLength(1);
    expect(await decisionsOn(asked)).toEqual(['approved by bob']);
  });

  it('a press that Slack delivers twice is one approval', async () => {
    const slack = slackOf();
    const asked = await ask(slack, 'alice', 'demote manager-02');
    slack.faults.resendEnvelopes(1);
    await press(slack, 'bob', 'Approve', asked);
    await slack.waitFor(
      (message) => message.ts === asked.ts && slack.renderText(message).includes('1 of 2 approved'),
      { channel: 'ops' },
    );
    await slack.deliverAgain();
    await press(slack, 'alice', 'Withdraw', asked);
    await ended(slack, asked);
    expect(await roleOf('manager-02')).toBe('manager');
    await auditOf(records, asked.id, 'withdrawn');
    expect(await decisionsOn(asked)).toEqual(['approved by bob', 'withdrawn by alice']);
  });

  it('break-glass: carol goes on at once, and #alerts reads who and why', async () => {
    const slack = slackOf();
    await outside('fedora-04');
    const refused = await command(slack, 'alice', '/swarm join fedora-04 --now --reason "in a hurry"');
    expect(refused).toMatchObject({ well: false });
    const { shown, well } = await command(
      slack,
      'carol',
      '/swarm join fedora-04 --now --reason "the disk of fedora-01 is dying"',
    );
    expect(well, shown).toBe(true);
    expect(await isMember('fedora-04')).toBe(true);
    const announced = await slack.waitFor('the disk of fedora-01 is dying', { channel: 'alerts' });
    expect(slack.renderText(announced)).toMatch(/@carol[\s\S]*join fedora-04/);
    expect(slack.messages('alerts')).toHaveLength(1);
    expect(named(await records.audit())).toContain('asked decided started');
  });

  it('a manager that is lost meanwhile: what is safe is asked anew, what is not is not done', async () => {
    const slack = slackOf();
    await outside('fedora-03');
    await bench.lab.join('fedora-03', 'manager');
    const demotion = await ask(slack, 'alice', 'demote manager-02');
    const promotion = await ask(slack, 'alice', 'promote fedora-03');
    await bench.lab.faults.engineDies('manager-03');
    await expect.poll(() => reachability('manager-03'), { timeout: 30_000 }).toBe('unreachable');
    await press(slack, 'bob', 'Approve', promotion);
    expect(await anew(promotion)).toMatch(
      /the managers: was 3 managers, may lose 1, is now 3 managers \(1 unreachable\)/,
    );
    expect(await roleOf('fedora-03')).toBe('worker');
    await press(slack, 'bob', 'Approve', demotion);
    await press(slack, 'carol', 'Approve', demotion);
    expect(await ended(slack, demotion)).toContain('would lose its quorum');
    expect(await roleOf('manager-02')).toBe('manager');
    await bench.lab.faults.engineStarts('manager-03');
    await expect.poll(() => reachability('manager-03'), { timeout: 30_000 }).toBe('reachable');
    await press(slack, 'alice', 'Withdraw', promotion);
    await ended(slack, promotion);
  });

  it('asks only those of the roles, as they are when they press', async () => {
    const slack = slackOf();
    await outside('fedora-04');
    const gina = slack.addPerson({ name: 'gina', guest: 'multi-channel', channels: ['ops'] });
    const sven = slack.addPerson({ name: 'sven', team: 'T0ELSEWHERE', channels: ['ops'] });
    const dora = slack.addPerson({ name: 'dora', channels: ['ops'] });
    await slack.changeGroup('ops-team', { users: ['alice', 'bob', 'dora'] });
    const orphan = await ask(slack, 'dora', 'scale websky 9');
    const asked = await ask(slack, 'alice', 'join fedora-04');
    const refusedTo = async (person: string, what = asked): Promise<string> => {
      const told = await toldAfter(slack, person, () => press(slack, person, 'Approve', what));
      expect(told).toMatch(/^⛔ /);
      expect(cardOf(slack, what).text).toContain('waits for an approval');
      return told;
    };
    for (const { name } of [gina, sven]) await refusedTo(name);
    await slack.changePerson(dora.id, { deleted: true });
    expect(await refusedTo('bob', orphan)).toContain('dora may not do this');
    await command(slack, 'bob', `/swarm deny ${orphan.id} --reason "she has left"`);
    expect(await ended(slack, orphan)).toContain('she has left');
    // Bob leaves the team while it asks.
    await slack.changeGroup('ops-team', { users: ['alice'] });
    await refusedTo('bob');
    // Nor may he approve what Alice may not do any more.
    await slack.changeGroup('ops-team', { users: ['bob'] });
    expect(await refusedTo('bob')).toContain('alice may not do this');
    expect(await isMember('fedora-04')).toBe(false);
    await slack.changeGroup('ops-team', { users: ['alice', 'bob'] });
    const { shown } = await command(slack, 'bob', `/swarm approve ${asked.id}`);
    expect(await ended(slack, asked), shown).toContain('fedora-04 has joined');
    expect(await isMember('fedora-04')).toBe(true);
    await auditOf(records, asked.id);
    expect(await decisionsOn(asked)).toEqual(['approved by bob']);
  });

  it('two different people must approve where the policy says two', async () => {
    const slack = slackOf();
    const asked = await ask(slack, 'alice', 'demote manager-03');
    const waiting = await command(slack, 'carol', '/swarm approvals');
    expect(waiting.shown).toContain('demote manager-03');
    await press(slack, 'bob', 'Approve', asked);
    await slack.waitFor(
      (message) => message.ts === asked.ts && /1 of 2 approved.*@bob/.test(slack.renderText(message)),
      { channel: 'ops' },
    );
    expect(await toldAfter(slack, 'bob', () => press(slack, 'bob', 'Approve', asked))).toMatch(
      /^⛔ .*already/,
    );
    expect(await toldAfter(slack, 'alice', () => press(slack, 'alice', 'Approve', asked))).toMatch(/^⛔ /);
    expect(await roleOf('manager-03')).toBe('manager');

    await press(slack, 'carol', 'Approve', asked);
    expect(await ended(slack, asked)).toContain('3 managers, may lose 1 → 2 managers, may lose none');
    expect(await roleOf('manager-03')).toBe('worker');
    await auditOf(records, asked.id);
    expect(await decisionsOn(asked)).toEqual(['approved by bob', 'approved by carol']);
    const started = (await records.audit(asked.id)).find(({ event }) => event === 'started');
    expect(started).toMatchObject({ approvedBy: [{ name: 'bob' }, { name: 'carol' }] });
  });

  /** What the card says when it asks once more. */
  async function anew({ ts, title, id }: Asked): Promise<string> {
    const slack = slackOf();
    await expect.poll(async () => (await records.request(id)).approval?.round, { timeout: 20_000 }).toBe(2);
    const { text } = await asks(slack, { title });
    expect(text).toContain(title);
    const card = await slack.waitFor(
      (message) => message.ts === ts && /this has changed|asked anew/.test(slack.renderText(message)),
      { channel: 'ops', timeoutMs: 20_000 },
    );
    expect(buttonsOf(slack, card)).toEqual(expect.arrayContaining(['Approve', 'Deny']));
    return slack.renderText(card);
  }
});
