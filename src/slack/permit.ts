/** What the policy says to somebody at this moment: refusals are told and kept. */
import { ofRequest } from '../audit/record.ts';
import type { Command } from '../commands/define.ts';
import type { May } from '../commands/may.ts';
import { UserError } from '../errors.ts';
import { decide, forbids, type Decision, type Denied } from '../policy/decide.ts';
import { outlook, outlookOnRequests } from '../policy/outlook.ts';
import { verify } from '../queue/envelope.ts';
import { WHOLE_SWARM, type Target } from '../target.ts';
import type { Desk, Given } from './desk.ts';

export type Allowed = Exclude<Decision, { kind: 'deny' }>;

/** What is to be done with a command: of one that a worker carries out, with this input. */
export interface Wanted {
  command: Command;
  /** Undefined: not known yet. */
  targets: readonly Target[] | undefined;
  /** It only shows what it would do. */
  shows: boolean;
}

export function wanted(command: Command, input: unknown): Wanted {
  return command.kind === 'job'
    ? { command, targets: command.targets(input), shows: command.shows(input) }
    : { command, targets: [], shows: false };
}

/** @throws UserError when the policy does not let this person do it. */
export async function allow(given: Given, asked: Wanted, desk: Desk): Promise<Allowed> {
  const question = await questionOf(given, asked, desk);
  const decision = decide(desk.policy, question);
  if (decision.kind === 'deny') throw await refused(decision, given, asked, desk);
  return decision;
}

/**
 * Whether somebody may do `verb` to what was asked for earlier, such as cancel it. Their own: always, unless the verb itself
 * is forbidden. Of others: where they may do that very thing themselves, with an approval or without.
 * @throws UserError when they may not. Passes what is not there, or not ours: the verb says so.
 */
export async function allowOnRequest(id: string, verb: Command, given: Given, desk: Desk): Promise<void> {
  const found = await desk.store.read(id);
  const envelope = found && verify(found.envelope, desk.secret);
  if (!envelope) return;
  const { input, requester } = envelope;
  const command = desk.commands.find(({ name }) => name === envelope.command);
  // Of a command that is not there any more only the targets are known.
  const asked = command ? wanted(command, input) : { ...wanted(verb, null), targets: [WHOLE_SWARM] };
  const itself = { ...asked, command: verb, shows: false };
  const forbidden = forbids(desk.policy, await questionOf(given, itself, desk));
  if (forbidden) throw await refused(forbidden, given, itself, desk);
  if (requester.id !== given.actor.id) await allow(given, asked, desk);
}

/** For the help. */
export async function mayBy({ actor, channel }: Given, desk: Desk): Promise<(command: Command) => May> {
  const person = await desk.person(actor);
  return (command) => {
    const { name, risk } = command;
    const asked = { person, channel, command: { name, risk } };
    if (command.kind === 'answer' && command.onRequest) return outlookOnRequests(desk.policy, asked);
    const { canShow, swarmWide } = command.kind === 'job' ? command : { canShow: false, swarmWide: false };
    return outlook(desk.policy, asked, { canShow, swarmWide });
  };
}

async function questionOf({ actor, channel }: Given, { command, targets, shows }: Wanted, desk: Desk) {
  const { name, risk } = command;
  const person = await desk.person(actor);
  return { person, channel, command: { name, risk: shows ? ('read' as const) : risk, shows }, targets };
}

/** Keeps that it was refused, and says so to the person. */
async function refused(
  { rule, reason, hint, says }: Denied,
  { actor, channel }: Given,
  { command: { name }, targets }: Wanted,
  { audit }: Desk,
): Promise<UserError> {
  const request = {
    id: '',
    requester: actor,
    channel,
    command: name,
    title: name,
    targets: [...(targets ?? [])],
  };
  await audit.append({ ...ofRequest(request), event: 'decided', outcome: 'deny', rule, reason: '' });
  return new UserError(reason, { hint, says });
}
