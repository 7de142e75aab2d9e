import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEM_PATH } from './command.ts';
import { staticBusybox } from './images.ts';

/** Commands that a lab runs -> the Debian package that brings them. */
const COMMANDS: Record<string, string> = {
  ip: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  mount: 'mount',
  hostname: 'hostname',
  iptables: 'iptables',
  dockerd: 'docker.io',
  docker: 'docker.io',
  containerd: 'docker.io',
  runc: 'docker.io',
  sshd: 'openssh-server',
};

/** Capabilities by number (linux/capability.h): what namespaces, mounts, links, and an engine's containers need. */
const CAPABILITIES: Record<number, string> = {
  0: 'CHOWN',
  1: 'DAC_OVERRIDE',
  3: 'FOWNER',
  4: 'FSETID',
  5: 'KILL',
  6: 'SETGID',
  7: 'SETUID',
  8: 'SETPCAP',
  10: 'NET_BIND_SERVICE',
  12: 'NET_ADMIN',
  13: 'NET_RAW',
  18: 'SYS_CHROOT',
  19: 'SYS_PTRACE',
  21: 'SYS_ADMIN',
  27: 'MKNOD',
  29: 'AUDIT_WRITE',
  31: 'SETFCAP',
};

/** Says whether this machine can carry a lab and, if not, why, in a sentence with what to do. */
export function canRunLab(): { ok: true } | { ok: false; why: string } {
  const why = reason();
  return why === undefined ? { ok: true } : { ok: false, why };
}

function reason(): string | undefined {
  if (process.platform !== 'linux')
    return `The lab is made of Linux network namespaces; this machine runs ${process.platform}.`;
  if (process.getuid?.() !== 0)
    return 'The lab makes network namespaces and mounts, which takes root. Run it as root.';
  const packages = Object.entries(COMMANDS).filter(([command]) => !isInstalled(command));
  const lacking = [...new Set(packages.map(([, name]) => name))];
  if (staticBusybox() === undefined) lacking.push('busybox-static');
  if (lacking.length > 0)
    return `The lab needs the packages ${lacking.join(', ')}. On Debian: apt-get install ${lacking.join(' ')}`;
  const held = BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  const missing = Object.entries(CAPABILITIES).filter(([bit]) => ((held >> BigInt(bit)) & 1n) === 0n);
  if (missing.length > 0) {
    const names = missing.map(([, name]) => name);
    return `This process lacks the capabilities ${names.join(', ')}. In a container, start it with ${names.map((name) => `--cap-add ${name}`).join(' ')}.`;
  }
  return undefined;
}

function isInstalled(command: string): boolean {
  return SYSTEM_PATH.split(':').some((folder) => existsSync(join(folder, command)));
}
