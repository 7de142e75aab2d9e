import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { Engine } from '../../src/hosts/engine.ts';
import { EngineRefusal, HostFailure } from '../../src/hosts/failures.ts';
import { silent } from '../../src/hosts/log.ts';
import { Managers } from '../../src/swarm/failover.ts';
import type { EngineHosts } from '../../src/swarm/failover.ts';
import { NoManager } from '../../src/swarm/no-manager.ts';

/** Managers of which each answers with its name, or fails so. `asked` tells in which order they were asked. */
function managersThat(fail: Record<string, Error | undefined>) {
  const asked: string[] = [];
  const engine = {} as Engine;
  const hosts: EngineHosts = {
    host: (name) => ({
      call(_call, ask) {
        asked.push(name);
        const failure = fail[name];
        return failure ? Promise.reject(failure) : ask(engine, new AbortController().signal);
      },
    }),
  };
  return { managers: new Managers(Object.keys(fail), hosts, silent), asked, fail };
}

const away = (name: string) =>
  new HostFailure(name, 'unreachable', `${name} does not answer.`, { hint: 'Check it.' });
const says = (name: string, text: string) => new EngineRefusal(name, 503, text);
const ask = (managers: Managers) => managers.ask({ what: 'test' }, () => Promise.resolve(1));
const failureOf = async (managers: Managers) =>
  (await ask(managers).catch((thrown: unknown) => thrown)) as UserError;

test('the manager that answered last is asked first, until it is away', async () => {
  const { managers, asked, fail } = managersThat({ a: away('a'), b: undefined, c: undefined });
  await expect(ask(managers)).resolves.toEqual({ answer: 1, via: 'b' });
  await ask(managers);
  expect(asked).toEqual(['a', 'b', 'b']);
  fail['b'] = away('b');
  await expect(ask(managers)).resolves.toMatchObject({ via: 'c' });
  fail['c'] = away('c');
  fail['a'] = undefined;
  await expect(ask(managers)).resolves.toMatchObject({ via: 'a' });
});

test.each([
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state.",
  "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online.",
  'Swarm is encrypted and needs to be unlocked before it can be used.',
  'rpc error: code = DeadlineExceeded desc = context deadline exceeded',
])('%s is passed over', async (text) => {
  const { managers } = managersThat({ a: says('a', text), b: undefined });
  await expect(ask(managers)).resolves.toMatchObject({ via: 'b' });
});

test('what the engine says about the question itself stands', async () => {
  const refusal = says('a', 'service websky not found');
  const { managers, asked } = managersThat({ a: refusal, b: undefined });
  await expect(ask(managers)).rejects.toBe(refusal);
  expect(asked).toEqual(['a']);
});

test('a cancelled question is not asked of the next one', async () => {
  const reason = new DOMException('cancelled', 'AbortError');
  const { managers, asked } = managersThat({ a: reason, b: undefined });
  await expect(ask(managers)).rejects.toBe(reason);
  expect(asked).toEqual(['a']);
});

describe('when none answers', () => {
  test('each is named with its reason', async () => {
    const { managers } = managersThat({ a: away('a'), b: says('b', 'This node is not a swarm manager.') });
    const failure = await failureOf(managers);
    expect(failure).toBeInstanceOf(UserError);
    expect(failure.message).toBe(
      'No manager answers: a (cannot be reached), b (is not a manager of a swarm).',
    );
    expect(failure.hint).toContain('swarm.yaml');
  });

  test('a single one speaks for itself', async () => {
    const failure = await failureOf(managersThat({ a: away('a') }).managers);
    expect(failure.message).toBe('The manager a does not answer: a does not answer.');
    expect(failure.hint).toBe('Check it.');
  });

  test('a swarm without a leader is called that', async () => {
    const { managers } = managersThat({ a: says('a', 'The swarm does not have a leader.'), b: away('b') });
    const failure = await failureOf(managers);
    expect(failure.message).toContain('no leader');
    expect(failure.hint).toContain('b (cannot be reached)');
  });

  test('a locked swarm says where to type the key, not what it is', async () => {
    const failure = await failureOf(
      managersThat({ a: says('a', 'Swarm is encrypted and needs to be unlocked') }).managers,
    );
    expect(failure.hint).toContain('docker swarm unlock` on a');
  });

  test('no managers at all', async () => {
    expect((await failureOf(managersThat({}).managers)).message).toContain('No managers are configured');
  });
});

describe('managers that take long', () => {
  /** Managers of which each behaves so. */
  const managersOf = (
    behave: Record<string, (ask: () => Promise<number>, signal: AbortSignal) => Promise<number>>,
    times: { patienceMs?: number; questionMs?: number },
    update = (_name: string): Promise<unknown> => Promise.resolve(),
  ) => {
    const asked: string[] = [];
    const hosts: EngineHosts = {
      host: (name) => ({
        call(call, ask) {
          asked.push(name);
          const signal = call.signal ?? AbortSignal.timeout(10_000);
          const engine = { getService: () => ({ update: () => update(name) }) } as unknown as Engine;
          return behave[name]?.(() => ask(engine, signal) as Promise<number>, signal) as Promise<never>;
        },
      }),
    };
    return { managers: new Managers(Object.keys(behave), hosts, silent, times), asked };
  };
  const hangs = (_ask: unknown, signal: AbortSignal) =>
    new Promise<number>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  const answers = (ask: () => Promise<number>) => ask();
  const change = async (engine: Engine, abortSignal: AbortSignal): Promise<number> => {
    await engine.getService('websky').update({ _query: { version: 1 }, _body: {}, abortSignal });
    return 1;
  };
  const sentOf = async (asking: Promise<unknown>) => {
    const thrown = await asking.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(NoManager);
    return (thrown as NoManager).sent;
  };

  test('the next one is asked beside it, and answers', async () => {
    const { managers, asked } = managersOf({ a: hangs, b: hangs, c: answers }, { patienceMs: 5 });
    await expect(ask(managers)).resolves.toEqual({ answer: 1, via: 'c' });
    expect(asked).toEqual(['a', 'b', 'c']);
    await ask(managers);
    expect(asked).toEqual(['a', 'b', 'c', 'c']);
  });

  test('all together have one deadline', async () => {
    const { managers } = managersOf({ a: hangs, b: hangs, c: hangs }, { patienceMs: 5, questionMs: 100 });
    const failure = await failureOf(managers);
    expect(failure.message).toMatch(/^No manager answers: a \(has not answered within .*b \(.*c \(/);
    expect(failure).toMatchObject({ sent: false });
  });

  test('a change that is under way is nowhere sent a second time beside it', async () => {
    const sent: string[] = [];
    const second = Promise.withResolvers<void>();
    // The first manager answers what is read only when the second one has sent the change.
    const slow = async (asking: () => Promise<number>) => {
      await second.promise;
      return await asking();
    };
    const update = async (name: string) => {
      sent.push(name);
      second.resolve();
      await new Promise((resolve) => setTimeout(resolve, 30));
    };
    const { managers } = managersOf({ a: slow, b: answers, c: answers }, { patienceMs: 5 }, update);
    await expect(managers.ask({ what: 'scale' }, change)).resolves.toEqual({ answer: 1, via: 'b' });
    expect(sent).toEqual(['b']);
  });

  test('a change of which nobody says what became of it is told apart from one that was never sent', async () => {
    const lost = () => Promise.reject(says('a', 'rpc error: code = DeadlineExceeded'));
    const during = managersOf({ a: answers, b: hangs }, { questionMs: 100 }, lost);
    expect(await sentOf(during.managers.ask({ what: 'scale' }, change))).toBe(true);
    const late = managersOf({ a: answers }, { questionMs: 100 }, () => new Promise(() => {}));
    expect(await sentOf(late.managers.ask({ what: 'scale' }, change))).toBe(true);
    const before = managersOf({ a: () => Promise.reject(away('a')), b: hangs }, { questionMs: 100 });
    expect(await sentOf(before.managers.ask({ what: 'scale' }, change))).toBe(false);
  });

  test('a change that an engine has refused does not take effect later', async () => {
    const refuse = () => Promise.reject(says('a', 'rpc error: update out of sequence'));
    const { managers } = managersOf({ a: answers }, { questionMs: 100 }, refuse);
    const then = async (engine: Engine, signal: AbortSignal): Promise<number> => {
      await change(engine, signal).catch(() => 0);
      throw away('a');
    };
    expect(await sentOf(managers.ask({ what: 'scale' }, then))).toBe(false);
  });
});
