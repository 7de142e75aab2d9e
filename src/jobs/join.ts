import { isIP } from 'node:net';
import { z } from 'zod';
import { UserError, messageOf } from '../errors.ts';
import type { EngineInfo, Host, JoinOutcome } from '../hosts/hosts.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import { defineJob, type JobContext, type Step } from './define.ts';
import { clearGhosts } from './ghosts.ts';
import { checkJoin } from './join-check.ts';
import { poll } from './poll.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

const STAGES = ['Check', 'Join', 'Both sides agree', 'Images', 'Old entries', 'docker info'] as const;

/** The engine itself gives up waiting after 20 s and goes on in the background; a slow host gets a few such rounds. */
const AGREE_DEADLINE_MS = 90_000;

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
  async run({ hosts: names, ...wish }, context): Promise<{ role: Input['role']; hosts: Outcome<Joined>[] }> {
    const { hosts, swarm, limits } = context;
    // An unknown name is refused before anything happens to any host.
    const known = new Map(names.map((name) => [name, hosts.host(name)]));
    await swarm.cluster(context.signal);
    const outcomes = await forEachTarget(names, context, limits.joinsAtOnce, (name, stage) =>
      joinHost(known.get(name) ?? hosts.host(name), wish, context, stage),
    );
    return { role: wish.role, hosts: outcomes };
  },
});

async function joinHost(
  host: Host,
  wish: Omit<Input, 'hosts'>,
  context: JobContext,
  stage: Stage,
): Promise<Joined> {
  const { swarm, signal } = context;
  const { member, state, warnings } = await stage('Check', async (step) => {
    const found = await checkJoin(host, swarm, signal);
    const notes = [found.member ? 'is already in this swarm' : `engine ${found.version}`, ...found.warnings];
    step.say(notes.join('; '));
    return found;
  });

  await stage('Join', async (step) => {
    if (member) return step.say('nothing to do, it has joined before');
    if (state === 'pending') return step.say('an earlier join is still under way, waiting for it');
    if (state === 'error') {
      await step.act(`forget the failed join of ${host.name}`, () =>
        host.leaveSwarm({ force: true }, signal),
      );
    }
    const { kind } = await step.act(`join ${host.name} as ${wish.role}`, () =>
      callJoin(host, swarm, wish.role, signal),
    );
    step.say(kind === 'pending' ? 'the engine goes on joining in the background' : `as a ${wish.role}`);
  });

  const node = await stage('Both sides agree', async (step) => {
    const agreed = await bothAgree(host, swarm, signal, (line) => step.say(line));
    await applyWishes(agreed, wish, swarm, step.act);
    step.say(`${agreed.hostname} is ${agreed.state} at the manager`);
    return agreed;
  });

  const missingImages = await stage('Images', async (step) => {
    const services = await swarm.services(signal);
    const needed = [...new Set(services.map(({ image }) => image))];
    const missing = needed.length === 0 ? [] : await host.missingImages(needed, signal);
    step.say(
      missing.length === 0
        ? `all ${needed.length} that the services use are here`
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
  return { nodeId: node.id, already: member, warnings, missingImages, ghosts, info };
}

async function callJoin(
  host: Host,
  swarm: Swarm,
  role: Input['role'],
  signal: AbortSignal,
): Promise<JoinOutcome> {
  // Read fresh each time: a token that was rotated since would be refused.
  const { token, managers } = await swarm.joinTicket(role, signal);
  try {
    return await host.joinSwarm({ managers, token }, signal);
  } catch (error) {
    const severalAddresses = messageOf(error instanceof Error && error.cause ? error.cause : error).includes(
      'could not choose an IP address',
    );
    if (!severalAddresses || !isIP(host.address)) throw error;
    return await host.joinSwarm({ managers, token, advertiseAddress: host.address }, signal);
  }
}

/** Success is both sides agreeing: the host says active, and the manager lists that very node as ready. */
async function bothAgree(
  host: Host,
  swarm: Swarm,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Node> {
  let last = 'nothing yet';
  const agreed = await poll(
    async () => {
      const { swarm: local } = await host.info(signal);
      if (local.state === 'error') {
        throw new UserError(`${host.name} could not join: ${local.error || 'its engine gives no reason'}.`, {
          hint: 'Check that 2377/tcp to the managers is open from that host and that the clocks agree, then join again.',
        });
      }
      const node = local.nodeId
        ? (await swarm.nodes(signal)).find(({ id }) => id === local.nodeId)
        : undefined;
      if (local.state === 'active' && node?.state === 'ready') return node;
      const now = `the host says ${local.state}, the manager ${node ? `says ${node.state}` : 'does not know it yet'}`;
      if (now !== last) say((last = now));
      return undefined;
    },
    { everyMs: 150, deadlineMs: AGREE_DEADLINE_MS, signal },
  );
  if (agreed) return agreed;
  throw new UserError(`${host.name} has not joined within ${AGREE_DEADLINE_MS / 1000} s: ${last}.`, {
    hint: 'The engine goes on trying in the background. Check 2377/tcp and 7946/tcp+udp between the two hosts, then join again.',
  });
}

async function applyWishes(
  node: Node,
  { drained, labels }: Pick<Input, 'drained' | 'labels'>,
  swarm: Swarm,
  act: Step['act'],
): Promise<void> {
  const lacking = Object.entries(labels).filter(([key, value]) => node.labels[key] !== value);
  const drain = drained && node.availability !== 'drain';
  if (lacking.length === 0 && !drain) return;
  await act(`set labels and availability of ${node.hostname}`, () =>
    swarm.updateNode(node.id, {
      labels: Object.fromEntries(lacking),
      ...(drain ? { availability: 'drain' as const } : {}),
    }),
  );
}
