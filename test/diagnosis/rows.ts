/**
 * The 49 rows of what goes wrong: how each shows, an example of it, and where it is tested. `real`: the test causes it on a
 * lab and diagnoses what the engines then say or show. `recorded`: this lab's engines cannot be brought to it, so the
 * words stand in recorded.ts as their sources have them. docs/troubleshooting.md is made of this list.
 */
import type { Facts } from '../../src/diagnosis/diagnose.ts';

export interface Covered {
  row: number;
  /** What a person sees. Markdown. */
  symptom: string;
  how: 'real' | 'recorded';
  /** Below test/diagnosis. */
  file: string;
  /** Why it cannot be caused. Only with `recorded`. */
  because?: string;
  example: { text: string; facts: Facts };
}

export interface Theme {
  title: string;
  rows: Covered[];
}

const joins: Facts = { host: 'fedora-03', doing: 'join' };
const node: Facts = { node: 'fedora-03', host: 'fedora-03' };
const service: Facts = { service: 'websky' };
const JOINING = 'real/joining.test.ts';
const MANAGERS = 'real/managers.test.ts';
const NODES = 'real/nodes.test.ts';
const PLACING = 'real/placing.test.ts';
const RECORDED = 'recorded.ts';

/** A row that is caused for real. */
const real = (row: number, file: string, symptom: string, text: string, facts: Facts): Covered => ({
  row,
  symptom,
  how: 'real',
  file,
  example: { text, facts },
});

const recorded = (row: number, because: string, symptom: string, text: string, facts: Facts): Covered => ({
  row,
  symptom,
  how: 'recorded',
  file: RECORDED,
  because,
  example: { text, facts },
});

export const THEMES: Theme[] = [
  {
    title: 'A host does not join',
    rows: [
      real(
        1,
        JOINING,
        '`Timeout was reached before node joined. The attempt to join the swarm will continue in the background`; later `context deadline exceeded` in `docker info`',
        'Timeout was reached before node joined. The attempt to join the swarm will continue in the background.',
        joins,
      ),
      real(
        2,
        JOINING,
        '`dial tcp ...:2377: connect: no route to host`, although SSH reaches both hosts',
        'transport: Error while dialing dial tcp 192.168.2.100:2377: connect: no route to host',
        { ...joins, inventory: [{ name: 'manager', address: '192.168.2.100' }] },
      ),
      real(
        3,
        JOINING,
        'the join times out although every port is open; or the host stays pending, is Ready at the manager, and its tasks never run',
        '',
        { ...joins, mtu: { host: 1500, path: 1400 } },
      ),
      real(
        4,
        JOINING,
        "`can't initialize raft node`, `could not connect to prospective new cluster member using its advertised address`",
        "manager stopped: can't initialize raft node: could not connect to prospective new cluster member using its advertised address",
        joins,
      ),
      real(
        5,
        JOINING,
        '`This node is already part of a swarm`',
        'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
        { ...joins, sameSwarm: false },
      ),
      real(
        9,
        JOINING,
        '`remote CA does not match fingerprint`',
        'remote CA does not match fingerprint. Expected: 136f9cda',
        joins,
      ),
      real(
        10,
        JOINING,
        '`invalid join token`, `A valid join token is necessary to join this cluster`',
        'A valid join token is necessary to join this cluster',
        joins,
      ),
      real(
        11,
        JOINING,
        '`x509: certificate has expired or is not yet valid` in a join',
        'x509: certificate has expired or is not yet valid',
        { ...joins, clockSkewMs: -7_200_000 },
      ),
      real(
        13,
        JOINING,
        '`could not choose an IP address to advertise since this system has multiple addresses`',
        'could not choose an IP address to advertise since this system has multiple addresses on interface eth0',
        { ...joins, address: '192.168.2.103' },
      ),
      real(
        15,
        JOINING,
        '`--live-restore daemon configuration is incompatible with swarm mode`',
        '--live-restore daemon configuration is incompatible with swarm mode',
        joins,
      ),
      recorded(
        16,
        'only engines from 29 on have the setting',
        '`--firewall-backend=nftables is incompatible with swarm mode`',
        '--firewall-backend=nftables is incompatible with swarm mode',
        joins,
      ),
      real(26, JOINING, '`ID duplicated`, or two hosts with one engine ID', '', {
        ...joins,
        sameEngineId: ['fedora-02'],
      }),
      real(24, JOINING, 'an entry in the list of nodes without a hostname, `Unknown`', '', {
        node: '15d774goicj54ysyomltr7beh',
        nodeState: 'unknown',
        hostname: '',
      }),
    ],
  },
  {
    title: 'A node is down, or not as it looks',
    rows: [
      real(6, NODES, 'the same hostname several times in the list of nodes, all but one of them Down', '', {
        ...node,
        ghosts: ['koe8dl8zvynbmz2p4eu8ckwy7'],
      }),
      real(
        7,
        MANAGERS,
        "`node ... is not down and can't be removed`",
        "node koe8dl8zvynbmz2p4eu8ckwy7 is not down and can't be removed",
        node,
      ),
      real(
        12,
        JOINING,
        '`Swarm certificates have expired`, or `error while loading TLS certificate ... not valid after` in `docker info`',
        'error while loading TLS certificate in swarm-node.crt: certificate (1 - koe8dl8zvynb) not valid after Sun, 01 Feb 2026 00:00:00 UTC',
        { ...node, role: 'worker' },
      ),
      real(
        14,
        JOINING,
        'the node is Ready, but its tasks do not reach those on other nodes, and `docker info` shows a Node Address that nobody reaches',
        '',
        { ...node, advertised: '10.0.2.15', address: '192.168.2.103', nodeState: 'ready' },
      ),
      real(
        17,
        MANAGERS,
        'nodes Down after an address changed; `bind: cannot assign requested address`',
        'manager stopped: failed to listen on remote API address: listen tcp 192.168.2.103:2377: bind: cannot assign requested address',
        { ...node, role: 'manager', managers: 3 },
      ),
      real(21, NODES, 'the node is Down with `heartbeat failure`', 'heartbeat failure', {
        ...node,
        nodeState: 'down',
      }),
      real(
        22,
        NODES,
        'the node is Ready, and its tasks do nothing; `docker info` on it does not answer',
        '',
        { ...node, nodeState: 'ready', engine: 'silent' },
      ),
      real(45, NODES, 'a node that has just joined stays empty', '', {
        ...node,
        service: 'websky',
        emptyNode: true,
      }),
      real(48, NODES, 'more containers than replicas after a host was cut off for a while', '', {
        ...node,
        strays: 2,
      }),
      real(49, MANAGERS, 'a node went down and nothing said so', '', { missedEvents: true }),
      real(25, NODES, '`swarm leave` ends in `context deadline exceeded`', 'context deadline exceeded', {
        ...node,
        doing: 'leave',
      }),
    ],
  },
  {
    title: 'The managers',
    rows: [
      real(
        8,
        MANAGERS,
        '`... is a cluster manager and is a member of the raft cluster`',
        'node zqatjhoekuh88vtpaoplz2v1r is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal',
        { node: 'manager-02' },
      ),
      real(
        18,
        MANAGERS,
        "`The swarm does not have a leader. It's possible that too few managers are online`; before that, for 20 seconds, no answer at all",
        'The swarm does not have a leader.',
        { managers: 3, lostManagers: ['manager-02', 'manager-03'] },
      ),
      real(
        19,
        MANAGERS,
        'the same for good, after `docker swarm leave --force` on a manager; `You are attempting to leave the swarm on a node that is participating as a manager`',
        'The swarm does not have a leader.',
        { leftManagers: ['manager-02'] },
      ),
      real(
        20,
        MANAGERS,
        '`Swarm is encrypted and needs to be unlocked before it can be used`',
        'Swarm is encrypted and needs to be unlocked before it can be used.',
        { host: 'manager' },
      ),
      real(
        23,
        MANAGERS,
        'the only manager is Down or pending after a reboot; `swarm component could not be started`',
        '',
        { host: 'manager', role: 'manager', managers: 1, localState: 'error' },
      ),
      recorded(
        30,
        'the lab has engines of one version only',
        '`is the cluster running the same docker engine version?` in the log of an engine',
        '',
        { ...node, versions: ['20.10.24', '28.2.2'] },
      ),
    ],
  },
  {
    title: 'Networks',
    rows: [
      real(
        27,
        NODES,
        '`vxlan interface creation failed ... address already in use`; or ping passes between tasks and TCP does not (VMware, Proxmox)',
        '',
        { ...node, overlay: { ping: true, tcp: false } },
      ),
      real(
        28,
        NODES,
        '`error creating vxlan interface`, `ip_vs not found`, `ipvs is not enabled in your kernel`',
        'Could not get ipvs family information from the kernel. It is possible that ipvs is not enabled in your kernel.',
        node,
      ),
      real(
        29,
        PLACING,
        '`Pool overlaps with other one on this address space`',
        'Pool overlaps with other one on this address space',
        node,
      ),
      real(
        39,
        PLACING,
        'tasks stay New; `could not find an available IP`, `ip addresses may be exhausted`',
        'could not find an available IP',
        service,
      ),
      recorded(
        40,
        'it takes an engine that has lost track of its addresses, and no way is known to make it',
        '`starting container failed: Address already in use`',
        'starting container failed: Address already in use',
        { ...service, nodes: ['fedora-03'] },
      ),
    ],
  },
  {
    title: 'A service finds no place',
    rows: [
      real(
        31,
        PLACING,
        '`no suitable node (scheduling constraints not satisfied on 3 nodes)`',
        'no suitable node (scheduling constraints not satisfied on 3 nodes)',
        {
          ...service,
          constraints: ['node.labels.zone==a'],
          nearest: { node: 'fedora-03', label: 'zone=a' },
        },
      ),
      real(
        32,
        PLACING,
        '`no suitable node (insufficient resources on 3 nodes)`',
        'no suitable node (insufficient resources on 3 nodes)',
        { ...service, fits: 4, wanted: 12 },
      ),
      real(
        33,
        PLACING,
        '`no suitable node (unsupported platform on 3 nodes)`',
        'no suitable node (unsupported platform on 3 nodes)',
        service,
      ),
      real(
        34,
        PLACING,
        '`no suitable node (host-mode port already in use on 3 nodes)`, `bind: address already in use`',
        'no suitable node (host-mode port already in use on 3 nodes)',
        { ...service, fits: 3, wanted: 4 },
      ),
      real(
        35,
        PLACING,
        '`no suitable node (max replicas per node limit exceed)`',
        'no suitable node (max replicas per node limit exceed)',
        { ...service, fits: 3, wanted: 4 },
      ),
      real(
        46,
        NODES,
        'an outage after a drain; `no suitable node (... not available for new tasks)`',
        'no suitable node (3 nodes not available for new tasks)',
        { ...service, closed: ['fedora-03'], fits: 0 },
      ),
    ],
  },
  {
    title: 'A service does not change as it was told',
    rows: [
      real(
        41,
        PLACING,
        '`update out of sequence`',
        'rpc error: code = Unknown desc = update out of sequence',
        service,
      ),
      real(
        42,
        PLACING,
        '`scale can only be used with replicated or replicated-job mode`',
        'scale can only be used with replicated or replicated-job mode',
        service,
      ),
      real(43, NODES, 'fewer replicas than somebody has set, since the last deploy', '', {
        service: 'shop_web',
        snappedBack: { from: 12, to: 3, stack: 'shop' },
      }),
      real(
        44,
        PLACING,
        '`0 out of 4 tasks` for ever, `update paused due to failure or early termination of task`',
        'update paused due to failure or early termination of task dtpbuz46tp02biwcsm8ng3c1u',
        service,
      ),
    ],
  },
  {
    title: 'Images and disks',
    rows: [
      real(
        36,
        PLACING,
        'tasks are Rejected: `No such image: my-apache2:latest`',
        'No such image: my-apache2:latest',
        {
          ...service,
          nodes: ['fedora-03'],
        },
      ),
      real(
        37,
        NODES,
        '`docker service create` hangs although the image is on every host; `could not be accessed on a registry to record its digest`',
        'image my-apache2:latest could not be accessed on a registry to record its digest.',
        { ...service, doing: 'create' },
      ),
      real(
        38,
        NODES,
        '`toomanyrequests: You have reached your pull rate limit` when an image is pulled by hand; tasks only say `No such image`',
        'toomanyrequests: You have reached your pull rate limit.',
        service,
      ),
      real(
        47,
        NODES,
        '`no space left on device`',
        'write /var/lib/docker/tmp/GetImageBlob12: no space left on device',
        { ...node, disk: { freeBytes: 4e8, totalBytes: 40e9 } },
      ),
    ],
  },
];
