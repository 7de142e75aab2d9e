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
import { ofRequest, type AuditLog } from '../audit/record.ts';
import { decide, type Actor, type Decision } from '../policy/decide.ts';
import type { Person, Policy } from '../policy/policy.ts';
import { sign, verify, type Authority } from '../queue/envelope.ts';
import { isFinal, type Request } from '../queue/request.ts';
import type { RequestStore } from '../queue/store.ts';
import type { Remedy } from '../remedy.ts';
import type { Secret } from '../secret.ts';
import type { Target } from '../target.ts';

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
  policy: Policy;
  /** Who somebody is at this moment, of whom Slack's command or button names only the ID. Never throws. */
  person: (actor: Actor) => Promise<Person>;
  audit: AuditLog;
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
  const { command, rest, now, reason } = findWithAuthority(given, commands);
  if (command.kind === 'job') {
    const form = given.openForm && command.form?.ask(rest, facts);
    if (form) await given.openForm?.(form);
    else await takeJob({ ...given, now, reason }, command, rest, desk);
    return undefined;
  }
  await allow(given, command, [], desk);
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
  await take(
    { ...given, now: false, reason: '' },
    command,
    command.form.parse(rest, filled, desk.facts),
    desk,
  );
}

/** What somebody gave beside a command, for those who are asked to approve it. */
interface Asked extends Given {
  /** Go on without waiting, by the break-glass role. */
  now: boolean;
  reason: string;
}

/** `--now` and `--reason WHY` may stand behind every command that a worker carries out. */
function findWithAuthority(given: Given, commands: Command[]) {
  const { command, rest } = findCommand(splitWords(given.text), commands, given.slash);
  if (command.kind !== 'job') return { command, rest, now: false, reason: '' };
  const words = [...rest];
  const nowAt = words.indexOf('--now');
  if (nowAt !== -1) words.splice(nowAt, 1);
  let reason = '';
  const at = words.findIndex((word) => /^--reason(=|$)/.test(word));
  const inline = words[at]?.startsWith('--reason=') === true;
  if (at !== -1) {
    const [option = '', value = ''] = words.splice(at, inline ? 1 : 2);
    reason = inline ? option.slice('--reason='.length) : value;
    if (!reason.trim()) throw new UserError('--reason needs a value.', { hint: 'Say why: --reason "..."' });
  }
  return { command, rest: words, now: nowAt !== -1, reason };
}

async function takeJob(given: Asked, command: JobCommand, rest: string[], desk: Desk): Promise<void> {
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
  await take(
    { ...given, now: false, reason: request.reason ?? '' },
    command,
    { input, title: request.title },
    desk,
  );
}

async function take(
  given: Asked,
  command: JobCommand,
  { input, title: whole }: { input: unknown; title: string },
  desk: Desk,
): Promise<void> {
  const { store, secret, audit } = desk;
  const targets = command.targets(input);
  const decision = await allow(given, command, targets, desk);
  const now = Date.now();
  const id = requestId(given.deliveryId);
  const title = clamp(whole, 300);
  const { actor, channel, reason } = given;
  const breaks = decision.kind === 'ask' && given.now;
  if (breaks && !decision.now) {
    throw new UserError('You may not go on without an approval.', {
      hint: 'Leave out --now, and others are asked to approve it.',
    });
  }
  if (reason === '' && (breaks || (decision.kind === 'ask' && decision.approval.reason === 'required'))) {
    throw new UserError(`Say why: \`${given.slash} ${given.text} --reason "..."\``, {
      hint: breaks ? 'Everybody reads it.' : 'Those who approve it read that first.',
    });
  }
  const request: Request = {
    id,
    command: command.name,
    title,
    requester: actor,
    channel,
    targets,
    ...(reason ? { reason } : {}),
    ...(breaks ? { brokeGlass: true } : {}),
    ...(decision.kind === 'ask' && !breaks
      ? {
          approval: {
            round: 0,
            approvers: decision.approval.approvers,
            quorum: decision.approval.quorum,
            expiresMs: decision.approval.expiresMs,
            expiresAt: 0,
            grants: [],
            changed: [],
          },
        }
      : {}),
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
      command: command.name,
      job: command.job,
      authority: authorityOf(decision, breaks, reason),
      input,
      requester: actor,
      channel,
      title,
      targets,
      reason,
      at: now,
      expiresAt: now + EXPIRES_MS,
    },
    secret,
  );
  await audit.append({ ...ofRequest(request), event: 'asked', line: title, reason });
  await audit.append({
    ...ofRequest(request),
    event: 'decided',
    outcome: breaks ? 'break-glass' : decision.kind,
    rule: decision.rule,
    reason,
  });
  await store.create(request, envelope);
}

function authorityOf({ kind, rule }: Allowed, breaks: boolean, reason: string): Authority {
  if (kind === 'allow') return { kind: 'allowed', rule };
  return breaks ? { kind: 'break-glass', rule, reason } : { kind: 'ask', rule };
}

type Allowed = Exclude<Decision, { kind: 'deny' }>;

/** @throws UserError when the policy does not let this person do it. */
async function allow(
  { actor, channel }: Given,
  command: Command,
  targets: Target[],
  { policy, person, audit }: Desk,
): Promise<Allowed> {
  const decision = decide(policy, { person: await person(actor), channel, command, targets });
  if (decision.kind !== 'deny') return decision;
  const { rule, reason, hint } = decision;
  const request = { id: '', requester: actor, channel, command: command.name, title: command.name, targets };
  await audit.append({ ...ofRequest(request), event: 'decided', outcome: 'deny', rule, reason: '' });
  throw new UserError(reason, { hint });
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
