/** The bot without its network: Bolt, the desk and the commands as they are, a real Redis; Slack's side is in this process. */
import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { findViewErrors } from '../../demo/slack/blocks/validate.ts';
import type { Fields } from '../../demo/slack/json.ts';
import { openReader } from '../../src/audit/reader.ts';
import { OWED, type Owed } from '../../src/audit/owed.ts';
import type { AuditEvent, AuditLog } from '../../src/audit/record.ts';
import type { Body } from '../../src/cards/body.ts';
import { commands, topics } from '../../src/commands/index.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { cancelRequest } from '../../src/queue/cancel.ts';
import type { SignedText } from '../../src/queue/envelope.ts';
import type { Request } from '../../src/queue/request.ts';
import { RequestStore, type Shown } from '../../src/queue/store.ts';
import { openWorkQueue, type WorkQueue } from '../../src/queue/work.ts';
import { Secret } from '../../src/secret.ts';
import type { Desk } from '../../src/slack/desk.ts';
import type { BotConfig } from '../../src/config.ts';
import { createClient, createSlackSide } from '../../src/slack/app.ts';
import { onDirectoryEvents } from '../../src/slack/directory-events.ts';
import { openDirectory } from '../../src/slack/directory.ts';
import { objections } from '../cards/slack-takes.ts';
import { ownRedis } from '../queue/redis.ts';
import { secret } from '../queue/request.ts';
import { FACTS, personOf, POLICIES } from './cast.ts';
import type { Case } from './payloads.ts';

/** What came of one case. */
export interface Trace {
  sent: Case;
  /** What the bot acknowledged it with. */
  acks: unknown[];
  /** What it said to the person afterwards. */
  answers: Body[];
  /** Forms that it opened. */
  forms: Fields[];
  /** What the audit was told, before anything that follows from it. */
  audit: AuditEvent[];
  /** What was put on record as a request. */
  created: { request: Request; envelope: SignedText; after: number }[];
  /** What the log calls an error. */
  errors: string[];
  /** It took longer than Slack waits, as it may on a busy machine. */
  late: boolean;
  /** What Bolt itself could not bear; its receivers catch that. */
  rejected: unknown;
}

export interface FuzzSystem {
  redis: Awaited<ReturnType<typeof ownRedis>>['redis'];
  store: RequestStore;
  queue: WorkQueue;
  /** What happened outside of any case: nothing should. */
  strays: string[];
  setPolicy: (policy: Policy) => void;
  /** Resolves when the bot has asked Redis for nothing for a second. What it was late with goes on behind its answer. */
  quiet: () => Promise<void>;
  send: (sent: Case) => Promise<Trace>;
  stop: () => Promise<void>;
}

/** `breakIt`: what a test changes of the desk, to see that the fuzz would find it. */
export async function startFuzzSystem(breakIt: (desk: Desk) => Desk = (desk) => desk): Promise<FuzzSystem> {
  const { redis, stop } = await ownRedis();
  // Nothing here outlives a batch.
  await redis.config('SET', 'appendonly', 'no');
  await redis.client('SETNAME', 'bot');
  const observer = redis.duplicate();
  const traces = new AsyncLocalStorage<Trace>();
  const strays: string[] = [];
  const here = (what: string): Trace | undefined => {
    const trace = traces.getStore();
    if (!trace) strays.push(what);
    return trace;
  };

  class WatchedStore extends RequestStore {
    override async create(request: Request, envelope: SignedText): Promise<boolean> {
      const trace = here(`request ${request.id} was created`);
      trace?.created.push({ request, envelope, after: trace.audit.length });
      return await super.create(request, envelope);
    }

    override async change(
      seen: Pick<Shown, 'version'>,
      request: Request,
      envelope?: SignedText,
      owed?: Owed,
    ): ReturnType<RequestStore['change']> {
      const done = await super.change(seen, request, envelope, owed);
      if (done === 'written' && owed) here(`audit: ${owed.event.event}`)?.audit.push(owed.event);
      return done;
    }
  }
  const store = new WatchedStore(redis, secret);
  const queue = openWorkQueue(redis);
  await queue.waitUntilReady();
  const write = (text: string): void => {
    const trace = here(`log: ${text}`);
    if (trace && text.includes('Redis did not answer in time')) trace.late = true;
    else trace?.errors.push(text);
  };
  const log = pino({ level: 'error' }, { write });

  const audit: AuditLog = {
    append: (event) => {
      here(`audit: ${event.event}`)?.audit.push(event);
      return Promise.resolve();
    },
    // Nobody else is owed anything: what a case owes was told when its state changed.
    settle: async () => void (await redis.del(OWED)),
  };

  let policy = POLICIES.nobody;
  const desk: Desk = breakIt({
    commands,
    topics,
    facts: FACTS,
    store,
    secret,
    // Another one for each round: the desk is opened once.
    get policy() {
      return policy;
    },
    person: (actor) => Promise.resolve(personOf(actor)),
    whom: () => Promise.resolve(''),
    audit,
    answers: {
      requests: {
        list: (options) => store.list(options),
        read: async (id) => (await store.read(id))?.request,
      },
      audit: openReader(redis, secret),
      sendFile: () => Promise.resolve(),
      cancel: (id, actor) => cancelRequest(id, actor, { redis, store, queue, audit, secret }),
    },
  });

  const ownFetch = globalThis.fetch;
  globalThis.fetch = (async (address: string, { body }: RequestInit) => {
    const trace = here(`call of ${address}`);
    if (address.endsWith('/respond')) {
      trace?.answers.push(JSON.parse(body as string) as Body);
      return new Response('ok');
    }
    if (address.endsWith('auth.test')) {
      strays.pop();
      return Response.json({ ok: true, bot_id: 'B1', user_id: 'U0BOT', team_id: 'T1' });
    }
    if (address.endsWith('views.open')) {
      const view = JSON.parse(new URLSearchParams(body as string).get('view') ?? '') as Fields;
      trace?.forms.push(view);
      return Response.json({ ok: true, view: { id: 'V1', hash: '1' } });
    }
    if (address.endsWith('users.info'))
      return Response.json({ ok: true, user: { id: 'U0ALICE', team_id: 'T1' } });
    if (address.endsWith('usergroups.list')) return Response.json({ ok: true, usergroups: [] });
    trace?.errors.push(`nobody expected a call of ${address}`);
    return Response.json({ ok: false, error: 'unknown_method' });
  }) as typeof fetch;

  let app: App | undefined;
  const receiver: Receiver = {
    init: (given) => void (app = given),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const settings: BotConfig['slack'] = {
    botToken: new Secret('xoxb-of-this-test'),
    apiUrl: 'https://slack.example/api/',
    updatesPerMinute: 50,
    receive: { kind: 'http', signingSecret: new Secret('of this test'), port: 0 },
  };
  const side = createSlackSide(settings, desk, log, () => undefined, receiver);
  const directory = openDirectory({ client: createClient(settings, log), policy: POLICIES.team, log });
  onDirectoryEvents(side.events, directory, (news) => Promise.resolve(directory.hear(news)));
  await side.start();

  return {
    redis,
    // Not watched: what the test itself puts there is no stray.
    store: new RequestStore(redis, secret),
    queue,
    strays,
    setPolicy: (given) => void (policy = given),
    quiet: async () => {
      for (let tries = 0; tries < 300; tries += 1) {
        const clients = String(await observer.client('LIST')).split('\n');
        const idle = /\bidle=(\d+)/.exec(clients.find((client) => client.includes('name=bot ')) ?? '')?.[1];
        if (Number(idle) >= 1) return;
        await sleep(100);
      }
      throw new Error('The bot has not ended what it was late with for half a minute.');
    },
    send: async (sent) => {
      const trace: Trace = {
        sent,
        acks: [],
        answers: [],
        forms: [],
        audit: [],
        created: [],
        errors: [],
        late: false,
        rejected: undefined,
      };
      const ack: ReceiverEvent['ack'] = (answer?: unknown) => {
        trace.acks.push(answer);
        return Promise.resolve();
      };
      await traces.run(trace, async () => {
        try {
          await app?.processEvent({ body: sent.body, ack });
        } catch (error) {
          trace.rejected = error;
        }
      });
      return trace;
    },
    stop: async () => {
      globalThis.fetch = ownFetch;
      await side.stop();
      observer.disconnect();
      await queue.close();
      await stop();
    },
  };
}

/** People and channels that the bot may name of its own: those of the tests' cast. No line that is sent has them. */
const CAST = /<([@#][UC]0[A-Z]{1,10})>/g;

/** What Slack would find wrong with what the bot said to somebody, or showed to all. */
export function unfit(body: Body): string[] {
  return objections(JSON.parse(JSON.stringify(body).replaceAll(CAST, '$1')) as Body);
}

/** What Slack would find wrong with a form. */
export function unfitForm(view: Fields): string[] {
  return findViewErrors(view, 'modal', () => false);
}
