/** The same records as lines of JSON, for a log shipper: to a file or to standard output. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import type { Log } from '../log.ts';
import { Script } from '../queue/redis.ts';
import { lineOf, type Entry } from './chain.ts';
import { readSome, UNSHIPPED } from './stream.ts';

export interface Shipper {
  /** Writes them as soon as it can. What it cannot write stays noted in Redis, and is tried again. */
  ship(entries: Entry[]): void;
  close(): Promise<void>;
}

/** A record that nobody has written for so long is written by whoever looks: its process died, or its disk was full. */
const OVERDUE_MS = 20_000;
const LOOK_MS = 5000;
/** Overdue records that are written in one go. */
const MOST_OVERDUE = 500;
/** Records that wait in memory while a disk is slow; the others are in Redis. */
const MOST_WAITING = 5000;
/** Characters of one write. */
const MOST_IN_PIECE = 100_000;

// Of several processes that look at once each takes others.
// KEYS: unshipped. ARGV: noted before, now, most
const TAKE_OVERDUE = new Script(`
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, seq in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], seq) end
return due`);

/** `to`: `stdout`, or the path of a file. */
export function openShipper(redis: Redis, to: string, log: Pick<Log, 'info' | 'warn' | 'error'>): Shipper {
  const sink = to === 'stdout' ? stdout : appendTo(to);
  let waiting: Entry[] = [];
  let writing: Promise<void> | undefined;
  let closed = false;
  let failing = false;

  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const entries = waiting;
      waiting = [];
      try {
        for (const lines of inPieces(entries)) await sink.write(lines);
        if (failing) log.info({ to }, 'lines of the audit are written again');
        failing = false;
      } catch (error) {
        if (!failing)
          log.error({ err: error, to }, 'lines of the audit cannot be written; Redis keeps the records');
        failing = true;
        continue;
      }
      // A process that dies before this writes them twice: no line is better lost than doubled.
      await redis
        .zrem(UNSHIPPED, ...entries.map(({ seq }) => seq))
        .catch((error: unknown) => log.warn({ err: error }, 'lines of the audit'));
    }
    writing = undefined;
  };
  const ship = (entries: Entry[]): void => {
    if (closed || waiting.length > MOST_WAITING) return;
    waiting.push(...entries);
    writing ??= Promise.resolve().then(write);
  };
  const lookForOverdue = async (): Promise<void> => {
    if (writing) return;
    const now = Date.now();
    const args = [now - OVERDUE_MS, now, MOST_OVERDUE];
    const seqs = (await TAKE_OVERDUE.run(redis, [UNSHIPPED], args)) as string[];
    if (seqs.length === 0) return;
    const entries = await readSome(redis, seqs);
    const there = new Set(entries.map(({ seq }) => String(seq)));
    const gone = seqs.filter((seq) => !there.has(seq));
    if (gone.length > 0) await redis.zrem(UNSHIPPED, ...gone);
    if (entries.length > 0) ship(entries);
  };
  const look = (): void => {
    if (closed) return;
    lookForOverdue().catch((error: unknown) => log.warn({ err: error }, 'lines of the audit'));
  };
  const looking = setInterval(look, LOOK_MS);
  look();

  return {
    ship,
    close: async () => {
      closed = true;
      clearInterval(looking);
      await writing;
      await sink.close();
    },
  };
}

/** Whole lines, in pieces that the kernel takes in one write: those of two processes never mix. */
function inPieces(entries: Entry[]): string[] {
  const pieces: string[] = [];
  for (const entry of entries) {
    const line = `${lineOf(entry)}\n`;
    const last = pieces.at(-1);
    if (last !== undefined && last.length + line.length <= MOST_IN_PIECE)
      pieces[pieces.length - 1] = last + line;
    else pieces.push(line);
  }
  return pieces;
}

interface Sink {
  write(lines: string): Promise<void>;
  close(): Promise<void>;
}

const stdout: Sink = {
  write: (lines) =>
    new Promise((done, failed) => {
      process.stdout.write(lines, (error) => (error ? failed(error) : done()));
    }),
  close: () => Promise.resolve(),
};

/** Appends to the file of this name, whichever that is: one that was rotated away is left, and a new one begun. */
function appendTo(path: string): Sink {
  let file: FileHandle | undefined;
  /** The last write broke off, perhaps in the middle of a line. */
  let broken = false;
  const current = async (): Promise<FileHandle> => {
    const there = await stat(path).catch(() => undefined);
    const own = await file?.stat();
    if (file && there?.ino === own?.ino && there?.dev === own?.dev) return file;
    await file?.close();
    file = undefined;
    // O_APPEND: bot and worker may write to one file.
    file = await open(path, 'a', 0o600);
    return file;
  };
  return {
    write: async (lines) => {
      const to = await current();
      const bytes = Buffer.from(`${broken ? '\n' : ''}${lines}`);
      broken = true;
      const { bytesWritten } = await to.write(bytes);
      if (bytesWritten < bytes.length) throw new Error(`Only a part of the lines fits into ${path}.`);
      broken = false;
    },
    close: async () => {
      await file?.close();
      file = undefined;
    },
  };
}
