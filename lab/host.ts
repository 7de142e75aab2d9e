import { spawn } from 'node:child_process';
import { copyFile, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './command.ts';
import { must, run, SYSTEM_PATH } from './command.ts';
import { plugIn } from './network.ts';
import { belongsToLab, killAndWait, labMark } from './processes.ts';
import type { HostRecord, LabRecord } from './state.ts';
import { cgroupName, hostPaths, markProcess } from './state.ts';
import { until } from './until.ts';

const BOOT_SCRIPT = fileURLToPath(new URL('host-boot.sh', import.meta.url));

/** The namespaces that host-boot.sh makes its host of; the control group's comes last, from within. */
const NEW_NAMESPACES = ['--mount', '--propagation', 'slave', '--uts', '--ipc', '--net', '--pid', '--fork'];

/** What a program started in a host does first: become part of the host's control group as well. */
const JOIN_CGROUP = `
if [ -d /sys/fs/cgroup/init ]; then
  echo 0 >/sys/fs/cgroup/init/cgroup.procs
else
  for procs in /sys/fs/cgroup/*/cgroup.procs; do echo 0 >"$procs"; done
fi
exec "$@"`;

/** Writes the files with which a host differs from the machine: its names, no name server, root's login unlocked. */
export async function layOutHost(dir: string, host: HostRecord): Promise<void> {
  const paths = hostPaths(dir, host.name);
  await mkdir(paths.folder, { recursive: true });
  for (const folder of [paths.etc, paths.etcWork, paths.log, paths.run, paths.dataRoot]) await mkdir(folder);
  await mkdir(paths.home, { mode: 0o700 });
  await writeFile(`${paths.etc}/hostname`, `${host.name}\n`);
  await writeFile(`${paths.etc}/hosts`, `127.0.0.1 localhost\n${host.address} ${host.name}\n`);
  // Nobody listens there: a registry lookup fails at once, and the engine turns to the image that it has.
  await writeFile(`${paths.etc}/resolv.conf`, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  // sshd without PAM refuses an account whose password field starts with "!", keys or not.
  await copyFile('/etc/shadow', `${paths.etc}/shadow`);
  const shadow = await readFile('/etc/shadow', 'utf8');
  await writeFile(`${paths.etc}/shadow`, shadow.replace(/^root:[^:]*:/m, 'root:*:'), { mode: 0o640 });
}

/** Switches a host on: its namespaces, its tree and its network. Engine and sshd are started after it. */
export async function bootHost(
  dir: string,
  lab: LabRecord,
  host: HostRecord,
  signal?: AbortSignal,
): Promise<void> {
  const paths = hostPaths(dir, host.name);
  // What lies in /run does not survive a power loss.
  await rm(paths.run, { recursive: true, force: true });
  await mkdir(`${paths.run}/sshd`, { recursive: true, mode: 0o755 });
  await mkdir(`${paths.run}/lock`);
  await rm(paths.init, { force: true });
  const log = await open(paths.bootLog, 'a');
  const boot = ['sh', BOOT_SCRIPT, paths.folder, host.name, cgroupName(lab.name), userInfo().homedir];
  const child = spawn('unshare', [...NEW_NAMESPACES, '--', ...boot], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { PATH: SYSTEM_PATH, ...labMark(dir) },
  });
  child.unref();
  await log.close();
  const evidence = async () =>
    `Its boot log says: ${(await readFile(paths.bootLog, 'utf8')).trim() || 'nothing'}`;
  await until(
    async () => {
      if (existsSync(paths.init)) return true;
      if (child.exitCode !== null) throw new Error(`Host ${host.name} did not boot. ${await evidence()}`);
      return false;
    },
    { what: `host ${host.name} to boot`, within: 20_000, every: 5, signal, evidence },
  );
  await plugIn(dir, host, await initPid(dir, host.name));
}

/** The machine's pid of a host's first process. Throws when the host is off. */
async function initPid(dir: string, host: string): Promise<number> {
  const pid = await runningInit(dir, host);
  if (pid === undefined) throw new Error(`Host ${host} is off. Switch it on with the fault "comes-back".`);
  return pid;
}

export async function isOn(dir: string, host: string): Promise<boolean> {
  return (await runningInit(dir, host)) !== undefined;
}

async function runningInit(dir: string, host: string): Promise<number | undefined> {
  const text = await readFile(hostPaths(dir, host).init, 'utf8').catch(() => '');
  const pid = Number(text);
  return pid > 0 && (await belongsToLab(pid, dir)) ? pid : undefined;
}

/** Takes a host's power away: everything that runs in it is gone when this returns. */
export async function cutPower(dir: string, host: string): Promise<void> {
  const pid = await runningInit(dir, host);
  const mark = pid === undefined ? undefined : markProcess(pid);
  if (mark) await killAndWait([mark]);
}

interface InsideOptions {
  input?: string;
  /** Seconds after which the command is killed, inside the host. */
  seconds?: number;
}

/** Runs an argv in a host as root, in all of its namespaces and its control group. */
export async function inHost(
  dir: string,
  host: string,
  argv: readonly string[],
  { input, seconds }: InsideOptions = {},
): Promise<Outcome> {
  return run(await entering(dir, host, argv, seconds), input === undefined ? {} : { input });
}

/** As `inHost`, but throws when the command fails; returns its standard output. */
export async function mustInHost(
  dir: string,
  host: string,
  argv: readonly string[],
  { input, seconds }: InsideOptions = {},
): Promise<string> {
  return must(await entering(dir, host, argv, seconds), input === undefined ? {} : { input });
}

/** Starts a program in a host that stays when this process ends; its output goes to a file of the host. */
export async function startInHost(
  dir: string,
  host: string,
  log: string,
  argv: readonly string[],
): Promise<void> {
  await mustInHost(dir, host, ['sh', '-c', 'exec setsid "$@" >>"$0" 2>&1 </dev/null &', log, ...argv]);
}

async function entering(
  dir: string,
  host: string,
  argv: readonly string[],
  seconds?: number,
): Promise<string[]> {
  const pid = await initPid(dir, host);
  const enter = [
    'nsenter',
    `--target=${pid}`,
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    '--pid',
    '--cgroup',
    '--',
  ];
  const clean = ['env', '-i', `PATH=${SYSTEM_PATH}`, `HOME=${userInfo().homedir}`, 'LANG=C.UTF-8'];
  // A signal to nsenter would not reach the program behind it, so the time limit stands inside.
  const limit = seconds === undefined ? [] : ['timeout', '--signal=KILL', String(seconds)];
  return [...enter, ...clean, 'sh', '-c', JOIN_CGROUP, 'sh', ...limit, ...argv];
}
