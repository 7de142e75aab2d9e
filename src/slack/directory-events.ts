/** Slack tells of changed people and user groups: what is remembered of them is asked anew at once, by all copies of the bot. */
import type { App } from '@slack/bolt';
import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Log } from '../log.ts';
import { key } from '../queue/redis.ts';
import type { Directory, DirectoryEvent, News } from './directory.ts';

/** Slack gives each event to one copy of the bot; the others hear of it here. */
export const NEWS_CHANNEL = key('directory-news');

/** `tell` reaches every copy, this one as well. */
export function onDirectoryEvents(
  app: Pick<App, 'event'>,
  directory: Pick<Directory, 'newsOf'>,
  tell: (news: News) => Promise<void>,
): void {
  const take = async (event: DirectoryEvent): Promise<void> => {
    const news = await directory.newsOf(event);
    if (news) await tell(news);
  };
  app.event('user_change', ({ event }) => take(event));
  app.event('subteam_created', ({ event }) => take(event));
  app.event('subteam_updated', ({ event }) => take(event));
  app.event('subteam_members_changed', ({ event }) => take(event));
}

/** News between the copies of the bot. */
export function shareNews(directory: Pick<Directory, 'hear'>, redis: Redis, log: Log) {
  const self = randomUUID();
  return {
    /** Tells this copy's directory at once, also while Redis is away, and all others through Redis. Never throws. */
    tell: async (news: News): Promise<void> => {
      directory.hear(news);
      await redis.publish(NEWS_CHANNEL, JSON.stringify({ from: self, news })).catch((error: unknown) => {
        log.warn({ err: error }, 'other copies of the bot do not hear that somebody has changed in Slack');
      });
    },
    /** A message of NEWS_CHANNEL. It makes the directory ask Slack, and nothing else: whoever writes there gains no right. */
    heard: (message: string): void => {
      const said = newsMessage.safeParse(parseJson(message));
      if (said.success && said.data.from !== self) directory.hear(said.data.news);
    },
  };
}

const newsMessage = z.object({
  from: z.string(),
  news: z.union([
    z.object({
      person: z.string(),
      standing: z.object({
        kind: z.enum(['member', 'guest', 'external', 'bot', 'unknown']),
        ids: z.array(z.string()),
      }),
    }),
    z.object({ groups: z.array(z.string()) }),
  ]),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
