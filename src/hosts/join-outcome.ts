/** What an engine's answer to a join or leave means. Pure. Texts vary by version: only their telling words are matched. */
import { EngineRefusal } from './failures.ts';
import type { JoinOutcome } from './hosts.ts';

interface Explanation {
  text: RegExp;
  why: string;
  hint: string;
}

const JOIN: Explanation[] = [
  {
    text: /invalid join token|valid join token is necessary/i,
    why: 'the join token is not valid, because it was cut short or has been rotated',
    hint: 'Ask for the join again: the token is read fresh each time.',
  },
  {
    text: /does not match fingerprint/i,
    why: 'the managers that it was given belong to another swarm than the join token',
    hint: 'Check that all managers in swarm.yaml are of one swarm.',
  },
  {
    text: /certificate has expired or is not yet valid/i,
    why: 'its clock and that of the managers do not agree',
    hint: 'Set the clock on both sides (`timedatectl set-ntp true`), then join again.',
  },
  {
    text: /can't initialize raft node|advertised address|could not connect to prospective new cluster member/i,
    why: 'the managers cannot reach it at the address it advertises',
    hint: 'Open 2377/tcp towards the new manager, or give it an address that the managers can reach.',
  },
  {
    text: /could not (choose|find) an? (IP address|system's IP address)|must specify a listening address|advertise/i,
    why: 'it has several addresses and does not know which one to advertise',
    hint: 'Join with the address of the interface that reaches the managers.',
  },
  {
    text: /live-restore/i,
    why: 'its engine runs with live-restore, which swarm mode does not allow',
    hint: 'Take `live-restore` out of /etc/docker/daemon.json (or off the unit file), restart Docker, then join again.',
  },
  {
    text: /firewall-backend=nftables/i,
    why: 'its engine uses the nftables firewall backend, which swarm mode does not support',
    hint: 'Set `firewall-backend` to iptables in /etc/docker/daemon.json, restart Docker, then join again.',
  },
  {
    text: /no route to host|connection refused|i\/o timeout|Unavailable/i,
    why: 'it cannot reach the managers',
    hint: 'Open 2377/tcp, 7946/tcp+udp and 4789/udp between the hosts, then join again.',
  },
  {
    text: /does not have a leader/i,
    why: 'the swarm has no leader',
    hint: 'Bring its managers back first.',
  },
  {
    text: /ID duplicated/i,
    why: 'another machine uses the same engine ID, so one was probably cloned from the other',
    hint: 'Remove /var/lib/docker/engine-id (older engines: /etc/docker/key.json) on it, restart Docker, then join again.',
  },
  {
    text: /Pool overlaps with other one/i,
    why: "one of its networks overlaps the swarm's ingress network",
    hint: 'Move one of the two to another range.',
  },
];

/**
 * What a refused join means.
 * @throws EngineRefusal that explains, in the engine's own words as well, when it is a true refusal.
 */
export function joinOutcome(refusal: EngineRefusal): JoinOutcome {
  const { host, status, text } = refusal;
  if (/timeout (was )?reached before node/i.test(text)) return { kind: 'pending', text };
  if (/already part of a swarm/i.test(text)) return { kind: 'already', text };
  const known = JOIN.find((row) => row.text.test(text));
  throw new EngineRefusal(host, status, text, {
    message: known
      ? `${host} did not join: ${known.why}. Its engine says: ${text}`
      : `${host} did not join. Its engine says: ${text}`,
    hint: known?.hint ?? `Look at the engine's log on ${host} (\`journalctl -u docker\`), then join again.`,
  });
}

/**
 * Whether a refused leave means that there was nothing to leave.
 * @throws EngineRefusal that explains when it does not.
 */
export function leftAlready(refusal: EngineRefusal): void {
  const { host, status, text } = refusal;
  if (/not part of a swarm/i.test(text)) return;
  const [why, hint] = /participating as a manager|last manager|quorum/i.test(text)
    ? ['it is a manager', `Demote ${host} first; a swarm that loses too many managers stands still.`]
    : /deadline exceeded/i.test(text)
      ? [
          'the swarm did not answer, mostly because too few managers are up',
          'Bring the managers back, then leave again.',
        ]
      : [undefined, `Look at the engine's log on ${host} (\`journalctl -u docker\`).`];
  throw new EngineRefusal(host, status, text, {
    message: `${host} did not leave${why ? `: ${why}` : ''}. Its engine says: ${text}`,
    hint,
  });
}
