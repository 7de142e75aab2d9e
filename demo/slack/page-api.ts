/**
 * The contract between the local Slack and its page in the browser.
 *
 * The page is served from `demo/page/` at `/`. Everything below is JSON over the same origin; requests whose
 * `Host` or `Origin` is another name than the server's own are refused with 403 (DNS rebinding), POSTs must have
 * `content-type: application/json`.
 *
 * | request | body | answer |
 * | --- | --- | --- |
 * | GET /page/state?as=USER | | `PageState` |
 * | GET /page/events?as=USER | | server-sent events; each `data:` is one `PageEvent` (no `event:` name, no replay) |
 * | POST /page/command | `{as, channel, text}` | `PageAnswer`, once the app acknowledged or 3 s passed |
 * | POST /page/message | `{as, channel, text, thread_ts?}` | `PageAnswer` |
 * | POST /page/action | `PageAction` | `PageAnswer` |
 * | POST /page/view/submit | `{as, view_id, values}` | `PageAnswer`, with `errors` by block_id if the app refused them |
 * | POST /page/view/close | `{as, view_id, clear_all?}` | `PageAnswer` |
 * | POST /page/suggest | `PageSuggest` | `{ok: true, options?, option_groups?}` or a refusal |
 * | POST /page/home | `{as}` | `PageAnswer`; the home view arrives as an event |
 * | POST /page/read | `{as, channel}` | `PageAnswer`; marks the channel as read |
 * | GET /files/ID/NAME | | the bytes of an uploaded file |
 *
 * `as` is a user id or name (`alice`). `channel` is an id or name. After opening the event stream the page asks for
 * the state, and from then on applies events; when the stream reconnects it asks for the state again.
 *
 * Text from the app is Slack mrkdwn with `&amp; &lt; &gt;` escaped and `<@U..>`, `<#C..|name>`, `<!subteam^S..>`,
 * `<!here>`, `<!date^..>` and `<https://..|label>` references. Text from a person is escaped the same way.
 */

/** A user or usergroup as it is mentioned and listed. `color` is for the avatar with initials. */
export interface PageUser {
  id: string;
  name: string;
  real_name: string;
  color: string;
  is_bot: boolean;
}

interface PageUsergroup {
  id: string;
  handle: string;
  name: string;
  users: string[];
}

/** A channel of the list at the left, or (with `is_im`) a direct conversation with `user`. */
export interface PageChannel {
  id: string;
  name: string;
  topic: string;
  is_im: boolean;
  /** The other side of a direct conversation. */
  user?: string;
  /** Members' user ids, people and the bot. */
  members: string[];
  /** Messages since this person last read the channel (their own not counted). */
  unread: number;
}

export interface PageFile {
  id: string;
  name: string;
  title: string;
  mimetype: string;
  /** Slack's short word: `png`, `text`, `svg`. */
  filetype: string;
  /** Bytes. */
  size: number;
  /** Path on this server, such as `/files/F012/swarm.png`. */
  url: string;
}

/** A block as the app sent it, with `block_id` and `action_id` always filled in by the server. */
export type PageBlock = { type: string; block_id: string } & Record<string, unknown>;

/**
 * A message as it is displayed now (edits applied). Replies are in the same list as other messages: those with
 * `thread_ts` other than `ts` belong into the thread, and also into the channel if `broadcast`.
 */
export interface PageMessage {
  channel: string;
  /** `seconds.micros`: id and order of the message within the channel. */
  ts: string;
  thread_ts?: string;
  broadcast?: boolean;
  /** User id of the author: a person, the bot, or `USLACKBOT` for Slack's own remarks. */
  user: string;
  /** Fallback when there are blocks, otherwise the whole message (mrkdwn). */
  text: string;
  blocks: PageBlock[];
  files: PageFile[];
  /** Shows as "Only visible to you". Lost on nobody's reload here, unlike in Slack. */
  ephemeral: boolean;
  /** Shows as "(edited)". Slack does not mark edits of app messages with blocks, and neither does the server. */
  edited: boolean;
  /** On the first message of a thread. */
  reply_count?: number;
  reply_users?: string[];
  latest_reply?: string;
  /** Emoji name to user ids. */
  reactions: { name: string; users: string[] }[];
}

/** What one input or select holds: Slack's own words for the state of an element. */
export interface ElementState {
  value?: string | null;
  selected_option?: { text: { type: string; text: string }; value: string } | null;
  selected_options?: { text: { type: string; text: string }; value: string }[];
  selected_user?: string | null;
  selected_users?: string[];
  selected_channel?: string | null;
  selected_channels?: string[];
  selected_conversation?: string | null;
  selected_conversations?: string[];
  /** `YYYY-MM-DD` */
  selected_date?: string | null;
  /** `HH:mm` */
  selected_time?: string | null;
  /** Seconds since 1970. */
  selected_date_time?: number | null;
}

/** block_id -> action_id -> state */
export type StateValues = Record<string, Record<string, ElementState>>;

/** A modal or the Home tab as displayed. */
export interface PageView {
  id: string;
  type: 'modal' | 'home';
  hash: string;
  /** Empty for Home. */
  title: string;
  /** Label of the button, absent when the modal has none. */
  submit?: string;
  close?: string;
  clear_on_close: boolean;
  callback_id: string;
  blocks: PageBlock[];
}

interface PageCommand {
  command: string;
  description: string;
  usage_hint: string;
}

export interface PageState {
  me: PageUser;
  team: { id: string; name: string; domain: string };
  /** The app whose Home tab and direct messages these are. */
  app: { id: string; name: string; bot_user: string };
  commands: PageCommand[];
  users: PageUser[];
  usergroups: PageUsergroup[];
  /** Channels that this person is a member of. */
  channels: PageChannel[];
  dms: PageChannel[];
  /** By channel id, oldest first. Includes replies, and ephemeral messages of this person. */
  messages: Record<string, PageMessage[]>;
  home: PageView | null;
  /** The stack of open modals, the visible one last. */
  modals: PageView[];
}

export type PageEvent =
  | { type: 'message_posted'; channel: string; message: PageMessage }
  | { type: 'message_changed'; channel: string; message: PageMessage }
  | { type: 'message_deleted'; channel: string; ts: string }
  /** A direct conversation came to be, or the number of unread messages changed. */
  | { type: 'channel_changed'; channel: PageChannel }
  | { type: 'home_changed'; home: PageView }
  /** The whole stack, after any opening, push, update or close. */
  | { type: 'modals_changed'; modals: PageView[] };

/** A press of a button or a choice in a select, in a message (`channel` and `ts`) or a view (`view_id`). */
export interface PageAction {
  as: string;
  channel?: string;
  ts?: string;
  view_id?: string;
  block_id: string;
  action_id: string;
  /** What was chosen, for anything but a button. The server fills in type, value and text from the block itself. */
  state?: ElementState;
  /** What all inputs of that message or view hold, if there are any. */
  values?: StateValues;
}

/** Type-ahead in an `external_select`. */
export interface PageSuggest {
  as: string;
  channel?: string;
  ts?: string;
  view_id?: string;
  block_id: string;
  action_id: string;
  /** What was typed so far. */
  value: string;
}

/** `error` is a sentence to show to the person; `errors` belong beside the inputs of a modal, by block_id. */
export type PageAnswer = { ok: true } | { ok: false; error: string; errors?: Record<string, string> };
