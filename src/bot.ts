/** Process 1: holds the Slack tokens, never touches Docker or SSH. Takes commands, shows cards. */
import { configuration } from './audit/configuration.ts';
import { openAudit } from './audit/log.ts';
import { openReader } from './audit/reader.ts';
import { commands, topics } from './commands/index.ts';
import { readBotConfig } from './config.ts';
import { createLog } from './log.ts';
import { cancelRequest } from './queue/cancel.ts';
import { Copies } from './queue/copies.ts';
import { Outbox } from './queue/outbox.ts';
import { openSharedState } from './queue/open.ts';
import { key } from './queue/redis.ts';
import { runProcess } from './process.ts';
import type { Desk } from './slack/desk.ts';
import { askedFor, whomOf } from './slack/asked.ts';
import { createClient, createSlackSide } from './slack/app.ts';
import { expireDue } from './slack/approvals.ts';
import { deliverer, type Beside } from './slack/deliver.ts';
import { NEWS_CHANNEL, onDirectoryEvents, shareNews } from './slack/directory-events.ts';
import { openDirectory } from './slack/directory.ts';
import { linker } from './slack/links.ts';
import { fileSender } from './slack/send-file.ts';
import { startUntilUp } from './slack/start.ts';

/** How long a request may wait past its time before its card says so. */
const EXPIRY_LOOK_MS = 1000;

await runProcess(async () => {
  const config = readBotConfig(process.env);
  const log = createLog('bot', config.logLevel);
  const shared = await openSharedState(config.redisUrl, config.secret, log);
  const { redis, store, queue } = shared;
  const outbox = new Outbox(redis, {
    updatesPerMinute: config.slack.updatesPerMinute,
    burst: Math.max(2, Math.round(config.slack.updatesPerMinute / 3)),
  });

  const { policy, warnings } = config.swarm;
  for (const warning of warnings) log.warn(warning);
  const audit = openAudit(redis, config.secret, log, { lines: config.auditLog, ...config.swarm.audit });
  audit.append(configuration('bot', config.swarm)).catch(() => undefined);
  const directory = openDirectory({ client: createClient(config.slack, log), policy, log });
  const news = shareNews(directory, redis, log);
  const desk: Desk = {
    commands,
    topics,
    facts: { hosts: config.swarm.hosts.map(({ name }) => name), limits: config.swarm.limits },
    store,
    secret: config.secret,
    policy,
    person: (actor, how) => directory.person(actor, how),
    whom: (roles) => whomOf(roles, policy, directory),
    audit,
    answers: {
      requests: {
        list: (options) => store.list(options),
        read: async (id) => (await store.read(id))?.request,
      },
      audit: openReader(redis, config.secret),
      sendFile: fileSender(createClient(config.slack, log), log),
      cancel: (id, actor) => cancelRequest(id, actor, { redis, store, queue, audit, secret: config.secret }),
    },
  };
  const slack = createSlackSide(config.slack, desk, log, () => outbox.kick());
  onDirectoryEvents(slack.events, directory, news.tell);
  const expiring = setInterval(() => {
    expireDue(desk).catch((error: unknown) => log.warn({ err: error }, 'expiry'));
    audit.settle().catch((error: unknown) => log.warn({ err: error }, 'the audit is owed a record'));
  }, EXPIRY_LOOK_MS);

  const beside: Beside = {
    copies: new Copies(redis),
    asked: (request) => askedFor(request, desk, directory),
    alerts: config.swarm.channels.alerts,
    linkTo: linker(slack.cards, log),
  };

  const wakes = redis.duplicate();
  wakes.on('error', (error: Error) => log.warn({ err: { message: error.message } }, 'redis'));
  wakes.on('message', (channel, message) => {
    if (channel === NEWS_CHANNEL) news.heard(message);
    else outbox.kick();
  });
  await wakes.subscribe(key('outbox-wake'), NEWS_CHANNEL);
  outbox.start(deliverer({ store, queue, client: slack.cards, commands, beside, log }), (error, id) =>
    log.warn({ err: error, request: id }, 'a card waits'),
  );
  const stopStarting = new AbortController();
  const started = startUntilUp(() => slack.start(), log, stopStarting.signal);
  void directory.warm();

  return {
    log,
    started,
    close: async () => {
      stopStarting.abort();
      clearInterval(expiring);
      await slack.stop();
      await outbox.close();
      wakes.disconnect();
      await audit.close();
      await shared.close();
    },
  };
});
