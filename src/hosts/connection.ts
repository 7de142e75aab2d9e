import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import type { Client, ClientChannel, ConnectConfig } from 'ssh2';
import { messageOf } from '../errors.ts';
import { noteHostKey } from '../host-keys.ts';
import { orAborted } from './deadline.ts';
import type { HostFailure } from './failures.ts';
import type { HostSettings } from './hosts.ts';
import {
  fingerprint,
  hostKeyAlgorithms,
  judgeHostKey,
  knownKeys,
  parseKnownHosts,
  typeOfBlob,
} from './known-hosts.ts';
import type { Log } from './log.ts';
import { connectFailure, connectionLost, fileFailure, hostKeyFailure, keyFailure } from './ssh-failures.ts';

export interface ConnectionTimes {
  /** Until a login must have succeeded, in ms. */
  connectMs: number;
  /** Between two keepalive questions, in ms; after `keepaliveMisses` unanswered ones the connection counts as lost. */
  keepaliveMs: number;
  keepaliveMisses: number;
}

/** Opens one channel on a client; ssh2's three ways of doing so have this shape. */
export type OpenChannel = (
  client: Client,
  done: (error: Error | undefined, channel: ClientChannel) => void,
) => void;

/** What ssh2 says to those who wait for a channel when the connection ends. */
const LOST = new Set(['No response from server', 'Not connected']);

/** The one SSH connection to a host: made at the first use, shared by all, made again at the next use after a loss. */
export class SshConnection {
  readonly #host: HostSettings;
  readonly #times: ConnectionTimes;
  readonly #log: Log;
  #client: Promise<Client> | undefined;
  #generation = 0;
  #closed = false;
  /** Fingerprint of the key that the host has shown on this connection. */
  #hostKey = '';

  constructor(host: HostSettings, times: ConnectionTimes, log: Log) {
    this.#host = host;
    this.#times = times;
    this.#log = log;
  }

  /** Grows with every new connection: what was learned over an older one may have changed. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * A logged-in client. Any number of callers share one attempt.
   * @throws HostFailure when the host cannot be reached, its key is not the known one, or the login is refused.
   */
  client(signal?: AbortSignal): Promise<Client> {
    if (this.#closed)
      return Promise.reject(new Error(`The connection to ${this.#host.name} was closed for good.`));
    this.#client ??= this.#connect();
    return orAborted(this.#client, signal).then((client) => {
      noteHostKey(this.#host.name, this.#hostKey);
      return client;
    });
  }

  /**
   * Opens a channel. When the caller gives up, a channel that opens later is closed.
   * @throws HostFailure when there is no connection; the error of ssh2 when the host refuses the channel.
   */
  async open(open: OpenChannel, signal?: AbortSignal): Promise<ClientChannel> {
    const client = await this.client(signal);
    const opened = new Promise<ClientChannel>((resolve, reject) => {
      const done = (error: Error | undefined, channel: ClientChannel) => {
        if (error === undefined) resolve(channel);
        else reject(LOST.has(error.message) ? connectionLost(this.#host, error) : error);
      };
      try {
        open(client, done);
      } catch (error) {
        // ssh2 throws `Not connected` at once when the connection broke a moment ago.
        reject(connectionLost(this.#host, error));
      }
    });
    try {
      return await orAborted(opened, signal);
    } catch (error) {
      opened.then(
        (channel) => channel.destroy(),
        () => {},
      );
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => undefined);
    if (client === undefined) return;
    await new Promise<void>((resolve) => {
      // A dead link answers no farewell.
      const timer = setTimeout(() => client.destroy(), 1000);
      client.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      client.end();
    });
  }

  #connect(): Promise<Client> {
    const attempt = this.#attempt();
    const forget = () => {
      if (this.#client === attempt) this.#client = undefined;
    };
    attempt.then((client) => client.once('close', forget), forget);
    return attempt;
  }

  async #attempt(): Promise<Client> {
    const host = this.#host;
    const [privateKey, known] = await Promise.all([this.#privateKey(), this.#knownHosts()]);
    const { address, ssh } = host;
    let refused: HostFailure | undefined;
    let shown = '';
    const config: ConnectConfig = {
      host: address,
      port: ssh.port,
      username: ssh.user,
      privateKey,
      // Without asking first which methods there are: one round trip less.
      authHandler: ['publickey'],
      readyTimeout: this.#times.connectMs,
      keepaliveInterval: this.#times.keepaliveMs,
      keepaliveCountMax: this.#times.keepaliveMisses,
      algorithms: { serverHostKey: hostKeyAlgorithms(knownKeys(known, address, ssh.port)) },
      hostVerifier: (blob: Buffer) => {
        const offered = { type: typeOfBlob(blob), blob };
        shown = fingerprint(offered);
        refused = hostKeyFailure(
          host,
          offered,
          judgeHostKey(known, address, ssh.port, offered),
          known.ignored,
        );
        return refused === undefined;
      },
    };
    return await new Promise<Client>((resolve, reject) => {
      const client = new ssh2.Client();
      let connected = false;
      client.on('connect', () => {
        connected = true;
        // Small packets wait 40 ms for an acknowledgement otherwise, at every question.
        client.setNoDelay(true);
      });
      client.on('ready', () => {
        this.#generation++;
        this.#hostKey = shown;
        this.#log.debug({ host: host.name }, 'ssh connection is up');
        hurry(client);
        resolve(client);
      });
      // Stays for the whole life of the client: an `error` without a listener would end the process.
      client.on('error', (error) => {
        this.#log.debug({ host: host.name, error: messageOf(error) }, 'ssh connection failed');
        reject(refused ?? connectFailure(host, error, connected));
        client.destroy();
      });
      client.on('close', () =>
        reject(refused ?? connectFailure(host, new Error('it was closed.'), connected)),
      );
      client.connect(config);
    });
  }

  // Both files are read at every new connection: a corrected file counts without a restart.
  async #privateKey(): Promise<Buffer> {
    const path = this.#host.ssh.key;
    const content = await readFile(path).catch((error: unknown) => {
      throw fileFailure(this.#host, { kind: 'private key', path }, error);
    });
    const key = ssh2.utils.parseKey(content);
    if (key instanceof Error) throw keyFailure(this.#host, key.message || 'its form is unknown');
    if (!key.isPrivateKey()) throw keyFailure(this.#host, '');
    return content;
  }

  async #knownHosts() {
    const path = this.#host.ssh.knownHosts;
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw fileFailure(this.#host, { kind: 'known_hosts', path }, error);
    });
    const known = parseKnownHosts(text);
    if (known.ignored.length > 0)
      this.#log.debug({ file: path, lines: known.ignored }, 'known_hosts lines not used');
    return known;
  }
}

/**
 * sshd sends small packets at once (TCP_NODELAY) only from the first command of a connection on; before that, of two
 * answers the second waits up to 40 ms. Measured with OpenSSH 9.2: 6 ms instead of 16 to 55 for three questions at once.
 * Where no command may be run, all works the same, only slower.
 */
function hurry(client: Client): void {
  client.exec('true', (error, channel) => {
    if (error) return;
    channel.on('error', () => {});
    channel.resume();
    channel.stderr.resume();
  });
}
