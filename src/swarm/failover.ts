import { UserError, isAbort, messageOf } from '../errors.ts';
import type { Engine } from '../hosts/engine.ts';
import { EngineRefusal, HostFailure } from '../hosts/failures.ts';
import type { HostFailureKind } from '../hosts/failures.ts';
import type { EngineCall } from '../hosts/ssh-host.ts';
import type { Log } from '../hosts/log.ts';

/** What the swarm needs of the hosts: an engine to talk to, by name. */
export interface EngineHosts {
  host(name: string): {
    call<T>(call: EngineCall, ask: (engine: Engine, abortSignal: AbortSignal) => Promise<T>): Promise<T>;
  };
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
function passOver(thrown: unknown): { short: string; kind: string } | undefined {
  if (thrown instanceof HostFailure) return { short: IN_SHORT[thrown.kind], kind: thrown.kind };
  if (!(thrown instanceof EngineRefusal)) return undefined;
  return NOT_THIS_ONE.find(({ text }) => text.test(thrown.text));
}

/** Asks the managers one after the other, the one that answered last first. */
export class Managers {
  readonly #names: string[];
  readonly #hosts: EngineHosts;
  readonly #log: Log;
  #last = 0;

  constructor(names: string[], hosts: EngineHosts, log: Log) {
    this.#names = names;
    this.#hosts = hosts;
    this.#log = log;
  }

  /**
   * @returns what the first manager that can answer says, and its name.
   * @throws UserError with every manager's reason when none can; what the engine refused when one did.
   */
  async ask<T>(
    call: EngineCall,
    question: (engine: Engine, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<{ answer: T; via: string }> {
    const failed: { name: string; short: string; kind: string; thrown: unknown }[] = [];
    const start = this.#last;
    for (let tried = 0; tried < this.#names.length; tried++) {
      const index = (start + tried) % this.#names.length;
      const name = this.#names[index] ?? '';
      try {
        const answer = await this.#hosts.host(name).call(call, question);
        this.#last = index;
        return { answer, via: name };
      } catch (thrown) {
        if (isAbort(thrown) || call.signal?.aborted) throw thrown;
        const reason = passOver(thrown);
        if (reason === undefined) throw thrown;
        failed.push({ name, thrown, ...reason });
        this.#log.warn({ host: name, what: call.what, error: messageOf(thrown) }, 'manager passed over');
      }
    }
    throw noManager(failed);
  }
}

/** No manager could be asked. May pass by itself: a change of leader takes some seconds. */
export class NoManager extends UserError {}

function noManager(failed: { name: string; short: string; kind: string; thrown: unknown }[]): NoManager {
  const [only] = failed;
  if (only === undefined) {
    return new NoManager('No managers are configured.', {
      hint: 'Name at least one under `managers` in swarm.yaml.',
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
    });
  }
  if (kinds.has('locked')) {
    return new NoManager('The swarm is locked: a manager was restarted and waits for the unlock key.', {
      hint: `Type \`docker swarm unlock\` on ${failed.find(({ kind }) => kind === 'locked')?.name}. Never put the key in chat.`,
      cause,
    });
  }
  if (failed.length === 1 && only.thrown instanceof HostFailure) {
    return new NoManager(`The manager ${only.name} does not answer: ${only.thrown.message}`, {
      hint: only.thrown.hint,
      cause,
    });
  }
  const hint = kinds.has('no-manager')
    ? 'Check that `managers` in swarm.yaml names hosts that are managers of the swarm.'
    : 'Check that the managers are up and that the worker reaches them over SSH.';
  return new NoManager(`No manager answers: ${list(failed)}.`, { hint, cause });
}

function list(failed: { name: string; short: string }[]): string {
  return failed.map(({ name, short }) => `${name} (${short})`).join(', ');
}
