import { readdir, readFile } from 'node:fs/promises';
import { must, run } from '../../lab/command.ts';

/** Everything in which a lab could leave a trace on a machine, as sorted lines by kind. */
export async function traces(root: string): Promise<Record<string, string[]>> {
  const parent = root.slice(0, root.lastIndexOf('/'));
  return {
    links: namesOf(await must(['ip', '-o', 'link'])),
    namespaces: lines(await must(['ip', 'netns'])),
    routes: lines(await must(['ip', 'route', 'show', 'table', 'all'])),
    mounts: lines(await readFile('/proc/self/mountinfo', 'utf8')),
    rules: lines((await run(['iptables-save'])).stdout),
    processes: await processes(),
    groups: lines((await run(['find', '/sys/fs/cgroup', '-name', 'swarmkeeper-lab-trace'])).stdout),
    neighbourLimits: lines(
      (await run(['sh', '-c', 'cat /proc/sys/net/ipv4/neigh/default/gc_thresh?'])).stdout,
    ),
    files: lines((await run(['find', root])).stdout),
    folders: (await readdir(parent)).toSorted(),
    opt: lines((await run(['find', '/opt', '-maxdepth', '1'])).stdout),
    etc: lines(await must(['sh', '-c', 'find /etc /root /var/log -maxdepth 1 2>/dev/null'])),
  };
}

async function processes(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  // Whether it sleeps or runs makes no difference; a zombie does.
  return stats.flatMap((stat) => /\((.*)\) (Z?)/.exec(stat)?.slice(1).join(' ').trim() ?? []).toSorted();
}

function namesOf(output: string): string[] {
  return lines(output).map((line) => line.split(':')[1]?.trim() ?? line);
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .toSorted();
}
