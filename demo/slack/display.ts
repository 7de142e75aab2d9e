import type { InstalledApp } from './app.ts';
import { TEAM } from './app.ts';
import type { Fields } from './json.ts';
import { isFields, stringOf, textOf } from './json.ts';
import type {
  PageBlock,
  PageChannel,
  PageFile,
  PageMessage,
  PageState,
  PageUser,
  PageView,
} from './page-api.ts';
import type { StoredView, Views } from './views.ts';
import type { Channel, Person, StoredFile, StoredMessage, Workspace } from './workspace.ts';

/** A message as displayed, with the metadata that only the app sees. */
export type Message = PageMessage & { metadata?: Fields };

export function isVisible(message: StoredMessage, user: string | undefined): boolean {
  return message.ephemeralFor === undefined || user === undefined || message.ephemeralFor === user;
}

function showUser({ id, name, real_name, color, is_bot }: Person): PageUser {
  return { id, name, real_name, color, is_bot };
}

function showFile(file: StoredFile): PageFile {
  const { id, name, title, mimetype, filetype } = file;
  return {
    id,
    name,
    title,
    mimetype,
    filetype,
    size: file.bytes.length,
    url: `/files/${id}/${encodeURIComponent(name)}`,
  };
}

/** Pictures given as `slack_file` get the address under which the page can load them. */
function showBlocks(blocks: Fields[], workspace: Workspace): PageBlock[] {
  const show = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(show);
    if (!isFields(value)) return value;
    const shown = Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, show(entry)]));
    const reference = isFields(value['slack_file'])
      ? (value['slack_file']['id'] ?? value['slack_file']['url'])
      : undefined;
    const file = [...workspace.files.values()].find(
      (one) => typeof reference === 'string' && (one.id === reference || reference.includes(`/${one.id}/`)),
    );
    return file ? { ...shown, image_url: showFile(file).url } : shown;
  };
  return show(blocks) as PageBlock[];
}

export function showMessage(message: StoredMessage, workspace: Workspace): PageMessage {
  const replies = workspace.replies(message);
  return {
    channel: message.channel,
    ts: message.ts,
    ...(message.threadTs ? { thread_ts: message.threadTs, broadcast: message.broadcast } : {}),
    user: message.user,
    text: message.text,
    blocks: showBlocks(message.blocks, workspace),
    files: message.files.map(showFile),
    ephemeral: message.ephemeralFor !== undefined,
    edited: message.editedTs !== undefined,
    ...(replies.length > 0
      ? {
          thread_ts: message.ts,
          reply_count: replies.length,
          reply_users: [...new Set(replies.map((reply) => reply.user))],
          latest_reply: replies.at(-1)?.ts ?? message.ts,
        }
      : {}),
    reactions: [...message.reactions].map(([name, users]) => ({ name, users })),
  };
}

export function showChannel(channel: Channel, user: string, workspace: Workspace): PageChannel {
  const { id, name, topic, is_im, members } = channel;
  return {
    id,
    name,
    topic,
    is_im,
    ...(channel.user ? { user: [...members].find((member) => member !== user) ?? channel.user } : {}),
    members: [...members],
    unread: workspace.unread(channel, user),
  };
}

export function showView(view: StoredView, workspace: Workspace): PageView {
  const { content } = view;
  return {
    id: view.id,
    type: view.type,
    hash: view.hash,
    title: textOf(content['title']),
    ...(content['submit'] ? { submit: textOf(content['submit']) } : {}),
    ...(content['close'] ? { close: textOf(content['close']) } : {}),
    clear_on_close: content['clear_on_close'] === true,
    callback_id: stringOf(content['callback_id']) ?? '',
    blocks: showBlocks(content.blocks, workspace),
  };
}

/** Everything that one person's client shows. */
export function showState(person: Person, app: InstalledApp, workspace: Workspace, views: Views): PageState {
  const mine = [...workspace.channels.values()].filter((channel) => channel.members.has(person.id));
  const home = views.home(person.id);
  return {
    me: showUser(person),
    team: TEAM,
    app: { id: app.id, name: app.name, bot_user: app.botUserId },
    commands: app.commands.map(({ command, description, usage_hint }) => ({
      command,
      description,
      usage_hint,
    })),
    users: [...workspace.people.values()].map(showUser),
    usergroups: [...workspace.usergroups.values()],
    channels: mine.filter((one) => !one.is_im).map((one) => showChannel(one, person.id, workspace)),
    dms: mine.filter((one) => one.is_im).map((one) => showChannel(one, person.id, workspace)),
    messages: Object.fromEntries(
      mine.map((channel) => [
        channel.id,
        channel.messages
          .filter((message) => isVisible(message, person.id))
          .map((message) => showMessage(message, workspace)),
      ]),
    ),
    home: home ? showView(home, workspace) : null,
    modals: views.stack(person.id).map((view) => showView(view, workspace)),
  };
}
