import { z } from 'zod';
import type { StackPart } from '../swarm/stacks.ts';
import { defineJob, type JobContext, type Step } from './define.ts';
import { poll } from './poll.ts';
import { partsOf, partsText, unknownStack, volumesOf, type Part } from './stack-parts.ts';
import { previewStackRemove } from './stack-remove-preview.ts';

const input = z.object({ stack: z.string(), deadlineMs: z.int().positive() });

export interface StackRemoved {
  stack: string;
  removed: { kind: StackPart; name: string }[];
  /** What is there still, because something outside of the stack uses it or its tasks have not ended. */
  left: { kind: StackPart; name: string }[];
  /** Tasks that had not ended at the deadline, and those on nodes that are down. */
  live: number;
  lost: number;
  /** Named volumes that its services used: they are kept on the nodes. */
  volumes: string[];
}

const STEPS = [
  'Look what is in it',
  'Remove the services',
  'Wait until their tasks have ended',
  'Remove the rest',
] as const;

export const stackRemove = defineJob({
  input,
  lock: ({ stack }) => [`stack:${stack}`],
  steps: () => [...STEPS],
  preview: previewStackRemove,
  async run({ stack, deadlineMs }, context): Promise<StackRemoved> {
    const { step, swarm, signal, recall } = context;
    const [look, services, tasks, rest] = STEPS;
    const end = Date.now() + deadlineMs;

    const { parts, volumes } = await step(look, async ({ say }) => {
      // Remembered: after a crash the services may be gone, and their networks not.
      const found = await recall('look', async () => {
        const state = await swarm.stackState(stack, signal);
        return { parts: partsOf(stack, state), volumes: volumesOf(state) };
      });
      if (found.parts.length === 0) throw await unknownStack(stack, context);
      say(partsText(found.parts));
      return found;
    });

    await step(services, async ({ act, say }) => {
      for (const { kind, id, name } of parts) {
        if (kind !== 'service') continue;
        say(name);
        await act(`remove service ${name}`, () => swarm.removeStackPart('service', id, signal));
      }
      say('done');
    });

    // A network that goes before the last task on it takes addresses with it for good (moby#37338).
    const ended = await step(tasks, async (line) => {
      let seen = await swarm.stackTasks(stack, signal);
      await poll(
        async () => {
          seen = await swarm.stackTasks(stack, signal);
          line.say(seen.live === 0 ? 'none runs any more' : `${seen.live} not ended yet`);
          return seen.live === 0 ? true : undefined;
        },
        { everyMs: 300, deadlineMs: Math.max(1000, end - Date.now()), signal },
      );
      if (seen.live > 0) line.fail(`${seen.live} have not ended in the time that was given`);
      return seen;
    });

    const left = await step(rest, (line) => removeRest(parts, end, context, line));
    const stays = new Set(left.map(({ id }) => id));
    const plain = ({ kind, name }: Part): { kind: StackPart; name: string } => ({ kind, name });
    return {
      stack,
      removed: parts.filter(({ id }) => !stays.has(id)).map(plain),
      left: left.map(plain),
      ...ended,
      volumes,
    };
  },
});

/** Gives what could not be removed. */
async function removeRest(
  parts: Part[],
  end: number,
  { swarm, signal }: JobContext,
  line: Step,
): Promise<Part[]> {
  let busy = parts.filter(({ kind }) => kind !== 'service');
  await poll(
    async () => {
      const still: Part[] = [];
      for (const part of busy) {
        const { kind, id, name } = part;
        const outcome = await line.act(`remove ${kind} ${name}`, () =>
          swarm.removeStackPart(kind, id, signal),
        );
        if (outcome === 'busy') still.push(part);
      }
      busy = still;
      return busy.length === 0 ? true : undefined;
    },
    // What others use stays used: a little patience for tasks that have only just ended.
    { everyMs: 500, deadlineMs: Math.min(20_000, Math.max(1000, end - Date.now())), signal },
  );
  const gone = parts.length - busy.length;
  if (busy.length > 0) line.fail(`in use: ${busy.map(({ name }) => name).join(', ')}`);
  else line.say(gone === 1 ? 'it is gone' : `all ${gone} parts are gone`);
  return busy;
}
