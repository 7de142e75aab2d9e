/** What a user does instead: ssh and the docker CLI, as one types or scripts them. */
import { run } from '../lab/command.ts';
import type { Lab } from '../lab/lab.ts';

/** The beginning of every ssh command to a host of the lab, up to the remote command. */
function ssh(lab: Lab, host: string): string {
  const options = ['BatchMode=yes', `UserKnownHostsFile=${lab.knownHosts}`].map((option) => `-o ${option}`);
  return `ssh -F none -i ${lab.sshKey} ${options.join(' ')} ${lab.sshUser}@${lab.host(host).address}`;
}

/** Runs a script in this machine's shell. @throws with its own words when it fails. */
export async function shell(script: string, signal: AbortSignal): Promise<string> {
  const { code, stdout, stderr } = await run(['sh', '-euc', script], { signal });
  if (code === 0) return stdout.trim();
  throw new Error(`This script ended with exit code ${code}: ${script}\n${(stderr || stdout).trim()}`);
}

/** Shell that runs a docker command on a host. */
export function dockerOn(lab: Lab, host: string, command: string): string {
  return `${ssh(lab, host)} 'docker ${command}'`;
}

/** What a host is told to join the swarm of the manager. */
export async function joinCommand(lab: Lab, manager: string, signal: AbortSignal): Promise<string> {
  const token = await shell(dockerOn(lab, manager, 'swarm join-token --quiet worker'), signal);
  return `swarm join --token ${token} ${lab.host(manager).address}:2377`;
}

/** Shell that asks the manager five times a second until it says Ready of so many hosts with this prefix. */
export function untilReady(lab: Lab, manager: string, prefix: string, count: number): string {
  const list = dockerOn(lab, manager, 'node ls --format "{{.Hostname}} {{.Status}}"');
  return `until [ "$(${list} | grep -c '^${prefix}.* Ready$')" -ge ${count} ]; do sleep 0.2; done`;
}
