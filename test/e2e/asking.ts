/** What people do with requests that wait for an approval, and what became of them: in Slack, in Redis, in the audit. */
import { expect } from 'vitest';
import type { System } from '../../demo/system/system.ts';
import { recordOf } from '../../src/audit/chain.ts';
import type { AuditEvent } from '../../src/audit/record.ts';
import { readForwards } from '../../src/audit/stream.ts';
import { connectRedis, key } from '../../src/queue/redis.ts';
import type { Request } from '../../src/queue/request.ts';
import { RequestStore } from '../../src/queue/store.ts';
import { Secret } from '../../src/secret.ts';

export type Slack = System['slack'];
export type Message = Awaited<ReturnType<Slack['waitFor']>>;

/** A request whose card stands in #ops. */
export interface Asked {
  id: string;
  /** As the card calls it: `join fedora-03`. */
  title: string;
  ts: string;
}

/** Of a card's text. */
const ENDED = /: (?:done|not everything worked|failed|refused|cancelled|expired|denied|withdrawn)\./;
/** Also of one whose little time is over before Slack shows that it asks. */
const ASKED = /^: (?:waits for an approval|expired)\./;

/** Alice and Bob operate and approve, Carol is on call and approves too; what needs how much is the test's own. */
export const ROLES = {
  operators: { groups: ['@ops-team'], allow: ['read', 'change', 'destroy'] },
  oncall: { groups: ['@oncall'], allow: ['read', 'change'] },
};

/**
 * Types `/swarm LINE` in #ops and waits until its card has asked for an approval. `title`: where the card says it otherwise.
 */
export async function ask(slack: Slack, user: string, line: string, title?: string): Promise<Asked> {
  const since = slack.messages('ops').at(-1)?.ts ?? '0';
  await slack.command(user, 'ops', `/swarm ${line}`);
  const name = title ?? line;
  const { ts } = await asks(slack, { title: name, since });
  return { id: await idOf(slack, ts), title: name, ts };
}

/** The card of the title when it asks. @throws when it does not within a minute. */
export async function asks(
  slack: Slack,
  { title, since }: { title: string; since?: string },
): Promise<Message> {
  return await slack.waitFor(
    ({ text, ephemeral }) => !ephemeral && text.startsWith(title) && ASKED.test(text.slice(title.length)),
    {
      channel: 'ops',
      ...(since === undefined ? {} : { since }),
      timeoutMs: 60_000,
    },
  );
}

/** The request's ID, as the card's metadata has it. */
async function idOf(slack: Slack, ts: string): Promise<string> {
  const message = await slack.until(() => slack.messages('ops').find((one) => one.ts === ts));
  const payload = message.metadata?.['event_payload'] as { id?: string } | undefined;
  return payload?.id ?? '';
}

/** The card as it stands now. @throws when it was taken back. */
export function cardOf(slack: Slack, { ts, title }: Pick<Asked, 'ts' | 'title'>): Message {
  const card = slack.messages('ops').find((message) => message.ts === ts);
  if (!card) throw new Error(`The card of ${title} is gone.`);
  return card;
}

/** What #ops reads when the request has ended. */
export async function ended(slack: Slack, asked: Asked, timeoutMs = 60_000): Promise<string> {
  const card = await slack.waitFor(({ ts, text }) => ts === asked.ts && ENDED.test(text), {
    channel: 'ops',
    timeoutMs,
  });
  return slack.renderText(card);
}

/** Presses a button of this very card. */
export async function press(
  slack: Slack,
  user: string,
  label: string,
  { ts }: Pick<Asked, 'ts'>,
): Promise<void> {
  await slack.press(user, label, { channel: 'ops', ts });
}

/** Denies it by its card's button, and by the form that this opens. */
export async function deny(slack: Slack, user: string, asked: Asked, reason: string): Promise<void> {
  await openDenial(slack, user, asked);
  await sendDenial(slack, user, reason);
}

/** Presses Deny until its form is there: Slack opens one only within 3 s, which a busy machine may miss. */
export async function openDenial(slack: Slack, user: string, asked: Asked): Promise<void> {
  // What else the same person is told meanwhile is about other requests of theirs.
  const failures = (): string[] =>
    onlyTo(slack, user)
      .map(slack.renderText)
      .filter((text) => /did not open the form|cannot be reached/.test(text));
  for (let tries = 0; tries < 5 && slack.modals(user).length === 0; tries += 1) {
    const known = failures().length;
    await press(slack, user, 'Deny', asked);
    await slack.until(() => slack.modals(user).at(-1) ?? failures()[known]);
  }
  expect(slack.modals(user)).toHaveLength(1);
}

export async function sendDenial(slack: Slack, user: string, reason: string): Promise<void> {
  const field =
    slack
      .modals(user)
      .at(-1)
      ?.blocks.find(({ type }) => type === 'input')?.block_id ?? '';
  await slack.submitView(user, reason ? { [field]: reason } : {});
}

/** Closes the form that is still open, with what it says; an empty text when there is none. */
export async function closeForm(slack: Slack, user: string): Promise<string> {
  const form = slack.modals(user).at(-1);
  if (!form) return '';
  await slack.closeView(user);
  return `${form.title}\n${JSON.stringify(form.blocks)}`;
}

/** What only this person was told since, of which `act` is the cause. */
export async function toldAfter(slack: Slack, user: string, act: () => Promise<unknown>): Promise<string> {
  const known = new Set(onlyTo(slack, user).map(({ ts }) => ts));
  await act();
  const message = await slack.until(() => onlyTo(slack, user).find(({ ts }) => !known.has(ts)));
  return slack.renderText(message);
}

/** What only this person sees, in #ops and in their direct messages. */
export function onlyTo(slack: Slack, user: string): Message[] {
  const ephemeral = ({ ephemeral: only }: Message): boolean => only;
  return [...slack.messages('ops', { as: user }), ...direct(slack, user)].filter(ephemeral);
}

/** This person's conversation with the bot. */
export function direct(slack: Slack, user: string): Message[] {
  try {
    return slack.messages(`@${user}`, { as: user });
  } catch {
    // The bot has not written to them yet.
    return [];
  }
}

/** The labels of the buttons that a message has. */
export function buttonsOf(slack: Slack, message: Message): string[] {
  return [...slack.renderText(message).matchAll(/\[(?<label>[A-Z][^\]]*)\]/g)].map(
    ({ groups }) => groups?.['label'] ?? '',
  );
}

/** Looks into Redis, as no part of Swarmkeeper does. */
export function openRecords(system: System): {
  request: (id: string) => Promise<Request>;
  /** In the order in which they were kept. */
  audit: (id?: string) => Promise<AuditEvent[]>;
  /** Resolves when Slack shows all that there is to show. */
  delivered: () => Promise<void>;
  close: () => void;
} {
  const redis = connectRedis(system.redis.url, () => undefined);
  const store = new RequestStore(redis, new Secret(system.secret));
  return {
    request: async (id) => {
      const found = await store.read(id);
      if (!found) throw new Error(`Redis has no request ${id}.`);
      return found.request;
    },
    audit: async (id) => {
      const events: AuditEvent[] = [];
      for await (const entries of readForwards(redis))
        events.push(...entries.flatMap((entry) => recordOf(entry)?.event ?? []));
      return id === undefined ? events : events.filter((event) => 'request' in event && event.request === id);
    },
    delivered: () => expect.poll(() => redis.zcard(key('outbox')), { timeout: 20_000 }).toBe(0),
    close: () => redis.disconnect(),
  };
}

/** Names of events, such as `asked decided previewed approved started ended`. */
export function named(events: AuditEvent[]): string {
  return events.map(({ event }) => event).join(' ');
}

/** Waits until the audit has its last word on the request. */
export async function auditOf(
  records: ReturnType<typeof openRecords>,
  id: string,
  last: AuditEvent['event'] = 'ended',
): Promise<AuditEvent[]> {
  await expect.poll(async () => (await records.audit(id)).some(({ event }) => event === last)).toBe(true);
  return await records.audit(id);
}
