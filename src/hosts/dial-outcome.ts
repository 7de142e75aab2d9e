/** What sshd's answer to a direct-tcpip request means (RFC 4254, 5.1; the texts are OpenSSH's, from strerror). Pure. */
import { HostFailure } from './failures.ts';
import type { DialOutcome, HostSettings } from './hosts.ts';
import { redact } from './redact.ts';

const ADMINISTRATIVELY_PROHIBITED = 1;
const RESOURCE_SHORTAGE = 4;

const TEXTS: { text: RegExp; outcome: DialOutcome }[] = [
  { text: /connection refused/i, outcome: { kind: 'refused' } },
  { text: /timed out/i, outcome: { kind: 'unreachable', reason: 'no answer' } },
  { text: /no route to host/i, outcome: { kind: 'unreachable', reason: 'no route to host' } },
  { text: /network is unreachable/i, outcome: { kind: 'unreachable', reason: 'network is unreachable' } },
  {
    text: /permission denied/i,
    outcome: { kind: 'unreachable', reason: "the host's own firewall forbids it" },
  },
  {
    text: /name or service not known|unknown host|name resolution/i,
    outcome: { kind: 'unreachable', reason: 'the name is not known there' },
  },
];

/** @throws HostFailure when sshd does not let anybody dial, which says nothing about the port. */
export function dialOutcome(host: HostSettings, thrown: { reason?: unknown; message: string }): DialOutcome {
  if (thrown.reason === ADMINISTRATIVELY_PROHIBITED || thrown.reason === RESOURCE_SHORTAGE) {
    throw new HostFailure(
      host.name,
      'forbidden',
      `The sshd of ${host.name} opens no connections for ${host.ssh.user}.`,
      {
        hint: 'Set AllowTcpForwarding to yes (or local) in its sshd_config and reload sshd: ports are probed that way.',
        cause: thrown,
      },
    );
  }
  const said = redact(thrown.message.replace('(SSH) Channel open failure: ', ''));
  return TEXTS.find(({ text }) => text.test(said))?.outcome ?? { kind: 'unreachable', reason: said };
}
