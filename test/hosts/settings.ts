import type { HostSettings } from '../../src/hosts/hosts.ts';

/** Settings of a host for tests that reach none. */
export const anyHost: HostSettings = {
  name: 'fedora-01',
  address: '10.0.0.1',
  ssh: { user: 'root', port: 22, key: '/keys/id', knownHosts: '/keys/known_hosts' },
  socket: '/var/run/docker.sock',
  labels: {},
};
