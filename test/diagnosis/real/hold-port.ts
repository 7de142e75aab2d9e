import type { Lab } from '../../../lab/lab.ts';
import { until } from '../../../lab/until.ts';

/** In the perl of the host's own system: the Node of these tests may lie where a lab host sees nothing. */
const HOLD = String.raw`use Socket;
my ($udp, $port) = ($ARGV[0] eq 'udp', $ARGV[1]);
socket(my $s, PF_INET, $udp ? SOCK_DGRAM : SOCK_STREAM, 0) or die;
bind($s, pack_sockaddr_in($port, INADDR_ANY)) or die;
$udp or listen($s, 8) or die;
sleep`;

/** A program that is nothing of the swarm's takes a port of a lab host, and keeps it until the host is off. */
export async function holdPort(lab: Lab, host: string, port: number, protocol: 'tcp' | 'udp'): Promise<void> {
  const start = 'setsid perl -e "$0" "$1" "$2" >/dev/null 2>&1 &';
  await lab.exec(host, ['sh', '-c', start, HOLD, protocol, String(port)]);
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  await until(async () => (await lab.exec(host, ['cat', `/proc/net/${protocol}`])).stdout.includes(local), {
    what: `a program to hold ${port}/${protocol} of ${host}`,
    within: 10_000,
  });
}
