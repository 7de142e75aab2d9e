/** A real exchange of packets between a host and others, on the ports that a swarm needs, each way. */
import { randomBytes } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { UserError } from '../errors.ts';
import type { Host } from '../hosts/hosts.ts';
import { openAgent, type Agent } from './open-agent.ts';

/** One end. Without `host` nobody can look from there: it is in no inventory, or cannot be reached over SSH. */
export interface End {
  name: string;
  host?: Host;
  /** IP address at which the others reach it; for the subject it is found out when empty. */
  address: string;
  /** It takes part in a swarm as a manager, or shall: then 2377/tcp must reach it. */
  manager: boolean;
}

type Port = '2377/tcp' | '7946/tcp' | '7946/udp' | '4789/udp';

/** What became of packets from one host to a port of another. */
export interface Passage {
  from: string;
  to: string;
  port: Port;
  outcome: 'passes' | 'blocked' | 'untested';
  /** Why it is blocked or untested: half a sentence. */
  reason: string;
  /** Where it is stopped, where that could be seen: at one of the two hosts, by its own rules, or between them. */
  stopped?: 'at the sender' | 'at the receiver' | 'in between';
}

/** How large packets may be on the way. */
interface Width {
  from: string;
  to: string;
  /** Of the interface that sends, in bytes. */
  mtu: number;
  /** Largest packet that arrived; undefined when not even that is known. */
  carries?: number;
}

export interface Exchange {
  passages: Passage[];
  widths: Width[];
  /** With which of its addresses the subject speaks to each peer, and as which one the peer sees it. */
  paths: { peer: string; source: string; seenAs?: string }[];
}

const SWARM_TCP = [2377, 7946];
const DIAL_MS = 4000;
/** When a datagram is sent, and sent again, in ms after the first; after the last of these it is taken for lost. */
const SENDS = [0, 300, 700, 1500];
const LOST_MS = 1500;
const EPERM = 1;
/** IP packets of these sizes find out what a narrow path carries. */
const LADDER = [
  8950, 4000, 1500, 1492, 1480, 1472, 1460, 1450, 1440, 1420, 1400, 1380, 1350, 1300, 1280, 1200, 1000, 576,
];

const NO_AGENT = 'there is neither Perl nor Python on';
const NOT_ROOT = 'only root may look for arriving datagrams on';

/**
 * Exchanges packets between `subject` and every peer. Where a side cannot be looked at from, the passages that need it
 * are reported as untested. Takes about 200 ms when all is well, about 5 s when something is blocked.
 * @throws the signal's reason; HostFailure when the subject itself cannot be reached.
 */
export async function exchange(
  subject: End & { host: Host },
  peers: End[],
  signal: AbortSignal,
): Promise<Exchange> {
  const nonce = randomBytes(6).toString('hex');
  const open = async ({ host }: End): Promise<Agent | undefined> =>
    host && (await openAgent(host, { nonce, ports: SWARM_TCP, signal }));
  const opened: Agent[] = [];
  const keep = (agent: Agent | undefined) => {
    if (agent) opened.push(agent);
    return agent;
  };
  const mine = open(subject).then(keep);
  const theirs = peers.map((peer) =>
    open(peer)
      .then(keep)
      // A peer that cannot be reached is not the subject's fault: its passages are untested.
      .catch((thrown: unknown) => {
        if (signal.aborted || !(thrown instanceof UserError)) throw thrown;
        return undefined;
      }),
  );
  try {
    const [own, ...others] = await Promise.all([mine, ...theirs]);
    const parts = await Promise.all(
      peers.map((peer, at) =>
        between({ end: subject, agent: own }, { end: peer, agent: others[at] }, signal),
      ),
    );
    return {
      passages: parts.flatMap(({ passages }) => passages),
      widths: parts.flatMap(({ widths }) => widths),
      paths: parts.flatMap(({ path }) => path ?? []),
    };
  } finally {
    await Promise.allSettled([mine, ...theirs]);
    await Promise.all(opened.map((agent) => agent.end()));
  }
}

interface Taking<E extends End = End> {
  end: E;
  agent: Agent | undefined;
}

async function between(
  subject: Taking<End & { host: Host }>,
  peer: Taking,
  signal: AbortSignal,
): Promise<{ passages: Passage[]; widths: Width[]; path?: Exchange['paths'][number] }> {
  const route = isIPv4(peer.end.address) ? await subject.agent?.route(peer.end.address) : undefined;
  const address = route?.source ?? subject.end.address;
  const here: Taking = { agent: subject.agent, end: { ...subject.end, address } };
  const tcp = async (from: Taking, to: Taking): Promise<Passage[]> =>
    await Promise.all([
      ...(to.end.manager ? [tcpPassage(from, to, 2377, signal)] : []),
      tcpPassage(from, to, 7946, signal),
    ]);
  const [out, back, udpOut, udpBack, wideOut, wideBack] = await Promise.all([
    tcp(here, peer),
    tcp(peer, here),
    udpPassages(here, peer),
    udpPassages(peer, here),
    width(here, peer),
    width(peer, here),
  ]);
  const seenAs = udpOut.source;
  const [outwards, backwards] = await Promise.all([
    located(here, peer, [...out, ...udpOut.passages], signal),
    located(peer, here, [...back, ...udpBack.passages], signal),
  ]);
  return {
    passages: [...outwards, ...backwards],
    widths: [wideOut, wideBack].flatMap((one) => one ?? []),
    ...(route ? { path: { peer: peer.end.name, source: route.source, ...(seenAs ? { seenAs } : {}) } } : {}),
  };
}

async function tcpPassage(
  from: Taking,
  to: Taking,
  port: 2377 | 7946,
  signal: AbortSignal,
): Promise<Passage> {
  const passage = { from: from.end.name, to: to.end.name, port: `${port}/tcp` as const };
  if (!from.end.host) return { ...passage, outcome: 'untested', reason: notReached(from.end) };
  if (!to.end.address)
    return { ...passage, outcome: 'untested', reason: `the address of ${to.end.name} is not known` };
  try {
    const outcome = await from.end.host.dial(to.end.address, port, { timeoutMs: DIAL_MS, signal });
    if (outcome.kind === 'open') return { ...passage, outcome: 'passes', reason: '' };
    if (outcome.kind === 'unreachable') return { ...passage, outcome: 'blocked', reason: outcome.reason };
    // Where nobody listens a reset comes back, which shows that packets pass; where somebody does, it was a firewall.
    return to.agent
      ? { ...passage, outcome: 'blocked', reason: 'the connection is rejected' }
      : { ...passage, outcome: 'passes', reason: '' };
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof UserError)) throw thrown;
    return { ...passage, outcome: 'untested', reason: `nobody can dial from ${from.end.name}` };
  }
}

/** Finds out where blocked packets are stopped, by looking at the wire on both sides. */
async function located(
  from: Taking,
  to: Taking,
  passages: Passage[],
  signal: AbortSignal,
): Promise<Passage[]> {
  const unclear = passages.some(({ outcome, stopped }) => outcome === 'blocked' && stopped === undefined);
  const [leaving, arriving] = unclear ? await Promise.all([from.agent?.watch(), to.agent?.watch()]) : [];
  if (!leaving || !arriving) return passages;
  return await Promise.all(
    passages.map(async (passage): Promise<Passage> => {
      if (passage.outcome !== 'blocked' || passage.stopped !== undefined) return passage;
      const sight = async (ms: number): Promise<Seen> =>
        await (passage.port.endsWith('/tcp')
          ? watchedDial(from, to, passage.port === '2377/tcp' ? 2377 : 7946, ms, signal)
          : watchedSend(from, to, passage.port === '7946/udp' ? 7946 : 4789, ms));
      let [left, arrived] = await sight(SIGHT_MS);
      // A busy host may not have sent or seen it by then: before rules or the way between are blamed, it gets more time.
      if (!arrived) [left, arrived] = await sight(LONG_SIGHT_MS);
      return { ...passage, stopped: arrived ? 'at the receiver' : left ? 'in between' : 'at the sender' };
    }),
  );
}

type Seen = [left: boolean | undefined, arrived: boolean | undefined];
const SIGHT_MS = 1500;
const LONG_SIGHT_MS = 5000;

function watchedDial(from: Taking, to: Taking, port: number, ms: number, signal: AbortSignal): Promise<Seen> {
  const syn = `syn ${from.end.address} ${to.end.address} ${port}`;
  const onWire = Promise.all([from.agent?.onWire(syn, ms), to.agent?.onWire(syn, ms)]);
  void from.end.host?.dial(to.end.address, port, { timeoutMs: ms, signal }).catch(() => undefined);
  return onWire;
}

function watchedSend(from: Taking, to: Taking, port: number, ms: number): Promise<Seen> {
  const tag = randomBytes(4).toString('hex');
  const seen = `seen ${tag}`;
  const onWire = Promise.all([from.agent?.onWire(seen, ms), to.agent?.onWire(seen, ms)]);
  void (async () => {
    for (let time = 0; time < 2; time += 1)
      await from.agent?.send(tag, { address: to.end.address, port, size: 'small' });
  })();
  return onWire;
}

async function udpPassages(from: Taking, to: Taking): Promise<{ passages: Passage[]; source?: string }> {
  const results = await Promise.all(([7946, 4789] as const).map((port) => udpPassage(from, to, port)));
  const source = results.find((one) => one.source !== undefined)?.source;
  return { passages: results.map(({ passage }) => passage), ...(source ? { source } : {}) };
}

async function udpPassage(
  from: Taking,
  to: Taking,
  port: 7946 | 4789,
): Promise<{ passage: Passage; source?: string }> {
  const passage = { from: from.end.name, to: to.end.name, port: `${port}/udp` as const };
  const untested = whyUntested(from, to);
  if (untested !== undefined) return { passage: { ...passage, outcome: 'untested', reason: untested } };
  const { errno, arrived } = await carry(from, to, port, 'small', SENDS);
  if (arrived) return { passage: { ...passage, outcome: 'passes', reason: '' }, source: arrived.source };
  const blocked = { ...passage, outcome: 'blocked' as const };
  return {
    passage:
      errno === EPERM
        ? {
            ...blocked,
            reason: `the firewall of ${from.end.name} does not let it out`,
            stopped: 'at the sender',
          }
        : errno !== undefined
          ? {
              ...blocked,
              reason: `${from.end.name} has no way to ${to.end.address}`,
              stopped: 'at the sender',
            }
          : { ...blocked, reason: 'it does not arrive' },
  };
}

function whyUntested(from: Taking, to: Taking): string | undefined {
  for (const { end, agent } of [from, to]) {
    if (!end.host) return notReached(end);
    if (!agent) return `${NO_AGENT} ${end.name}`;
  }
  if (!to.agent?.sees) return `${NOT_ROOT} ${to.end.name}`;
  return isIPv4(to.end.address) ? undefined : `${to.end.name} has no IPv4 address that is known`;
}

const notReached = ({ name }: End) => `nobody can look from ${name}`;

/** Sends until it has arrived. `at`: when, in ms. */
async function carry(
  from: Taking,
  to: Taking,
  port: number,
  size: number | 'small' | 'mtu',
  at: number[],
): Promise<{ errno?: number; arrived?: { source: string; bytes: number } }> {
  const tag = randomBytes(4).toString('hex');
  for (const [index, ms] of at.entries()) {
    const sent = await from.agent?.send(`${tag}.${index}`, { address: to.end.address, port, size });
    if (sent?.errno !== undefined) return { errno: sent.errno };
    const arrived = await anyArrival(to, tag, index, (at[index + 1] ?? ms + LOST_MS) - ms);
    if (arrived) return { arrived };
  }
  return {};
}

/** One that was sent earlier may arrive late. */
async function anyArrival(to: Taking, tag: string, last: number, ms: number) {
  const waits = Array.from({ length: last + 1 }, (_, index) => to.agent?.arrival(`${tag}.${index}`, ms));
  return await firstOf(waits);
}

async function firstOf<T>(waits: (Promise<T | undefined> | undefined)[]): Promise<T | undefined> {
  return await new Promise((resolve, reject) => {
    Promise.all(
      waits.map(async (wait) => {
        const value = await wait;
        if (value !== undefined) resolve(value);
      }),
    ).then(() => resolve(undefined), reject);
  });
}

/** Whether a packet as large as the interface takes arrives whole; where not, what does. */
async function width(from: Taking, to: Taking): Promise<Width | undefined> {
  if (whyUntested(from, to) !== undefined) return undefined;
  const route = await from.agent?.route(to.end.address);
  if (!route) return undefined;
  const whole = { from: from.end.name, to: to.end.name, mtu: route.mtu };
  const { arrived } = await carry(from, to, 4789, 'mtu', SENDS.slice(0, 3));
  if (arrived) return { ...whole, carries: arrived.bytes };
  const sizes = LADDER.filter((size) => size < route.mtu);
  const found = await Promise.all(sizes.map((size) => carry(from, to, 4789, size, [0, 300])));
  const carried = found.flatMap((one) => (one.arrived ? [one.arrived.bytes] : []));
  return carried.length === 0 ? whole : { ...whole, carries: Math.max(...carried) };
}
