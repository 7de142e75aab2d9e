import { newId, newTs } from './ids.ts';
import type { Fields } from './json.ts';

export interface Person {
  id: string;
  name: string;
  real_name: string;
  /** Of the avatar, as CSS. */
  color: string;
  is_bot: boolean;
  /** Absent: a full member. */
  guest?: 'single-channel' | 'multi-channel';
  /** The workspace of a person who is here only in shared channels. Absent: this one. */
  team?: string;
  /** The account is deactivated. */
  deleted?: boolean;
  /** Seconds since 1970. */
  updated?: number;
}

export interface Usergroup {
  id: string;
  handle: string;
  name: string;
  users: string[];
  /** Since when it is disabled, in seconds since 1970. */
  disabled?: number;
  /** Seconds since 1970. */
  updated?: number;
}

export interface Channel {
  id: string;
  name: string;
  topic: string;
  is_im: boolean;
  is_private: boolean;
  members: Set<string>;
  /** The person of a direct conversation with the bot. */
  user?: string;
  messages: StoredMessage[];
  /** The ts of a thread's first message to its replies. */
  threads: Map<string, StoredMessage[]>;
  /** User id to the ts of the newest message that this person has seen. */
  lastRead: Map<string, string>;
}

export interface StoredFile {
  id: string;
  name: string;
  title: string;
  mimetype: string;
  filetype: string;
  bytes: Buffer;
  user: string;
  created: number;
}

export interface StoredMessage {
  channel: string;
  ts: string;
  user: string;
  text: string;
  blocks: Fields[];
  attachments: Fields[];
  files: StoredFile[];
  metadata?: Fields;
  threadTs?: string;
  broadcast: boolean;
  /** The only person who sees it. */
  ephemeralFor?: string;
  editedTs?: string;
  reactions: Map<string, string[]>;
}

export type Change =
  | { type: 'message_posted' | 'message_changed' | 'message_deleted'; message: StoredMessage }
  | { type: 'channel_changed'; channel: Channel; user: string }
  | { type: 'home_changed' | 'modals_changed'; user: string };

export type NewMessage = Pick<StoredMessage, 'channel' | 'user' | 'text'> & Partial<StoredMessage>;

export const SLACKBOT = 'USLACKBOT';

/** All that a Slack workspace remembers: people, channels, messages, files. Knows nothing of apps' rights or limits. */
export class Workspace {
  readonly people = new Map<string, Person>();
  readonly usergroups = new Map<string, Usergroup>();
  readonly channels = new Map<string, Channel>();
  readonly files = new Map<string, StoredFile>();
  readonly #listeners = new Set<(change: Change) => void>();

  /** Calls the listener after every change, in order. Returns the function that ends it. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  announce(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  addChannel(channel: Pick<Channel, 'name' | 'members'> & Partial<Channel>): Channel {
    const added: Channel = {
      id: newId(channel.is_im ? 'D' : 'C'),
      topic: '',
      is_im: false,
      is_private: false,
      messages: [],
      threads: new Map(),
      lastRead: new Map(),
      ...channel,
    };
    this.channels.set(added.id, added);
    return added;
  }

  /** The direct conversation between a person and the bot, made at first use. */
  directChannel(user: string, bot: string): { channel: Channel; existed: boolean } {
    const existing = [...this.channels.values()].find((channel) => channel.is_im && channel.user === user);
    if (existing) return { channel: existing, existed: true };
    const channel = this.addChannel({ name: '', is_im: true, user, members: new Set([user, bot]) });
    this.announce({ type: 'channel_changed', channel, user });
    return { channel, existed: false };
  }

  /** A person by id or name, with or without `@`. Throws when there is none. */
  person(idOrName: string): Person {
    const name = idOrName.replace(/^@/, '');
    const found = this.people.get(name) ?? [...this.people.values()].find((person) => person.name === name);
    if (!found) throw new Error(`There is no user ${idOrName} in this workspace.`);
    return found;
  }

  /** A channel by id or name, with or without `#`; `@alice` is her conversation with the bot. Throws when there is none. */
  channel(idOrName: string): Channel {
    const found = this.findChannel(idOrName);
    if (!found) throw new Error(`There is no channel ${idOrName} in this workspace.`);
    return found;
  }

  findChannel(idOrName: string): Channel | undefined {
    const name = idOrName.replace(/^#/, '');
    const all = [...this.channels.values()];
    if (idOrName.startsWith('@')) return all.find((channel) => channel.user === this.person(idOrName).id);
    return this.channels.get(name) ?? all.find((channel) => !channel.is_im && channel.name === name);
  }

  /** Whether somebody of another workspace is in no channel with the bot. */
  isStranger(person: Person, bot: string): boolean {
    if (person.team === undefined) return false;
    return ![...this.channels.values()].some(
      ({ members, is_im }) => !is_im && members.has(person.id) && members.has(bot),
    );
  }

  usergroupsByHandle(): Record<string, Usergroup> {
    return Object.fromEntries([...this.usergroups.values()].map((group) => [group.handle, group]));
  }

  post(message: NewMessage): StoredMessage {
    const { threadTs, ...rest } = message;
    const stored: StoredMessage = {
      ts: newTs(),
      blocks: [],
      attachments: [],
      files: [],
      broadcast: false,
      reactions: new Map(),
      ...rest,
    };
    const channel = this.channel(message.channel);
    // A reply to a reply belongs to the first message of the thread.
    const parent = threadTs === undefined ? undefined : this.message(channel.id, threadTs);
    if (threadTs !== undefined) stored.threadTs = parent?.threadTs ?? threadTs;
    channel.messages.push(stored);
    if (stored.threadTs)
      channel.threads.set(stored.threadTs, [...(channel.threads.get(stored.threadTs) ?? []), stored]);
    this.announce({ type: 'message_posted', message: stored });
    const first = stored.threadTs === undefined ? undefined : this.message(channel.id, stored.threadTs);
    if (first && !stored.ephemeralFor) this.announce({ type: 'message_changed', message: first });
    for (const user of channel.members) this.announce({ type: 'channel_changed', channel, user });
    return stored;
  }

  message(channelId: string, ts: string): StoredMessage | undefined {
    return this.channels.get(channelId)?.messages.findLast((message) => message.ts === ts);
  }

  changed(message: StoredMessage): void {
    this.announce({ type: 'message_changed', message });
  }

  remove(message: StoredMessage): void {
    const channel = this.channel(message.channel);
    channel.messages = channel.messages.filter((other) => other !== message);
    const thread = channel.threads.get(message.threadTs ?? '');
    if (thread)
      channel.threads.set(
        message.threadTs ?? '',
        thread.filter((other) => other !== message),
      );
    this.announce({ type: 'message_deleted', message });
  }

  /** Replies of a thread that everybody sees, oldest first. */
  replies(message: StoredMessage): StoredMessage[] {
    const thread = this.channels.get(message.channel)?.threads.get(message.ts) ?? [];
    return thread.filter((reply) => !reply.ephemeralFor);
  }

  unread(channel: Channel, user: string): number {
    const seen = channel.lastRead.get(user) ?? '';
    return channel.messages.filter(
      (message) => message.ts > seen && message.user !== user && (message.ephemeralFor ?? user) === user,
    ).length;
  }

  markRead(channel: Channel, user: string): void {
    channel.lastRead.set(user, channel.messages.at(-1)?.ts ?? newTs());
    this.announce({ type: 'channel_changed', channel, user });
  }
}
