import { readFile, stat } from 'node:fs/promises';
import { mustInHost } from './host.ts';
import { hostPaths } from './state.ts';
import { until } from './until.ts';

export type EnginePart = 'engine' | 'containerd';

const PID_FILES: Record<EnginePart, string> = {
  engine: '/run/docker.pid',
  containerd: '/run/docker/containerd/containerd.pid',
};

/** Stops a part of a host's engine in the middle of what it does, and waits until it stands. */
export async function freeze(dir: string, host: string, part: EnginePart): Promise<void> {
  await signal(dir, host, part, 'STOP');
}

/** Lets it go on. One that does not run, or was not stopped, stays as it is. */
export async function thaw(dir: string, host: string, part: EnginePart): Promise<void> {
  await signal(dir, host, part, 'CONT');
}

async function signal(dir: string, host: string, part: EnginePart, name: 'STOP' | 'CONT'): Promise<void> {
  // The signal only asks for it: a thread of the part may run on for a moment.
  const script = `
pid=$(cat "$0" 2>/dev/null) && kill -"$1" "$pid" 2>/dev/null || exit 0
[ "$1" = STOP ] || exit 0
while grep -L '^State:.[TZ]' /proc/"$pid"/task/*/status 2>/dev/null | grep -q .; do sleep 0.01; done`;
  await mustInHost(dir, host, ['sh', '-c', script, PID_FILES[part], name], { seconds: 20 });
}

/** Writes an engine's daemon.json and waits until the engine says that it has taken it. */
export async function tellEngine(
  dir: string,
  host: string,
  settings: Record<string, unknown>,
): Promise<void> {
  const { engineLog } = hostPaths(dir, host);
  const { size } = await stat(engineLog);
  const script = 'cat >/etc/docker/daemon.json && kill -HUP "$(cat /run/docker.pid)"';
  await mustInHost(dir, host, ['sh', '-c', script], { input: JSON.stringify(settings) });
  const saidSince = async () => (await readFile(engineLog)).subarray(size).toString();
  await until(
    async () => {
      const said = await saidSince();
      if (/level=error msg="[^\n]*(daemon\.json|configur)/i.test(said))
        throw new Error(`The engine of ${host} does not take ${JSON.stringify(settings)}: ${said.trim()}`);
      return said.includes('Reloaded configuration:');
    },
    { what: `the engine of ${host} to take its settings`, within: 20_000, evidence: saidSince },
  );
}

/** Puts an empty file system of a certain size over the folder of a stopped engine's data; it goes with the host's power. */
export async function shrinkDisk(dir: string, host: string, megabytes: number): Promise<void> {
  const { dataRoot } = hostPaths(dir, host);
  await mustInHost(dir, host, ['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'disk', dataRoot]);
}
