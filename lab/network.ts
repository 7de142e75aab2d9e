import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { must, run, SYSTEM_PATH } from './command.ts';
import type { HostRecord, LabRecord } from './state.ts';
import { labPaths } from './state.ts';
import { labMark } from './processes.ts';
import { until } from './until.ts';

/*
 * The hosts' bridge stands in a network namespace of its own, the switch, and the machine is plugged into it like one
 * more host. So nothing that an engine or a firewall on the machine does (FORWARD set to DROP together with
 * bridge-nf-call-iptables, which would drop every frame between hosts) reaches the frames between the lab's hosts, and
 * the lab adds no firewall rule that would have to be taken away again. The namespaces have no names: they end
 * with the processes in them.
 */

/** Makes the switch and the machine's uplink into it (the first address of the network). */
export async function createSwitch(dir: string, lab: LabRecord, signal?: AbortSignal): Promise<void> {
  const { switchPid } = labPaths(dir);
  const child = spawn(
    'unshare',
    ['--net', 'sh', '-c', 'echo $$ >"$0.new"; mv "$0.new" "$0"; exec sleep infinity', switchPid],
    {
      detached: true,
      stdio: 'ignore',
      env: { PATH: SYSTEM_PATH, ...labMark(dir) },
    },
  );
  child.unref();
  await until(() => existsSync(switchPid), {
    what: "the lab's switch to start",
    within: 10_000,
    every: 5,
    signal,
  });
  const pid = switchOf(dir);
  await inSwitch(dir, 'link add name bridge0 type bridge\nlink set dev bridge0 up');
  await must(['ip', '-batch', '-'], {
    input: [
      `link add ${lab.uplink} type veth peer name machine0 netns ${pid}`,
      `addr add ${lab.bridgeAddress}/24 dev ${lab.uplink}`,
      `link set dev ${lab.uplink} up`,
    ].join('\n'),
  });
  await inSwitch(dir, 'link set dev machine0 master bridge0 up');
}

/** Gives a booted host (by the pid of its first process) its eth0 with its address, plugged into the switch. */
export async function plugIn(dir: string, host: HostRecord, pid: number): Promise<void> {
  const port = portOf(host);
  // Left over when the host lost its power: the kernel takes a moment to remove a dead host's end.
  await run(inNet(switchOf(dir), ['ip', 'link', 'del', port]));
  await inSwitch(
    dir,
    `link add ${port} type veth peer name eth0 address ${macOf(host)} netns ${pid}\nlink set dev ${port} master bridge0 up`,
  );
  await must(inNet(pid, ['ip', '-batch', '-']), {
    input: `link set dev lo up\naddr add ${host.address}/24 dev eth0\nlink set dev eth0 up`,
  });
}

/** Pulls the cable of a host at the switch: no frame passes when this resolves. */
export async function cutLink(dir: string, host: HostRecord): Promise<void> {
  await inSwitch(dir, `link set dev ${portOf(host)} down`);
}

/** Puts the cable of a host back: frames pass when this resolves. */
export async function mendLink(dir: string, lab: LabRecord, host: HostRecord): Promise<void> {
  await inSwitch(dir, `link set dev ${portOf(host)} up`);
  await linked(dir, host);
  // The machine would wait out its last question for the host's hardware address, a second or more.
  await run(['ip', 'neigh', 'flush', 'dev', lab.uplink, 'to', host.address]);
}

/** Waits until the switch forwards a host's frames: the kernel may notice a carrier as late as a second after it. */
export async function linked(dir: string, host: HostRecord): Promise<void> {
  const ask = inNet(switchOf(dir), ['ip', '-d', '-o', 'link', 'show', 'dev', portOf(host)]);
  await until(async () => (await must(ask)).includes('state forwarding'), {
    what: `the switch to forward frames of ${host.name}`,
    within: 10_000,
  });
}

/** Removes the machine's uplink, if it is there, and waits until its name is free again. */
export async function removeUplink(uplink: string): Promise<void> {
  const isThere = () => readFileSync('/proc/net/dev', 'utf8').includes(`${uplink}:`);
  // It goes with the switch's namespace as well, only later, so the one that is there may be gone before `ip` looks.
  if (isThere()) await run(['ip', 'link', 'del', uplink]);
  await until(() => !isThere(), { what: `interface ${uplink} to go away`, within: 10_000 });
}

/** The argv that runs another argv in the network namespace of a process. */
function inNet(pid: number, argv: readonly string[]): string[] {
  return ['nsenter', `--net=/proc/${pid}/ns/net`, '--', ...argv];
}

async function inSwitch(dir: string, batch: string): Promise<void> {
  await must(inNet(switchOf(dir), ['ip', '-batch', '-']), { input: `${batch}\n` });
}

function switchOf(dir: string): number {
  return Number(readFileSync(labPaths(dir).switchPid, 'utf8'));
}

function portOf(host: HostRecord): string {
  return `p${host.address.split('.')[3] ?? ''}`;
}

/** The same after every boot, as a real card's: other hosts' neighbour entries stay right. */
function macOf(host: HostRecord): string {
  const parts = host.address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '5c', ...parts].join(':');
}
