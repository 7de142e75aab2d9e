/** Overlay networks, their addresses, and what the kernel must be able to do. */
import { list } from '../cards/text.ts';
import { both, either, says, shows } from './row.ts';
import type { Row } from './row.ts';
import { check, info, joinAgain, nodes, openPorts, restart, tasks } from './ways-out.ts';

export const network: Row[] = [
  {
    row: 28,
    seen: says(
      /(error|failed) (creating|to create) (the )?vxlan(?! .*address already in use)/i,
      /vxlan interface creation failed(?!.*address already in use)/i,
      /ip_?vs\b.*(not found|not available|missing|not enabled)/i,
      /(could not|failed to|can.t) (find|load) .*\bip_?vs\b/i,
      /module (vxlan|ip_vs\w*|br_netfilter) not found/i,
    ),
    tell: ({ host, text }) =>
      /file exists/i.test(text)
        ? {
            cause: `A vxlan interface of an earlier container is left over on ${host}, and the kernel makes no second one.`,
            explanation: 'Every task there that uses the same overlay network fails the same way.',
            advice: `Restart the engine of ${host}, or delete the interface there (\`ip -d link show type vxlan\`, then \`ip link delete NAME\`).`,
            remedies: [check, tasks],
          }
        : {
            cause: `The kernel of ${host} lacks a module that overlay networks need: vxlan, or ip_vs for the routing mesh.`,
            explanation:
              'Minimal systems keep such modules in a package of their own, and a kernel that was updated has none until the machine has rebooted into it.',
            advice: `Install it on ${host} (Fedora, CentOS: kernel-modules-extra; Ubuntu: linux-modules-extra-$(uname -r)), reboot if the kernel was updated, and try \`modprobe vxlan ip_vs\`.`,
            remedies: [check, tasks],
          },
  },
  {
    row: 29,
    seen: says(
      /pool overlaps with other one/i,
      /non-overlapping IPv[46] address pool/i,
      /networks have overlapping/i,
    ),
    tell: ({ host }) => ({
      cause: `A network of the swarm uses a range of addresses that ${host} uses already.`,
      explanation:
        'Mostly it is the ingress network (10.0.0.0/24) and a local network or VPN of the same range.',
      advice: `List the routes of ${host} (\`ip route\`), then move one of the two: the local network, or the swarm's by making it again with another \`--subnet\`.`,
      remedies: [check],
    }),
  },
  {
    row: 30,
    seen: either(
      says(/running the same docker engine version/i),
      shows(({ versions }) => (versions?.length ?? 0) > 1),
    ),
    tell: ({ facts: { versions = [] } }) => ({
      cause: `The engines of this swarm are of different versions${versions.length > 1 ? `: ${list(versions)}` : ''}.`,
      explanation:
        'They tell each other about networks in different ways, so tasks on some nodes do not find those on others.',
      advice: 'Bring all nodes to the same version, the workers first drained one after the other.',
      remedies: [nodes],
    }),
  },
  {
    row: 39,
    seen: says(
      /could not find an available IP(?!v)/i,
      /no available (IPv4 )?addresses/i,
      /address space .*exhausted/i,
      // 20.10: half a minute after a node was given the task without an address for it.
      /missing network attachments/i,
    ),
    tell: ({ service }) => ({
      cause: `An overlay network of ${service} has no free address left.`,
      explanation:
        'Every task, every service and every node on a network takes one; a network of the default size has 254. New tasks stay in New and say nothing themselves.',
      advice: `Scale something on that network down, or make a larger one (\`--subnet 10.20.0.0/16\`) and move ${service} to it.`,
      remedies: [tasks],
    }),
  },
  {
    row: 40,
    seen: both(says(/address already in use/i), (text) =>
      /bind|listen|port|:\d{2,5}\b|vxlan/i.test(text) ? undefined : {},
    ),
    tell: ({ service, host, facts }) => ({
      cause: `The network still holds the address of an earlier task of ${service}, so the new one cannot start with it.`,
      explanation: 'The engine lost track of which addresses of the overlay network are in use.',
      advice: `Restart the service once; if the error comes back, restart the engine of ${facts.nodes?.length ? list(facts.nodes) : host} after somebody has agreed to it.`,
      remedies: [restart, tasks],
    }),
  },
  {
    row: 27,
    seen: either(
      says(
        /4789\S*.*(in use|taken)/i,
        /vxlan.*address already in use/i,
        /(bad|wrong|incorrect) (udp )?(cksum|checksum)/i,
      ),
      shows(({ overlay }) => overlay !== undefined && overlay.ping && !overlay.tcp),
    ),
    tell: ({ host, text }) =>
      /in use|taken/i.test(text)
        ? {
            cause: `Something else on ${host} uses 4789/udp, such as VMware NSX.`,
            explanation: 'Overlay networks carry all their traffic over that port.',
            advice:
              'Free the port, or make the swarm with another one (`docker swarm init --data-path-port`), which has to be done anew.',
            remedies: [check],
          }
        : {
            cause: `Ping passes between tasks on ${host} and elsewhere, but TCP does not: its network card (mostly VMware's or Proxmox's) writes wrong checksums on overlay packets.`,
            explanation: 'Tasks look healthy and cannot talk to each other.',
            advice: `Switch the offload off on ${host} and keep it off at boot: \`ethtool -K INTERFACE tx-checksum-ip-generic off\`.`,
            remedies: [check],
          },
  },
  {
    row: 14,
    seen: either(
      says(/memberlist/i, /bulk sync/i, /:7946\b/, /timed out resolving peer/i),
      shows(
        ({ advertised = '', address = '', nodeState }) =>
          advertised !== '' && address !== '' && advertised !== address && nodeState !== 'down',
      ),
    ),
    tell: ({ host, facts: { advertised, address } }) => ({
      cause:
        advertised && address && advertised !== address
          ? `${host} tells the other nodes to call it at ${advertised}, but it is reached at ${address}.`
          : `${host} has joined, but other nodes do not reach it on port 7946 at the address that it advertises.`,
      explanation:
        'The nodes talk to each other directly at that address (7946/tcp and udp, 4789/udp); one behind NAT, or on the wrong interface, is on its own.',
      advice: `Compare Node Address in docker info of ${host} with the address that the others reach, open 7946 both ways, or leave and join again with the right one.`,
      remedies: [info, openPorts, joinAgain],
    }),
  },
];
