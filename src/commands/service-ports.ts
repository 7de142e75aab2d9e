/** Ports to publish and mounts, in docker's short and long forms. */
import { UserError } from '../errors.ts';
import type { Arg } from './args.ts';
import { each } from './service-args.ts';
import { quoted } from './words.ts';

interface Port {
  target: number;
  published: number;
  protocol: 'tcp' | 'udp' | 'sctp';
  mode: 'ingress' | 'host';
}

interface Mount {
  type: 'bind' | 'volume' | 'tmpfs';
  source: string;
  target: string;
  readOnly: boolean;
}

export function ports(about: string): Arg<Port[]> {
  return each('PORT', about, (value) => (value.includes('=') ? longPort(value) : shortPort(value)), {
    letter: 'p',
  });
}

/** `8080:80/udp`, `80`. */
function shortPort(value: string): Port {
  const { published, target, protocol } =
    /^(?:(?<published>\d{1,5}):)?(?<target>\d{1,5})(?:\/(?<protocol>tcp|udp|sctp))?$/i.exec(value)?.groups ??
    {};
  if (target === undefined) throw notPort(value);
  return {
    target: portNumber(target, value),
    published: published === undefined ? 0 : portNumber(published, value),
    protocol: protocolOf(protocol ?? 'tcp', value),
    mode: 'ingress',
  };
}

/** `published=8080,target=80,protocol=tcp,mode=host`. */
function longPort(value: string): Port {
  const port: Port = { target: 0, published: 0, protocol: 'tcp', mode: 'ingress' };
  for (const [key, given] of fields(value)) {
    if (key === 'target') port.target = portNumber(given, value);
    else if (key === 'published') port.published = portNumber(given, value);
    else if (key === 'protocol') port.protocol = protocolOf(given, value);
    else if (key === 'mode' && (given === 'host' || given === 'ingress')) port.mode = given;
    else throw notPort(value);
  }
  if (port.target === 0) throw notPort(value);
  return port;
}

function portNumber(text: string, whole: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number < 1 || number > 65_535) throw notPort(whole);
  return number;
}

function protocolOf(text: string, whole: string): Port['protocol'] {
  const protocol = text.toLowerCase();
  if (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') return protocol;
  throw notPort(whole);
}

function notPort(value: string): UserError {
  return new UserError(`${quoted(value)} is not a port to publish.`, {
    hint: 'Write it like 8080:80, 53:53/udp or published=8080,target=80,mode=host, one port at a time.',
  });
}

/** The containers' own ports: `80`, `80/tcp`, and `8080:80`, of which the second counts. */
export function targetPorts(about: string): Arg<number[]> {
  return each('PORT', about, (value) => {
    const { target } = /^(?:\d{1,5}:)?(?<target>\d{1,5})(?:\/\w+)?$/.exec(value)?.groups ?? {};
    if (target === undefined) throw notPort(value);
    return portNumber(target, value);
  });
}

/** `type=volume,src=data,dst=/var/lib/data,ro`. */
export function mounts(about: string): Arg<Mount[]> {
  return each('MOUNT', about, (value) => {
    const mount: Mount = { type: 'volume', source: '', target: '', readOnly: false };
    for (const [key, given] of fields(value)) {
      if (key === 'type' && (given === 'bind' || given === 'volume' || given === 'tmpfs')) mount.type = given;
      else if (key === 'source' || key === 'src') mount.source = given;
      else if (key === 'target' || key === 'dst' || key === 'destination') mount.target = given;
      else if (key === 'readonly' || key === 'ro') mount.readOnly = given !== 'false' && given !== '0';
      else throw notMount(value);
    }
    const sourceFits = mount.type === 'bind' ? mount.source.startsWith('/') : !mount.source.includes('/');
    if (!mount.target.startsWith('/') || !sourceFits) throw notMount(value);
    return mount;
  });
}

function notMount(value: string): UserError {
  return new UserError(`${quoted(value)} is not a mount.`, {
    hint: 'Write it like type=volume,src=data,dst=/data or type=bind,src=/srv/www,dst=/www,ro.',
  });
}

/** `a=1,b` -> pairs; a key alone has an empty value. */
function fields(value: string): [string, string][] {
  return value.split(',').map((field) => {
    const at = field.indexOf('=');
    return at === -1
      ? [field.trim().toLowerCase(), '']
      : [field.slice(0, at).trim().toLowerCase(), field.slice(at + 1).trim()];
  });
}
