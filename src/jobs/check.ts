import { z } from 'zod';
import type { EngineInfo, Host } from '../hosts/hosts.ts';
import { checkHost, PARTS, type Around } from '../probes/check-host.ts';
import { verdictOf, type Finding, type Verdict } from '../probes/finding.ts';
import { defineJob, type JobContext } from './define.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

/** Hosts that are checked at the same time: each exchanges packets with every manager. */
const AT_ONCE = 4;

export interface HostCheck {
  verdict: Verdict;
  /** Worst first. */
  findings: Finding[];
  /** What it is in the swarm; null where its engine could not be asked. */
  state: EngineInfo['swarm']['state'] | null;
  /** It is a node of this swarm; where its engine could not be asked, by the managers' list. */
  member: boolean;
}

export const check = defineJob({
  input: z.object({ hosts: z.array(z.string()).min(1), role: z.enum(['worker', 'manager']) }),
  lock: () => [],
  steps: ({ hosts }) => stepsFor(hosts, [...PARTS]),
  async run(
    { hosts: names, role },
    context,
  ): Promise<{ role: 'worker' | 'manager'; hosts: Outcome<HostCheck>[] }> {
    const known = new Map(names.map((name) => [name, context.hosts.host(name)]));
    const outcomes = await forEachTarget(
      names,
      context,
      AT_ONCE,
      (name, stage) => checkOne(known.get(name) ?? context.hosts.host(name), role, context, stage),
      ({ findings }) => inShort(findings),
    );
    return { role, hosts: outcomes };
  },
});

async function checkOne(
  host: Host,
  role: 'worker' | 'manager',
  { hosts, swarm, signal }: JobContext,
  stage: Stage,
): Promise<HostCheck> {
  const around: Around = (part, work, inShortOf) =>
    stage(part, async (step) => {
      const value = await work();
      step.say(inShortOf(value));
      return value;
    });
  const { findings, info, node } = await checkHost({
    host,
    hosts,
    swarm,
    role,
    thorough: true,
    signal,
    around,
  });
  if (!info) for (const part of PARTS.slice(1)) await stage(part, async (step) => step.say('not possible'));
  return {
    verdict: verdictOf(findings),
    findings,
    state: info?.swarm.state ?? null,
    member: node !== undefined,
  };
}

function inShort(findings: readonly Finding[]): string {
  const count = (verdict: Verdict): number => findings.filter((one) => one.verdict === verdict).length;
  return `${count('pass')} passed, ${count('warn')} to know, ${count('fail')} in the way`;
}
