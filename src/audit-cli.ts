/** `npm run audit -- verify|show|export|trim`: the audit at a terminal, for whoever runs the bot. */
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { recordOf, isGenuine, lineOf } from './audit/chain.ts';
import { csvLine, CSV_HEAD } from './audit/export.ts';
import type { Head } from './audit/record.ts';
import { fits } from './audit/search.ts';
import { sentence, TERMINAL } from './audit/sentences.ts';
import { readForwards } from './audit/stream.ts';
import { trimAudit } from './audit/trim.ts';
import { verifyAudit } from './audit/verify.ts';
import { ConfigError, readAuditConfig, type AuditConfig } from './config.ts';
import { messageOf, UserError } from './errors.ts';
import { openPrivateRedis } from './queue/private-redis.ts';
import { connectRedis } from './queue/redis.ts';

const HELP = `npm run audit -- verify [--file F]... [--head SEQ:HASH]
    proves that no record was changed, removed, moved or added; with the lines that AUDIT_LOG has written (its file
    is looked at by itself), also that none was cut off the end. --head: where it ended once, as a process logs it when
    it ends and verify prints it. Exit code 1 when something is wrong.
npm run audit -- show [WORD]... [--since 7d]
    the records in which all the words stand, the oldest first
npm run audit -- export [WORD]... [--since 7d] [--csv]
    the same as lines of JSON, each with its hash; or as CSV
npm run audit -- trim --before 2026-01-01 (--file F... | --export F)
    takes older records out of Redis; only those that are in a file, or are written to one now
QUEUE_SECRET, REDIS_URL and AUDIT_LOG are read as bots and workers read them.
`;

class Usage extends Error {}

async function main(words: string[]): Promise<number> {
  try {
    const { values, positionals } = read(words);
    const [verb = 'help', ...rest] = positionals;
    if (values.help || verb === 'help') {
      process.stdout.write(HELP);
      return 0;
    }
    const run = VERBS[verb];
    if (!run || (rest.length > 0 && (verb === 'verify' || verb === 'trim')))
      throw new Usage(run ? `There are words too many: ${rest.join(' ')}` : `There is no "${verb}".`);
    const config = readAuditConfig(process.env);
    return await run(config, values, rest);
  } catch (error) {
    if (error instanceof Usage) {
      process.stderr.write(`${error.message}\n\n${HELP}`);
      return 2;
    }
    if (error instanceof ConfigError || error instanceof UserError) {
      const hint = error instanceof UserError ? ` ${error.hint}` : '';
      process.stderr.write(`${error.message}${hint}\n`);
      return 1;
    }
    throw error;
  }
}

type Values = ReturnType<typeof read>['values'];

function read(words: string[]) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        file: { type: 'string', multiple: true, default: [] },
        head: { type: 'string' },
        since: { type: 'string' },
        before: { type: 'string' },
        export: { type: 'string' },
        csv: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Usage(messageOf(error));
  }
}

const VERBS: Record<string, (config: AuditConfig, values: Values, words: string[]) => Promise<number>> = {
  verify: async (config, values) => {
    const files = values.file.length > 0 ? values.file : ownFile(config);
    const head = values.head === undefined ? undefined : readHead(values.head);
    const { count, first, last, findings, notes } = await withRedis(config, (redis) =>
      verifyAudit(redis, config.secret, { files, head }).catch(unreadable),
    );
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    for (const { words } of findings) say(`- ${words}`);
    for (const note of notes) say(`(${note})`);
    if (count === 0) say('There is no record yet.');
    else say(`${count} records, from ${first.seq} to ${last.seq}. It ends with ${last.seq}:${last.hash}`);
    if (findings.length > 0) {
      say('The audit is NOT as it was written.');
      return 1;
    }
    if (count === 0) return 0;
    say('Each is as it was written and follows on the one before.');
    if (files.length > 0) say(`The same is in ${files.join(', ')}.`);
    else
      say(
        'Whoever writes to Redis may have put back an older state of it as a whole: with --file, or --head of an earlier day, that is found as well.',
      );
    return 0;
  },
  show: async (config, values, words) => await print(config, values, words, 'show'),
  export: async (config, values, words) => await print(config, values, words, values.csv ? 'csv' : 'json'),
  trim: async (config, values) => {
    const before = Date.parse(values.before ?? '');
    if (Number.isNaN(before)) throw new Usage('Say up to when: --before 2026-01-01');
    const files = values.file.length > 0 || values.export !== undefined ? values.file : ownFile(config);
    const by = `${userInfo().username} at a terminal`;
    const { count, upTo } = await withRedis(config, (redis) =>
      trimAudit(redis, config.secret, { before, files, exportTo: values.export, by }).catch(unreadable),
    );
    process.stdout.write(
      count === 0
        ? 'There is nothing older, so nothing was trimmed.\n'
        : `${count} records were trimmed, up to record ${upTo}. A record tells of it.\n`,
    );
    return 0;
  },
};

/** Writes the records that fit to standard output, and waits where its reader is slower. */
async function print(
  config: AuditConfig,
  { since }: Values,
  words: string[],
  as: 'show' | 'csv' | 'json',
): Promise<number> {
  const from = since === undefined ? 0 : Date.now() - spanOf(since);
  const wanted = words.map((word) => word.toLowerCase());
  let count = 0;
  let open = true;
  process.stdout.on('error', () => (open = false));
  const write = async (text: string): Promise<void> => {
    if (open && !process.stdout.write(text))
      await new Promise((done) => process.stdout.once('drain', done).once('close', done));
  };
  if (as === 'csv') await write(CSV_HEAD);
  await withRedis(config, async (redis) => {
    for await (const entries of readForwards(redis)) {
      for (const entry of entries) {
        const record = recordOf(entry);
        if (!open || !record || record.at < from || !fits(record.event, wanted, [])) continue;
        count += 1;
        if (as === 'json') await write(`${lineOf(entry)}\n`);
        else if (as === 'csv') await write(csvLine(record, entry.hash));
        else {
          const { seq, at, event } = record;
          const of = 'title' in event ? `${event.request || '-'} ${TERMINAL.code(event.title)} ` : '';
          const odd = isGenuine(entry, config.secret) ? '' : ' [CHANGED SINCE: see verify]';
          await write(`${seq} ${new Date(at).toISOString()} ${of}${sentence(event, TERMINAL)}${odd}\n`);
        }
      }
    }
  });
  if (count === 0) process.stderr.write('There is no such record.\n');
  return 0;
}

async function withRedis<T>(
  config: AuditConfig,
  work: (redis: ReturnType<typeof connectRedis>) => Promise<T>,
) {
  const { redisUrl } = config;
  const quiet = { info: () => undefined, warn: () => undefined };
  const own = redisUrl === undefined ? await openPrivateRedis('.data', quiet) : undefined;
  const redis = connectRedis(redisUrl ?? own?.url ?? '', () => undefined);
  const away = new Promise<never>((_, failed) => {
    redis.once('error', (error: Error) =>
      failed(
        new UserError(`Redis cannot be reached: ${error.message || redisUrl || 'no answer'}.`, {
          hint: 'Check REDIS_URL.',
        }),
      ),
    );
  });
  try {
    return await Promise.race([work(redis), away]);
  } finally {
    redis.disconnect();
    await own?.close();
  }
}

function ownFile({ auditLog }: AuditConfig): string[] {
  return auditLog === undefined || auditLog === 'stdout' ? [] : [auditLog];
}

function unreadable(error: unknown): never {
  if (error instanceof Error && 'code' in error && 'path' in error)
    throw new UserError(`${String(error.path)} cannot be read: ${String(error.code)}.`, {
      hint: 'Give the path of a file that AUDIT_LOG has written.',
    });
  throw error;
}

function readHead(text: string): Head {
  const { seq = '', hash = '' } = /^(?<seq>\d+):(?<hash>[0-9a-f]{64})$/.exec(text)?.groups ?? {};
  if (seq === '') throw new Usage('--head is a number, a colon and a hash, as verify prints it.');
  return { seq: Number(seq), hash };
}

function spanOf(text: string): number {
  const { number, unit = '' } = /^(?<number>\d{1,5})(?<unit>[mhd])$/.exec(text)?.groups ?? {};
  const ms = Number(number) * ({ m: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? Number.NaN);
  if (Number.isNaN(ms)) throw new Usage('--since is a span of time such as 30m, 24h or 7d.');
  return ms;
}

process.exitCode = await main(process.argv.slice(2));
