import { z } from 'zod';
import type { Node } from '../swarm/swarm.ts';
import { defineJob, type JobContext } from './define.ts';
import { planRaise, raise, restore, settled, type PutBack, type Raised } from './drain-capacity.ts';
import { emptied, loadOf, type Moved } from './drain-move.ts';
import { previewDrain } from './drain-preview.ts';
import { loadText, movedText, putBackText, raisedText } from './drain-text.ts';
import { inTurn, PAUSE_ALL, pauseAll } from './drain-turns.ts';
import { undoing } from './drain-undo.ts';
import { nodeCalled } from './node-find.ts';
import type { Outcome, Stage } from './stages.ts';

const input = z.object({
  nodes: z.array(z.string()).min(1),
  /** For each node. */
  timeoutMs: z.int().positive(),
  keepCapacity: z.boolean(),
});
type Wish = Omit<z.infer<typeof input>, 'nodes'>;

export interface Drained {
  node: string;
  /** It was drained before and nothing was left on it. */
  already: boolean;
  /** What somebody else had set it to while it was being drained; null: nobody had. */
  meanwhile: Node['availability'] | null;
  services: Moved[];
  /** Tasks of global services and of jobs that ended with it. */
  others: number;
  /** Tasks that had not stopped in time, as `websky.3`. */
  left: string[];
  raised: PutBack[];
  /** Services that were not raised: somebody changed their number meanwhile. */
  notRaised: string[];
}

interface DrainResult {
  nodes: Outcome<Drained>[];
  /** What was put back when it ended early, as parts of a sentence. */
  undone: string[];
  /** Hostnames of the nodes that a job which was cancelled has drained: they stay so. */
  stay: string[];
}

const LOOK = 'Look at its tasks';
const RAISE = 'Start as many elsewhere first';
const DRAIN = 'Drain';
const MOVE = 'Wait for its tasks to move';
const RESTORE = 'Put the numbers back';

export const drain = defineJob({
  input,
  lock: ({ nodes }) => nodes.map((name) => `node:${name.toLowerCase()}`),
  steps: ({ nodes, keepCapacity }) => {
    if (nodes.length > 1) return [PAUSE_ALL, ...nodes];
    return [LOOK, ...(keepCapacity ? [RAISE] : []), DRAIN, MOVE, ...(keepCapacity ? [RESTORE] : [])];
  },
  preview: previewDrain,
  async run({ nodes: names, ...wish }, context): Promise<DrainResult> {
    const { swarm, signal, recall, step } = context;
    const all = await swarm.nodes(signal);
    // A name that is none is refused before anything happens to the others.
    const ids = new Map(names.map((name) => [name, nodeCalled(all, name).id]));
    const before = await recall('before', () =>
      Promise.resolve(
        Object.fromEntries([...ids.values()].map((id) => [id, nodeCalled(all, id).availability])),
      ),
    );
    const mayUndo = { raised: wish.keepCapacity, paused: wish.keepCapacity || names.length > 1 };
    const ended = (undone: string[], stay: string[]): DrainResult => ({ nodes: [], undone, stay });
    return await undoing([...ids.values()], before, mayUndo, context, ended, async (undo) => {
      if (names.length > 1) await step(PAUSE_ALL, (line) => pauseAll([...ids.values()], swarm, signal, line));
      const { outcomes, stopped } = await inTurn(
        names,
        'drain',
        context,
        (name, stage) => {
          const id = ids.get(name) ?? name;
          return drainOne(id, before[id] === 'drain', wish, context, stage);
        },
        { isBad: isShort, inShort },
      );
      return { nodes: outcomes, undone: stopped && names.length > 1 ? await undo() : [], stay: [] };
    });
  },
});

export const isShort = ({ services, left }: Pick<Drained, 'services' | 'left'>): boolean =>
  left.length > 0 || services.some(({ short }) => short !== null);

function inShort(drained: Drained): string {
  if (drained.already) return 'was drained already';
  const tasks = drained.services.reduce((sum, one) => sum + one.tasks, 0);
  return isShort(drained) ? 'drained, but not every task has found a place' : `drained, ${tasks} moved`;
}

async function drainOne(
  id: string,
  before: boolean,
  { timeoutMs, keepCapacity }: Wish,
  context: JobContext,
  stage: Stage,
): Promise<Drained> {
  const { swarm, signal, recall } = context;
  const end = Date.now() + timeoutMs;
  const left = (): number => Math.max(1000, end - Date.now());

  const { node, load } = await stage(LOOK, async (step) => {
    const node = nodeCalled(await swarm.nodes(signal), id);
    // Remembered across a crash: after the drain nothing is there to be seen.
    const load = await recall(`load:${id}`, () => loadOf(id, swarm, signal));
    step.say(loadText(load));
    return { node: node.hostname, load };
  });

  let notRaised: string[] = [];
  if (keepCapacity) {
    notRaised = await stage(RAISE, async (step) => {
      const { availability } = nodeCalled(await swarm.nodes(signal), id);
      if (availability === 'drain') {
        step.say('it is drained already');
        return [];
      }
      // Paused first: what is started more must not land here.
      if (availability === 'active')
        await step.act(`pause ${node}`, () => swarm.setAvailability(id, 'pause', signal));
      const plan = await recall(raisedKey(id), () => planRaise(id, swarm, signal));
      const others = await raise(node, plan, left(), { swarm, signal, step });
      step.say(plan.length === 0 ? 'nothing to raise' : plan.map(raisedText).join(', '));
      return others;
    });
  }

  const meanwhile = await stage(DRAIN, async (step) => {
    const { availability } = nodeCalled(await swarm.nodes(signal), id);
    if (availability === 'drain') {
      step.say(before ? 'it is drained already' : 'done');
      return null;
    }
    const change = await step.act(`drain ${node}`, () => swarm.setAvailability(id, 'drain', signal));
    step.say(
      change.meanwhile === null ? 'done' : `somebody else had set it to ${change.meanwhile.value} meanwhile`,
    );
    return change.meanwhile?.value ?? null;
  });

  const found = await stage(MOVE, async (step) => {
    const after = await emptied(id, load, left(), { swarm, signal, say: step.say });
    if (isShort(after)) step.fail(movedText(after));
    else step.say(movedText(after));
    return after;
  });
  let { services } = found;

  let raised: PutBack[] = [];
  if (keepCapacity) {
    raised = await stage(RESTORE, async (step) => {
      const plan = await recall(raisedKey(id), () => Promise.resolve<Raised[]>([]));
      const back = await restore(plan, swarm, signal, step.act);
      const stand = await settled(plan, back, left(), swarm, signal);
      services = services.map((one) => ({ ...one, ...stand.find(({ name }) => name === one.name) }));
      step.say(back.map(putBackText).join(', ') || 'nothing was raised');
      return back;
    });
  }
  const already = before && load.services.length === 0 && load.others === 0;
  return { node, already, meanwhile, services, others: load.others, left: found.left, raised, notRaised };
}

const raisedKey = (id: string): string => `raised:${id}`;
