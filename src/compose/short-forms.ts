/** The short ways of writing ports and mounts -> the long ones. Pure. Each gives a sentence when it cannot. */

export interface Port {
  target: number;
  /** 0: the swarm picks one. */
  published: number;
  protocol: 'tcp' | 'udp' | 'sctp';
  mode: 'ingress' | 'host';
}

export interface Mount {
  type: 'volume' | 'bind' | 'tmpfs';
  source: string;
  target: string;
  readOnly: boolean;
  consistency: string;
  propagation: string;
  nocopy: boolean;
  sizeBytes: number;
  /** Octal permissions as a number, 0 when not given. */
  mode: number;
}

/** More than anybody publishes on purpose. */
const MOST_PORTS = 1000;

/** `8080:80`, `9090-9091:8080-8081/udp`, `80` -> ports; a text says why not. */
export function shortPorts(text: string): Port[] | string {
  const {
    address,
    published,
    target,
    protocol = 'tcp',
  } = /^(?:(?:(?<address>\[[^\]]*\]|[\d.]+):)?(?<published>\d+(?:-\d+)?|):)?(?<target>\d+(?:-\d+)?)(?:\/(?<protocol>tcp|udp|sctp))?$/i.exec(
    text,
  )?.groups ?? {};
  if (target === undefined) return 'it is not written like 8080:80 or 8080:80/udp';
  if (address !== undefined)
    return 'it names an address of the host, and Swarm publishes a port on every address of its nodes';
  const targets = range(target);
  const outside = published ? range(published) : targets.map(() => 0);
  if ([...targets, ...outside].some((port) => port > 65_535) || targets.includes(0))
    return 'a port is a number from 1 to 65535';
  if (targets.length === 0 || targets.length !== outside.length)
    return 'both of its ranges must have the same length';
  if (targets.length > MOST_PORTS) return `it names more than ${MOST_PORTS} ports`;
  return targets.map((port, at) => ({
    target: port,
    published: outside[at] ?? 0,
    protocol: protocol.toLowerCase() as Port['protocol'],
    mode: 'ingress',
  }));
}

function range(text: string): number[] {
  const [from = 0, to = from] = text.split('-').map(Number);
  return to < from || to - from > 65_535 ? [] : Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

export const PLAIN_MOUNT: Mount = {
  type: 'volume',
  source: '',
  target: '',
  readOnly: false,
  consistency: '',
  propagation: '',
  nocopy: false,
  sizeBytes: 0,
  mode: 0,
};

const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

/** `data:/var/lib/data:ro`, `/etc/app:/etc/app`, `/cache` -> a mount; a text says why not. */
export function shortMount(text: string): Mount | string {
  const parts = text.split(':');
  if (parts.some((part) => part === '') || parts.length > 3)
    return 'it is not written like data:/path or /from:/to:ro';
  const [first = '', second, options = ''] = parts;
  const mount: Mount =
    second === undefined
      ? { ...PLAIN_MOUNT, target: first }
      : { ...PLAIN_MOUNT, source: first, target: second };
  if (/^[./~]/.test(mount.source)) mount.type = 'bind';
  for (const option of options.split(',').filter(Boolean)) {
    if (option === 'ro') mount.readOnly = true;
    else if (option === 'nocopy') mount.nocopy = true;
    else if (PROPAGATIONS.includes(option)) mount.propagation = option;
    else if (['consistent', 'cached', 'delegated'].includes(option)) mount.consistency = option;
    else if (option !== 'rw') return `Swarm does not know the option "${option}"`;
  }
  return mount;
}

/** What is wrong with a mount, in either way of writing it. */
export function badMount({ type, source, target }: Mount): string | undefined {
  if (!target.startsWith('/')) return 'its path in the container must begin with /';
  if (type === 'bind' && !source.startsWith('/'))
    return 'a path from a node must begin with /: in chat there is no folder that it could be relative to';
  if (type === 'tmpfs' && source !== '') return 'a tmpfs has no source';
  return undefined;
}

/** `/run:size=64m,mode=1777` of the service's `tmpfs`. */
export function shortTmpfs(text: string, bytesOf: (size: string) => number | undefined): Mount | string {
  const [target = '', options = ''] = text.split(/:(.*)/s);
  const mount: Mount = { ...PLAIN_MOUNT, type: 'tmpfs', target };
  for (const option of options.split(',').filter(Boolean)) {
    const [name, value = ''] = option.split('=');
    const bytes = name === 'size' ? bytesOf(value) : undefined;
    if (bytes !== undefined) mount.sizeBytes = bytes;
    else if (name === 'mode' && /^[0-7]+$/.test(value)) mount.mode = Number.parseInt(value, 8);
    else if (name === 'ro') mount.readOnly = true;
    else if (name !== 'rw') return `Swarm does not know the option "${name}" of a tmpfs`;
  }
  return mount;
}
