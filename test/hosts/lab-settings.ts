import type { HostSettings } from '../../src/hosts/hosts.ts';
import { canRunLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/lab.ts';

const able = canRunLab();
/** Why the tests on the lab are left out here; empty when they run. */
export const noLab = able.ok ? '' : able.why;

/** The hosts of a lab as the inventory names them. */
export function settingsOf(lab: Lab): HostSettings[] {
  return lab.hosts.map(({ name, address, socket, sshPort }) => ({
    name,
    address,
    ssh: { user: lab.sshUser, port: sshPort, key: lab.sshKey, knownHosts: lab.knownHosts },
    socket,
    labels: {},
  }));
}
