import type { Channel } from '../workspace.ts';
import type { ApiContext } from './method.ts';
import { ApiError } from './error.ts';

/** A channel that the app may know of, by id. Throws channel_not_found, also for private ones that it is not in. */
export function channelById(id: string, { workspace, app }: ApiContext): Channel {
  const channel = workspace.channels.get(id);
  const hidden = (channel?.is_private || channel?.is_im) && !channel.members.has(app.botUserId);
  if (!channel || hidden) throw new ApiError('channel_not_found');
  return channel;
}

export function mustBeMember(channel: Channel, { app }: ApiContext): void {
  if (!channel.members.has(app.botUserId)) throw new ApiError('not_in_channel');
}

/** Where a message can go: a channel's id or name that the bot is in, or a person's id for the direct conversation. */
export function postableChannel(target: string, context: ApiContext): Channel {
  const { workspace, app } = context;
  const person = workspace.people.get(target);
  if (person && !person.is_bot) return workspace.directChannel(person.id, app.botUserId).channel;
  const named = target.startsWith('@') ? undefined : workspace.findChannel(target);
  const channel = channelById(named?.id ?? target, context);
  mustBeMember(channel, context);
  return channel;
}
