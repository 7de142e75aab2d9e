import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/** Enough of a remote command's complaint to tell what it is about. */
const STDERR_KEPT = 4096;

/** What a remote command that ended before it said anything left behind. */
export interface EarlyEnd {
  code: number | undefined;
  stderr: string;
}

/**
 * An SSH channel as the socket that Node's HTTP client wants. ssh2's own channel does not do as one: its `destroy`
 * waits for the other side, so that a request aborted on a dead link would hang, and a write to a closed channel
 * never calls back.
 */
export class ChannelSocket extends Duplex {
  readonly #channel: ClientChannel;

  /** `explain`: for a channel that runs a command, the error to end with when it ends without a word on stdout. */
  constructor(channel: ClientChannel, explain?: (end: EarlyEnd) => Error) {
    super({ allowHalfOpen: false });
    this.#channel = channel;
    let silent = true;
    let stderr = '';
    let code: number | undefined;
    channel.on('error', (error: Error) => this.destroy(error));
    channel.on('data', (chunk: Buffer) => {
      silent = false;
      if (!this.push(chunk)) channel.pause();
    });
    // Unread stderr would fill the channel's window and stop stdout with it.
    channel.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < STDERR_KEPT) stderr += chunk.toString();
    });
    channel.on('exit', (exit: number | null) => (code = exit ?? undefined));
    channel.on('end', () => {
      // The reason of an early end comes after the end: wait for the close.
      if (explain !== undefined && silent) return;
      this.push(null);
      // An idle socket has no reader who would come upon the end.
      if (this.readableLength === 0) this.read(0);
    });
    channel.on('close', () => {
      if (explain !== undefined && silent && !this.destroyed) this.destroy(explain({ code, stderr }));
      else this.destroy();
    });
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#channel.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#channel.destroy();
    done(error);
  }

  // What the HTTP agent calls on a TCP socket. The SSH connection keeps itself alive.
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
