import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { EngineInfo, Host } from '../hosts/hosts.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import { defineJob, type JobContext, type Step } from './define.ts';
import { clearGhosts } from './ghosts.ts';
import { agreeOrOnceMore, callJoin } from './join-attempts.ts';
import { checkJoin, type ReadyToJoin, type Wish } from './join-check.ts';
import { couldSpread } from './join-empty.ts';
import { previewJoin } from './join-preview.ts';
import { earlierJoinEnds, hasLeft } from './join-wait.ts';
import { lookAhead } from './look-ahead.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

const STAGES = ['Check', 'Join', 'Both sides agree', 'Images', 'Old entries', 'docker info'] as const;

const input = z.object({
  hosts: z.array(z.string()).min(1),
  role: z.enum(['worker', 'manager']),
  drained: z.boolean(),
  labels: z.record(z.string(), z.string()),
  again: z.boolean(),
  anyway: z.boolean(),
});

export interface Joined {
  nodeId: string;
  /** It was in this swarm before. */
  already: boolean;
  /** It is to get no tasks. */
  drained: boolean;
  /** Of the labels that were asked for, those that the node has now. */
  labels: Record<string, string>;
  /** Sentences about "it". */
  warnings: string[];
  /** Images that running services use and this host lacks. */
  missingImages: string[];
  /** Entries of the same host that were removed. */
  ghosts: number;
  /** Replicated services of which nothing runs here, although other nodes run several of their tasks. */
  couldSpread: string[];
  info: EngineInfo;
}

export const join = defineJob({
  input,
  // One join at a time over all jobs: many at once overload the managers, and hosts end in `error` (swarm of 80, measured).
  lock: ({ hosts }) => ['join', ...hosts.map((host) => `host:${host}`)],
  steps: ({ hosts }) => stepsFor(hosts, [...STAGES]),
  preview: ({ hosts: names, ...wish }, context) => previewJoin(names, wish, context),
  async run({ hosts: names, ...wish }, context): Promise<{ hosts: Outcome<Joined>[] }> {
    const { hosts, swarm, limits } = context;
    // An unknown name is refused before anything happens to any host.
    for (const name of names) hosts.host(name);
    await swarm.cluster(context.signal);
    const looks = lookAhead(names, limits.joinsAtOnce, (name) => checkJoin(hosts.host(name), wish, context));
    const outcomes = await forEachTarget(
      names,
      context,
      limits.joinsAtOnce,
      (name, stage) => joinHost(hosts.host(name), wish, looks, context, stage),
      ({ already }) => (already ? 'was in the swarm already' : 'has joined'),
    );
    return { hosts: outcomes };
  },
});

/** What a host was before anything changed: after a crash a second look would find something else. */
interface Before {
  already: boolean;
  /** Its node ID at that time, in whichever swarm; empty when it had none. */
  nodeId: string;
  /** Of its entry in this swarm: what it gets back when it joins again. */
  labels: Record<string, string>;
  drained: boolean;
}

async function joinHost(
  host: Host,
  asked: Wish,
  look: (name: string) => Promise<ReadyToJoin>,
  context: JobContext,
  stage: Stage,
): Promise<Joined> {
  const { swarm, signal, recall } = context;
  const { found, before } = await stage('Check', async (step) => {
    const now = await look(host.name);
    const was = await recall(`before:${host.name}`, () => Promise.resolve(beforeOf(now)));
    const notes = [now.member ? 'is already in this swarm' : `engine ${now.info.version}`, ...now.warnings];
    step.say(notes.join('; '));
    return { found: now, before: was };
  });
  const wish: Wish = {
    ...asked,
    labels: { ...(asked.again ? before.labels : {}), ...asked.labels },
    drained: asked.drained || (asked.again && before.drained),
  };

  await stage('Join', async (step) => {
    if (found.member)
      return step.say(before.already ? 'nothing to do, it has joined before' : `as a ${wish.role}`);
    if (await nowOutside(host, found, before, wish, context, step)) return;
    const { kind } = await step.act(`join ${host.name} as ${wish.role}`, () =>
      callJoin(host, swarm, wish, found.advertise, signal),
    );
    step.say(kind === 'pending' ? 'the engine goes on joining in the background' : `as a ${wish.role}`);
  });

  const { node, failed } = await stage('Both sides agree', async (step) => {
    const agreed = await agreeOrOnceMore(host, wish, found.advertise, context, step);
    const as = await applyWishes(agreed.node, wish, swarm, signal, step.act);
    step.say(
      `${as.hostname} is ${as.state}${as.availability === 'drain' ? ' and drained' : ''} at the manager`,
    );
    return { node: as, failed: agreed.failed };
  });

  const { missing, spread } = await stage('Images', async (step) => {
    const services = await swarm.services(signal);
    const needed = [...new Set(services.map(({ image }) => image))];
    const lacking = needed.length === 0 ? [] : await host.missingImages(needed, signal);
    step.say(
      lacking.length === 0
        ? needed.length === 0
          ? 'no service needs one yet'
          : 'every one that a service uses is here'
        : `not on this host: ${lacking.join(', ')}. Tasks that need them are rejected unless a registry has them.`,
    );
    return { missing: lacking, spread: await couldSpread(node, services, lacking, swarm, signal) };
  });

  const ghosts = await stage('Old entries', async (step) => {
    const former = [...failed, ...(before.already ? [] : [before.nodeId])].filter(Boolean);
    const removed = await clearGhosts(node, former, swarm, signal, step.act);
    step.say(removed === 0 ? 'none' : `removed ${removed} of this host`);
    return removed;
  });

  const info = await stage('docker info', () => host.info(signal));
  return {
    nodeId: node.id,
    already: before.already,
    drained: node.availability === 'drain',
    labels: Object.fromEntries(Object.entries(node.labels).filter(([key]) => key in wish.labels)),
    warnings: found.warnings,
    missingImages: missing,
    ghosts,
    couldSpread: spread,
    info,
  };
}

function beforeOf({ member, info, node }: ReadyToJoin): Before {
  return {
    already: member,
    nodeId: info.swarm.nodeId,
    labels: node?.labels ?? {},
    drained: node?.availability === 'drain',
  };
}

/**
 * Brings the host to where it is in no swarm: an earlier join is waited for or forgotten, and with `again` it leaves.
 * @returns true when it has turned out to be in this swarm, so that there is nothing to join.
 */
async function nowOutside(
  host: Host,
  found: ReadyToJoin,
  before: Before,
  wish: Wish,
  context: JobContext,
  step: Step,
): Promise<boolean> {
  const { signal } = context;
  let { state, nodeId } = found.info.swarm;
  if (state === 'pending' && !wish.again) {
    step.say('an earlier join is still under way, waiting for it');
    await earlierJoinEnds(host, signal);
    const now = await checkJoin(host, wish, context);
    if (now.member) {
      step.say('the earlier join has come to a good end');
      return true;
    }
    ({ state, nodeId } = now.info.swarm);
  }
  // Left and joined before a crash: it has another node ID now.
  if (state === 'active' && found.node && nodeId !== before.nodeId) return true;
  if (state === 'inactive') return false;
  const active = state === 'active';
  step.say(active ? 'leaving the swarm that it is in' : 'an earlier join has failed, forgetting it');
  await step.act(active ? `leave with ${host.name}` : `forget the failed join of ${host.name}`, () =>
    host.leaveSwarm({ force: !active }, signal),
  );
  if (await hasLeft(host, signal)) return false;
  throw new UserError(
    `${host.name} was told to leave the swarm that it is in, but does not say that it has.`,
    {
      hint: `Look at the engine's log on ${host.name} (\`journalctl -u docker\`), then join again.`,
      remedies: [{ label: 'Check it', line: `check ${host.name}` }],
    },
  );
}

/** @returns the node as the manager lists it, with the labels and the availability that were asked for. */
async function applyWishes(
  node: Node,
  { drained, labels }: Pick<Wish, 'drained' | 'labels'>,
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
