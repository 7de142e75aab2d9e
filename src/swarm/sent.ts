/** Tells when a question turns into a change: only what was sent can take effect after all. */
import type { Engine } from '../hosts/engine.ts';

interface Watch {
  /** Before a change is sent. May throw: then it is not sent. */
  begins(): void;
  /** The engine has said no to it. Not called where nobody knows what became of it. */
  refused(): void;
  /** Whether what was thrown is the engine's own no to the change. */
  isRefusal(thrown: unknown): boolean;
}

type Changes = 'createService' | 'createNetwork' | 'createConfig' | 'swarmUpdate';
type Changing<A extends unknown[]> = (...given: A) => Promise<unknown>;

/** The same engine, whose calls that change something of the swarm are told to `watch`. */
export function watchChanges(engine: Engine, watch: Watch): Engine {
  const told =
    <A extends unknown[]>(send: Changing<A>): Changing<A> =>
    async (...given) => {
      watch.begins();
      try {
        return await send(...given);
      } catch (thrown) {
        if (watch.isRefusal(thrown)) watch.refused();
        throw thrown;
      }
    };
  /** What is not named here comes from the engine's own object, as it is. */
  const over = <T extends object>(own: T, changes: Partial<T>): T =>
    Object.assign(Object.create(own) as T, changes);
  const removable = <T extends { remove: Engine['df'] }>(one: T): T =>
    over(one, { remove: told((options) => one.remove(options)) } as Partial<T>);
  const whole: Pick<Engine, Changes> = {
    createService: told((login, options) => engine.createService(login, options)),
    createNetwork: told((options) => engine.createNetwork(options)),
    createConfig: told((options) => engine.createConfig(options)),
    swarmUpdate: told((options) => engine.swarmUpdate(options)),
  };
  return over(engine, {
    ...whole,
    getNetwork: (id) => removable(engine.getNetwork(id)),
    getConfig: (id) => removable(engine.getConfig(id)),
    getSecret: (id) => removable(engine.getSecret(id)),
    getService(name) {
      const one = engine.getService(name);
      return over(removable(one), { update: told((options) => one.update(options)) });
    },
    getNode(id) {
      const one = engine.getNode(id);
      return over(removable(one), { update: told((options) => one.update(options)) });
    },
  });
}
