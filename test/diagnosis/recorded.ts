/**
 * What engines of several versions say in each row, as they write it, and the signs of the rows that no text gives.
 * Versions in the comments are Docker's. Sources: daemon/cluster and libnetwork of moby, swarmkit, docker/cli.
 */
import type { Facts } from '../../src/diagnosis/diagnose.ts';

export interface Recorded {
  row: number;
  text: string;
  facts?: Facts;
}

const joining: Facts = { host: 'fedora-03', doing: 'join' };
const wrapped = (text: string) => `rpc error: code = Unknown desc = ${text}`;

export const RECORDED: Recorded[] = [
  // 1.12
  {
    row: 1,
    text: 'Timeout was reached before node was joined. Attempt to join the cluster will continue in the background. Use "docker info" command to see the current swarm status of your node.',
    facts: joining,
  },
  // 1.13 to 28
  {
    row: 1,
    text: 'Timeout was reached before node joined. The attempt to join the swarm will continue in the background. Use the "docker info" command to see the current swarm status of your node.',
    facts: joining,
  },
  {
    row: 1,
    text: 'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing dial tcp 192.168.2.100:2377: i/o timeout"',
    facts: joining,
  },
  {
    row: 1,
    text: 'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 192.168.2.100:2377: connect: connection refused"',
  },
  { row: 1, text: 'rpc error: code = 14 desc = grpc: the connection is unavailable', facts: joining },
  {
    row: 1,
    text: 'fedora-03 has not joined within 90 s: the host says pending, the manager does not know it yet.',
  },
  {
    row: 1,
    text: 'fedora-03 cannot reach a manager: 192.168.2.100:2377 cannot be reached (no answer).',
    facts: joining,
  },
  { row: 1, text: '', facts: { host: 'fedora-03', localState: 'pending' } },
  // 1.12 and 20.10
  {
    row: 2,
    text: 'rpc error: code = 13 desc = connection error: desc = "transport: dial tcp 192.168.2.100:2377: getsockopt: no route to host"',
    facts: joining,
  },
  {
    row: 2,
    text: 'rpc error: code = Unavailable desc = all SubConns are in TransientFailure, latest connection error: connection error: desc = "transport: Error while dialing dial tcp 192.168.2.100:2377: connect: no route to host"',
  },
  {
    row: 2,
    text: 'fedora-03 cannot reach a manager: 192.168.2.100:2377 cannot be reached (no route to host).',
    facts: joining,
  },
  {
    row: 2,
    text: 'Failed to join memberlist [192.168.2.100] on sandbox creation: 1 error occurred: * Failed to join 192.168.2.100: dial tcp 192.168.2.100:7946: connect: no route to host',
  },
  {
    row: 3,
    text: 'fedora-03 has not joined within 90 s: the host says pending, the manager says ready.',
    facts: joining,
  },
  { row: 3, text: 'ping: local error: message too long, mtu=1450' },
  { row: 3, text: 'From 10.0.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)' },
  { row: 3, text: '', facts: { host: 'fedora-03', localState: 'pending', nodeState: 'ready' } },
  { row: 3, text: '', facts: { host: 'fedora-03', mtu: { host: 1500, path: 1400 } } },
  // 1.12
  {
    row: 4,
    text: "manager stopped: can't initialize raft node: rpc error: code = 2 desc = could not connect to prospective new cluster member using its advertised address: grpc: timed out trying to connect",
    facts: joining,
  },
  // 20.10 to 28
  {
    row: 4,
    text: "manager stopped: can't initialize raft node: rpc error: code = Unknown desc = could not connect to prospective new cluster member using its advertised address: rpc error: code = DeadlineExceeded desc = context deadline exceeded",
    facts: joining,
  },
  // 1.12
  {
    row: 5,
    text: 'This node is already part of a swarm cluster. Use "docker swarm leave" to leave this cluster and join another one.',
    facts: joining,
  },
  {
    row: 5,
    text: 'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
    facts: joining,
  },
  { row: 5, text: 'fedora-03 is already part of another swarm.', facts: joining },
  { row: 6, text: 'node fedora-03 is ambiguous (2 matches found)', facts: { node: 'fedora-03' } },
  { row: 6, text: '', facts: { node: 'fedora-03', ghosts: ['4q34guc6hp2a5ok0g1zkjojyh'] } },
  {
    row: 7,
    text: "rpc error: code = 9 desc = node 4q34guc6hp2a5ok0g1zkjojyh is not down and can't be removed",
  },
  {
    row: 7,
    text: "rpc error: code = FailedPrecondition desc = node 4q34guc6hp2a5ok0g1zkjojyh is not down and can't be removed",
    facts: { node: 'fedora-03' },
  },
  {
    row: 8,
    text: 'rpc error: code = FailedPrecondition desc = node 4q34guc6hp2a5ok0g1zkjojyh is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal',
    facts: { node: 'fedora-03' },
  },
  {
    row: 9,
    text: 'remote CA does not match fingerprint. Expected: 9eb6e3b6e2a3a0e0e1d9b6f6f7f2b1a0b7b7b7b7b7b7b7b7b7b7b7b7b7b7b7b7',
    facts: joining,
  },
  { row: 9, text: 'error while validating Root CA Certificate: remote CA does not match fingerprint' },
  { row: 10, text: 'invalid join token', facts: joining },
  {
    row: 10,
    text: 'rpc error: code = 3 desc = A valid join token is necessary to join this cluster',
    facts: joining,
  },
  {
    row: 10,
    text: 'rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster',
  },
  { row: 11, text: 'x509: certificate has expired or is not yet valid', facts: joining },
  // Go 1.15 on, in 20.10 and later
  {
    row: 11,
    text: 'rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: x509: certificate has expired or is not yet valid: current time 2026-01-02T03:04:05Z is before 2026-03-01T00:00:00Z"',
    facts: joining,
  },
  { row: 11, text: '', facts: { host: 'fedora-03', clockSkewMs: -7_200_000 } },
  {
    row: 12,
    text: 'Swarm certificates have expired. To replace them, leave the swarm and join again.',
    facts: { host: 'fedora-03' },
  },
  {
    row: 12,
    text: 'error while loading TLS certificate in /var/lib/docker/swarm/certificates/swarm-node.crt: certificate (1 - 4q34guc6hp2a5ok0g1zkjojyh) not valid after Sat, 01 Jul 2023 10:00:00 UTC, and it is currently Mon, 04 Sep 2023 08:00:00 UTC: x509: certificate has expired or is not yet valid: ',
    facts: { host: 'fedora-03', role: 'manager' },
  },
  {
    row: 13,
    text: 'could not choose an IP address to advertise since this system has multiple addresses on different interfaces (10.0.2.15 on eth0 and 192.168.2.103 on eth1) - specify one with --advertise-addr',
    facts: joining,
  },
  {
    row: 13,
    text: 'could not choose an IP address to advertise since this system has multiple addresses on interface eth0 (10.0.2.15 and 192.168.2.103)',
    facts: joining,
  },
  {
    row: 13,
    text: "could not find the system's IP address - specify one with --advertise-addr",
    facts: joining,
  },
  {
    row: 13,
    text: "must specify a listening address because the address to advertise is not recognized as a system address, and a system's IP address to use could not be uniquely identified",
  },
  {
    row: 14,
    text: 'Failed to join memberlist [10.0.2.15] on sandbox creation: 1 error occurred: * Failed to join 10.0.2.15: dial tcp 10.0.2.15:7946: i/o timeout',
  },
  {
    row: 14,
    text: 'bulk sync to node 9a1d2f failed: failed to send a TCP message during bulk sync: dial tcp 10.0.2.15:7946: connect: connection refused',
  },
  {
    row: 14,
    text: '',
    facts: {
      host: 'fedora-03',
      advertised: '10.0.2.15',
      address: '192.168.2.103',
      nodeState: 'ready',
    },
  },
  {
    row: 15,
    text: '--live-restore daemon configuration is incompatible with swarm mode',
    facts: joining,
  },
  { row: 15, text: 'fedora-03 runs its engine with live-restore, which swarm mode refuses.' },
  { row: 16, text: '--firewall-backend=nftables is incompatible with swarm mode', facts: joining },
  {
    row: 17,
    text: 'manager stopped: failed to listen on remote API address: listen tcp 192.168.2.100:2377: bind: cannot assign requested address',
    facts: { host: 'manager', role: 'manager' },
  },
  {
    row: 17,
    text: 'heartbeat failure',
    facts: {
      host: 'fedora-03',
      nodeState: 'down',
      advertised: '192.168.2.103',
      address: '192.168.2.113',
    },
  },
  // A leader that loses the others while it writes; 20.10.
  {
    row: 18,
    text: wrapped('raft: failed to process the request: node lost leader status'),
    facts: { service: 'websky', doing: 'scale' },
  },
  // 1.12
  { row: 18, text: 'rpc error: code = 2 desc = raft: no elected cluster leader' },
  {
    row: 18,
    text: wrapped(
      "The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
    ),
  },
  {
    row: 18,
    text: 'The swarm has no leader, so nothing can be read or changed in it.',
    facts: { managers: 3, lostManagers: ['manager-02', 'manager-03'] },
  },
  {
    row: 19,
    text: wrapped(
      "The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
    ),
    facts: { leftManagers: ['manager-03'] },
  },
  {
    row: 19,
    text: 'You are attempting to leave the swarm on a node that is participating as a manager. Removing this node leaves 1 managers out of 2. Without a Raft quorum your swarm will be inaccessible. The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress this message.',
    facts: { host: 'manager-02', doing: 'leave' },
  },
  {
    row: 19,
    text: 'rpc error: code = FailedPrecondition desc = attempting to demote the last manager of the swarm',
    facts: { node: 'manager', doing: 'demote' },
  },
  {
    row: 19,
    text: "rpc error: code = FailedPrecondition desc = can't remove member from the raft: this would result in a loss of quorum",
    facts: { node: 'manager-02', doing: 'demote' },
  },
  {
    row: 20,
    text: 'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.',
    facts: { host: 'manager' },
  },
  { row: 20, text: '', facts: { host: 'manager', localState: 'locked' } },
  { row: 21, text: 'heartbeat failure', facts: { node: 'fedora-03', nodeState: 'down' } },
  { row: 21, text: 'heartbeat failure for node in "unknown" state', facts: { node: 'fedora-03' } },
  { row: 22, text: '', facts: { host: 'fedora-03', nodeState: 'ready', engine: 'silent' } },
  {
    row: 22,
    text: 'tried to kill container, but did not receive an exit event',
    facts: { node: 'fedora-03' },
  },
  { row: 22, text: 'Container 4f66ad9a8b2e failed to exit within 10 seconds of signal 15 - using the force' },
  { row: 23, text: 'swarm component could not be started before timeout was reached' },
  {
    row: 23,
    text: 'heartbeat failure',
    facts: { host: 'manager', role: 'manager', managers: 1, nodeState: 'down' },
  },
  {
    row: 23,
    text: '',
    facts: { host: 'manager', role: 'manager', managers: 1, localState: 'pending' },
  },
  {
    row: 24,
    text: '',
    facts: { node: '4q34guc6hp2a5ok0g1zkjojyh', nodeState: 'unknown', hostname: '' },
  },
  // 1.12
  { row: 25, text: 'context deadline exceeded', facts: { host: 'fedora-03', doing: 'leave' } },
  {
    row: 25,
    text: 'rpc error: code = DeadlineExceeded desc = context deadline exceeded',
    facts: { host: 'fedora-03', doing: 'leave' },
  },
  {
    row: 26,
    text: 'ID duplicated. 5JTM:QGAB:LXNS:DDYX:RC2M:IUZS:LS4I:U3QR:M4WS:MQ6C:3DMP:JX4E shared by this node 192.168.2.103:2375 and another node',
  },
  {
    row: 26,
    text: "can't initialize raft node: membership: can't add node to cluster, node id is a duplicate",
    facts: joining,
  },
  { row: 26, text: '', facts: { host: 'fedora-03', sameEngineId: ['fedora-04'] } },
  { row: 27, text: '', facts: { host: 'fedora-03', overlay: { ping: true, tcp: false } } },
  { row: 27, text: '10.0.0.5.4789 > 10.0.0.6.4789: [bad udp cksum 0x1e2d -> 0xd1c8!] VXLAN' },
  { row: 27, text: 'starting container failed: listen udp 0.0.0.0:4789: bind: address already in use' },
  {
    row: 28,
    text: 'network sandbox join failed: subnet sandbox join failed for "10.0.0.0/24": error creating vxlan interface: operation not supported',
  },
  {
    row: 28,
    text: 'network sandbox join failed: subnet sandbox join failed for "10.0.1.0/24": error creating vxlan interface: file exists',
  },
  {
    row: 28,
    text: 'network sandbox join failed: subnet sandbox join failed for "10.0.1.0/24": vxlan interface creation failed for subnet "10.0.1.0/24": operation not supported',
  },
  {
    row: 28,
    text: 'Running modprobe ip_vs failed with message: `modprobe: FATAL: Module ip_vs not found in directory /lib/modules/6.8.9-300.fc40.x86_64`, error: exit status 1',
  },
  { row: 29, text: 'invalid pool request: Pool overlaps with other one on this address space' },
  {
    row: 29,
    text: 'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
  },
  {
    row: 30,
    text: 'fedora-03(9a1d2f) handleTableEvent object {Type:delete} has a 0 reapTime, is the cluster running the same docker engine version?',
  },
  { row: 30, text: '', facts: { versions: ['17.06.1-ce', '18.06.0-ce'] } },
  {
    row: 31,
    text: 'no suitable node (scheduling constraints not satisfied on 3 nodes)',
    facts: { service: 'websky' },
  },
  // 1.12 and 1.13 say it so
  { row: 31, text: 'no suitable node (scheduling constraints not satisfied on 1 node)' },
  {
    row: 31,
    text: 'no suitable node (scheduling constraints not satisfied on 3 nodes; insufficient resources on 1 node)',
  },
  {
    row: 31,
    text: 'no suitable node (2 nodes not available for new tasks; scheduling constraints not satisfied on 1 node)',
  },
  { row: 32, text: 'no suitable node (insufficient resources on 3 nodes)', facts: { service: 'websky' } },
  {
    row: 32,
    text: 'no suitable node (insufficient resources on 4 nodes; scheduling constraints not satisfied on 1 node)',
  },
  { row: 33, text: 'no suitable node (unsupported platform on 3 nodes)', facts: { service: 'websky' } },
  { row: 33, text: 'no matching manifest for linux/arm64/v8 in the manifest list entries' },
  {
    row: 34,
    text: 'no suitable node (host-mode port already in use on 2 nodes)',
    facts: { service: 'websky' },
  },
  {
    row: 34,
    text: 'starting container failed: driver failed programming external connectivity on endpoint websky.1.x (4f66): Bind for 0.0.0.0:8080 failed: port is already allocated',
  },
  {
    row: 34,
    text: 'driver failed programming external connectivity on endpoint websky.1.x (4f66): Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use',
  },
  {
    row: 35,
    text: 'no suitable node (max replicas per node limit exceed)',
    facts: { service: 'websky' },
  },
  {
    row: 35,
    text: 'no suitable node (max replicas per node limit exceed; scheduling constraints not satisfied on 2 nodes)',
  },
  { row: 36, text: 'No such image: my-apache2:latest', facts: { service: 'websky' } },
  {
    row: 36,
    text: '"No such image: my-apache2@sha256:1bd9d0e5a4b0c7a9d6f7cfbdb2bbc7a2f18a0a8f8c0a4e1b3c6b4e1f8a7d2c3b"',
  },
  {
    row: 36,
    text: "pull access denied for my-apache2, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
  },
  { row: 36, text: 'manifest for my-apache2:latest not found: manifest unknown: manifest unknown' },
  {
    row: 37,
    text: 'image my-apache2:latest could not be accessed on a registry to record its digest. Each node will access my-apache2:latest independently, possibly leading to different nodes running different versions of the image.',
    facts: { service: 'websky', doing: 'create' },
  },
  {
    row: 37,
    text: 'Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
  },
  {
    row: 37,
    text: 'Get https://registry-1.docker.io/v2/: dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: server misbehaving',
  },
  {
    row: 37,
    text: 'The engine on manager did not answer within 60 s (create service).',
    facts: { service: 'websky', doing: 'create' },
  },
  {
    row: 38,
    text: 'toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit',
  },
  {
    row: 38,
    text: 'error from registry: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit: toomanyrequests',
    facts: { service: 'websky' },
  },
  { row: 39, text: 'could not find an available IP while allocating VIP', facts: { service: 'websky' } },
  {
    row: 39,
    text: 'failed to allocate network IP for task kow0rt7j4nk166qill9vgb6gw network cuz8knvfyobvqsp10yvh39iu7: could not find an available IP',
  },
  {
    row: 39,
    text: 'node is missing network attachments, ip addresses may be exhausted',
    facts: { service: 'websky' },
  },
  { row: 39, text: "no available IPv4 addresses on this network's address pools: ingress (8qk0)" },
  { row: 40, text: 'starting container failed: Address already in use', facts: { service: 'websky' } },
  { row: 41, text: 'rpc error: code = 2 desc = update out of sequence', facts: { service: 'websky' } },
  { row: 41, text: wrapped('update out of sequence') },
  {
    row: 41,
    text: 'The service websky was changed by somebody else each of the 5 times it was tried.',
  },
  // 1.12 to 19.03, 20.10 and later
  { row: 42, text: 'scale can only be used with replicated mode', facts: { service: 'agent' } },
  { row: 42, text: 'scale can only be used with replicated or replicated-job mode' },
  {
    row: 43,
    text: '',
    facts: { service: 'shop_web', snappedBack: { from: 12, to: 3, stack: 'shop' } },
  },
  {
    row: 44,
    text: 'update paused due to failure or early termination of task 8f2j3k4l5m6n7o8p9q0r1s2t3',
    facts: { service: 'websky' },
  },
  { row: 44, text: 'rollback paused due to failure or early termination of task 8f2j3k4l5m6n7o8p9q' },
  { row: 44, text: 'update rolled back due to failure or early termination of task 8f2j3k4l5m6n7o8p9q' },
  { row: 44, text: 'overall progress: 0 out of 4 tasks' },
  { row: 45, text: '', facts: { node: 'fedora-03', emptyNode: true } },
  { row: 46, text: 'no suitable node (3 nodes not available for new tasks)', facts: { service: 'websky' } },
  {
    row: 46,
    text: 'no suitable node (scheduling constraints not satisfied on 2 nodes; 1 node not available for new tasks)',
    facts: { service: 'websky', closed: ['fedora-03'], closedFor: ['fedora-03'] },
  },
  { row: 46, text: '', facts: { service: 'websky', closed: ['fedora-01', 'fedora-02'], fits: 0 } },
  {
    row: 47,
    text: 'failed to register layer: Error processing tar file(exit status 1): write /usr/bin/httpd: no space left on device',
    facts: { host: 'fedora-03' },
  },
  {
    row: 47,
    text: 'No such image: my-apache2:latest; write /var/lib/docker/tmp/GetImageBlob12: no space left on device',
  },
  { row: 47, text: '', facts: { host: 'fedora-03', disk: { freeBytes: 1e9, totalBytes: 40e9 } } },
  { row: 48, text: '', facts: { host: 'fedora-03', strays: 2 } },
  { row: 49, text: '', facts: { missedEvents: true } },
  { row: 49, text: 'Error response from daemon: unexpected EOF' },
];

/** What must not be taken for any row: other complaints, and pieces of the ones above in another sense. */
export const OTHERS: Recorded['text'][] = [
  '',
  'No service is called nope.',
  'exited with code 1',
  'task: non-zero exit (1)',
  'There is no route to fedora-03 at 192.168.2.103:22.',
  'fedora-03 refuses SSH connections at 192.168.2.103:22.',
  'The host key of fedora-03 has changed.',
  'starting container failed: OCI runtime create failed: exec: "httpd": executable file not found in $PATH',
  'update completed',
  'rollback completed',
  'context deadline exceeded',
  'name conflicts with an existing object: service websky already exists',
  'its node is down',
];
