/** Process 1: holds the Slack tokens, never touches Docker or SSH. Takes commands, shows cards. */
import { commands, topics } from './commands/index.ts';
import { readBotConfig } from './config.ts';
import { createLog } from './log.ts';
import { cancelRequest } from './queue/cancel.ts';
import { Outbox } from './queue/outbox.ts';
import { openSharedState } from './queue/open.ts';
import { key } from './queue/redis.ts';
import { runProcess } from './process.ts';
import { createSlackSide } from './slack/app.ts';
import { deliverer } from './slack/deliver.ts';
import { startUntilUp } from './slack/start.ts';

await runProcess(async () => {
  const config = readBotConfig(process.env);
  const log = createLog('bot', config.logLevel);
  const shared = await openSharedState(config.redisUrl, log);
  const { redis, store, queue } = shared;
  const outbox = new Outbox(redis, {
    updatesPerMinute: config.slack.updatesPerMinute,
    burst: Math.max(2, Math.round(config.slack.updatesPerMinute / 3)),
  });

  const slack = createSlackSide(
    config.slack,
    {
      commands,
      topics,
      facts: { hosts: config.swarm.hosts.map(({ name }) => name), limits: config.swarm.limits },
      store,
      secret: config.secret,
      answers: {
        requests: {
          list: (options) => store.list(options),
          read: async (id) => (await store.read(id))?.request,
        },
        cancel: (id, actor) => cancelRequest(id, actor.name, { redis, store, queue }),
      },
    },
    log,
    () => outbox.kick(),
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
      await slack.stop();
      await outbox.close();
      wakes.disconnect();
      await shared.close();
    },
  };
});
