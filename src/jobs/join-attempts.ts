/** A join that timed out is followed up, not repeated: it is let go, the reason looked for, and it is tried once more. */
import { isIP } from 'node:net';
import { diagnose } from '../diagnosis/diagnose.ts';
import { UserError, messageOf } from '../errors.ts';
import type { Host, JoinOutcome } from '../hosts/hosts.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import type { JobContext, Step } from './define.ts';
import { removeHalfJoined } from './ghosts.ts';
import { checkLine, joinLine, probe, type Wish } from './join-check.ts';
import { AGREE_DEADLINE_MS, bothAgree, type Agreement } from './join-wait.ts';

/**
 * Tells the engine to join.
 * @throws EngineRefusal that explains, when the engine says no at once.
 */
export async function callJoin(
  host: Host,
  swarm: Swarm,
  { role, drained }: Pick<Wish, 'role' | 'drained'>,
  advertise: string | undefined,
  signal: AbortSignal,
): Promise<JoinOutcome> {
  const ask = async (advertiseAddress?: string): Promise<JoinOutcome> => {
    // Read fresh each time: a token that was rotated since would be refused.
    const { token, managers } = await swarm.joinTicket(role, signal);
    return await host.joinSwarm(
      { managers, token, drained, ...(advertiseAddress ? { advertiseAddress } : {}) },
      signal,
    );
  };
  try {
    return await ask(advertise);
  } catch (error) {
    const words = messageOf(error instanceof Error && error.cause ? error.cause : error);
    // Rotated between the reading and the joining: the next one read is good.
    if (/join token/i.test(words)) return await ask(advertise);
    if (words.includes('could not choose an IP address') && isIP(host.address))
      return await ask(host.address);
    throw error;
  }
}

/**
 * Waits until both sides agree. When the join ends in an error, or is still pending at the deadline, the host leaves, the
 * probes look why, and it joins once more.
 * @throws UserError when the reason is found, or the second join has not ended well either. The host is in no swarm then.
 */
export async function agreeOrOnceMore(
  host: Host,
  wish: Wish,
  advertise: string | undefined,
  context: JobContext,
  step: Step,
): Promise<{ node: Node; failed: string[] }> {
  const { swarm, hosts, signal, recall } = context;
  const first = await bothAgree(host, swarm, signal, step.say);
  // Known across a crash: what the failed attempt left in the node list has to go in the end.
  const earlier = await recall(`half-joined:${host.name}`, () =>
    Promise.resolve(first.kind === 'agreed' ? [] : [first.nodeId].filter(Boolean)),
  );
  if (first.kind === 'agreed') return { node: first.node, failed: earlier };

  await letGo(host, first, step, signal);
  step.say('the join has failed; looking why');
  try {
    await probe(host, wish, { hosts, swarm, signal });
  } catch (thrown) {
    if (!(thrown instanceof UserError) || signal.aborted) throw thrown;
    await removeHalfJoined(earlier, swarm, signal, step.act);
    throw new UserError(`${told(host, first)} ${thrown.message}`, {
      hint: thrown.hint,
      remedies: thrown.remedies,
      cause: thrown,
    });
  }
  step.say('nothing is in the way now; joining once more');
  await step.act(`join ${host.name} as ${wish.role} once more`, () =>
    callJoin(host, swarm, wish, advertise, signal),
  );
  const second = await bothAgree(host, swarm, signal, step.say);
  if (second.kind === 'agreed') return { node: second.node, failed: earlier };
  await letGo(host, second, step, signal);
  const failed = [...earlier, second.nodeId].filter(Boolean);
  await removeHalfJoined(failed, swarm, signal, step.act);
  throw inTheEnd(host, wish, second);
}

/** Number of the diagnosis that says no more than that. */
const RAN_OUT_OF_TIME = 1;

async function letGo(
  host: Host,
  { kind }: Exclude<Agreement, { kind: 'agreed' }>,
  step: Step,
  signal: AbortSignal,
): Promise<void> {
  step.say(kind === 'error' ? 'the join ended in an error, leaving' : 'the join is still pending, leaving');
  await step.act(`forget the failed join of ${host.name}`, () => host.leaveSwarm({ force: true }, signal));
}

function told(host: Host, { kind, text }: Exclude<Agreement, { kind: 'agreed' }>): string {
  return kind === 'error'
    ? `${host.name} could not join: ${text.replace(/\.$/, '')}.`
    : `${host.name} has not joined within ${AGREE_DEADLINE_MS / 1000} s: ${text.replace(/\.$/, '')}.`;
}

function inTheEnd(host: Host, wish: Wish, outcome: Exclude<Agreement, { kind: 'agreed' }>): UserError {
  const found = diagnose(outcome.text, { doing: 'join', host: host.name, localState: outcome.kind });
  // That it ran out of time is known; why is what a check and the managers' load tell.
  const known = found && found.row !== RAN_OUT_OF_TIME ? found : undefined;
  return new UserError(`${told(host, outcome)} It was tried twice, and is in no swarm now.`, {
    hint: known
      ? `${known.cause} ${known.explanation} ${known.advice}`
      : `The ports were tried with small packets and let them through. Check the path and the load of the managers, and look at the engine's log on ${host.name} (\`journalctl -u docker\`).`,
    remedies: [
      { label: 'Check it', line: checkLine(host.name, wish) },
      ...(known?.remedies ?? []),
      { label: 'Join again', line: joinLine(host.name, { ...wish, again: false }) },
    ],
  });
}
