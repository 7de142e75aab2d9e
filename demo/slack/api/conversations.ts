import type { Fields } from '../json.ts';
import type { Channel, StoredMessage } from '../workspace.ts';
import { channelById, mustBeMember } from './channels.ts';
import { apiMessage } from './message.ts';
import type { ApiContext, ApiMethod, Args } from './method.ts';
import { ApiError } from './error.ts';
import { page } from './method.ts';

function apiChannel(channel: Channel, { app }: ApiContext): Fields {
  const common = { id: channel.id, created: 1_700_000_000, is_archived: false, is_im: channel.is_im };
  if (channel.is_im) return { ...common, user: channel.user, is_user_deleted: false };
  return {
    ...common,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !channel.is_private,
    is_group: channel.is_private,
    is_private: channel.is_private,
    is_mpim: false,
    is_member: channel.members.has(app.botUserId),
    num_members: channel.members.size,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}

const kind = (channel: Channel | undefined): string => {
  if (channel?.is_im) return 'im';
  return channel?.is_private ? 'groups' : 'channels';
};

/** The scope for the kind of conversation that the call names. */
const scopeFor =
  (right: 'history' | 'read') =>
  (args: Args, { workspace }: ApiContext): string[] => [
    `${kind(workspace.channels.get(args.text('channel') ?? ''))}:${right}`,
  ];

const anyRead = (): string[] => ['channels:read', 'groups:read', 'mpim:read', 'im:read'];

/** Messages between `oldest` and `latest`, newest first, each end left out unless `inclusive`. */
function within(messages: StoredMessage[], args: Args): StoredMessage[] {
  const oldest = Number(args.text('oldest') ?? 0);
  const latest = Number(args.text('latest') ?? Infinity);
  const inclusive = args.flag('inclusive');
  return messages.filter((message) => {
    const ts = Number(message.ts);
    return inclusive ? ts >= oldest && ts <= latest : ts > oldest && ts < latest;
  });
}

const history: ApiMethod = {
  token: 'bot',
  tier: 3,
  scopes: scopeFor('history'),
  run(args, context): Fields {
    const channel = channelById(args.required('channel'), context);
    mustBeMember(channel, context);
    const visible = channel.messages.filter(
      (message) => !message.ephemeralFor && (message.threadTs === undefined || message.broadcast),
    );
    const { items, metadata } = page(within(visible, args).toReversed(), args);
    return {
      messages: items.map((message) =>
        apiMessage(message, context, { metadata: args.flag('include_all_metadata') }),
      ),
      has_more: metadata.next_cursor !== '',
      pin_count: 0,
      response_metadata: metadata,
    };
  },
};

const replies: ApiMethod = {
  token: 'bot',
  tier: 3,
  scopes: scopeFor('history'),
  run(args, context): Fields {
    const channel = channelById(args.required('channel'), context);
    mustBeMember(channel, context);
    const first = context.workspace.message(channel.id, args.required('ts'));
    if (!first || first.ephemeralFor) throw new ApiError('thread_not_found');
    const parent = first.threadTs ? context.workspace.message(channel.id, first.threadTs) : first;
    const thread = parent ? [parent, ...within(context.workspace.replies(parent), args)] : [first];
    const { items, metadata } = page(thread, args);
    return {
      messages: items.map((message) =>
        apiMessage(message, context, { metadata: args.flag('include_all_metadata') }),
      ),
      has_more: metadata.next_cursor !== '',
      response_metadata: metadata,
    };
  },
};

const open: ApiMethod = {
  token: 'bot',
  tier: 3,
  scopes: (args) => ((args.text('users') ?? '').includes(',') ? ['mpim:write'] : ['im:write']),
  run(args, context): Fields {
    const { workspace, app } = context;
    const named = args.text('channel');
    if (named) return { channel: apiChannel(channelById(named, context), context) };
    const users = args.text('users');
    if (!users) throw new ApiError('users_list_not_supplied');
    const person = workspace.people.get(users);
    if (!person) throw new ApiError('user_not_found');
    if (person.is_bot) throw new ApiError('cannot_dm_bot');
    const { channel, existed } = workspace.directChannel(person.id, app.botUserId);
    const full = args.flag('return_im') ? apiChannel(channel, context) : { id: channel.id };
    return { channel: full, ...(existed ? { no_op: true, already_open: true } : {}) };
  },
};

const list: ApiMethod = {
  token: 'bot',
  tier: 2,
  scopes: anyRead,
  run(args, context): Fields {
    const types = (args.text('types') ?? 'public_channel').split(',');
    const wanted = [...context.workspace.channels.values()].filter((channel) => {
      if (channel.is_im) return types.includes('im');
      if (channel.is_private)
        return types.includes('private_channel') && channel.members.has(context.app.botUserId);
      return types.includes('public_channel');
    });
    const { items, metadata } = page(wanted, args);
    return { channels: items.map((channel) => apiChannel(channel, context)), response_metadata: metadata };
  },
};

const info: ApiMethod = {
  token: 'bot',
  tier: 3,
  scopes: scopeFor('read'),
  run: (args, context) => ({ channel: apiChannel(channelById(args.required('channel'), context), context) }),
};

const members: ApiMethod = {
  token: 'bot',
  tier: 4,
  scopes: scopeFor('read'),
  run(args, context): Fields {
    const { items, metadata } = page([...channelById(args.required('channel'), context).members], args);
    return { members: items, response_metadata: metadata };
  },
};

const join: ApiMethod = {
  token: 'bot',
  tier: 3,
  scopes: () => ['channels:join'],
  run(args, context): Fields {
    const channel = channelById(args.required('channel'), context);
    if (channel.is_im || channel.is_private) throw new ApiError('method_not_supported_for_channel_type');
    const already = channel.members.has(context.app.botUserId);
    channel.members.add(context.app.botUserId);
    return { channel: apiChannel(channel, context), ...(already ? { warning: 'already_in_channel' } : {}) };
  },
};

export const conversationMethods: Record<string, ApiMethod> = {
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.open': open,
  'conversations.list': list,
  'conversations.info': info,
  'conversations.members': members,
  'conversations.join': join,
};
