/** What an exchange of packets means: ports, width of the path, addresses. Pure. */
import type { Remedy } from '../remedy.ts';
import type { Exchange, Passage } from './exchange.ts';
import { list } from '../cards/text.ts';
import { fail, pass, warn, type Finding } from './finding.ts';
import type { HostFacts } from './host-facts.ts';

/** `subject`: the host that is checked; the others are known to the inventory or not. */
export function judgePorts(
  subject: string,
  { passages }: Pick<Exchange, 'passages'>,
  inInventory: (name: string) => boolean,
): Finding[] {
  const blocked = passages.filter(({ outcome }) => outcome === 'blocked');
  const untested = passages.filter(({ outcome }) => outcome === 'untested');
  const passing = passages.filter(({ outcome }) => outcome === 'passes');
  const findings = groups(blocked, (one) => `${one.from} ${one.stopped ?? ''}`).map((group) =>
    fail('Ports', sentence(group, 'does not pass', 'do not pass'), ...wayOut(subject, group, inInventory)),
  );
  if (untested.length > 0) {
    const reasons = [...new Set(untested.map(({ reason }) => reason))];
    findings.push(
      warn(
        'Ports',
        `Not tested: ${groups(untested, ({ from }) => from)
          .map(([first, ...more]) => direction([first, ...more].flatMap((one) => one ?? [])))
          .join('; ')}, because ${list(reasons)}.`,
        'Compare the firewall rules on both sides yourself, or make what is missing possible.',
      ),
    );
  }
  if (blocked.length === 0 && passing.length > 0) {
    const peers = [...new Set(passing.map(({ from, to }) => (from === subject ? to : from)))];
    const ports = list([...new Set(passing.map(({ port }) => port))].toSorted());
    findings.push(
      pass(
        'Ports',
        untested.length === 0
          ? `${ports} pass between it and ${list(peers)}, tried with real packets both ways.`
          : `What could be tested passes: ${ports}, ${list(peers)}.`,
      ),
    );
  }
  return findings;
}

function groups(passages: readonly Passage[], by: (passage: Passage) => string): Passage[][] {
  return [...Map.groupBy(passages, by).values()];
}

/** `7946/udp from manager to fedora-03`. */
function direction(group: Passage[]): string {
  const ports = [...new Set(group.map(({ port }) => port))];
  const to = [...new Set(group.map(({ to }) => to))];
  return `${list(ports)} from ${group[0]?.from} to ${list(to)}`;
}

function sentence(group: Passage[], one: string, several: string): string {
  const ports = new Set(group.map(({ port }) => port)).size;
  const verb = ports === 1 ? one : several;
  const them = ports === 1 ? 'it' : 'them';
  const { from, stopped } = group[0] ?? {};
  const to = [...new Set(group.map((passage) => passage.to))];
  if (stopped === 'at the sender')
    return `${direction(group)} ${verb}: the rules of ${from} do not let ${them} out.`;
  if (stopped === 'at the receiver')
    return `${direction(group)} ${verb}: the rules of ${list(to)} do not let ${them} in.`;
  if (stopped === 'in between')
    return `${direction(group)} ${verb}: ${from} sends ${them}, but nothing arrives.`;
  const reasons = [...new Set(group.map(({ reason }) => reason))];
  return `${direction(group)} ${verb} (${reasons.join('; ')}).`;
}

/** Where a datagram vanishes without a word it is mostly the receiver's firewall. */
function wayOut(
  subject: string,
  group: Passage[],
  inInventory: (name: string) => boolean,
): [advice: string, remedies: Remedy[]] {
  const ports = list([...new Set(group.map(({ port }) => port))]);
  const stopped = group[0]?.stopped;
  if (stopped === 'in between')
    return [
      `Open ${ports} on the firewall between the two (a cloud's security group, a router): the hosts let it out and would take it.`,
      [],
    ];
  const places = [...new Set(group.map(({ from, to }) => (stopped === 'at the sender' ? from : to)))];
  const known = places.filter(inInventory);
  const others = places.filter((place) => !known.includes(place));
  const sure = stopped !== undefined;
  return [
    [
      `Open ${ports} on ${list(places)}${sure ? '' : ', or on a firewall in between'}.`,
      ...(known.length > 0 ? ['The button shows the rules first.'] : []),
      ...(others.length > 0
        ? [`${list(others)} ${others.length === 1 ? 'is' : 'are'} not in the inventory.`]
        : []),
    ].join(' '),
    known.map((place) => ({
      label: known.length > 1 || place !== subject ? `Open the ports on ${place}` : 'Open the ports',
      line: place === subject ? `ports ${place}` : `ports ${place} --for ${subject}`,
    })),
  ];
}

export function judgeWidth({ widths }: Pick<Exchange, 'widths'>): Finding[] {
  const narrow = widths.filter(({ mtu, carries }) => carries !== undefined && carries < mtu);
  if (narrow.length > 0)
    return narrow.map(({ from, to, mtu, carries = 0 }) =>
      warn(
        'MTU',
        `Packets of ${mtu} bytes, which the interface of ${from} sends, do not arrive at ${to}; those of ${carries} do.`,
        `Set the MTU of that interface to ${carries} (\`ip link set dev DEVICE mtu ${carries}\`, and in the network's configuration), or repair the path. Otherwise joins hang and overlay networks lose large packets.`,
      ),
    );
  const known = widths.filter(({ carries }) => carries !== undefined);
  if (known.length === 0) return [];
  return [
    pass(
      'MTU',
      `Packets as large as the interfaces take (${list([...new Set(known.map(({ mtu }) => String(mtu)))])} bytes) arrive whole.`,
    ),
  ];
}

/** Networks of containers: never the way to a manager. */
const CONTAINERS = /^(docker|br-|veth|cni|virbr|lxc)/;

/** Which address it will advertise; `several`: then it has to be named. */
export function judgeAddress(
  facts: Pick<HostFacts, 'addresses'>,
  { paths }: Pick<Exchange, 'paths'>,
): { finding: Finding | undefined; source?: string; several: boolean } {
  const own = facts.addresses.filter(({ device }) => !CONTAINERS.test(device));
  const sources = [...new Set(paths.map(({ source }) => source))];
  const [source] = sources;
  if (source === undefined) return { finding: undefined, several: false };
  const several = own.length > 1;
  const translated = paths.find((path) => path.seenAs !== undefined && path.seenAs !== path.source);
  if (translated?.seenAs)
    return {
      source,
      several,
      finding: warn(
        'Address',
        `It speaks to ${translated.peer} as ${translated.source}, but is seen there as ${translated.seenAs}: something translates addresses in between.`,
        'Nodes must reach each other at the addresses that they advertise: take the translation away, or overlay networks will not work there.',
      ),
    };
  if (sources.length > 1)
    return {
      source,
      several,
      finding: warn(
        'Address',
        `It speaks to different managers with different addresses: ${list(paths.map(({ peer, source: with_ }) => `${with_} to ${peer}`))}.`,
        `A node advertises one address: check that all nodes reach it at ${source}.`,
      ),
    };
  return {
    source,
    several,
    finding: pass(
      'Address',
      several
        ? `It has ${own.length} addresses; ${source} is the one that leads to the managers, and the one to advertise.`
        : `It advertises ${source}, which leads to the managers.`,
    ),
  };
}
