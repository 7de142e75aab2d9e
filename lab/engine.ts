import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import Dockerode from 'dockerode';
import { run, SYSTEM_PATH } from './command.ts';
import { inHost, startInHost } from './host.ts';
import type { LabRecord } from './state.ts';
import { hostPaths } from './state.ts';
import { until } from './until.ts';

/** A client of a host's engine, straight over its unix socket. */
export function engineOf(dir: string, host: string): Dockerode {
  return new Dockerode({ socketPath: hostPaths(dir, host).socket });
}

/** Starts a host's engine and waits until its API answers. An engine that runs already is left alone. */
export async function startEngine(
  dir: string,
  lab: LabRecord,
  host: string,
  signal?: AbortSignal,
): Promise<void> {
  const paths = hostPaths(dir, host);
  if (await engineRuns(dir, host)) return;
  await startInHost(dir, host, '/var/log/dockerd.log', [
    'env',
    `PATH=${await runcFolder(dir, host)}${SYSTEM_PATH}`,
    'dockerd',
    '--host=unix:///run/docker.sock',
    '--pidfile=/run/docker.pid',
    '--exec-root=/run/docker',
    `--data-root=${paths.dataRoot}`,
    `--storage-driver=${lab.storageDriver}`,
    // No systemd in a host to ask for control groups.
    '--exec-opt=native.cgroupdriver=cgroupfs',
  ]);
  await until(() => answers(dir, host), {
    what: `the engine of ${host} to answer`,
    within: 60_000,
    signal,
    evidence: async () => `Its log ends: ${await tail(paths.engineLog)}`,
  });
}

/**
 * A container engine's default seccomp filter forbids new keyrings and pivot_root, and then runc starts nothing. Inside
 * such a container a wrapper before runc in the engine's PATH makes it do without them. Returns "FOLDER:" or nothing.
 */
async function runcFolder(dir: string, host: string): Promise<string> {
  const filtered = /^Seccomp:\s*2$/m.test(await readFile('/proc/self/status', 'utf8'));
  if (!filtered) return '';
  const folder = `${hostPaths(dir, host).run}/plain-runc`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/runc`, PLAIN_RUNC, { mode: 0o755 });
  return '/run/plain-runc:';
}

const PLAIN_RUNC = `#!/bin/sh
for word; do
  shift
  set -- "$@" "$word"
  [ "$word" != create ] || set -- "$@" --no-new-keyring --no-pivot
done
PATH=\${PATH#*:}
exec runc "$@"
`;

/** Ends a host's engine with a signal and waits until it and its containerd are gone. */
export async function endEngine(dir: string, host: string, signal: 'TERM' | 'KILL'): Promise<void> {
  const script = `
for file in /run/docker.pid /run/docker/containerd/containerd.pid; do
  pid=$(cat "$file" 2>/dev/null) || continue
  [ -z "$main" ] && main=$pid && kill -"$1" "$pid" 2>/dev/null
  while [ -d "/proc/$pid" ]; do sleep 0.02; done
done
rm -f /run/docker.pid`;
  const seconds = 60;
  const ended = await inHost(dir, host, ['sh', '-c', `main=; ${script}`, 'sh', signal], { seconds });
  if (ended.code !== 0)
    throw new Error(`The engine of ${host} did not end within ${seconds} s of SIG${signal}.`);
}

async function engineRuns(dir: string, host: string): Promise<boolean> {
  const look = 'kill -0 "$(cat /run/docker.pid)"';
  return (await inHost(dir, host, ['sh', '-c', look])).code === 0;
}

/** The best storage driver that works below a folder: overlay2, or vfs where overlays cannot be stacked there. */
export async function storageDriverFor(folder: string): Promise<LabRecord['storageDriver']> {
  const trial = await mkdtemp(`${folder}/overlay-`);
  const script = `cd "$0" && mkdir lower upper work merged &&
    mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged && touch merged/written`;
  const tried = await run(['unshare', '--mount', 'sh', '-c', script, trial]);
  await rm(trial, { recursive: true, force: true });
  return tried.code === 0 ? 'overlay2' : 'vfs';
}

async function answers(dir: string, host: string): Promise<boolean> {
  try {
    await engineOf(dir, host).ping();
    return true;
  } catch {
    return false;
  }
}

async function tail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => 'there is none');
  return text.trim().split('\n').slice(-8).join('\n');
}
