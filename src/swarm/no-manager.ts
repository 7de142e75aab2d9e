/** What managers say when it is not the question that is wrong, and the failure when that is all they say. */
import { UserError, messageOf } from '../errors.ts';
import { EngineRefusal, HostFailure } from '../hosts/failures.ts';
import type { HostFailureKind } from '../hosts/failures.ts';

/** A manager that could not answer. */
export interface Failed {
  name: string;
  short: string;
  kind: string;
  thrown: unknown;
}

const IN_SHORT: Record<HostFailureKind, string> = {
  unreachable: 'cannot be reached',
  'host-key': 'its host key is not the known one',
  login: 'refuses the login',
  socket: 'its engine is not running',
  silent: 'its engine does not answer',
  'too-old': 'its engine is too old',
  forbidden: 'its sshd forbids what is needed',
};

/** Refusals that say something about the manager asked, not about the question. */
const NOT_THIS_ONE: { text: RegExp; short: string; kind: 'no-leader' | 'no-manager' | 'locked' | 'away' }[] =
  [
    {
      text: /does not have a leader|no leader|lost quorum|lost leader status/i,
      short: 'the swarm has no leader',
      kind: 'no-leader',
    },
    {
      text: /not a swarm manager|not part of a swarm/i,
      short: 'is not a manager of a swarm',
      kind: 'no-manager',
    },
    { text: /needs to be unlocked|swarm is encrypted/i, short: 'its swarm is locked', kind: 'locked' },
    {
      text: /code = (Unavailable|DeadlineExceeded)|context deadline exceeded/i,
      short: 'has lost the other managers',
      kind: 'away',
    },
  ];

/** Why another manager should be asked; undefined when the answer stands whoever gives it. */
export function passOver(thrown: unknown): { short: string; kind: string } | undefined {
  if (thrown instanceof HostFailure) return { short: IN_SHORT[thrown.kind], kind: thrown.kind };
  if (!(thrown instanceof EngineRefusal)) return undefined;
  return NOT_THIS_ONE.find(({ text }) => text.test(thrown.text));
}

/** The engine's own no to a change. Anything else leaves open what became of it. */
export function isRefusal(thrown: unknown): boolean {
  const answered =
    thrown instanceof EngineRefusal ||
    (thrown instanceof Error && 'statusCode' in thrown && !!thrown.statusCode);
  return answered && !NOT_THIS_ONE.some(({ text }) => text.test(messageOf(thrown)));
}

/** No manager could be asked. May pass by itself: a change of leader takes some seconds. */
export class NoManager extends UserError {
  /** A change had been sent by then, and nobody knows what became of it: it may take effect once the managers are back. */
  readonly sent: boolean;

  constructor(message: string, { sent, ...options }: { hint: string; cause?: unknown; sent: boolean }) {
    super(message, options);
    this.name = 'NoManager';
    this.sent = sent;
  }
}

export function noManager(failed: Failed[], sent: boolean): NoManager {
  const [only] = failed;
  if (only === undefined) {
    return new NoManager('No managers are configured.', {
      hint: 'Name at least one under `managers` in swarm.yaml.',
      sent,
    });
  }
  const cause = only.thrown;
  const kinds = new Set(failed.map(({ kind }) => kind));
  if (kinds.has('no-leader')) {
    // Those that answer and miss a leader only wait for the others.
    const away = failed.filter(({ kind }) => kind !== 'no-leader');
    return new NoManager('The swarm has no leader, so nothing can be read or changed in it.', {
      hint: `Bring its managers back first: ${list(away.length > 0 ? away : failed)}.`,
      cause,
      sent,
    });
  }
  if (kinds.has('locked')) {
    return new NoManager('The swarm is locked: a manager was restarted and waits for the unlock key.', {
      hint: `Type \`docker swarm unlock\` on ${failed.find(({ kind }) => kind === 'locked')?.name}. Never put the key in chat.`,
      cause,
      sent,
    });
  }
  if (failed.length === 1 && only.thrown instanceof HostFailure) {
    return new NoManager(`The manager ${only.name} does not answer: ${only.thrown.message}`, {
      hint: only.thrown.hint,
      cause,
      sent,
    });
  }
  const hint = kinds.has('no-manager')
    ? 'Check that `managers` in swarm.yaml names hosts that are managers of the swarm.'
    : 'Check that the managers are up and that the worker reaches them over SSH.';
  return new NoManager(`No manager answers: ${list(failed)}.`, { hint, cause, sent });
}

function list(failed: { name: string; short: string }[]): string {
  return failed.map(({ name, short }) => `${name} (${short})`).join(', ');
}
