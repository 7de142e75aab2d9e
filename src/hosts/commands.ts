/** Commands on a host, for what no API tells: one SSH channel each, the argv quoted, the output bounded, a deadline. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import type { SshConnection } from './connection.ts';
import { within } from './deadline.ts';
import { HostFailure } from './failures.ts';
import type { CommandResult, Conversation, HostSettings } from './hosts.ts';
import { shellLine } from './quote.ts';
import { redact } from './redact.ts';

/** Enough for the rules of a firewall with a thousand services; what is longer is cut. */
const MOST_OUTPUT = 512 * 1024;
const RUN_MS = 20_000;
/** sshd's MaxSessions is 10 by default, and where sockets are not forwarded the engine's fallback uses some of them too. */
const AT_ONCE = 4;
/** A session that sshd refuses is asked for again: the fallback's are free again soon. */
const AGAIN_AFTER_MS = [200, 600];

export interface RunOptions {
  input?: string;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** Runs commands over one host's connection, two at a time; the others wait their turn. */
export class Commands {
  readonly #host: HostSettings;
  readonly #connection: SshConnection;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(host: HostSettings, connection: SshConnection) {
    this.#host = host;
    this.#connection = connection;
  }

  /** @throws HostFailure when the host cannot be reached, runs no commands, or the command does not end in time. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    const { input = '', timeoutMs = RUN_MS, signal } = options;
    await this.#connection.client(signal);
    return await within(
      timeoutMs,
      signal,
      () => this.#late(argv, timeoutMs),
      async (both) => {
        const command = await this.#open(argv, both);
        command.channel.end(input);
        return await command.ended;
      },
    );
  }

  /** As `run`, but talks with the command while it runs. */
  async converse(
    argv: readonly string[],
    onLine: (line: string) => void,
    options: Omit<RunOptions, 'input'> = {},
  ): Promise<Conversation> {
    const { timeoutMs = RUN_MS, signal } = options;
    await this.#connection.client(signal);
    const over = AbortSignal.timeout(timeoutMs);
    const both = signal ? AbortSignal.any([signal, over]) : over;
    const late = () => this.#late(argv, timeoutMs);
    const command = await this.#open(argv, both, onLine).catch((thrown: unknown) => {
      throw over.aborted && !signal?.aborted ? late() : thrown;
    });
    return {
      say: (line) => command.channel.write(`${line}\n`),
      ended: command.ended,
      end: async () => {
        command.channel.end();
        return await within(timeoutMs, signal, late, () => command.ended);
      },
    };
  }

  async #open(
    argv: readonly string[],
    signal: AbortSignal,
    onLine?: (line: string) => void,
  ): Promise<{ channel: ClientChannel; ended: Promise<CommandResult> }> {
    const line = shellLine(argv);
    await this.#turn(signal);
    try {
      const { channel, ended } = await this.#exec(line, onLine, signal);
      const stop = () => channel.destroy();
      // Without its channel a command finds its stdin closed; a program that does not look there gets SIGHUP by sshd.
      signal.addEventListener('abort', stop, { once: true });
      // Not the channel's 'close': of a short command that has come already.
      const over = () => {
        signal.removeEventListener('abort', stop);
        this.#next();
      };
      ended.then(over, over);
      return { channel, ended };
    } catch (thrown) {
      this.#next();
      if (thrown instanceof HostFailure || signal.aborted) throw thrown;
      throw new HostFailure(
        this.#host.name,
        'forbidden',
        `The sshd of ${this.#host.name} runs no commands for ${this.#host.ssh.user}.`,
        {
          hint: 'Check its authorized_keys (command=, restrict), and MaxSessions in its sshd_config.',
          cause: thrown,
        },
      );
    }
  }

  async #exec(
    line: string,
    onLine: ((line: string) => void) | undefined,
    signal: AbortSignal,
  ): Promise<{ channel: ClientChannel; ended: Promise<CommandResult> }> {
    const attempt = async () => {
      let ended: Promise<CommandResult> | undefined;
      const channel = await this.#connection.open(
        (client, done) =>
          client.exec(line, (error, opened) => {
            // At once: a short command's exit code may be in the same packet as the answer that it was started.
            if (!error) ended = collect(opened, onLine);
            done(error, opened);
          }),
        signal,
      );
      if (ended === undefined) throw new Error('A channel was opened without its answer.');
      return { channel, ended };
    };
    for (const ms of AGAIN_AFTER_MS) {
      try {
        return await attempt();
      } catch (thrown) {
        if (thrown instanceof HostFailure || signal.aborted) throw thrown;
        await sleep(ms, undefined, { signal });
      }
    }
    return await attempt();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#running < AT_ONCE) {
      this.#running++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const mine = () => {
        signal.removeEventListener('abort', give);
        resolve();
      };
      const give = () => {
        const at = this.#waiting.indexOf(mine);
        if (at !== -1) this.#waiting.splice(at, 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(mine);
      signal.addEventListener('abort', give, { once: true });
    });
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running--;
  }

  #late([program = '']: readonly string[], ms: number): HostFailure {
    return new HostFailure(
      this.#host.name,
      'silent',
      `${program} on ${this.#host.name} did not end within ${Math.round(ms / 1000)} s.`,
      { hint: 'The host may be overloaded or hung: look at its load, then try again.' },
    );
  }
}

function collect(channel: ClientChannel, onLine?: (line: string) => void): Promise<CommandResult> {
  const ended = new Promise<CommandResult>((resolve, reject) => {
    const output = { stdout: '', stderr: '' };
    let code: number | undefined;
    let unfinished = '';
    const keep = (stream: keyof typeof output) => (chunk: Buffer) => {
      if (output[stream].length < MOST_OUTPUT)
        output[stream] = (output[stream] + chunk.toString()).slice(0, MOST_OUTPUT);
    };
    channel.on('data', keep('stdout'));
    channel.stderr.on('data', keep('stderr'));
    if (onLine)
      channel.on('data', (chunk: Buffer) => {
        const lines = (unfinished + chunk.toString()).split('\n');
        unfinished = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      });
    channel.on('exit', (exit: number | null) => (code = exit ?? undefined));
    channel.on('error', reject);
    channel.on('close', () => resolve({ code, stdout: output.stdout, stderr: redact(output.stderr) }));
  });
  // Whoever has given up by then does not hear of its failure.
  ended.catch(() => {});
  return ended;
}
