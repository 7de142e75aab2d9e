/** `/swarm join` of one host and of twenty, each beside ssh in a script, until the manager says Ready. */
import { ask } from './asked.ts';
import { dockerOn, joinCommand, shell, untilReady } from './by-hand.ts';
import { timesAsLong, type Finding, type Pairs } from './finding.ts';
import { JOINER, MANAGER, type Ground } from './ground.ts';
import { alternate } from './pairs.ts';
import { readyNodes, takeOut } from './swarm.ts';

/** As many as the bot joins at the same time, see limits.joinsAtOnce. */
const AT_ONCE = 3;
const TWENTY = Array.from({ length: 20 }, (_, at) => `web-${String(at + 1).padStart(2, '0')}`);

export async function joinOne(ground: Ground): Promise<Finding[]> {
  const pairs = await join(ground, 5, [JOINER], JOINER, `/swarm join ${JOINER}`);
  return [timesAsLong('join one host', pairs, 'ssh and docker swarm join', 1.3)];
}

export async function joinTwenty(ground: Ground): Promise<Finding[]> {
  await ground.addHosts(TWENTY);
  const pairs = await join(ground, 2, TWENTY, 'web-', '/swarm join web-[01-20]');
  return [
    timesAsLong('join twenty hosts', pairs, `a shell loop over ssh, ${AT_ONCE} at once,`, 1),
    // A run with a host that has not joined ends the measurement.
    {
      what: 'hosts that failed to join',
      value: 0,
      unit: 'hosts',
      goal: { atMost: 0 },
      basis: `${pairs.ours.length} runs of ${TWENTY.length}`,
    },
  ];
}

async function join(
  ground: Ground,
  count: number,
  hosts: string[],
  prefix: string,
  line: string,
): Promise<Pairs> {
  const { signal } = ground;
  const lab = await ground.lab();
  const { slack, stop } = await ground.system();
  const command = await joinCommand(lab, MANAGER, signal);
  const joins = hosts.map((host) => dockerOn(lab, host, command)).join('\n');
  const loop = `xargs -P ${AT_ONCE} -d '\\n' -n 1 sh -c <<'HOSTS'\n${joins}\nHOSTS\n${untilReady(lab, MANAGER, prefix, hosts.length)}`;
  const pairs = await alternate(
    count,
    {
      reset: () => takeOut(lab, hosts, signal),
      ours: () => ask(slack, line, signal),
      theirs: async () => void (await shell(loop, signal)),
      check: async () => {
        const ready = await readyNodes(lab);
        const failed = hosts.filter((host) => !ready.includes(host));
        if (failed.length > 0) throw new Error(`These have not joined: ${failed.join(', ')}.`);
      },
    },
    signal,
  );
  await stop();
  return pairs;
}
