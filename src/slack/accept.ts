/** A slash command as Slack delivers it -> what the person is told at once; a job is on record in Redis before that. */
import { createHash } from 'node:crypto';
import type { Body } from '../cards/body.ts';
import { clamp } from '../cards/text.ts';
import type { Command, JobCommand } from '../commands/define.ts';
import { findCommand } from '../commands/find.ts';
import { mentionsIn } from './mentions.ts';
import type { Filled } from '../commands/form.ts';
import { quoted, splitWords } from '../commands/words.ts';
import { UserError } from '../errors.ts';
import { hideSecrets } from '../hide-secrets.ts';
import { ofRequest } from '../audit/record.ts';
import { sign, verify, type Authority } from '../queue/envelope.ts';
import { isFinal, type Request } from '../queue/request.ts';
import { askingContext } from './waiting.ts';
import { allow, allowOnRequest, mayBy, wanted, type Allowed } from './permit.ts';
import { reasonForm } from './reason.ts';
import type { Desk, Given } from './desk.ts';

/** A command that nobody could begin for so long is no longer what the person expects to happen. */
const EXPIRES_MS = 15 * 60_000;

/** Characters of a reason: it is read on a card, beside what will be done. */
const MOST_REASON = 500;

/** Characters of a command that stand on every card of it. Those who approve it read all of a longer one. */
const MOST_TITLE = 300;

/**
 * Takes one command. Gives what only the person sees, or undefined when a card in the channel will tell the rest.
 * @throws UserError in the person's words for everything that does not fit.
 */
export async function accept(given: Given, desk: Desk): Promise<Body | undefined> {
  const { commands, facts } = desk;
  const { command, rest, now, reason } = findWithAuthority(given, commands);
  const asked = { ...given, now, reason };
  if (command.kind === 'job') {
    // A form, and what an earlier request was, is shown to nobody who may do nothing with it.
    if (command.form ?? command.follows)
      await allow(given, { command, targets: undefined, shows: false }, desk);
    const form = given.openForm && command.form?.ask(rest, facts);
    if (form) await given.openForm?.(form, 'form');
    else await takeJob(asked, command, rest, desk);
    return undefined;
  }
  if (!command.onRequest) await allow(given, wanted(command, null), desk);
  const asking = askingContext(given.actor, desk);
  return await command.answer(rest, facts, {
    actor: given.actor,
    slash: given.slash,
    commands,
    topics: desk.topics,
    requests: desk.answers.requests,
    audit: desk.answers.audit,
    mentioned: mentionsIn(given.text),
    sendFile: (file) => void desk.answers.sendFile(file, given.actor, given.channel),
    may: await mayBy(given, desk),
    ...asking,
    cancel: async (id) => {
      await allowOnRequest(id, command, given, desk);
      return await asking.cancel(id);
    },
    retry: async (id) => {
      await allowOnRequest(id, command, given, desk);
      await retry(id, asked, desk);
    },
  });
}

/** Takes a command whose form was filled in. @throws FormError for what belongs beside a field, UserError otherwise. */
export async function acceptForm(given: Given, filled: Filled, desk: Desk): Promise<void> {
  const { command, rest, now, reason } = findWithAuthority(given, desk.commands);
  if (command.kind !== 'job' || !command.form) {
    throw new UserError(`"${command.name}" takes no form.`, { hint: 'Give the command as words.' });
  }
  await take({ ...given, now, reason }, command, command.form.parse(rest, filled, desk.facts), desk);
}

/** What somebody gave beside a command, for those who are asked to approve it. */
interface Asked extends Given {
  /** Go on without waiting, by the break-glass role. */
  now: boolean;
  reason: string;
}

/** `--now` and `--reason WHY` may stand behind every command that a worker carries out, and behind `retry`. */
function findWithAuthority(given: Given, commands: Command[]) {
  const { command, rest } = findCommand(splitWords(given.text), commands, given.slash);
  const filledIn = given.reason?.trim() ?? '';
  if (command.kind !== 'job' && command.name !== 'retry')
    return { command, rest, now: false, reason: filledIn };
  const words = [...rest];
  const nowAt = words.indexOf('--now');
  if (nowAt !== -1) words.splice(nowAt, 1);
  let reason = filledIn;
  const at = words.findIndex((word) => /^--reason(=|$)/.test(word));
  const inline = words[at]?.startsWith('--reason=') === true;
  if (at !== -1) {
    const [option = '', value = ''] = words.splice(at, inline ? 1 : 2);
    reason = (inline ? option.slice('--reason='.length) : value).trim();
    if (reason === '' || (!inline && reason.startsWith('--')))
      throw new UserError('--reason needs a value.', { hint: 'Say why: --reason "..."' });
  }
  return { command, rest: words, now: nowAt !== -1, reason: clamp(hideSecrets(reason), MOST_REASON) };
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
  if (!found || !envelope) return undefined;
  // As it was signed: nobody who only writes to Redis makes another command or title of it.
  const { command, title, input } = envelope;
  return { request: { ...found.request, command, title }, input };
}

/** The same job once more, as this person and from now on. */
async function retry(id: string, given: Asked, desk: Desk): Promise<void> {
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
  // Nobody goes on without an approval, or asks for one, in the words of somebody else.
  const own = request.requester.id === given.actor.id && !given.now;
  await take(
    { ...given, reason: given.reason || (own ? (request.reason ?? '') : '') },
    command,
    { input, title: request.whole ?? request.title },
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
  const decision = await allow(given, wanted(command, input), desk);
  const now = Date.now();
  const id = requestId(given.deliveryId);
  // What people paste into a command is read by everybody, and kept.
  const line = hideSecrets(whole);
  const title = clamp(line, MOST_TITLE);
  const { actor, channel, reason } = given;
  const breaks = decision.kind === 'ask' && given.now;
  if (breaks && !decision.now) {
    const about = ofRequest({ id: '', requester: actor, channel, command: command.name, title, targets });
    await audit.append({ ...about, event: 'decided', outcome: 'deny', rule: 'no break-glass role', reason });
    throw new UserError('You may not go on without an approval.', {
      hint: 'Leave out --now, and others are asked to approve it.',
    });
  }
  if (reason === '' && (breaks || (decision.kind === 'ask' && decision.approval.reason === 'required'))) {
    const form = reasonForm(title, breaks);
    if (given.openForm) return await given.openForm(form, 'reason');
    throw new UserError(`Say why: \`${given.slash} ${given.text} --reason "..."\``, {
      hint: breaks ? 'Everybody reads it.' : 'Those who approve it read that first.',
    });
  }
  const request: Request = {
    id,
    command: command.name,
    title,
    ...(title === line ? {} : { whole: line }),
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
  // Slack delivers a command again when its answer was lost on the way: it is on record, and the card is coming.
  if (await store.read(id)) return;
  const outcome = breaks ? 'break-glass' : decision.kind;
  const about = ofRequest({ ...request, risk: command.shows(input) ? 'read' : command.risk });
  await Promise.all([
    audit.append({ ...about, event: 'asked', line: title, reason }),
    audit.append({ ...about, event: 'decided', outcome, rule: decision.rule, reason }),
  ]);
  await store.create(request, envelope);
}

function authorityOf({ kind, rule }: Allowed, breaks: boolean, reason: string): Authority {
  if (kind === 'allow') return { kind: 'allowed', rule };
  return breaks ? { kind: 'break-glass', rule, reason } : { kind: 'ask', rule };
}

/** Eight letters and digits that people can type; the same for the same delivery. */
function requestId(deliveryId: string): string {
  const digest = createHash('sha256').update(deliveryId).digest();
  // Without 0/o, 1/l/i and u: nobody mistypes what they read, and no word comes out by chance.
  const letters = 'abcdefghjkmnpqrstvwxyz';
  const all = `23456789${letters}`;
  // A letter first: BullMQ takes no job whose ID is a number.
  const from = (at: number): string => (at === 0 ? letters : all);
  return Array.from({ length: 8 }, (_, at) => from(at)[(digest[at] ?? 0) % from(at).length]).join('');
}
