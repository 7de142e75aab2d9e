/** Process 1: holds the Slack tokens, never touches Docker or SSH. Takes commands, shows cards. */
import { openAudit } from './audit/log.ts';
import { commands, topics } from './commands/index.ts';
import { readBotConfig } from './config.ts';
import { createLog } from './log.ts';
import { cancelRequest } from './queue/cancel.ts';
import { Outbox } from './queue/outbox.ts';
import { openSharedState } from './queue/open.ts';
import { key } from './queue/redis.ts';
import { runProcess } from './process.ts';
import type { Desk } from './slack/accept.ts';
import { createClient, createSlackSide } from './slack/app.ts';
import { expireDue } from './slack/approvals.ts';
import { deliverer } from './slack/deliver.ts';
import { openDirectory } from './slack/directory.ts';
import { startUntilUp } from './slack/start.ts';

/** How long a request may wait past its time before its card says so. */
const EXPIRY_LOOK_MS = 1000;

await runProcess(async () => {
  const config = readBotConfig(process.env);
  const log = createLog('bot', config.logLevel);
  const shared = await openSharedState(config.redisUrl, log);
  const { redis, store, queue } = shared;
  const outbox = new Outbox(redis, {
    updatesPerMinute: config.slack.updatesPerMinute,
    burst: Math.max(2, Math.round(config.slack.updatesPerMinute / 3)),
  });

  const { policy } = config.swarm;
  const audit = openAudit(redis, config.secret);
  const directory = openDirectory(createClient(config.slack, log), policy, log);
  const desk: Desk = {
    commands,
    topics,
    facts: { hosts: config.swarm.hosts.map(({ name }) => name), limits: config.swarm.limits },
    store,
    secret: config.secret,
    policy,
    person: (actor) => directory.person(actor),
    audit,
    answers: {
      requests: {
        list: (options) => store.list(options),
        read: async (id) => (await store.read(id))?.request,
      },
      cancel: (id, actor) => cancelRequest(id, actor.name, { redis, store, queue }),
    },
  };
  const slack = createSlackSide(config.slack, desk, log, () => outbox.kick());
  const expiring = setInterval(
    () => void expireDue(desk).catch((error: unknown) => log.warn({ err: error }, 'expiry')),
    EXPIRY_LOOK_MS,
  );

  const wakes = redis.duplicate();
  wakes.on('error', (error: Error) => log.warn({ err: { message: error.message } }, 'redis'));
  wakes.on('message', () => outbox.kick());
  await wakes.subscribe(key('outbox-wake'));
  outbox.start(deliverer({ store, queue, client: slack.cards, commands, log }), (error, id) =>
    log.warn({ err: error, request: id }, 'a card waits'),
  );
  const stopStarting = new AbortController();
  const started = startUntilUp(() => slack.start(), log, stopStarting.signal);

  return {
    log,
    started,
    close: async () => {
      stopStarting.abort();
      clearInterval(expiring);
      await slack.stop();
      await outbox.close();
      wakes.disconnect();
      await shared.close();
    },
  };
});
