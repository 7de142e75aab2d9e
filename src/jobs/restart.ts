import { z } from 'zod';
import { defineJob } from './define.ts';
import { previewRestart } from './update-preview.ts';
import { updateService, WAIT, type Updated } from './service-update.ts';

const LOOK = 'Look at the service';
const RESTART = 'Start its tasks anew';

export const restart = defineJob({
  input: z.object({ name: z.string(), deadlineMs: z.int().positive() }),
  lock: ({ name }) => [`service:${name}`],
  steps: () => [LOOK, RESTART, WAIT],
  preview: previewRestart,
  run: ({ name, deadlineMs }, context): Promise<Updated> =>
    updateService(
      { name, change: { force: true }, deadlineMs, titles: { look: LOOK, change: RESTART } },
      context,
    ),
});
