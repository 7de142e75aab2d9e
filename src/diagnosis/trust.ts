/** Join tokens, certificates and the clocks that they are read by. */
import { span } from '../cards/text.ts';
import { either, says, shows } from './row.ts';
import type { Row } from './row.ts';
import { check, info, joinAgain, joinHost, retry } from './ways-out.ts';

export const trust: Row[] = [
  {
    row: 9,
    seen: says(/does not match fingerprint/i),
    tell: ({ host }) => ({
      cause: 'The join token is of another swarm than the manager that was asked.',
      explanation:
        'The token holds a fingerprint of its swarm’s certificate authority. It is read fresh for each join, so `managers` in swarm.yaml probably names hosts of two swarms.',
      advice: `Check that all managers in swarm.yaml are of one swarm, then join ${host} again: the token is read fresh.`,
      remedies: [retry],
    }),
  },
  {
    row: 10,
    seen: says(/invalid join token/i, /valid join token is necessary/i, /join token is not valid/i),
    tell: () => ({
      cause: 'The join token was cut short, or has been rotated since it was read.',
      explanation: 'It is read fresh for each join and never kept, so the next join has the new one.',
      advice: 'Join again, once; if it is refused again, somebody keeps rotating the token.',
      remedies: [joinHost],
    }),
  },
  {
    row: 12,
    seen: says(
      /swarm certificates? ha(s|ve) expired/i,
      /error while loading TLS certificate[^]*not valid after/i,
      /node certificate[^]*has expired/i,
    ),
    tell: ({ host, facts: { role } }) => ({
      cause: `${host} was off or cut off for longer than its certificate lasts (90 days unless set otherwise), and could not renew it.`,
      explanation:
        role === 'manager'
          ? `${host} is a manager and holds a copy of the swarm's state: whether it may be taken out is for a person to decide.`
          : 'A worker gets a new certificate by leaving and joining again; a manager holds a copy of the swarm’s state, and a person has to decide.',
      advice:
        role === 'manager'
          ? 'See that a majority of the other managers is up before it is demoted and joined again.'
          : `Leave and join again, if ${host} is a worker, and put its labels back.`,
      remedies: role === 'manager' ? [info] : [joinAgain],
    }),
  },
  {
    row: 11,
    seen: either(
      says(/certificate has expired or is not yet valid/i, /certificate is not (yet )?valid/i),
      shows(({ clockSkewMs = 0 }) => Math.abs(clockSkewMs) > 60_000),
    ),
    tell: ({ host, facts: { clockSkewMs = 0 } }) => ({
      cause:
        clockSkewMs === 0
          ? `The clocks of ${host} and of the managers do not agree, so a certificate seems not to be valid.`
          : `The clock of ${host} is ${span(Math.abs(clockSkewMs))} ${clockSkewMs > 0 ? 'ahead of' : 'behind'} that of the managers, so a certificate seems not to be valid.`,
      explanation: 'Certificates are dated back by one hour; a larger difference keeps hosts out.',
      advice:
        'Compare `date -u` on both sides, switch time synchronisation on (`timedatectl set-ntp true`), then join again.',
      remedies: [check, joinHost],
    }),
  },
];
