/** All probes of one host, side by side, each with a deadline of its own. Looks only, changes nothing. */
import { isIPv4 } from 'node:net';
import { UserError, isAbort } from '../errors.ts';
import type { EngineInfo, Host, Hosts } from '../hosts/hosts.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import { exchange, type End, type Exchange } from './exchange.ts';
import { fail, pass, warn, worstFirst, type Finding } from './finding.ts';
import { readHostFacts, type HostFacts } from './host-facts.ts';
import { entryOf, judgeEngine, judgeUnasked } from './judge-engine.ts';
import {
  imagesInShort,
  judgeClock,
  judgeDisk,
  judgeImages,
  judgeKernel,
  judgeListeners,
  judgeRanges,
  readClock,
  type ClockReading,
} from './judge-host.ts';
import { judgeAddress, judgePorts, judgeWidth } from './judge-ports.ts';

/** The parts of a check as a card names them. */
export const PARTS = [
  'SSH and engine',
  'Ports, path and address',
  'Kernel, routes and disk',
  'Clock',
  'Images',
] as const;
type Part = (typeof PARTS)[number];

/** Runs one part, and may show it. */
export type Around = <R>(part: Part, work: () => Promise<R>, inShort: (value: R) => string) => Promise<R>;

export interface CheckRequest {
  host: Host;
  hosts: Hosts;
  swarm: Swarm;
  /** What it is to become. A manager must also be reached at 2377/tcp. */
  role: 'worker' | 'manager';
  /** Also compares the images that services use, and the engine IDs of all members. */
  thorough: boolean;
  signal: AbortSignal;
  around?: Around;
  /** Looked at just before, so that it need not be asked again. */
  known?: { read: TimedInfo; nodes: Node[] };
}

/** What an engine says, and its clock against the worker's. */
export interface TimedInfo {
  info: EngineInfo;
  clock: ClockReading | undefined;
}

export interface Checked {
  /** Worst first. */
  findings: Finding[];
  /** What its engine says, where it could be asked. */
  info?: EngineInfo;
  nodes: Node[];
  /** Its entry in this swarm, by its own word; where it cannot be asked, by its name or address in the managers' list. */
  node?: Node;
  /** Address to name in a join, where the host has several. */
  advertise?: string;
}

const FACTS_MS = 10_000;
const EXCHANGE_MS = 20_000;
const INFO_MS = 8000;
const IMAGES_MS = 15_000;
/** A swarm has at most seven managers by any advice; more would only repeat what these say. */
const MOST_PEERS = 7;
/** Members whose engine ID is compared. */
const MOST_MEMBERS = 50;

const SSH_WORKS = pass('SSH', 'SSH works, and it shows the host key that is known.');

const plainly: Around = (_part, work) => work();

/** @throws the signal's reason; UserError when the swarm itself cannot be asked. */
export async function checkHost(request: CheckRequest): Promise<Checked> {
  const { host, hosts, swarm, role, thorough, signal, around = plainly, known } = request;
  const [reached, nodes, overlays, images] = await around(
    'SSH and engine',
    async () =>
      await Promise.all([
        known ? { read: known.read, findings: [SSH_WORKS] } : reach(host, signal),
        known?.nodes ?? swarm.nodes(signal),
        swarm.overlays(signal),
        thorough ? neededImages(swarm, signal) : [],
      ]),
    ([{ read }]) => (read ? `engine ${read.info.version}, ${read.info.swarm.state}` : 'cannot be asked'),
  );
  if (!reached.read) {
    const entry = entryOf(host, nodes);
    const findings = [...reached.findings, ...(entry ? [judgeUnasked(entry)] : [])];
    return { findings: worstFirst(findings), nodes, ...(entry ? { node: entry } : {}) };
  }
  const { info } = reached.read;
  const node = info.swarm.state === 'active' ? nodes.find(({ id }) => id === info.swarm.nodeId) : undefined;

  const ends = await peersOf(request, info, nodes);
  const [exchanged, facts, clock, missing, members] = await Promise.all([
    around(
      'Ports, path and address',
      () =>
        bounded('Ports', EXCHANGE_MS, signal, (both) =>
          exchange(
            {
              name: host.name,
              host,
              address: isIPv4(host.address) ? host.address : '',
              manager: role === 'manager' || info.swarm.isManager,
            },
            ends.map(({ end }) => end),
            both,
          ),
        ),
      (found) => ('value' in found ? inShort(found.value) : 'not known'),
    ),
    around(
      'Kernel, routes and disk',
      () =>
        bounded('Host', FACTS_MS, signal, (both) =>
          readHostFacts(host, info.dataRoot, { timeoutMs: FACTS_MS, signal: both }),
        ),
      (found) => ('value' in found ? 'looked at' : 'not known'),
    ),
    around(
      'Clock',
      () =>
        bounded('Clock', INFO_MS, signal, async (both) =>
          reached.read?.clock && reached.read.clock.error <= UNSURE_MS
            ? reached.read.clock
            : (await timedInfo(host, both)).clock,
        ),
      (found) => ('value' in found && found.value ? 'read' : 'not known'),
    ),
    around(
      'Images',
      () => bounded('Images', IMAGES_MS, signal, (both) => host.missingImages(images, both)),
      (found) => ('value' in found ? imagesInShort(found.value.length, images.length) : 'not known'),
    ),
    thorough ? engineIds(request, nodes) : [],
  ]);

  const findings = [
    ...reached.findings,
    ...judgeEngine({
      host: host.name,
      info,
      nodes,
      others: [...ends.map(({ end, engineId = '' }) => ({ host: end.name, engineId })), ...members],
    }),
  ];
  let advertise: string | undefined;
  if ('value' in exchanged) {
    const known = new Set(hosts.names());
    findings.push(
      ...(ends.length > 0
        ? judgePorts(host.name, exchanged.value, (name) => known.has(name))
        : [noPeers(info)]),
      ...judgeWidth(exchanged.value),
    );
  } else findings.push(exchanged.unknown);
  if ('value' in facts) {
    findings.push(
      ...judgeKernel(facts.value, info.storageDriver),
      ...judgeRanges(facts.value, overlays),
      ...judgeDisk(facts.value, info.dataRoot, host.name),
      ...(info.swarm.state === 'inactive' ? judgeListeners(facts.value) : []),
    );
    if ('value' in exchanged) advertise = addressOf(facts.value, exchanged.value, findings);
  } else findings.push(facts.unknown);
  const manager = ends.find(({ clock: theirs }) => theirs !== undefined);
  if ('value' in clock) {
    if (clock.value && manager?.clock)
      findings.push(judgeClock(clock.value, manager.clock, manager.end.name));
  } else findings.push(clock.unknown);
  if ('value' in missing) findings.push(...judgeImages(missing.value, images.length));
  else findings.push(missing.unknown);
  return {
    findings: worstFirst(findings),
    info,
    nodes,
    ...(node ? { node } : {}),
    ...(advertise ? { advertise } : {}),
  };
}

function inShort({ passages }: Exchange): string {
  const blocked = passages.filter(({ outcome }) => outcome === 'blocked').length;
  return blocked === 0
    ? `${passages.length} ways tried`
    : `${blocked} of ${passages.length} ways are blocked`;
}

function addressOf(facts: HostFacts, exchanged: Exchange, findings: Finding[]): string | undefined {
  const { finding, source, several } = judgeAddress(facts, exchanged);
  if (finding) findings.push(finding);
  return several ? source : undefined;
}

function noPeers({ swarm }: EngineInfo): Finding {
  return swarm.isManager
    ? pass('Ports', 'There is no other node to exchange packets with.')
    : warn(
        'Ports',
        'No manager could be looked at from the inventory, so no packets were exchanged.',
        'Put the managers into swarm.yaml as hosts, under the names or the addresses that they have in the swarm.',
      );
}

/** The way to the host and to its engine. A failure is a finding, and then there is nothing more to look at. */
async function reach(host: Host, signal: AbortSignal): Promise<{ read?: TimedInfo; findings: Finding[] }> {
  try {
    return { read: await timedInfo(host, signal), findings: [SSH_WORKS] };
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof UserError)) throw thrown;
    const kind = 'kind' in thrown ? thrown.kind : '';
    const isEngine = kind === 'socket' || kind === 'silent' || kind === 'too-old' || kind === '';
    return {
      findings: [
        fail(isEngine ? 'Engine' : 'SSH', thrown.message, thrown.hint, thrown.remedies),
        ...(isEngine ? [SSH_WORKS] : []),
      ],
    };
  }
}

export interface Peer {
  end: End;
  engineId?: string;
  clock?: ClockReading;
}

/** The managers that are up, this host left out; where there is none (it is the only one), some other nodes. */
export async function peersOf(
  { host, hosts, signal }: Pick<CheckRequest, 'host' | 'hosts' | 'signal'>,
  info: EngineInfo,
  nodes: Node[],
): Promise<Peer[]> {
  const others = nodes.filter(({ id, state }) => id !== info.swarm.nodeId && state === 'ready');
  const managers = others.filter(({ manager }) => manager?.reachability === 'reachable');
  const chosen = managers.length > 0 ? managers.slice(0, MOST_PEERS) : others.slice(0, 3);
  return await Promise.all(
    chosen.map(async (node): Promise<Peer> => {
      const address = (node.manager?.address ?? '').replace(/:\d+$/, '') || node.address;
      const end: End = { name: node.hostname, address, manager: node.manager !== undefined };
      for (const candidate of candidates(node, address, hosts)) {
        if (candidate.name === host.name) continue;
        const read = await managerInfo(
          candidate,
          AbortSignal.any([signal, AbortSignal.timeout(INFO_MS)]),
        ).catch((thrown: unknown) => {
          signal.throwIfAborted();
          if (thrown instanceof UserError || isAbort(thrown)) return undefined;
          throw thrown;
        });
        if (read?.info.swarm.nodeId !== node.id) continue;
        return {
          end: { ...end, name: candidate.name, host: candidate },
          engineId: read.info.engineId,
          ...(read.clock ? { clock: read.clock } : {}),
        };
      }
      return { end };
    }),
  );
}

/** Hosts of the inventory that may be this node, by name or address. */
function candidates({ hostname, address }: Node, managerAddress: string, hosts: Hosts): Host[] {
  return hosts
    .names()
    .map((name) => hosts.host(name))
    .filter(
      (host) =>
        host.name.toLowerCase() === hostname.toLowerCase() ||
        [address, managerAddress].includes(host.address),
    );
}

/** A first question also makes the way there; its answer took too long to tell the time by. */
const UNSURE_MS = 125;

export async function timedInfo(host: Host, signal: AbortSignal): Promise<TimedInfo> {
  const before = Date.now();
  const info = await host.info(signal);
  return { info, clock: readClock(info.time, before, Date.now()) };
}

/** What a manager says, for as long as a job that checks many hosts asks for it again and again. */
const FRESH_MS = 10_000;
const managersSay = new WeakMap<Host, { at: number; read: TimedInfo }>();

async function managerInfo(host: Host, signal: AbortSignal): Promise<TimedInfo> {
  const last = managersSay.get(host);
  if (last && Date.now() - last.at < FRESH_MS) return last.read;
  let read = await timedInfo(host, signal);
  if (read.clock && read.clock.error > UNSURE_MS) read = await timedInfo(host, signal);
  managersSay.set(host, { at: Date.now(), read });
  return read;
}

async function neededImages(swarm: Swarm, signal: AbortSignal): Promise<string[]> {
  return [...new Set((await swarm.services(signal)).map(({ image }) => image))];
}

/** Engine IDs of the members that the inventory knows. Who cannot be asked in time is left out. */
async function engineIds(
  { host, hosts, signal }: CheckRequest,
  nodes: Node[],
): Promise<{ host: string; engineId: string }[]> {
  const members = nodes
    .filter(({ state }) => state === 'ready')
    .flatMap((node) => candidates(node, node.address, hosts))
    .filter(({ name }) => name !== host.name)
    .slice(0, MOST_MEMBERS);
  const found = await Promise.all(
    members.map(async (member) => {
      const read = await bounded('Identity', INFO_MS, signal, (both) => member.info(both));
      return 'value' in read ? [{ host: member.name, engineId: read.value.engineId }] : [];
    }),
  );
  return found.flat();
}

/** A probe that fails, or takes longer than `ms`, is a warning: what it would have found is not known. */
async function bounded<R>(
  probe: string,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<R>,
): Promise<{ value: R } | { unknown: Finding }> {
  try {
    return { value: await work(AbortSignal.any([signal, AbortSignal.timeout(ms)])) };
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof UserError)
      return { unknown: warn(probe, `Not tested: ${thrown.message}`, thrown.hint, thrown.remedies) };
    if (isAbort(thrown))
      return {
        unknown: warn(
          probe,
          `Not tested: it took longer than ${ms / 1000} s.`,
          'The host may be overloaded: look at its load, then check again.',
        ),
      };
    throw thrown;
  }
}
