import type { Message } from '../display.ts';
import type { Workspace } from '../workspace.ts';
import { renderBlocks } from './blocks.ts';
import { renderMrkdwn } from './mrkdwn.ts';

/** A message as somebody reads it: its blocks, or its text when there are none, and its files. */
export function renderMessage(message: Message, workspace: Workspace): string {
  const body =
    message.blocks.length > 0
      ? renderBlocks(message.blocks, workspace)
      : renderMrkdwn(message.text, workspace);
  const files = message.files.map((file) => `[file: ${file.title}, ${file.size} bytes]`);
  return [body, ...files].filter((part) => part !== '').join('\n');
}

/** `author  10:31` and whom it is for, above the message; replies are set in below what they answer. */
export function renderTranscript(messages: Message[], workspace: Workspace): string {
  const known = new Set(messages.map((message) => message.ts));
  const top = messages.filter(
    (one) => one.thread_ts === undefined || one.thread_ts === one.ts || !known.has(one.thread_ts),
  );
  return top
    .flatMap((message) => [
      renderEntry(message, workspace),
      ...messages
        .filter((reply) => reply.thread_ts === message.ts && reply.ts !== message.ts)
        .map((reply) => renderEntry(reply, workspace).replaceAll(/^(?=.)/gm, '    ')),
    ])
    .join('\n\n');
}

function renderEntry(message: Message, workspace: Workspace): string {
  const author = workspace.people.get(message.user)?.name ?? message.user;
  const time = new Date(Number(message.ts) * 1000).toTimeString().slice(0, 5);
  const remarks = [message.ephemeral ? '(only visible to you)' : '', message.edited ? '(edited)' : ''];
  const head = [author, time, ...remarks].filter((part) => part !== '').join('  ');
  return `${head}\n${renderMessage(message, workspace).replaceAll(/^(?=.)/gm, '  ')}`;
}
