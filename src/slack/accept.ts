/** A slash command as Slack delivers it -> what the person is told at once; a job is on record in Redis before that. */
import { createHash } from 'node:crypto';
import type { Body } from '../cards/body.ts';
import { paragraph } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, clamp, escape } from '../cards/text.ts';
import type { ParseFacts } from '../commands/args.ts';
import type { AnswerContext, Command, JobCommand, Topic } from '../commands/define.ts';
import { findCommand } from '../commands/find.ts';
import type { Filled, Form } from '../commands/form.ts';
import { quoted, splitWords } from '../commands/words.ts';
import { UserError } from '../errors.ts';
import { decide, type Actor } from '../policy/decide.ts';
import { sign, verify } from '../queue/envelope.ts';
import { isFinal, type Request } from '../queue/request.ts';
import type { RequestStore } from '../queue/store.ts';
import type { Remedy } from '../remedy.ts';
import type { Secret } from '../secret.ts';

/** A command that nobody could begin for so long is no longer what the person expects to happen. */
const EXPIRES_MS = 15 * 60_000;

export interface Given {
  text: string;
  /** `/swarm`, as this workspace calls it. */
  slash: string;
  actor: Actor;
  channel: string;
  /** The same for each delivery of the same command: Slack's trigger_id. */
  deliveryId: string;
  /** Opens a form for this person; absent where no form can be opened. */
  openForm?: (form: Form) => Promise<void>;
}

export interface Desk {
  commands: Command[];
  topics: Topic[];
  facts: ParseFacts;
  store: RequestStore;
  secret: Secret;
  answers: Pick<AnswerContext, 'requests'> & {
    cancel: (id: string, actor: Actor) => ReturnType<AnswerContext['cancel']>;
  };
}

/**
 * Takes one command. Gives what only the person sees, or undefined when a card in the channel will tell the rest.
 * @throws UserError in the person's words for everything that does not fit.
 */
export async function accept(given: Given, desk: Desk): Promise<Body | undefined> {
  const { commands, facts } = desk;
  const { command, rest } = findCommand(splitWords(given.text), commands, given.slash);
  if (command.kind === 'job') {
    const form = given.openForm && command.form?.ask(rest, facts);
    if (form) await given.openForm?.(form);
    else await takeJob(given, command, rest, desk);
    return undefined;
  }
  allow(given, command, rest);
  return await command.answer(rest, facts, {
    actor: given.actor,
    slash: given.slash,
    commands,
    topics: desk.topics,
    requests: desk.answers.requests,
    cancel: (id) => desk.answers.cancel(id, given.actor),
    retry: (id) => retry(id, given, desk),
  });
}

/** Takes a command whose form was filled in. @throws FormError for what belongs beside a field, UserError otherwise. */
export async function acceptForm(given: Given, filled: Filled, desk: Desk): Promise<void> {
  const { command, rest } = findCommand(splitWords(given.text), desk.commands, given.slash);
  if (command.kind !== 'job' || !command.form) {
    throw new UserError(`"${command.name}" takes no form.`, { hint: 'Give the command as words.' });
  }
  await take(given, command, command.form.parse(rest, filled, desk.facts), desk);
}

async function takeJob(given: Given, command: JobCommand, rest: string[], desk: Desk): Promise<void> {
  const parsed = command.parse(rest, desk.facts);
  await take(given, command, await withEarlier(parsed, command, given, desk), desk);
}

/** The input of a command that goes on from an earlier request, with what that one was asked and found. */
async function withEarlier(
  parsed: { input: unknown; title: string },
  { follows }: JobCommand,
  { slash }: Given,
  desk: Desk,
): Promise<{ input: unknown; title: string }> {
  if (!follows) return parsed;
  const id = follows.request(parsed.input);
  const earlier = await earlierRequest(id, desk);
  if (earlier?.request.phase !== 'done') {
    throw new UserError(`There is no job ${quoted(id)} to go on from.`, {
      hint: `It must have ended well, within the last days: ${slash} jobs lists them.`,
    });
  }
  const { command, title, result } = earlier.request;
  return follows.input(parsed.input, { command, title, input: earlier.input, result });
}

/** A request of the last days with the input that it was given; undefined when it is unknown or not ours. */
async function earlierRequest(
  id: string,
  { store, secret }: Desk,
): Promise<{ request: Request; input: unknown } | undefined> {
  const found = await store.read(id);
  const envelope = found && verify(found.envelope, secret);
  return found && envelope && { request: found.request, input: envelope.input };
}

/** The same job once more, as this person and from now on. */
async function retry(id: string, given: Given, desk: Desk): Promise<void> {
  const earlier = await earlierRequest(id, desk);
  const command = desk.commands.find(({ name }) => name === earlier?.request.command);
  if (!earlier || command?.kind !== 'job') {
    throw new UserError(`There is no job ${quoted(id)} to try again.`, {
      hint: `${given.slash} jobs lists those of the last days.`,
    });
  }
  const { request, input } = earlier;
  if (!isFinal(request.phase)) {
    throw new UserError(`${request.title} has not ended yet.`, {
      hint: `Wait for its end, or cancel it first: ${given.slash} cancel ${id}`,
    });
  }
  await take(given, command, { input, title: request.title }, desk);
}

async function take(
  given: Given,
  command: JobCommand,
  { input, title }: { input: unknown; title: string },
  { store, secret }: Desk,
): Promise<void> {
  allow(given, command, input);
  const now = Date.now();
  const id = requestId(given.deliveryId);
  const request: Request = {
    id,
    command: command.name,
    title: clamp(title, 300),
    requester: given.actor,
    channel: given.channel,
    phase: 'accepted',
    steps: [],
    locks: [],
    createdAt: now,
    acted: false,
    recalled: {},
  };
  const envelope = sign(
    {
      id,
      job: command.job,
      input,
      requester: given.actor,
      channel: given.channel,
      at: now,
      expiresAt: now + EXPIRES_MS,
    },
    secret,
  );
  await store.create(request, envelope);
}

function allow({ actor, channel }: Given, command: Command, input: unknown): void {
  const decision = decide(actor, channel, command, input);
  if (decision.kind === 'deny') throw new UserError(decision.reason, { hint: decision.hint });
}

/** Eight letters and digits that people can type; the same for the same delivery. */
function requestId(deliveryId: string): string {
  const digest = createHash('sha256').update(deliveryId).digest();
  // Without 0/o, 1/l/i and u: nobody mistypes what they read, and no word comes out by chance.
  const alphabet = '23456789abcdefghjkmnpqrstvwxyz';
  return Array.from({ length: 8 }, (_, at) => alphabet[(digest[at] ?? 0) % alphabet.length]).join('');
}

/** What a person reads of a refusal. */
export function refusal({ message, hint, remedies }: UserError): Body {
  const words = escape([message, hint].filter(Boolean).join(' '));
  return withButtons(paragraph(`:no_entry: ${words}`, words), remedies);
}

/** The same, of a job: it names what was asked. */
export function refusedRequest({ title, failure }: Request): Body {
  const words = escape([failure?.message, failure?.hint].filter(Boolean).join(' '));
  const body = paragraph(`:no_entry: ${bold(title)}: ${words}`, `${escape(title)}: ${words}`);
  return withButtons(body, failure?.remedies ?? []);
}

function withButtons(body: Body, remedies: Remedy[]): Body {
  return { ...body, blocks: [...body.blocks, ...remedyButtons(remedies)] };
}
