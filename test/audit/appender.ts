/** A process that appends events to the audit of a Redis: `appender.ts URL NAME COUNT [LINES]`. Its tests start several. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openAudit } from '../../src/audit/log.ts';
import { connectRedis } from '../../src/queue/redis.ts';
import { Secret } from '../../src/secret.ts';
import { asked } from './events.ts';

const [url = '', name = '', count = '0', lines] = process.argv.slice(2);
const redis = connectRedis(url, () => undefined);
const say = (...words: unknown[]): void => void process.stderr.write(`${JSON.stringify(words)}\n`);
const log = { info: say, warn: say, error: say };
const audit = openAudit(redis, new Secret('a secret that only these tests know'), log, { lines });
for (let done = 0; done < Number(count); done += 50) {
  await Promise.all(Array.from({ length: 50 }, (_, at) => audit.append(asked(`${name}-${done + at}`))));
}
// Whoever started it ends it: gently, or as a crash would. It may do so as soon as it reads the next line.
process.once('SIGTERM', () => void audit.close().then(() => redis.disconnect()));
process.stdout.write('done\n');
while (redis.status !== 'end') await sleep(20);
