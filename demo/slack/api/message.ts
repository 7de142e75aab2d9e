import { TEAM } from '../app.ts';
import type { Fields } from '../json.ts';
import type { StoredFile, StoredMessage } from '../workspace.ts';
import type { ApiContext } from './method.ts';

/** A file as the Web API shows it. */
export function apiFile(file: StoredFile, context: Pick<ApiContext, 'url'>): Fields {
  const address = `${context.url()}/files/${file.id}/${encodeURIComponent(file.name)}`;
  const { id, created, name, title, mimetype, filetype, user } = file;
  return {
    id,
    created,
    timestamp: created,
    name,
    title,
    mimetype,
    filetype,
    user,
    size: file.bytes.length,
    mode: 'hosted',
    url_private: address,
    url_private_download: address,
    permalink: address,
  };
}

/** A message as the Web API and payloads show it. Metadata only where Slack gives it. */
export function apiMessage(
  message: StoredMessage,
  context: Pick<ApiContext, 'app' | 'workspace' | 'url'>,
  { metadata = false } = {},
): Fields {
  const { app, workspace } = context;
  const replies = workspace.replies(message);
  const users = [...new Set(replies.map((reply) => reply.user))];
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    team: TEAM.id,
    text: message.text,
    ...(message.user === app.botUserId
      ? {
          bot_id: app.botId,
          app_id: app.id,
          bot_profile: { id: app.botId, app_id: app.id, name: app.name, team_id: TEAM.id },
        }
      : {}),
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.attachments.length > 0 ? { attachments: message.attachments } : {}),
    ...(message.files.length > 0 ? { files: message.files.map((file) => apiFile(file, context)) } : {}),
    ...(message.editedTs ? { edited: { user: message.user, ts: message.editedTs } } : {}),
    ...(metadata && message.metadata ? { metadata: message.metadata } : {}),
    ...(message.threadTs ? { thread_ts: message.threadTs, parent_user_id: message.user } : {}),
    ...(replies.length > 0
      ? {
          thread_ts: message.ts,
          reply_count: replies.length,
          reply_users: users,
          reply_users_count: users.length,
          latest_reply: replies.at(-1)?.ts,
        }
      : {}),
    ...(message.reactions.size > 0
      ? {
          reactions: [...message.reactions].map(([name, reacted]) => ({
            name,
            users: reacted,
            count: reacted.length,
          })),
        }
      : {}),
  };
}
