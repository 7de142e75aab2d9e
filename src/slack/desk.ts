/** What the bot's handlers of commands, buttons and forms work with. */
import type { AuditLog } from '../audit/record.ts';
import type { Attachment } from '../cards/body.ts';
import type { ParseFacts } from '../commands/args.ts';
import type { AnswerContext, Command, Topic } from '../commands/define.ts';
import type { Form } from '../commands/form.ts';
import type { Actor } from '../policy/decide.ts';
import type { Person, Policy } from '../policy/policy.ts';
import type { RequestStore } from '../queue/store.ts';
import type { Secret } from '../secret.ts';

export interface Given {
  text: string;
  /** `/swarm`, as this workspace calls it. */
  slash: string;
  actor: Actor;
  channel: string;
  /** The same for each delivery of the same command: Slack's trigger_id. */
  deliveryId: string;
  /** Why, as it was filled into a form; `--reason` in the text says it as well. */
  reason?: string;
  /**
   * Opens a form for this person; absent where no form can be opened. `then`: whether what is filled in belongs to the
   * command, or says why it is asked for.
   */
  openForm?: (form: Form, then: 'form' | 'reason') => Promise<void>;
}

export interface Desk {
  commands: Command[];
  topics: Topic[];
  facts: ParseFacts;
  store: RequestStore;
  secret: Secret;
  policy: Policy;
  /**
   * Who somebody is at this moment, of whom Slack's command or button names only the ID. `fresh`: asked of Slack now,
   * not remembered. Never throws.
   */
  person: (actor: Actor, how?: { fresh?: boolean }) => Promise<Person>;
  /** Mrkdwn: who is in these roles, in a few mentions; or an empty text. Never throws. */
  whom: (roles: readonly string[]) => Promise<string>;
  audit: AuditLog;
  answers: Pick<AnswerContext, 'requests' | 'audit'> & {
    /** Sends a file to this person alone. Never throws: who asked in `channel` is told there why it did not come. */
    sendFile: (file: Attachment, to: Actor, channel: string) => Promise<void>;
    cancel: (id: string, actor: Actor) => ReturnType<AnswerContext['cancel']>;
  };
}
