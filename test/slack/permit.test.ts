/** What a person gets to hear when they ask: refusals, help, and what they may do to what was asked for earlier. */
import { beforeEach, describe, expect, test } from 'vitest';
import { furnishWorkspace, installApp } from '../../demo/slack/app.ts';
import { objectsOf } from '../../demo/slack/json.ts';
import { renderBlocks } from '../../demo/slack/render/blocks.ts';
import type { AuditEvent } from '../../src/audit/record.ts';
import { commands, topics } from '../../src/commands/index.ts';
import { UserError } from '../../src/errors.ts';
import { sign, verify, type Envelope } from '../../src/queue/envelope.ts';
import type { Request } from '../../src/queue/request.ts';
import { accept } from '../../src/slack/accept.ts';
import type { Desk } from '../../src/slack/desk.ts';
import { refusal } from '../../src/slack/failures.ts';
import { objections } from '../cards/slack-takes.ts';
import { facts } from '../commands/reading.ts';
import { OPS, PEOPLE, POLICY, RANDOM, type Who } from '../policy/example.ts';
import { newEnvelope, newRequest, secret } from '../queue/request.ts';

const workspace = furnishWorkspace(installApp({}));

const kept = new Map<string, { request: Request; envelope: ReturnType<typeof sign> }>();
const created: Request[] = [];
const cancelled: string[] = [];
let audited: AuditEvent[] = [];
let forms = 0;

const desk = {
  commands,
  topics,
  facts,
  secret,
  policy: POLICY,
  person: ({ id }: { id: string }) =>
    Promise.resolve(
      Object.values(PEOPLE).find((one) => one.id === id && one.kind !== 'unknown') ?? {
        id,
        name: '',
        kind: 'unknown' as const,
        groups: [],
      },
    ),
  whom: () => Promise.resolve(''),
  audit: {
    append: (event: AuditEvent) => {
      audited.push(event);
      return Promise.resolve();
    },
  },
  store: {
    read: (id: string) => Promise.resolve(kept.get(id)),
    create: (request: Request, envelope: ReturnType<typeof sign>) => {
      created.push(request);
      // What is limited is what is signed.
      if (JSON.stringify(verify(envelope, secret)?.targets) !== JSON.stringify(request.targets))
        throw new Error('The request has other targets than its envelope.');
      return Promise.resolve();
    },
  },
  answers: {
    requests: { list: () => Promise.resolve([]), read: () => Promise.resolve(undefined) },
    cancel: (id: string) => {
      cancelled.push(id);
      return Promise.resolve({ kind: 'asked', request: kept.get(id)?.request });
    },
  },
} as unknown as Desk;

/** What the person alone reads; `taken` when a card in the channel tells the rest. */
async function say(who: Who, text: string, channel = OPS): Promise<string> {
  const { id, name } = PEOPLE[who];
  const actor = { id, name, team: 'T1' };
  const openForm = () => {
    forms += 1;
    return Promise.resolve();
  };
  const given = { text, slash: '/swarm', actor, channel, deliveryId: `${text}${who}`, openForm };
  const body = await accept(given, desk).catch((error: unknown) => {
    if (error instanceof UserError) return refusal(error);
    throw error;
  });
  return body ? renderBlocks(objectsOf(body.blocks), workspace) : 'taken';
}

/** Something that was asked for earlier. */
function earlier(who: Who, command: string, input: unknown, change: Partial<Envelope & Request> = {}): void {
  const { id, name } = PEOPLE[who];
  const requester = { id, name, team: 'T1' };
  const found = commands.find((one) => one.name === command);
  if (found?.kind !== 'job') throw new Error(`${command} is no job.`);
  const title = `${command} of ${who}`;
  const about = { command, title, requester, targets: found.targets(input) };
  kept.set('ab12cd34', {
    request: newRequest('ab12cd34', { ...about, phase: 'done', ...change }),
    envelope: sign(newEnvelope('ab12cd34', { ...about, job: found.job, input }), secret),
  });
}

const SCALE = (name: string) => ({ services: [{ name, replicas: 2 }], anyway: false, deadlineMs: 1000 });

beforeEach(() => {
  kept.clear();
  created.length = 0;
  cancelled.length = 0;
  audited = [];
  forms = 0;
});

describe('a command', () => {
  test('has an ID that the queue takes: BullMQ takes no number', async () => {
    // With these all eight characters have once been digits.
    for (const delivery of ['delivery 33018', 'delivery 45043', 'delivery 49013']) {
      const actor = { ...PEOPLE.alice, team: 'T1' };
      await accept({ text: 'nodes', slash: '/swarm', actor, channel: OPS, deliveryId: delivery }, desk);
    }
    expect(created.map(({ id }) => id)).toEqual(Array(3).fill(expect.stringMatching(/^[a-z][a-z2-9]{7}$/)));
  });

  test('that is refused says so to the person alone, and is kept', async () => {
    expect(await say('erin', 'rm websky')).toBe(
      '⛔ "rm" needs the role operators: @ops-team has it. Ask one of them, or whoever runs this bot for the role.',
    );
    expect(audited).toMatchObject([
      {
        event: 'decided',
        outcome: 'deny',
        rule: 'no role',
        command: 'rm',
        targets: [{ kind: 'service', name: 'websky' }],
      },
    ]);
    expect(created).toEqual([]);
  });

  test('that only shows what it would do is everybody’s who may read, and needs no approval', async () => {
    expect(await say('erin', 'prune fedora-03')).toBe('taken');
    expect(created[0]?.approval).toBeUndefined();
    expect(await say('erin', 'prune fedora-03 --apply')).toContain('"prune" needs the role');
    expect(await say('alice', 'prune fedora-03')).toBe('taken');
    expect(created[1]?.approval).toBeUndefined();
    expect(await say('alice', 'prune fedora-03 --apply --reason full')).toBe('taken');
    expect(created[2]?.approval).toMatchObject({ quorum: 2 });
    expect(await say('a guest', 'prune fedora-03')).toContain('You are a guest here');
  });

  test('that a form opens for opens none for who may do nothing with it', async () => {
    expect(await say('a guest', 'stack deploy shop')).toContain('You are a guest here');
    expect(forms).toBe(0);
    await say('erin', 'stack deploy shop');
    expect(forms).toBe(1);
  });

  test('that goes on from a plan is decided by its stack', async () => {
    const plan = { stack: 'blog', source: { kind: 'pasted', text: '' }, prune: false, deadlineMs: 1000 };
    earlier('dave', 'stack deploy', plan, {});
    const found = kept.get('ab12cd34');
    if (!found) throw new Error('Nothing is kept.');
    found.request.result = { stack: 'blog', digest: 'd', basis: {}, services: [] };
    expect(await say('dave', 'stack apply ab12cd34')).toContain(
      'developers reaches staging-* and shop only: blog is not among them',
    );
    expect(await say('a guest', 'stack apply ab12cd34')).toContain('You are a guest here');
    expect(await say('alice', 'stack apply ab12cd34')).toBe('taken');
    expect(created).toMatchObject([{ targets: [{ kind: 'stack', name: 'blog' }], approval: { quorum: 1 } }]);
  });
});

describe('cancel', () => {
  test('ends what one has asked for oneself, whatever one may do now', async () => {
    earlier('erin', 'scale', SCALE('websky'), { phase: 'running' });
    await say('erin', 'cancel ab12cd34');
    expect(cancelled).toEqual(['ab12cd34']);
  });

  test('ends what others have asked for, where one may do the same', async () => {
    earlier('alice', 'scale', SCALE('staging-web'), { phase: 'running' });
    expect(await say('erin', 'cancel ab12cd34')).toContain('"scale" needs the role');
    expect(await say('a guest', 'cancel ab12cd34')).toContain('You are a guest here');
    expect(cancelled).toEqual([]);
    await say('dave', 'cancel ab12cd34');
    await say('carol', 'cancel ab12cd34');
    expect(cancelled).toHaveLength(2);
    earlier('alice', 'scale', SCALE('websky'), { phase: 'running' });
    expect(await say('dave', 'cancel ab12cd34')).toContain('websky is not among them');
    expect(cancelled).toHaveLength(2);
  });

  test('of one’s own is refused where cancelling itself is forbidden', async () => {
    earlier('petra', 'scale', SCALE('staging-web'), { phase: 'running' });
    for (const verb of ['cancel', 'retry'])
      expect(await say('petra', `${verb} ab12cd34`)).toContain(`"${verb}" is forbidden for you.`);
    expect([cancelled, created]).toEqual([[], []]);
    expect(await say('petra', 'help cancel')).toContain('"cancel" is forbidden for you.');
  });

  test('goes by what was signed, not by what stands beside it', async () => {
    earlier('alice', 'rm', { services: ['websky'], deadlineMs: 1000 }, { phase: 'running' });
    const found = kept.get('ab12cd34');
    if (!found) throw new Error('Nothing is kept.');
    Object.assign(found.request, {
      command: 'nodes',
      targets: [],
      requester: { id: PEOPLE.erin.id, name: 'erin', team: 'T1' },
    });
    expect(await say('erin', 'cancel ab12cd34')).toContain('"rm" needs the role operators');
    expect(cancelled).toEqual([]);
  });
});

describe('words', () => {
  test('that are more than a title holds are all there for those who approve it', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `a-service-with-a-long-name-${at}`);
    expect(await say('alice', `rm ${names.join(' ')}`)).toBe('taken');
    expect(created[0]?.title).toMatch(/^rm a-service-with-a-long-name-0 .*…$/);
    expect(created[0]?.whole).toBe(`rm ${names.join(' ')}`);
    expect(created[0]?.whole).toContain('name-19');
  });

  test('that look like a secret are kept nowhere, neither in a command nor in a reason', async () => {
    const token = 'SWMTKN-1-0123456789abcdefghij-klmnop';
    const slack = ['xoxb', '123456789012', 'abcdefghijkl'].join('-');
    expect(await say('alice', `rm websky --reason "the token ${token} and ${slack} leaked"`)).toBe('taken');
    expect(created[0]?.reason).toBe('the token SWMTKN-[secret] and [secret] leaked');
    expect(await say('alice', `update websky --label-add "api_token=${slack}"`)).toBe('taken');
    expect(created[1]?.title).toContain('[secret]');
    expect(JSON.stringify([created, audited])).not.toMatch(/0123456789abcdefghij|abcdefghijkl/);
  });

  test('with quotes in them show where they end', async () => {
    expect(await say('alice', `update websky --label-add 'note=a" --replicas "9'`)).toBe('taken');
    expect(created[0]?.title).toBe('update websky --label-add "note=a\\" --replicas \\"9"');
  });
});

describe('retry', () => {
  test('takes no reason of somebody else, nor an old one for going on at once', async () => {
    earlier('alice', 'rm', { services: ['websky'], deadlineMs: 1000 }, { reason: 'it is on fire' });
    expect(await say('alice', 'retry ab12cd34')).toBe('taken');
    expect(created[0]?.reason).toBe('it is on fire');
    earlier('carol', 'rm', { services: ['websky'], deadlineMs: 1000 }, { reason: 'it is on fire' });
    expect(await say('alice', 'retry ab12cd34')).toBe('taken');
    expect(created[1]?.reason).toBeUndefined();
    expect(created[1]?.requester.id).toBe(PEOPLE.alice.id);
  });

  test('is decided as the command itself, with what it was about', async () => {
    earlier('alice', 'scale', SCALE('staging-web'));
    expect(await say('erin', 'retry ab12cd34')).toContain('"scale" needs the role');
    expect(await say('dave', 'retry ab12cd34')).toBe('taken');
    earlier('alice', 'scale', SCALE('websky'));
    expect(await say('dave', 'retry ab12cd34')).toContain('websky is not among them');
    expect(created).toHaveLength(1);
  });

  test('asks for an approval again, and does what was signed', async () => {
    earlier('alice', 'rm', { services: ['websky'], deadlineMs: 1000 });
    const found = kept.get('ab12cd34');
    if (!found) throw new Error('Nothing is kept.');
    found.request.command = 'restart';
    expect(await say('alice', 'retry ab12cd34')).toBe('taken');
    expect(created).toMatchObject([{ command: 'rm', title: 'rm of alice', approval: { quorum: 1 } }]);
  });

  test('of one’s own is refused when one may do it no more', async () => {
    earlier('erin', 'scale', SCALE('websky'));
    expect(await say('erin', 'retry ab12cd34')).toContain('"scale" needs the role');
  });
});

describe('help', () => {
  const helpOf = async (who: Who, about = '', channel = OPS) => await say(who, `help ${about}`, channel);

  test('shows an operator everything, and marks what needs an approval', async () => {
    const text = await helpOf('alice');
    for (const { name, summary } of commands) expect(text).toContain(`\`/swarm ${name}\`  ${summary}`);
    expect(text).toMatch(/`\/swarm join` .* ✋$/m);
    expect(text).toMatch(/`\/swarm scale` .*wait until they run$/m);
    expect(text).toContain('✋ after an approval');
    expect(text).toContain('`--reason "..."` behind a command tells those who approve it why.');
    expect(await helpOf('carol')).toContain(
      'why; with `--now` as well it goes on at once, and is announced.',
    );
    expect(text).not.toContain('Not for you here');
    expect(text).not.toContain('👀');
  });

  test('shows a reader what they may read, and names the rest in one line', async () => {
    const text = await helpOf('erin');
    expect(text).toMatch(/`\/swarm nodes` /);
    expect(text).not.toMatch(/`\/swarm scale`  Set/);
    expect(text).toMatch(/`\/swarm prune` .* 👀$/m);
    expect(text).toContain('👀 only to see what it would do');
    expect(text).toMatch(
      /Not for you here: rotate, join, leave, .*scale.*\. `\/swarm help rotate` says why, and whom to ask\./,
    );
    expect(text).not.toContain('✋');
  });

  test('marks what somebody may do to some things only', async () => {
    const text = await helpOf('dave');
    expect(text).toMatch(/`\/swarm scale` .* 🎯$/m);
    expect(text).toMatch(/`\/swarm join` .* ✋  🎯$/m);
    // Who the managers are is about the whole swarm.
    expect(text).toMatch(/Not for you here: rotate, promote, demote, /);
    expect(text).toContain('🎯 only `staging-*` and `shop`');
    // Another role of theirs lets them do it to everything, but in that channel alone.
    expect(text).toMatch(/`\/swarm prune` .* ✋$/m);
    expect(await helpOf('dave', '', RANDOM)).toMatch(/`\/swarm prune` .* 👀$/m);
  });

  test('is not for those who may nothing', async () => {
    expect(await helpOf('a guest')).toMatch(/^⛔ You are a guest here, and "help" is for full members/);
    expect(await helpOf('paul')).toContain('`/swarm status`');
  });

  test.each<[Who, string, string]>([
    [
      'alice',
      'join',
      '✋ You may use it here, once somebody else approves it: @ops-team may. `--reason "..."` tells them why.',
    ],
    [
      'carol',
      'drain',
      '✋ You may use it here, once somebody else approves it: @ops-team or @carol may. `--reason "..."` tells them why. In an emergency `/swarm drain ... --now --reason "..."` goes on at once, and is announced.',
    ],
    [
      'alice',
      'prune',
      '✋ You may use it here, once 2 others approve it: @ops-team may. Say why: `--reason "..."`. To see what it would do needs no approval.',
    ],
    ['erin', 'nodes', '✅ You may use it here.'],
    ['dave', 'scale', '✅ You may use it here on staging-* and shop only.'],
    [
      'erin',
      'join',
      '⛔ "join" needs the role operators (@ops-team), oncall (@carol) or developers (@U00000DAVE and @U0000PETRA). Ask one',
    ],
    [
      'erin',
      'prune',
      '👀 You may look at what it would do. To do it: "prune" needs the role operators (@ops-team) or cleaners (@U00000DAVE).',
    ],
    [
      'erin',
      'cancel',
      '✅ You may use it here; whether for a certain request depends on what that is about, and on who asked for it.',
    ],
  ])('says to %s about %s whether they may', async (who, about, expected) => {
    expect(await helpOf(who, about)).toContain(expected);
  });

  test('fits into a message for everybody', async () => {
    for (const who of ['alice', 'carol', 'dave', 'erin', 'paul'] as const) {
      const body = await accept(
        {
          text: 'help',
          slash: '/swarm',
          actor: { ...PEOPLE[who], team: 'T1' },
          channel: OPS,
          deliveryId: who,
        },
        desk,
      );
      expect(body && objections(body)).toEqual([]);
    }
  });
});
