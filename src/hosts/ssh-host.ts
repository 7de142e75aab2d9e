import Dockerode from 'dockerode';
import { isAbort } from '../errors.ts';
import { SshConnection } from './connection.ts';
import type { ConnectionTimes } from './connection.ts';
import { within } from './deadline.ts';
import { Commands } from './commands.ts';
import { dialOutcome } from './dial-outcome.ts';
import { EngineAgent } from './engine-agent.ts';
import { isReference } from './engine.ts';
import type { Engine } from './engine.ts';
import { withLists } from './engine-lists.ts';
import { withLogStreams } from './engine-logs.ts';
import { engineFailure, engineSilent, tooOld } from './engine-failures.ts';
import { parseInfo } from './engine-info.ts';
import { EngineRefusal, HostFailure } from './failures.ts';
import type {
  CommandResult,
  Conversation,
  DialOutcome,
  EngineInfo,
  Host,
  HostSettings,
  JoinOutcome,
  JoinRequest,
} from './hosts.ts';
import { joinOutcome, leftAlready } from './join-outcome.ts';
import type { Log } from './log.ts';
import { pruning } from './prune.ts';

export interface HostTimes extends ConnectionTimes {
  /** Until an engine must have answered a plain question, in ms. */
  answerMs: number;
}

/** The engine gives a join up after 20 s, a leave after about as long. */
const JOIN_MS = 45_000;
const DIAL_MS = 5_000;
const IMAGES_AT_ONCE = 4;
/** Until a connection that broke must stand again: noticing may have taken 20 s, and a host that is up answers soon. */
const AGAIN_MS = 24_000;
const AGAIN_AT_LEAST_MS = 4_000;

/** What a call to an engine needs to know beside the call itself. */
export interface EngineCall {
  /** For messages and the log: what was asked. */
  what: string;
  /** May be asked twice without harm, so it is, once, when the connection breaks underneath. */
  repeatable?: boolean;
  ms?: number;
  signal?: AbortSignal | undefined;
}

/** The host behind interface Host. Only src/hosts and src/swarm see more of it than that. */
export class SshHost implements Host {
  readonly settings: HostSettings;
  readonly #times: HostTimes;
  readonly #log: Log;
  readonly #connection: SshConnection;
  readonly #agent: EngineAgent;
  readonly #docker: Dockerode;
  readonly #engine: Engine;
  readonly #commands: Commands;
  readonly #pruning = pruning((call, ask) => this.call(call, ask));
  readonly prunable = this.#pruning.prunable;
  readonly prune = this.#pruning.prune;
  /** Number of the connection over which the engine's version was found good. */
  #checked = 0;

  constructor(settings: HostSettings, times: HostTimes, log: Log) {
    this.settings = settings;
    this.#times = times;
    this.#log = log;
    this.#connection = new SshConnection(settings, times, log);
    this.#agent = new EngineAgent(settings, this.#connection);
    this.#commands = new Commands(settings, this.#connection);
    // No version in the paths: an engine then speaks its own newest one, so that a spec that is read and sent back
    // loses no field. `host` and `protocol` are given so that DOCKER_HOST in the environment counts for nothing.
    const options: Dockerode.DockerOptions & { agent: EngineAgent } = {
      host: 'http://engine',
      port: 80,
      protocol: 'http',
      agent: this.#agent,
    };
    this.#docker = new Dockerode(options);
    this.#engine = withLogStreams(this.#docker, withLists(this.#docker));
    followNoRedirects(this.#docker);
  }

  get name(): string {
    return this.settings.name;
  }

  get address(): string {
    return this.settings.address;
  }

  /** A client of the host's engine, once it is known to be reachable and to know swarm mode. */
  async docker(signal?: AbortSignal): Promise<Dockerode> {
    await this.call({ what: 'version', repeatable: true, signal }, () => Promise.resolve());
    return this.#docker;
  }

  /**
   * Runs one call on the engine, with a deadline.
   * @throws HostFailure, EngineRefusal, or the reason of the signal.
   */
  async call<T>(call: EngineCall, ask: (engine: Engine, abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    const { what, repeatable = false, ms = this.#times.answerMs, signal } = call;
    const late = () => engineSilent(this.settings, what, ms);
    const attempt = (connected: (signal: AbortSignal) => Promise<unknown>) => {
      // A change must not get lost on a socket that is dead already: it would have to be reported as maybe done.
      if (!repeatable) this.#agent.dropIdle();
      return within(ms + this.#times.connectMs, signal, late, async (both) => {
        await connected(both);
        return await within(ms, both, late, async (abortSignal) => {
          await this.#checkVersion(abortSignal);
          return await ask(this.#engine, abortSignal);
        });
      });
    };
    const connect = (both: AbortSignal) => this.#connection.client(both);
    const began = performance.now();
    let broke: HostFailure;
    try {
      return await attempt(connect);
    } catch (thrown) {
      const failure = this.#understood(thrown, signal);
      if (!repeatable || !isBroken(failure)) throw failure;
      broke = failure;
      this.#log.debug({ host: this.name, what }, 'connection broke during a question; asking once more');
      this.#agent.dropIdle();
    }
    try {
      const left = Math.max(AGAIN_AT_LEAST_MS, AGAIN_MS - (performance.now() - began));
      return await attempt((both) => within(left, both, () => broke, connect));
    } catch (thrown) {
      throw this.#understood(thrown, signal);
    }
  }

  async info(signal?: AbortSignal): Promise<EngineInfo> {
    return parseInfo(
      await this.call({ what: 'info', repeatable: true, signal }, (engine, abortSignal) =>
        engine.info({ abortSignal }),
      ),
    );
  }

  async joinSwarm(request: JoinRequest, signal?: AbortSignal): Promise<JoinOutcome> {
    try {
      await this.call({ what: 'join', ms: JOIN_MS, signal }, (engine, abortSignal) =>
        engine.swarmJoin({
          ListenAddr: '0.0.0.0:2377',
          AdvertiseAddr: request.advertiseAddress ?? '',
          RemoteAddrs: request.managers,
          JoinToken: request.token.reveal(),
          Availability: request.drained ? 'drain' : 'active',
          abortSignal,
        }),
      );
      return { kind: 'joined' };
    } catch (thrown) {
      if (thrown instanceof EngineRefusal) return joinOutcome(thrown);
      throw thrown;
    }
  }

  async leaveSwarm({ force }: { force: boolean }, signal?: AbortSignal): Promise<void> {
    try {
      await this.call({ what: 'leave', ms: JOIN_MS, signal }, (engine, abortSignal) =>
        engine.swarmLeave({ force, abortSignal }),
      );
    } catch (thrown) {
      if (!(thrown instanceof EngineRefusal)) throw thrown;
      leftAlready(thrown);
    }
  }

  async missingImages(references: string[], signal?: AbortSignal): Promise<string[]> {
    const waiting = [...new Set(references)];
    const missing = new Set<string>();
    const worker = async () => {
      for (let reference = waiting.shift(); reference !== undefined; reference = waiting.shift()) {
        if (!(await this.#hasImage(reference, signal))) missing.add(reference);
      }
    };
    await Promise.all(Array.from({ length: IMAGES_AT_ONCE }, worker));
    return [...new Set(references)].filter((reference) => missing.has(reference));
  }

  async dial(
    address: string,
    port: number,
    { timeoutMs = DIAL_MS, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<DialOutcome> {
    // The time to connect to the host itself is not the port's.
    await this.#connection.client(signal);
    const silence = new Error('no answer');
    try {
      const channel = await within(
        timeoutMs,
        signal,
        () => silence,
        (both) =>
          this.#connection.open(
            (client, done) => client.forwardOut('127.0.0.1', 0, address, port, done),
            both,
          ),
      );
      channel.on('error', () => {});
      channel.destroy();
      return { kind: 'open' };
    } catch (thrown) {
      if (thrown === silence) {
        return { kind: 'unreachable', reason: `no answer within ${Math.round(timeoutMs / 100) / 10} s` };
      }
      if (thrown instanceof Error && 'reason' in thrown) return dialOutcome(this.settings, thrown);
      throw thrown;
    }
  }

  run(
    argv: readonly string[],
    options?: { input?: string; timeoutMs?: number; signal?: AbortSignal },
  ): Promise<CommandResult> {
    return this.#commands.run(argv, options);
  }

  converse(
    argv: readonly string[],
    onLine: (line: string) => void,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<Conversation> {
    return this.#commands.converse(argv, onLine, options);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.#connection.close();
  }

  async #hasImage(reference: string, signal: AbortSignal | undefined): Promise<boolean> {
    if (!isReference(reference)) return false;
    try {
      await this.call({ what: 'images', repeatable: true, signal }, (engine, abortSignal) =>
        engine.getImage(reference).inspect({ abortSignal }),
      );
      return true;
    } catch (thrown) {
      const notThere =
        thrown instanceof EngineRefusal && (thrown.status === 404 || /invalid reference/i.test(thrown.text));
      if (notThere) return false;
      throw thrown;
    }
  }

  /** Once for each connection: an engine is not replaced by an older one underneath a standing connection. */
  async #checkVersion(abortSignal: AbortSignal): Promise<void> {
    const { generation } = this.#connection;
    if (this.#checked === generation) return;
    const answer = await this.#engine.version({ abortSignal });
    const version =
      typeof answer === 'object' &&
      answer !== null &&
      'Version' in answer &&
      typeof answer.Version === 'string'
        ? answer.Version
        : '';
    const failure = tooOld(this.settings, version);
    if (failure) throw failure;
    this.#checked = generation;
  }

  #understood(thrown: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted && (thrown === signal.reason || isAbort(thrown))) return signal.reason;
    return engineFailure(this.settings, thrown) ?? thrown;
  }
}

/** The connection broke while it was used; a host that could not be reached in the first place is not asked again. */
function isBroken(failure: unknown): failure is HostFailure {
  return failure instanceof HostFailure && failure.kind === 'unreachable' && failure.broke;
}

/**
 * docker-modem follows a redirect without the agent: out into the network, with an error that nobody hears. An engine
 * redirects only what it takes for a wrong path, so a redirect is an error here.
 */
function followNoRedirects(docker: Dockerode): void {
  const modem = docker.modem as unknown as { buildRequest(options: object, ...rest: unknown[]): void };
  const build = modem.buildRequest.bind(modem);
  modem.buildRequest = (options, ...rest) => build({ ...options, maxRedirects: 0 }, ...rest);
}
