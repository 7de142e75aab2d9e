/** Files that go to one person alone: an answer that only they see can carry none. */
import type { WebClient } from '@slack/web-api';
import type { Attachment } from '../cards/body.ts';
import { code } from '../cards/text.ts';
import { errorReference } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Actor } from '../policy/decide.ts';
import { bytesOf } from './attachments.ts';

/** Sends it into the direct message with this person. Never throws: they are told in `channel` when it did not come. */
export function fileSender(
  client: WebClient,
  log: Log,
): (file: Attachment, to: Actor, channel: string) => Promise<void> {
  return async (file, to, channel) => {
    try {
      const content = await bytesOf(file);
      const { channel: direct } = await client.conversations.open({ users: to.id });
      const id = direct?.id ?? '';
      if (content.length === 0) {
        await client.chat.postMessage({
          channel: id,
          text: `${code(file.name)} would be empty: nothing fits.`,
        });
        return;
      }
      await client.filesUploadV2({ channel_id: id, filename: file.name, title: file.title, file: content });
    } catch (error) {
      const reference = errorReference();
      log.error({ err: error, file: file.name, reference }, 'a file could not be sent');
      const text = `:warning: The file ${code(file.name)} could not be sent to you. The log explains it under ${reference}.`;
      await client.chat.postEphemeral({ channel, user: to.id, text }).catch((cause: unknown) => {
        log.warn({ err: cause }, 'could not say that a file was not sent');
      });
    }
  };
}
