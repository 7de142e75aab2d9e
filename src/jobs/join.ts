import { isIP } from 'node:net';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { EngineInfo, Host, JoinOutcome } from '../hosts/hosts.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import { defineJob, type JobContext, type Step } from './define.ts';
import { clearGhosts } from './ghosts.ts';
import { checkJoin } from './join-check.ts';
import { bothAgree, earlierJoinEnds } from './join-wait.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

const STAGES = ['Check', 'Join', 'Both sides agree', 'Images', 'Old entries', 'docker info'] as const;

const input = z.object({
  hosts: z.array(z.string()).min(1),
  role: z.enum(['worker', 'manager']),
  drained: z.boolean(),
  labels: z.record(z.string(), z.string()),
});
type Input = z.infer<typeof input>;

export interface Joined {
  nodeId: string;
  /** It was in this swarm before. */
  already: boolean;
  /** It is to get no tasks. */
  drained: boolean;
  /** Of the labels that were asked for, those that the node has now. */
  labels: Record<string, string>;
  warnings: string[];
  /** Images that running services use and this host lacks. */
  missingImages: string[];
  /** Entries of the same host that were removed. */
  ghosts: number;
  info: EngineInfo;
}

export const join = defineJob({
  input,
  // One join at a time over all jobs: many at once overload the managers, and hosts end in `error` (swarm of 80, measured).
  lock: ({ hosts }) => ['join', ...hosts.map((host) => `host:${host}`)],
  steps: ({ hosts }) => stepsFor(hosts, [...STAGES]),
  async run({ hosts: names, ...wish }, context): Promise<{ hosts: Outcome<Joined>[] }> {
    const { hosts, swarm, limits } = context;
    // An unknown name is refused before anything happens to any host.
    const known = new Map(names.map((name) => [name, hosts.host(name)]));
    await swarm.cluster(context.signal);
    const outcomes = await forEachTarget(
      names,
      context,
      limits.joinsAtOnce,
      (name, stage) => joinHost(known.get(name) ?? hosts.host(name), wish, context, stage),
      ({ already }) => (already ? 'was in the swarm already' : 'has joined'),
    );
    return { hosts: outcomes };
  },
});

async function joinHost(
  host: Host,
  wish: Omit<Input, 'hosts'>,
  context: JobContext,
  stage: Stage,
): Promise<Joined> {
  const { swarm, signal, recall } = context;
  const { member, state, warnings, already } = await stage('Check', async (step) => {
    const found = await checkJoin(host, wish.role, swarm, signal);
    // Remembered across a crash: after the join a second look would find a member.
    const before = await recall(`already:${host.name}`, () => Promise.resolve(found.member));
    const notes = [found.member ? 'is already in this swarm' : `engine ${found.version}`, ...found.warnings];
    step.say(notes.join('; '));
    return { ...found, already: before };
  });

  await stage('Join', async (step) => {
    if (member) return step.say(already ? 'nothing to do, it has joined before' : `as a ${wish.role}`);
    let before = state;
    if (before === 'pending') {
      step.say('an earlier join is still under way, waiting for it');
      await earlierJoinEnds(host, signal);
      const now = await checkJoin(host, wish.role, swarm, signal);
      if (now.member) return step.say('the earlier join has come to a good end');
      before = now.state;
    }
    if (before !== 'inactive') {
      step.say('an earlier join has failed, forgetting it');
      await step.act(`forget the failed join of ${host.name}`, () =>
        host.leaveSwarm({ force: true }, signal),
      );
    }
    const { kind } = await step.act(`join ${host.name} as ${wish.role}`, () =>
      callJoin(host, swarm, wish, signal),
    );
    step.say(kind === 'pending' ? 'the engine goes on joining in the background' : `as a ${wish.role}`);
  });

  const node = await stage('Both sides agree', async (step) => {
    const agreed = await bothAgree(host, swarm, signal, (line) => step.say(line));
    const as = await applyWishes(agreed, wish, swarm, signal, step.act);
    step.say(
      `${as.hostname} is ${as.state}${as.availability === 'drain' ? ' and drained' : ''} at the manager`,
    );
    return as;
  });

  const missingImages = await stage('Images', async (step) => {
    const services = await swarm.services(signal);
    const needed = [...new Set(services.map(({ image }) => image))];
    const missing = needed.length === 0 ? [] : await host.missingImages(needed, signal);
    step.say(
      missing.length === 0
        ? needed.length === 0
          ? 'no service needs one yet'
          : 'every one that a service uses is here'
        : `not on this host: ${missing.join(', ')}. Tasks that need them are rejected unless a registry has them.`,
    );
    return missing;
  });

  const ghosts = await stage('Old entries', async (step) => {
    const removed = await clearGhosts(node, swarm, signal, step.act);
    step.say(removed === 0 ? 'none' : `removed ${removed} of this host`);
    return removed;
  });

  const info = await stage('docker info', () => host.info(signal));
  return {
    nodeId: node.id,
    already,
    drained: node.availability === 'drain',
    labels: Object.fromEntries(Object.entries(node.labels).filter(([key]) => key in wish.labels)),
    warnings,
    missingImages,
    ghosts,
    info,
  };
}

async function callJoin(
  host: Host,
  swarm: Swarm,
  { role, drained }: Pick<Input, 'role' | 'drained'>,
  signal: AbortSignal,
): Promise<JoinOutcome> {
  // Read fresh each time: a token that was rotated since would be refused.
  const { token, managers } = await swarm.joinTicket(role, signal);
  const request = { managers, token, drained };
  try {
    return await host.joinSwarm(request, signal);
  } catch (error) {
    const severalAddresses = messageOf(error instanceof Error && error.cause ? error.cause : error).includes(
      'could not choose an IP address',
    );
    if (!severalAddresses || !isIP(host.address)) throw error;
    return await host.joinSwarm({ ...request, advertiseAddress: host.address }, signal);
  }
}

/** @returns the node as the manager lists it, with the labels and the availability that were asked for. */
async function applyWishes(
  node: Node,
  { drained, labels }: Pick<Input, 'drained' | 'labels'>,
  swarm: Swarm,
  signal: AbortSignal,
  act: Step['act'],
): Promise<Node> {
  const lacking = Object.entries(labels).filter(([key, value]) => node.labels[key] !== value);
  const drain = drained && node.availability !== 'drain';
  if (lacking.length === 0 && !drain) return node;
  await act(`set labels and availability of ${node.hostname}`, () =>
    swarm.updateNode(
      node.id,
      { labels: Object.fromEntries(lacking), ...(drain ? { availability: 'drain' as const } : {}) },
      signal,
    ),
  );
  return (await swarm.nodes(signal)).find(({ id }) => id === node.id) ?? node;
}
