/** What is written of a request, as scripts: each happens as a whole or not at all. */
import { MOST_OWED } from '../audit/owed.ts';
import { key, Script } from './redis.ts';
import { FINAL_PHASES } from './request.ts';

/**
 * How long a request stays readable for `/swarm jobs` and for buttons on its card, from its last change on. An approval
 * may be waited for up to 7 days, and what became of it must be readable after that.
 */
export const KEEP_MS = 8 * 24 * 3600 * 1000;

/** How long it is known that a request is over: longer than any signature of it is good for. See replay.ts. */
const OVER_MS = KEEP_MS;

/** Least time between two updates of one card while it is in progress: a talkative job leaves room for the others. */
export const CARD_PAUSE_MS = 1200;

const FINAL = `local final = { ${FINAL_PHASES.map((phase) => `${phase} = true`).join(', ')} }`;
export const WAKE = `redis.call('PUBLISH', '${key('outbox-wake')}', '')`;

// The copies of a request, as copies.ts names them, show its new state as soon as they can. `id`, `now`: as below.
const COPIES = (id: string, now: string): string => `
for where in string.gmatch(redis.call('HGET', KEYS[1], 'copies') or '', '[^,]+') do
  local copy = KEYS[1] .. '@' .. where
  redis.call('HINCRBY', copy, 'version', 1)
  redis.call('PEXPIRE', copy, ${KEEP_MS})
  if tonumber(${now}) >= tonumber(redis.call('HGET', copy, 'leasedUntil') or '0') then
    redis.call('ZADD', KEYS[2], 'LT', ${now}, ${id} .. '@' .. where)
  end
end`;

/** What every script is given. */
export const requestKey = (id: string): string => key('request', id);
export const overKey = (id: string): string => key('over', id);
export const keysOf = (id: string): string[] => [
  requestKey(id),
  key('outbox'),
  key('open'),
  overKey(id),
  key('requests'),
];

// ARGV: id, state JSON, its signature, signed envelope, now
export const CREATE = new Script(`
if redis.call('EXISTS', KEYS[1], KEYS[4]) > 0 then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'mac', ARGV[3], 'phase', 'accepted', 'attempt', 0, 'version', 1, 'shown', 0, 'envelope', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ${KEEP_MS})
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[1])
redis.call('ZADD', KEYS[5], ARGV[5], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', ARGV[5] - ${KEEP_MS})
redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1])
${WAKE}
return 1`);

// A card that a bot is delivering at this moment is left to it: it sees the newer version when it settles. A final
// state is due at once, as is what people are asked; progress only after the card's own pause. Nobody is asked for an approval of what somebody has
// cancelled meanwhile, nor twice for the same round.
// ARGV: id, state JSON, its signature, phase, attempt, now, turn, result or nothing, its signature
export const WRITE = new Script(`
${FINAL}
local old = redis.call('HMGET', KEYS[1], 'phase', 'attempt', 'shownAt', 'leasedUntil', 'version', 'cancel')
if not old[1] then return -1 end
if final[old[1]] then return -2 end
if tonumber(ARGV[5]) < tonumber(old[2]) then return -3 end
local asks = ARGV[4] == 'asking'
if asks and old[1] == 'asking' then return -3 end
if asks and old[6] then return -4 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'mac', ARGV[3], 'phase', ARGV[4], 'attempt', ARGV[5], 'version', old[5] + 1)
if ARGV[8] ~= '' then redis.call('HSET', KEYS[1], 'result', ARGV[8], 'resultMac', ARGV[9]) end
if asks then redis.call('SET', KEYS[4], ARGV[7], 'PX', ${OVER_MS}) end
if final[ARGV[4]] then
  redis.call('SET', KEYS[4], 'all', 'PX', ${OVER_MS})
  redis.call('ZREM', KEYS[3], ARGV[1])
end
if asks or final[ARGV[4]] then
  redis.call('PEXPIRE', KEYS[1], ${KEEP_MS})
  ${COPIES('ARGV[1]', 'ARGV[6]')}
end
local now = tonumber(ARGV[6])
if now < tonumber(old[4] or '0') then return 1 end
local due = now
if not final[ARGV[4]] and not asks then due = math.max(now, tonumber(old[3] or '0') + ${CARD_PAUSE_MS}) end
redis.call('ZADD', KEYS[2], 'LT', due, ARGV[1])
${WAKE}
return 1`);

// What is over now was ended in the state that is read after it.
// ARGV: fields
export const TAKE = new Script(`
return { redis.call('GET', KEYS[4]), redis.call('HMGET', KEYS[1], unpack(ARGV)) }`);

// A change by a person's press: only of the very version that was looked at, so that of two at once one wins and the
// other looks again. Runs of earlier turns are late from now on. What the audit is to have of it is owed from the same
// instant on.
// KEYS: as ever, and what is owed. ARGV: id, state JSON, its signature, phase, version looked at, now, least attempt,
// envelope or nothing, what is owed or nothing
export const CHANGE = new Script(`
${FINAL}
local old = redis.call('HMGET', KEYS[1], 'version', 'leasedUntil', 'attempt', 'phase')
if not old[1] then return -1 end
if old[1] ~= ARGV[5] or final[old[4]] then return 0 end
if ARGV[9] ~= '' then
  if redis.call('LLEN', KEYS[6]) >= ${MOST_OWED} then return -5 end
  redis.call('RPUSH', KEYS[6], ARGV[9])
end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'mac', ARGV[3], 'phase', ARGV[4], 'version', old[1] + 1)
redis.call('PEXPIRE', KEYS[1], ${KEEP_MS})
if tonumber(ARGV[7]) > tonumber(old[3]) then redis.call('HSET', KEYS[1], 'attempt', ARGV[7]) end
if ARGV[8] ~= '' then redis.call('HSET', KEYS[1], 'envelope', ARGV[8]) end
if final[ARGV[4]] then
  redis.call('SET', KEYS[4], 'all', 'PX', ${OVER_MS})
  redis.call('ZREM', KEYS[3], ARGV[1])
end
${COPIES('ARGV[1]', 'ARGV[6]')}
if tonumber(ARGV[6]) >= tonumber(old[2] or '0') then redis.call('ZADD', KEYS[2], 'LT', ARGV[6], ARGV[1]) end
${WAKE}
return 1`);

// The page of an ended request's card: whoever turns it last is right. A card that is being delivered is left to that
// bot, as above.
// ARGV: id, page, now
export const TURN = new Script(`
local old = redis.call('HMGET', KEYS[1], 'version', 'leasedUntil', 'page')
if not old[1] then return 0 end
if old[3] == ARGV[2] then return 1 end
redis.call('HSET', KEYS[1], 'page', ARGV[2], 'version', old[1] + 1)
if tonumber(ARGV[3]) >= tonumber(old[2] or '0') then redis.call('ZADD', KEYS[2], 'LT', ARGV[3], ARGV[1]) end
${WAKE}
return 1`);
