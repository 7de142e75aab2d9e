/** A generated swarm behind a real sshd, as a host that Swarmkeeper and the docker CLI can reach. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { startSshd } from '../test/hosts/own-sshd.ts';
import type { Size } from './generated-swarm.ts';

export interface GeneratedGround extends AsyncDisposable {
  /** Path of a swarm.yaml for it. */
  config: string;
  /** Shell that runs a docker command on its manager, over ssh. */
  docker: (command: string) => string;
}

/** @throws when sshd or the engine does not start; nothing is left behind then. */
export async function startGenerated(dir: string, size: Size): Promise<GeneratedGround> {
  const sshd = await startSshd();
  const { settings } = sshd;
  const { nodes, services, tasks } = size;
  const engine = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('generated-engine.ts', import.meta.url)),
      settings.socket,
      `${nodes}`,
      `${services}`,
      `${tasks}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const gone = once(engine, 'exit');
  const stop = async (): Promise<void> => {
    engine.kill();
    await gone;
    await sshd.stop();
  };
  const ready = await Promise.race([once(engine.stdout, 'data'), gone.then(() => undefined)]);
  if (!ready) {
    await sshd.stop();
    throw new Error('The generated engine did not start.');
  }
  const { user, port, key, knownHosts } = settings.ssh;
  const config = join(dir, 'generated.yaml');
  const host = { address: settings.address, socket: settings.socket };
  await writeFile(
    config,
    stringify({
      managers: ['manager'],
      ssh: { user, port, key, knownHosts },
      hosts: { manager: host },
    }),
  );
  const ssh = `ssh -F none -i ${key} -p ${port} -o BatchMode=yes -o UserKnownHostsFile=${knownHosts} ${user}@${settings.address}`;
  return {
    config,
    docker: (command) => `${ssh} 'docker -H unix://${settings.socket} ${command}'`,
    [Symbol.asyncDispose]: stop,
  };
}
