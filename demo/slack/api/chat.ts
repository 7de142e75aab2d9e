import { applyContent, isEmpty, newContent, readContent } from '../content.ts';
import { newTs } from '../ids.ts';
import type { Fields } from '../json.ts';
import type { Channel, StoredMessage } from '../workspace.ts';
import { channelById, mustBeMember, postableChannel } from './channels.ts';
import { apiMessage } from './message.ts';
import type { ApiContext, ApiMethod, Args } from './method.ts';
import { ApiError } from './error.ts';

const write = (): string[] => ['chat:write'];
/** "Message text is too long. The text field cannot exceed 4,000 characters": stricter than for new messages. */
const MAX_UPDATE_TEXT = 4000;

function threadOf(args: Args, channel: Channel, context: ApiContext): { threadTs?: string } {
  const threadTs = args.text('thread_ts');
  if (threadTs === undefined) return {};
  if (!context.workspace.message(channel.id, threadTs)) throw new ApiError('thread_not_found');
  return { threadTs };
}

function ownMessage(args: Args, context: ApiContext, denied: string): StoredMessage {
  const channel = channelById(args.required('channel'), context);
  mustBeMember(channel, context);
  const message = context.workspace.message(channel.id, args.required('ts'));
  // An ephemeral message is no message to anything but its response_url.
  if (!message || message.ephemeralFor) throw new ApiError('message_not_found');
  if (message.user !== context.app.botUserId) throw new ApiError(denied);
  return message;
}

const postMessage: ApiMethod = {
  token: 'bot',
  tier: 'per-channel',
  scopes: write,
  limitedPer: (args) => args.text('channel') ?? '',
  run(args, context): Fields {
    const channel = postableChannel(args.required('channel'), context);
    const content = readContent(args.fields, context.fileExists);
    if (isEmpty(content)) throw new ApiError('no_text');
    const message = context.workspace.post({
      channel: channel.id,
      user: context.app.botUserId,
      ...newContent(content),
      ...threadOf(args, channel, context),
      broadcast: args.flag('reply_broadcast'),
    });
    return { channel: channel.id, ts: message.ts, message: apiMessage(message, context, { metadata: true }) };
  },
};

const update: ApiMethod = {
  token: 'bot',
  tier: 3,
  scopes: write,
  run(args, context): Fields {
    const message = ownMessage(args, context, 'cant_update_message');
    const content = readContent(args.fields, context.fileExists, MAX_UPDATE_TEXT);
    if (isEmpty(content)) throw new ApiError('no_text');
    applyContent(message, content, newTs());
    context.workspace.changed(message);
    const { channel, ts, text } = message;
    return { channel, ts, text, message: apiMessage(message, context, { metadata: true }) };
  },
};

const remove: ApiMethod = {
  token: 'bot',
  tier: 3,
  scopes: write,
  run(args, context): Fields {
    const message = ownMessage(args, context, 'cant_delete_message');
    context.workspace.remove(message);
    return { channel: message.channel, ts: message.ts };
  },
};

const postEphemeral: ApiMethod = {
  token: 'bot',
  tier: 4,
  scopes: write,
  run(args, context): Fields {
    const channel = postableChannel(args.required('channel'), context);
    const user = args.required('user');
    if (!context.workspace.people.has(user)) throw new ApiError('user_not_found');
    if (!channel.members.has(user)) throw new ApiError('user_not_in_channel');
    const content = readContent(args.fields, context.fileExists);
    if (isEmpty(content)) throw new ApiError('no_text');
    const message = context.workspace.post({
      channel: channel.id,
      user: context.app.botUserId,
      ...newContent(content),
      ...threadOf(args, channel, context),
      ephemeralFor: user,
    });
    return { message_ts: message.ts };
  },
};

const react: ApiMethod = {
  token: 'bot',
  tier: 3,
  scopes: () => ['reactions:write'],
  run(args, context): Fields {
    const channel = channelById(args.required('channel'), context);
    const message = context.workspace.message(channel.id, args.required('timestamp'));
    if (!message || message.ephemeralFor) throw new ApiError('message_not_found');
    const name = args.required('name');
    const users = message.reactions.get(name) ?? [];
    if (users.includes(context.app.botUserId)) throw new ApiError('already_reacted');
    message.reactions.set(name, [...users, context.app.botUserId]);
    context.workspace.changed(message);
    return {};
  },
};

export const chatMethods: Record<string, ApiMethod> = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.delete': remove,
  'chat.postEphemeral': postEphemeral,
  'reactions.add': react,
};
