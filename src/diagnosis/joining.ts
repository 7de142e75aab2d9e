/** What goes wrong when a host joins, tokens and certificates aside. The particular reasons first, the mere timeout last. */
import { both, either, says, shows } from './row.ts';
import type { Row } from './row.ts';
import { check, info, joinAgain, joinAgainAsManager, joinHost, openPorts, openPortsOn } from './ways-out.ts';

const isJoin = shows(({ doing }) => doing === 'join');
/** The address and port of the other side, as in `dial tcp 192.168.2.100:2377: connect: no route to host`. */
const swarmPort = /(?<address>\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):(?<port>2377|7946|4789)\b/i;

export const joining: Row[] = [
  {
    row: 15,
    seen: says(/live-?restore/i),
    tell: ({ host }) => ({
      cause: `The engine of ${host} runs with live-restore, which swarm mode does not allow.`,
      explanation:
        'It is set in /etc/docker/daemon.json, or by an option of the unit, as in Fedora’s package (/etc/sysconfig/docker).',
      advice: `Take \`live-restore\` out there on ${host}, restart its engine (\`systemctl restart docker\`), then join again.`,
      remedies: [check, joinHost],
    }),
  },
  {
    row: 16,
    seen: says(/firewall-?backend\W+nftables/i, /nftables (firewall )?backend/i),
    tell: ({ host }) => ({
      cause: `The engine of ${host} manages its firewall through nftables, which swarm mode does not support.`,
      explanation: 'Engines from 29 on can be set so; the overlay networks still need iptables.',
      advice: `Set \`firewall-backend\` to iptables in /etc/docker/daemon.json on ${host}, restart its engine, then join again.`,
      remedies: [check, joinHost],
    }),
  },
  {
    row: 26,
    seen: either(
      says(/ID duplicated/i, /node id is a duplicate/i, /same engine ID/i),
      shows(({ sameEngineId }) => (sameEngineId?.length ?? 0) > 0),
    ),
    tell: ({ host, facts: { sameEngineId = [] } }) => ({
      cause: `${host} and ${sameEngineId.length > 0 ? sameEngineId.join(' and ') : 'another machine'} have the same engine ID: one was cloned from the other after Docker had been installed.`,
      explanation: 'The swarm cannot tell the two apart.',
      advice: `Remove /var/lib/docker/engine-id (older engines: /etc/docker/key.json) on ${host}, restart its engine, then join it.`,
      remedies: [check],
    }),
  },
  {
    row: 4,
    seen: says(
      /can.t initialize raft node/i,
      /prospective new cluster member/i,
      /using its advertised address/i,
    ),
    tell: ({ host, facts: { advertised } }) => ({
      cause: `The managers could not open a connection back to ${host} at port 2377 of the address that it advertises${advertised ? `, ${advertised}` : ''}.`,
      explanation: 'A manager is called by the other managers, not only the other way round.',
      advice: `Open 2377/tcp of ${host} towards the managers, or give it an address that they reach, then leave and join again.`,
      remedies: [check, openPorts, joinAgainAsManager],
    }),
  },
  {
    row: 13,
    seen: says(
      /could not (choose|find) an? (IP address|system.s IP address)/i,
      /could not find the system.s IP address/i,
      /must specify a listening address/i,
      /specify one with --advertise-addr/i,
      /advertise address must be/i,
    ),
    tell: ({ host, facts: { address } }) => ({
      cause: `${host} has several addresses, and its engine does not know which one to give to the other nodes.`,
      explanation: `It has to be the one whose interface leads to the managers${address ? `; ${address} is how it is reached from here` : ''}.`,
      advice: `Put that IP address as the address of ${host} into swarm.yaml and join again: the join names it to the engine then.`,
      remedies: [check, joinHost],
    }),
  },
  {
    row: 5,
    seen: says(/already part of a(nother)? swarm/i),
    tell: ({ host, facts: { localState, sameSwarm } }) => {
      if (localState === 'pending') {
        return {
          cause: `An earlier join of ${host} is still under way.`,
          explanation: 'Its engine goes on by itself and ends as active or as error within a minute.',
          advice: 'Wait until it has ended; joining once more only gets in its way.',
          remedies: [info],
        };
      }
      if (sameSwarm === true) {
        return {
          cause: `${host} has joined this swarm before.`,
          explanation: 'There is nothing to do.',
          advice: 'Leave and join again only if it is to get a new identity.',
          remedies: [info],
        };
      }
      return {
        cause:
          sameSwarm === false
            ? `${host} is in another swarm.`
            : `${host} is in a swarm already, or an earlier join of it is still under way.`,
        explanation: 'A host can be in one swarm only.',
        advice: `Make sure that ${host} may leave the swarm that it is in, then leave and join again.`,
        remedies: [info, joinAgain],
      };
    },
  },
  {
    row: 3,
    seen: either(
      says(/host says pending.*manager says ready/i, /message too long/i, /frag(mentation)? needed/i),
      shows(({ localState, nodeState }) => localState === 'pending' && nodeState === 'ready'),
      shows(({ mtu }) => mtu !== undefined && mtu.path < mtu.host),
    ),
    tell: ({ host, facts: { mtu } }) => ({
      cause: `Large packets are lost between ${host} and the managers while small ones pass: the MTU differs along the path.`,
      explanation: mtu
        ? `The interface of ${host} sends up to ${mtu.host} bytes at once, and only ${mtu.path} arrive.`
        : `${host} stays pending although the managers call it ready, and its tasks never run.`,
      advice: mtu
        ? `Set the interface of ${host} to what the path carries (\`ip link set dev INTERFACE mtu ${mtu.path}\`, and in its configuration), then leave and join again.`
        : `Check the host, which sends packets of the full size that must not be split; set the MTU of ${host} to what arrives, then leave and join again.`,
      remedies: [check, joinAgain],
    }),
  },
  {
    row: 2,
    seen: both(says(/no route to host|firewall forbids/i), either(says(swarmPort), isJoin)),
    tell: ({ found: { address, port = '2377' }, facts: { inventory = [], firewall } }) => {
      const other = inventory.find((entry) => entry.address === address)?.name;
      const where = other ?? address ?? 'the manager';
      return {
        cause: `A firewall on ${where} rejects port ${port}: where the host itself can be reached, \`no route to host\` is how ${firewall ?? 'firewalld'} says no.`,
        explanation:
          'A swarm needs 2377/tcp, 7946/tcp, 7946/udp and 4789/udp between its hosts, both ways. Flushing the firewall is not needed.',
        advice:
          'Open the ports, which shows the exact rules first and adds them at once and for good, then join again.',
        remedies: [...(other === undefined ? [] : [openPortsOn(other)]), openPorts, check, joinAgain],
      };
    },
  },
  {
    row: 1,
    seen: either(
      says(
        /time-?out (was )?reached before node/i,
        /has not joined within/i,
        /cannot reach a manager/i,
        /(?=[^]*(i\/o timeout|connection refused|cannot be reached|refuses the connection|timed out))[^]*?:(?<port>2377)\b/i,
      ),
      both(
        isJoin,
        says(
          /connection is unavailable|code = Unavailable|failed to request .*certificate|context deadline exceeded/i,
        ),
      ),
      shows(({ localState }) => localState === 'pending'),
    ),
    tell: ({ host, text }) => ({
      cause: /refused|refuses/i.test(text)
        ? 'Nothing listens on 2377/tcp at the address of the manager: its engine is down, it is no manager any more, or that is not its address.'
        : `${host} asked the managers for a certificate and got none in time: 2377/tcp is blocked on the way, or the managers are overloaded.`,
      explanation: `A join that ran out of time goes on in the background until it is active or, for good, in error; joining at once again only gets in its way.`,
      advice: `Check the host, which tries the ports both ways, open what is blocked, then leave and join again.`,
      remedies: [check, openPorts, joinAgain],
    }),
  },
];
