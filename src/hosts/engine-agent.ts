import { Agent } from 'node:http';
import type { ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { ChannelSocket } from './channel-socket.ts';
import type { EarlyEnd } from './channel-socket.ts';
import type { SshConnection } from './connection.ts';
import { HostFailure } from './failures.ts';
import type { HostSettings } from './hosts.ts';
import { shellLine } from './quote.ts';
import { socketFailure } from './engine-failures.ts';

/** sshd's MaxSessions is 10 by default and bounds the commands of the fallback; two stay free for others. */
const MOST_CHANNELS = 8;

/**
 * Node's HTTP agent over SSH: each socket is a channel to the engine's Unix socket on the host. The agent keeps idle
 * ones for the next request and lets requests wait when all are busy.
 */
export class EngineAgent extends Agent {
  readonly #host: HostSettings;
  readonly #connection: SshConnection;
  /** How the engine was reached over connection number `generation`. */
  #way: { generation: number; by: 'stream-local' | 'dial-stdio' } | undefined;

  #commands = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(host: HostSettings, connection: SshConnection) {
    super({ keepAlive: true, maxSockets: MOST_CHANNELS, maxFreeSockets: 4 });
    this.#host = host;
    this.#connection = connection;
  }

  override createConnection(
    _options: ClientRequestArgs,
    hand?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    this.#open().then(
      (socket) => hand?.(null, socket),
      // The agent looks at no socket when there is an error.
      (error: unknown) => hand?.(error as Error, undefined as unknown as Duplex),
    );
  }

  /** Closes the idle sockets: an engine that was restarted leaves some behind that do not know it yet. */
  dropIdle(): void {
    for (const sockets of Object.values(this.freeSockets))
      for (const socket of sockets ?? []) socket.destroy();
  }

  async #open(): Promise<Duplex> {
    await this.#connection.client();
    const { generation } = this.#connection;
    const learned = this.#way?.generation === generation ? this.#way.by : undefined;
    if (learned !== 'dial-stdio') {
      try {
        const channel = await this.#connection.open((client, done) =>
          client.openssh_forwardOutStreamLocal(this.#host.socket, done),
        );
        this.#way = { generation, by: 'stream-local' };
        return new ChannelSocket(channel);
      } catch (error) {
        if (error instanceof HostFailure) throw error;
        // sshd says the same `open failed` when the socket is gone and when it forbids forwarding. Where forwarding
        // has worked a moment ago it is the socket.
        if (learned === 'stream-local') throw socketFailure(this.#host, { kind: 'gone' }, error);
      }
    }
    return await this.#dialStdio(generation);
  }

  /** Where stream-local forwarding is off: the docker command on the host passes its stdin and stdout to the engine. */
  async #dialStdio(generation: number): Promise<Duplex> {
    const line = shellLine(['docker', '-H', `unix://${this.#host.socket}`, 'system', 'dial-stdio']);
    await this.#commandMayRun();
    const channel = await this.#connection
      .open((client, done) => client.exec(line, done))
      .catch((error: unknown) => {
        this.#commandEnded();
        throw error instanceof HostFailure ? error : socketFailure(this.#host, { kind: 'no-exec' }, error);
      });
    channel.once('close', () => this.#commandEnded());
    channel.once('data', () => (this.#way = { generation, by: 'dial-stdio' }));
    return new ChannelSocket(channel, (end: EarlyEnd) =>
      socketFailure(this.#host, { kind: 'command', ...end }),
    );
  }

  /**
   * sshd counts a command until it has ended, which is a while after the agent has dropped its socket: the agent's own
   * bound is not enough.
   */
  async #commandMayRun(): Promise<void> {
    if (this.#commands >= MOST_CHANNELS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#commands++;
  }

  #commandEnded(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#commands--;
  }
}
