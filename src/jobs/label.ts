import { z } from 'zod';
import { defineJob } from './define.ts';
import { previewLabel } from './label-preview.ts';
import { nodeCalled } from './node-find.ts';

const input = z.object({
  node: z.string(),
  /** Null takes a label away. */
  labels: z.record(z.string(), z.string().nullable()),
});

interface Labelled {
  node: string;
  /** Null: it is not there. */
  changes: {
    key: string;
    from: string | null;
    to: string | null;
    meanwhile: { value: string | null } | null;
  }[];
  /** All that it has now. */
  labels: Record<string, string>;
}

const LOOK = 'Look at its labels';
const SET = 'Set the labels';

export const label = defineJob({
  input,
  lock: ({ node }) => [`node:${node.toLowerCase()}`],
  steps: () => [LOOK, SET],
  preview: previewLabel,
  async run({ node: name, labels: wanted }, { swarm, signal, step, recall }): Promise<Labelled> {
    const { id, hostname, before } = await step(LOOK, async ({ say }) => {
      const node = nodeCalled(await swarm.nodes(signal), name);
      const keys = Object.keys(wanted);
      // Remembered across a crash: a second look after the change would find the new ones.
      const before = await recall('before', () =>
        Promise.resolve(Object.fromEntries(keys.map((key) => [key, valueOf(node.labels, key)]))),
      );
      const number = Object.keys(node.labels).length;
      say(number === 0 ? 'it has none' : `it has ${number}`);
      return { id: node.id, hostname: node.hostname, before };
    });
    return await step(SET, async ({ act, say }) => {
      const now = nodeCalled(await swarm.nodes(signal), id);
      const isSo = Object.entries(wanted).every(([key, value]) => valueOf(now.labels, key) === value);
      const changed = isSo ? {} : await act(`label ${hostname}`, () => swarm.setLabels(id, wanted, signal));
      const changes = Object.entries(wanted).map(([key, to]) => ({
        key,
        from: before[key] ?? null,
        to,
        meanwhile: changed[key]?.meanwhile ?? null,
      }));
      const different = changes.filter(({ from, to }) => from !== to).length;
      say(different === 0 ? 'it is so already' : `${different} changed`);
      return { node: hostname, changes, labels: nodeCalled(await swarm.nodes(signal), id).labels };
    });
  },
});

function valueOf(labels: Record<string, string>, key: string): string | null {
  return Object.hasOwn(labels, key) ? (labels[key] ?? null) : null;
}
