/** What a host's own facts mean for a swarm: clock, kernel, ranges, disk, ports in use, images. Pure. */
import type { Overlay } from '../swarm/overlays.ts';
import { list } from '../cards/text.ts';
import { fail, pass, warn, type Finding } from './finding.ts';
import type { HostFacts } from './host-facts.ts';
import { overlaps } from './ranges.ts';

/** A clock against the worker's, in ms: the difference lies within `error` of `offset`. */
export interface ClockReading {
  offset: number;
  error: number;
}

/** A certificate is valid from an hour before it was signed on (Docker's own CA). */
const NOT_YET_VALID_MS = 3_600_000;
const TELLING_MS = 30_000;

/** `time`: ISO, as the engine said it between `before` and `after`, both the worker's own clock in ms. */
export function readClock(time: string, before: number, after: number): ClockReading | undefined {
  const at = Date.parse(time);
  if (!Number.isFinite(at)) return undefined;
  return { offset: at - (before + after) / 2, error: (after - before) / 2 };
}

export function judgeClock(own: ClockReading, manager: ClockReading, managerName: string): Finding {
  const difference = own.offset - manager.offset;
  const error = own.error + manager.error;
  const least = Math.max(0, Math.abs(difference) - error);
  const direction = difference < 0 ? 'behind' : 'ahead of';
  const says = `Its clock is ${seconds(Math.abs(difference))} ${direction} that of ${managerName} (give or take ${seconds(error)}).`;
  const advice = 'Set the clock on both sides: `timedatectl set-ntp true`, or chrony or ntpd.';
  if (least >= NOT_YET_VALID_MS)
    return fail('Clock', says, `${advice} Certificates are refused as "expired or not yet valid" otherwise.`);
  if (least >= TELLING_MS) return warn('Clock', says, advice);
  return pass(
    'Clock',
    `Its clock agrees with that of ${managerName} to ${seconds(Math.abs(difference) + error)}.`,
  );
}

function seconds(ms: number): string {
  if (ms < 1000) return `${Math.max(1, Math.round(ms))} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

export function judgeKernel({ features }: HostFacts, storageDriver: string): Finding[] {
  const lacks = (name: keyof typeof features): boolean => features[name] === false;
  const findings: Finding[] = [];
  if (lacks('vxlan') || lacks('bridge'))
    findings.push(
      fail(
        'Kernel',
        `Its kernel has no ${list((['vxlan', 'bridge'] as const).filter(lacks))}: overlay networks cannot be made there.`,
        'Install the package with the extra modules (`linux-modules-extra-...` on Ubuntu, `kernel-modules` on Fedora and CentOS), or a kernel that has them.',
      ),
    );
  if (lacks('overlay') && storageDriver.startsWith('overlay'))
    findings.push(
      fail(
        'Kernel',
        'Its kernel has no overlay file system, which its engine stores images with.',
        'Install a kernel that has it.',
      ),
    );
  if (lacks('ip_vs'))
    findings.push(
      warn(
        'Kernel',
        'Its kernel has no ip_vs: the routing mesh and the virtual addresses of services do not answer there.',
        'Install the package with the extra kernel modules, or publish ports with mode=host and use endpoint mode dnsrr.',
      ),
    );
  const known = Object.values(features).some((one) => one !== undefined);
  if (findings.length === 0 && known)
    findings.push(pass('Kernel', 'Its kernel has what overlay networks and the routing mesh need.'));
  return findings;
}

export function judgeRanges({ routes }: HostFacts, overlays: readonly Overlay[]): Finding[] {
  if (overlays.length === 0) return [];
  const clashes = overlays.flatMap(({ name, subnets }) =>
    subnets.flatMap((subnet) => {
      const route = routes.find(({ to }) => overlaps(to, subnet));
      return route ? [{ name, subnet, route }] : [];
    }),
  );
  if (clashes.length === 0)
    return [
      pass(
        'Networks',
        `None of its routes overlaps the swarm's networks (${list(overlays.map(({ name }) => name).slice(0, 5))}).`,
      ),
    ];
  return clashes
    .slice(0, 5)
    .map(({ name, subnet, route }) =>
      warn(
        'Networks',
        `Its route to ${route.to} (${route.device}) overlaps the swarm's network ${name}, ${subnet}.`,
        name === 'ingress'
          ? 'Containers there cannot reach that route, and engines may say "Pool overlaps with other one on this address space": create the ingress network anew with another --subnet, or change the route.'
          : 'Containers in that network cannot reach that route: create the network with another --subnet, or change the route.',
      ),
    );
}

const GIB = 1024 ** 3;

export function judgeDisk({ disk }: HostFacts, dataRoot: string, host: string): Finding[] {
  if (!disk) return [];
  const free = `${(disk.freeBytes / GIB).toFixed(1)} GiB of ${(disk.totalBytes / GIB).toFixed(1)} GiB are free where its engine keeps its data (${dataRoot || '/var/lib/docker'}).`;
  const advice = 'Free some: images and containers that no service may need go with the button.';
  const cleanUp = [{ label: 'Clean up', line: `prune ${host}` }];
  if (disk.freeBytes < GIB / 4) return [fail('Disk', free, advice, cleanUp)];
  if (disk.freeBytes < 2 * GIB || disk.freeBytes < disk.totalBytes / 20)
    return [warn('Disk', free, advice, cleanUp)];
  return [pass('Disk', free)];
}

/** Of a host that is in no swarm: somebody else may have the ports already. */
export function judgeListeners({ listeners }: HostFacts): Finding[] {
  // Another check of the same host listens there for a moment, with one of these.
  const others = listeners.filter(({ program }) => !/^(perl|python|platform-python|dockerd)/.test(program));
  const unique = [...new Map(others.map((one) => [`${one.port}/${one.protocol}`, one])).entries()];
  return unique.map(([port, { program }]) =>
    program === ''
      ? warn(
          'Ports in use',
          `Something on it has ${port} already${port === '4789/udp' ? ', maybe another overlay network in the kernel' : ''}.`,
          `See what it is (\`ss -lntup\` as root); the swarm needs ${port} for itself.`,
        )
      : fail(
          'Ports in use',
          `${program} on it has ${port} already, which the swarm needs.`,
          `Stop ${program}, or let it use another port.`,
        ),
  );
}

/** `missing` of the images that the services of the swarm use. */
export function judgeImages(missing: readonly string[], needed: number): Finding[] {
  if (needed === 0) return [];
  if (missing.length === 0)
    return [
      pass('Images', `It has ${needed === 1 ? 'the image' : `all ${needed} images`} that services use.`),
    ];
  const shown = missing.slice(0, 5);
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : '';
  return [
    warn(
      'Images',
      `It lacks ${missing.length === 1 ? 'an image' : `${missing.length} images`} that services use: ${shown.join(', ')}${more}.`,
      'Tasks are rejected there with "No such image" unless a registry has them: load them on the host before you scale.',
    ),
  ];
}

/** Of the images that services use, how many the host lacks: a line under a step. */
export function imagesInShort(missing: number, all: number): string {
  if (all === 0) return 'services use none';
  if (missing === 0) return 'every one that services use is here';
  return all === 1 ? 'the one that services use is not here' : `${missing} of ${all} are not here`;
}
