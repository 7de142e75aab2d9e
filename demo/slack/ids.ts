import { randomBytes, randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** An id as Slack makes them: a prefix for the kind (`D`, `F`, `V`, `Ev`) and upper-case letters and digits. */
export function newId(prefix: string): string {
  return prefix + Array.from({ length: 10 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

export function newSecret(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

let lastMicros = 0;

/** A message timestamp, `seconds.micros`: later than every one made before, because it is also the message's id. */
export function newTs(): string {
  lastMicros = Math.max(Date.now() * 1000, lastMicros + 1);
  return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`;
}
