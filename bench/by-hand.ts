/** What a user does instead: ssh and the docker CLI, as one types or scripts them. */
import { run, type Outcome } from '../lab/command.ts';
import type { Lab } from '../lab/lab.ts';

/** How long a script's own loop sleeps between two looks. */
const LOOK_S = 0.2;

/** The beginning of every ssh command to a host of the lab, up to the remote command. */
export function sshArgv(lab: Lab, host: string): string[] {
  const options = ['BatchMode=yes', `UserKnownHostsFile=${lab.knownHosts}`, 'LogLevel=ERROR'];
  const login = `${lab.sshUser}@${lab.host(host).address}`;
  return ['ssh', '-F', 'none', '-i', lab.sshKey, ...options.flatMap((option) => ['-o', option]), login];
}

/** Runs a remote command as a user's shell sends it. @throws with its own words when it fails. */
export async function ssh(lab: Lab, host: string, command: string, signal: AbortSignal): Promise<string> {
  return must(await run([...sshArgv(lab, host), command], { signal }), command);
}

/** Runs a shell script on this machine. @throws with its own words when it fails. */
export async function shell(script: string, signal: AbortSignal): Promise<string> {
  return must(await run(['sh', '-euc', script], { signal }), script);
}

function must({ code, stdout, stderr }: Outcome, command: string): string {
  if (code === 0) return stdout;
  throw new Error(`\`${command}\` ended with exit code ${code}: ${(stderr || stdout).trim()}`);
}

/** What `docker swarm join` needs on the host that joins. */
export async function joinCommand(lab: Lab, manager: string, signal: AbortSignal): Promise<string> {
  const token = await ssh(lab, manager, 'docker swarm join-token --quiet worker', signal);
  return `docker swarm join --token ${token.trim()} ${lab.host(manager).address}:2377`;
}

/** Shell that asks the manager until it says Ready of all that many hosts whose names begin so. */
export function untilReady(lab: Lab, manager: string, prefix: string, count: number): string {
  const list = [...sshArgv(lab, manager), `'docker node ls --format "{{.Hostname}} {{.Status}}"'`].join(' ');
  const ready = `${list} | grep -c "^${prefix}.* Ready$"`;
  return `until [ "$(${ready})" -ge ${count} ]; do sleep ${LOOK_S}; done`;
}
