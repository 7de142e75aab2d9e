import { z } from 'zod';
import type { Host } from '../hosts/hosts.ts';
import { defineJob, type JobContext } from './define.ts';
import { reasonText } from './drain-capacity.ts';
import { emptied, loadOf, type Emptied } from './drain-move.ts';
import { isShort } from './drain.ts';
import { loadText, movedText } from './drain-text.ts';
import { inTurn, PAUSE_ALL, pauseAll } from './drain-turns.ts';
import { undoing } from './drain-undo.ts';
import { clearEntries, entryGoesDown } from './leave-entry.ts';
import { membershipOf, mayLeave, sameAsBefore, stuckThere, type Membership } from './leave-look.ts';
import { previewLeave } from './leave-preview.ts';
import { nodeById } from './node-wait.ts';
import { roleAgreed } from './promote-agree.ts';
import { mayDemote } from './promote-check.ts';
import type { Outcome, Stage } from './stages.ts';

const input = z.object({
  hosts: z.array(z.string()).min(1),
  /** Goes on where tasks find no place, and forgets a join that failed or another swarm. */
  force: z.boolean(),
  timeoutMs: z.int().positive(),
});
type Wish = Omit<z.infer<typeof input>, 'hosts'>;

const LOOK = 'Look';
const DEMOTE = 'Demote, if it is a manager';
const DRAIN = 'Drain';
const MOVE = 'Wait for its tasks to move';
const LEAVE = 'Leave the swarm';
const DOWN = 'The managers call it down';
const REMOVE = 'Remove its entry';

export interface Left {
  /** What it was in when the job began. */
  was: Membership['kind'];
  wasManager: boolean;
  moved: Emptied;
  /** Entries that were removed, its own among them. */
  removed: string[];
}

interface AllLeft {
  hosts: Outcome<Left>[];
  /** Where a manager left: `3 managers, may lose 1 → 2 managers, may lose none`. */
  managers: string | null;
  advice: string[];
  /** What was put back when it ended early, as parts of a sentence. */
  undone: string[];
  /** Hostnames of the nodes that a job which was cancelled has drained: they stay so. */
  stay: string[];
}

/** Takes hosts out of the swarm in good order, and their entries too. */
export const leave = defineJob({
  input,
  lock: ({ hosts }) => [
    'managers',
    ...hosts.flatMap((name) => [`host:${name}`, `node:${name.toLowerCase()}`]),
  ],
  steps: ({ hosts }) =>
    hosts.length > 1 ? [PAUSE_ALL, ...hosts] : [LOOK, DEMOTE, DRAIN, MOVE, LEAVE, DOWN, REMOVE],
  preview: previewLeave,
  async run({ hosts: names, ...wish }, context): Promise<AllLeft> {
    const { hosts, swarm, signal, recall, step } = context;
    // All are looked at before the first is changed: half of a change of managers is worse than none.
    const nodes = await swarm.nodes(signal);
    const found =
      names.length === 1
        ? []
        : await Promise.all(
            names.map(
              async (name) => await membershipOf(hosts.host(name), nodes, signal).catch(() => undefined),
            ),
          );
    const members = found.flatMap((one) => (one?.kind === 'member' ? [one.nodeId] : []));
    // Remembered across a crash: what has left by then is not found any more.
    const before = await recall('before', async () => {
      if (members.length > 0) {
        await mayDemote(members, nodes, context);
      }
      return {
        ids: members,
        managers: (await swarm.planManagers({}, signal)).text,
        availability: Object.fromEntries(
          nodes.filter(({ id }) => members.includes(id)).map((node) => [node.id, node.availability]),
        ),
      };
    });
    const { ids } = before;
    const work = async (undo: () => Promise<string[]>): Promise<AllLeft> => {
      if (names.length > 1) await step(PAUSE_ALL, (line) => pauseAll(ids, swarm, signal, line));
      const { outcomes, stopped } = await inTurn(
        names,
        'leave',
        context,
        (name, stage) => leaveOne(hosts.host(name), wish, context, stage),
        { isBad: () => false, inShort: ({ was }) => (was === 'none' ? 'was in no swarm' : 'has left') },
      );
      const undone = stopped && names.length > 1 ? await undo() : [];
      const now = await swarm.planManagers({}, signal);
      const same = before.managers === now.text;
      return {
        hosts: outcomes,
        undone,
        stay: [],
        managers: same ? null : `${before.managers} → ${now.text}`,
        advice: same ? [] : now.advice,
      };
    };
    const ended = (undone: string[], stay: string[]): AllLeft => ({
      hosts: [],
      undone,
      stay,
      managers: null,
      advice: [],
    });
    const may = { raised: false, paused: names.length > 1 };
    return await undoing(ids, before.availability, may, context, ended, work);
  },
});

async function leaveOne(
  host: Host,
  { force, timeoutMs }: Wish,
  context: JobContext,
  stage: Stage,
): Promise<Left> {
  const { swarm, signal, recall } = context;
  const nothing: Emptied = { services: [], left: [] };

  const { first, now } = await stage(LOOK, async (step) => {
    const nodes = await swarm.nodes(signal);
    const now = await membershipOf(host, nodes, signal);
    // Remembered across a crash: after it has left, its engine does not know its ID any more.
    const first = await recall(`member:${host.name}`, async () => {
      mayLeave(host, now, force);
      if (now.kind === 'member') {
        await mayDemote([now.nodeId], nodes, context);
      }
      return now;
    });
    sameAsBefore(host.name, first, now);
    step.say(now.text);
    return { first, now };
  });
  const id = first.kind === 'member' ? first.nodeId : '';
  const isMember = now.kind === 'member';
  const wasManager = first.kind === 'member' && first.manager;

  await stage(DEMOTE, async (step) => {
    const node = isMember ? await nodeById(swarm, id, signal) : undefined;
    if (node === undefined) return step.say('nothing to do');
    if (node.role === 'worker' && node.manager === undefined && !wasManager)
      return step.say('it is a worker');
    if (node.role === 'manager') {
      await mayDemote([id], await swarm.nodes(signal), context);
      await step.act(`demote ${node.hostname}`, () => swarm.setRole(id, 'worker', signal));
    }
    await roleAgreed(node, 'worker', context, step);
    step.say('it is a worker now');
  });

  const load = await stage(DRAIN, async (step) => {
    const node = isMember ? await nodeById(swarm, id, signal) : undefined;
    if (node === undefined) {
      step.say('nothing to do');
      return { services: [], others: 0 };
    }
    // Remembered across a crash: after the drain nothing is there to be seen.
    const load = await recall(`load:${id}`, () => loadOf(id, swarm, signal));
    if (node.availability !== 'drain')
      await step.act(`drain ${node.hostname}`, () => swarm.setAvailability(id, 'drain', signal));
    step.say(loadText(load));
    return load;
  });

  const moved = await stage(MOVE, async (step) => {
    if (!isMember) {
      step.say('nothing to do');
      return nothing;
    }
    const found = await emptied(id, load, timeoutMs, { swarm, signal, say: step.say });
    step.say(movedText(found));
    if (isShort(found) && !force) throw stuckThere(host.name, whatIsStuck(found), wasManager);
    return found;
  });

  await stage(LEAVE, async (step) => {
    if (now.kind === 'none') return step.say(first.kind === 'none' ? 'it is in no swarm' : 'it has left');
    await step.act(`take ${host.name} out of its swarm`, () => host.leaveSwarm({ force }, signal));
    step.say('done');
  });

  await stage(DOWN, async (step) => {
    if (id === '') return step.say('nothing to do');
    await entryGoesDown(host.name, id, swarm, signal, step.say);
  });

  const removed = await stage(REMOVE, async (step) => {
    const gone = await clearEntries(host, now.hostname, id, context, step);
    step.say(gone.length === 0 ? 'there is none' : gone.length === 1 ? 'removed' : `removed ${gone.length}`);
    return gone;
  });
  return {
    was: first.kind,
    wasManager,
    moved,
    removed,
  };
}

function whatIsStuck({ services, left }: Emptied): string {
  const short = services.flatMap(({ name, running, wanted, short }) =>
    short === null ? [] : [`${name} runs ${running} of ${wanted}: ${reasonText(short)}`],
  );
  return [...short, ...(left.length > 0 ? [`${left.join(', ')} has not stopped`] : [])].join('; ');
}
