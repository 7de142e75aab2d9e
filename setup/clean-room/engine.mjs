import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotGoOn } from '../speak.mjs';
import { connect, removeRules } from './network.mjs';
import { until } from './until.mjs';

/*
 * An engine of the clean room's own, in network, mount and process namespaces of its own: neither an engine of this
 * machine nor its bridges and firewall have anything to do with it, and all that runs in it ends with its first process.
 */

/** Of its control groups and firewall rules. There is one clean room at a time, so a killed one's are found by it. */
const NAME = 'swarmkeeper-clean-room';

const CGROUPS = '/sys/fs/cgroup';

/**
 * Starts the engine with its state in `dir`. Returns `docker(...args)`, the argv of its CLI, and `stop()`, after which
 * nothing of it is left but the folder. Throws CannotGoOn.
 */
export async function startEngine(dir) {
  const undo = [];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    undo.push(() => until(() => removeCgroups(NAME), `the control groups ${NAME} to become empty`));
    const init = await startNamespaces(undo);
    const undoNetwork = [];
    const bridge = connect(NAME, init, undoNetwork);
    // The cable goes away by itself with the namespaces; waiting for it comes after they ended.
    undo.splice(1, 0, ...undoNetwork);
    const docker = await startDockerd(dir, init, ['--bip', bridge, '--cgroup-parent', `/${NAME}`]);
    return { docker, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Takes away what a run that was killed left on the machine. */
export function removeLeftovers() {
  removeRules(NAME);
  removeCgroups(NAME);
}

/** Returns the pid of the first process of new namespaces, which end with it, as it does with this process. */
async function startNamespaces(undo) {
  const namespaces = [
    '--net',
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const reaper = ['sh', '-c', 'while :; do sleep infinity & wait; done'];
  const holder = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...namespaces, ...reaper], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => holder.once('close', resolve));
  undo.push(() => {
    holder.kill('SIGKILL');
    return ended;
  });
  let pid;
  await until(() => {
    pid = childOf(holder.pid);
    return pid !== undefined && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sh\0');
  }, 'the namespaces of the clean room');
  return pid;
}

function childOf(pid) {
  const children = `/proc/${pid}/task/${pid}/children`;
  return existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ').find(Boolean) : undefined;
}

async function startDockerd(dir, init, settings) {
  mkdirSync(dir, { recursive: true });
  // Without a file of its own it would read this machine's settings.
  writeFileSync(join(dir, 'daemon.json'), '{}');
  const socket = join(dir, 'docker.sock');
  const files = {
    'data-root': 'data',
    'exec-root': 'exec',
    pidfile: 'docker.pid',
    'config-file': 'daemon.json',
  };
  const flags = Object.entries(files).flatMap(([flag, file]) => [`--${flag}`, join(dir, file)]);
  const enter = [`--target=${init}`, '--net', '--mount', '--pid', '--'];
  const dockerd = [
    'dockerd',
    '--host',
    `unix://${socket}`,
    '--exec-opt',
    'native.cgroupdriver=cgroupfs',
    ...flags,
    ...settings,
  ];
  const engine = spawn('nsenter', [...enter, ...dockerd], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  engine.stderr.on('data', (chunk) => (log = (log + chunk).slice(-4000)));
  const docker = (...args) => ['docker', '--host', `unix://${socket}`, ...args];
  await until(() => {
    if (engine.exitCode !== null) throw new CannotGoOn(`The engine of the clean room ended:\n${log}`);
    return (
      existsSync(socket) &&
      spawnSync(docker()[0], docker('version').slice(1), { stdio: 'ignore' }).status === 0
    );
  }, 'the engine of the clean room to answer');
  return docker;
}

/** Removes the control groups of this name from every hierarchy; false while some are still busy. */
function removeCgroups(name) {
  const hierarchies = [CGROUPS, ...readdirSync(CGROUPS).map((controller) => join(CGROUPS, controller))];
  const groups = hierarchies.map((folder) => join(folder, name)).filter((group) => existsSync(group));
  for (const group of groups)
    spawnSync('find', [group, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+'], { stdio: 'ignore' });
  return groups.every((group) => !existsSync(group));
}
