/** What must hold of every single thing that Slack sends, whatever it is. */
import { isFields, type Fields } from '../../demo/slack/json.ts';
import { commands } from '../../src/commands/index.ts';
import { messageOf } from '../../src/errors.ts';
import { decide, mayApprove, type Question } from '../../src/policy/decide.ts';
import type { AuditEvent } from '../../src/audit/record.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { verify } from '../../src/queue/envelope.ts';
import { card } from '../../src/slack/card.ts';
import { secret } from '../queue/request.ts';
import { personOf } from './cast.ts';
import { unfit, unfitForm, type Trace } from './system.ts';

/** What is wrong with what came of it: sentences; empty when all is well. */
export function faults(trace: Trace, policy: Policy): string[] {
  const { sent, acks, answers, forms, audit, created, errors, rejected } = trace;
  const found: string[] = [];
  if (acks.length > 1) found.push(`acknowledged ${acks.length} times`);
  if (answers.length > 1) found.push(`answered ${answers.length} times`);
  if (sent.sound) {
    if (acks.length === 0) found.push('not acknowledged');
    if (rejected !== undefined) found.push(`thrown to the receiver: ${messageOf(rejected)}`);
    if (errors.length > 0) found.push(`an error in the log: ${errors.join(' ')}`);
  }
  for (const ack of acks) if (isMessage(ack)) found.push(...unfit(ack).map((what) => `ack: ${what}`));
  for (const view of acks.flatMap(viewOf)) found.push(...unfitForm(view).map((what) => `form: ${what}`));
  for (const answer of answers) found.push(...unfit(answer).map((what) => `answer: ${what}`));
  for (const form of forms) found.push(...unfitForm(form).map((what) => `form: ${what}`));
  for (const event of audit) found.push(...wrongPress(event, trace, policy));
  for (const one of created) found.push(...undecided(one, trace, policy));
  return found;
}

/** Acknowledging a slash command can carry the answer to it. */
function isMessage(ack: unknown): ack is Parameters<typeof unfit>[0] {
  return typeof ack === 'object' && ack !== null && 'text' in ack;
}

/** Sending a form can lead to another one. */
function viewOf(ack: unknown): Fields[] {
  return isFields(ack) && isFields(ack['view']) ? [ack['view']] : [];
}

/** A press that had an effect although the policy does not let this person have it, or of somebody else than who pressed. */
function wrongPress(event: AuditEvent, { sent }: Trace, policy: Policy): string[] {
  if (!('by' in event) || typeof event.by !== 'object' || event.by === null || !('actor' in event)) return [];
  const { by, actor, targets } = event;
  const { user, user_id: typed, channel, channel_id: typedIn } = sent.body;
  const pressed = isFields(user) ? user['id'] : typed;
  if (by.id !== pressed) return [`${event.event} in the name of ${by.id}, by ${String(pressed)}`];
  const place = isFields(channel) ? channel['id'] : typedIn;
  const about = {
    person: personOf(by),
    channel: typeof place === 'string' ? place : '',
    command: {
      name: event.command,
      risk: commands.find(({ name }) => name === event.command)?.risk ?? 'destroy',
    },
    targets,
  };
  const own = by.id === actor.id;
  const right = {
    approved: () => !own && mayDecide(policy, about, actor),
    denied: () => !own && mayDecide(policy, about, actor),
    withdrawn: () => own,
    cancelled: () => own || decide(policy, about).kind !== 'deny',
    expired: () => true,
    trimmed: () => false,
  };
  return right[event.event]() ? [] : [`${event.event} by ${by.id}, who may not`];
}

/** Where the policy wants no approval any more, those whom the card names may still decide. */
function mayDecide(policy: Policy, about: Question, requester: { id: string }): boolean {
  const shown = { approvers: ['operators'], quorum: 1, expiresMs: 1, reason: 'optional' } as const;
  const approvals = {
    [about.command.name]: { ...shown, approvers: [...shown.approvers] },
    ...policy.approvals,
  };
  return mayApprove({ ...policy, approvals }, { ...about, requester: requester.id }).kind === 'yes';
}

/** All that a command that changes something can be told without changing anything. */
const SHOWS = /^(?:prune|ports)(?!.* --apply(?!=false))|^rebalance(?: --\S+(?: \d+[smh]?)?)*$/;

/** What a request was created for that nobody has decided, or that was decided otherwise. */
function undecided(
  { request, envelope, after }: Trace['created'][number],
  { audit }: Trace,
  policy: Policy,
): string[] {
  const found: string[] = [];
  const signed = verify(envelope, secret);
  const command = commands.find(({ name }) => name === request.command);
  if (!signed || command?.kind !== 'job') return ['a request that is no signed one of a command'];
  const targets = command.targets(signed.input);
  const { requester, channel, authority } = signed;

  // As the audit was told before.
  const decided = audit
    .slice(0, after)
    .some(
      (event) =>
        event.event === 'decided' &&
        event.request === request.id &&
        event.outcome !== 'deny' &&
        event.command === request.command &&
        event.actor.id === requester.id &&
        JSON.stringify(event.targets) === JSON.stringify(targets),
    );
  if (!decided) found.push(`${request.title}: nothing in the audit decided it before`);

  // And as this test decides.
  const shows = command.shows(signed.input);
  if (shows && !SHOWS.test(signed.title)) found.push(`${request.title}: that does not only show`);
  const decision = decide(policy, {
    person: personOf(requester),
    channel,
    command: { name: command.name, risk: shows ? 'read' : command.risk, shows },
    targets,
  });
  const fits = {
    allowed: decision.kind === 'allow',
    ask: decision.kind === 'ask',
    'break-glass': decision.kind === 'ask' && decision.now && request.brokeGlass === true,
    approved: false,
  };
  if (!fits[authority.kind])
    found.push(`${request.title}: signed as ${authority.kind}, decided as ${decision.kind}`);
  if (command.job !== signed.job) found.push(`${request.title}: signed for another job, ${signed.job}`);
  for (const both of ['id', 'command', 'title', 'channel'] as const) {
    if (request[both] !== signed[both]) found.push(`${request.title}: its ${both} is not the signed one`);
  }
  if (JSON.stringify([request.targets, signed.targets]) !== JSON.stringify([targets, targets]))
    found.push(`${request.title}: signed for other targets`);
  found.push(...unfit(card(request, command)).map((what) => `card of ${request.title}: ${what}`));
  return found;
}
