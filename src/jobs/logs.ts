import { z } from 'zod';
import { defineJob, type Step } from './define.ts';
import { LogPage } from './log-page.ts';

/** How many of a task's last lines are searched for those that are asked for. */
const SEARCHED_LINES = 5000;
/** How often lines that come are shown: the card takes no more than one update each second. */
const SHOW_MS = 1000;
/** Lines of the live text, and the characters of each. */
const LIVE_LINES = 20;
const LIVE_CHARACTERS = 200;
/** Where the text behind the time begins: a card shows the time of the day alone. */
const DATE = 'YYYY-MM-DDT'.length;
const TIME = '00:00:00'.length;
const STAMP = 'YYYY-MM-DDT00:00:00.000Z'.length;

const input = z.object({
  /** A service, `websky.3` for one of its tasks, or the ID of a task. */
  name: z.string(),
  node: z.string().nullable(),
  tail: z.int().positive(),
  sinceMs: z.int().positive().nullable(),
  grep: z.string().nullable(),
  followMs: z.int().positive().nullable(),
});

type Input = z.infer<typeof input>;

export interface Logs {
  name: string;
  asked: Input;
  /** `2026-11-23T14:42:47.934Z websky.3@fedora-01 | text`, oldest first. */
  lines: string[];
  /** How many older ones are left out because they would be too much. */
  left: number;
  /** Sentences on logs that could not be read. */
  troubles: string[];
}

export const logs = defineJob({
  input,
  lock: () => [],
  steps: (asked) => [stepOf(asked)],
  async run(asked, { swarm, signal, step, keep }): Promise<Logs> {
    const { name, node, tail, sinceMs, grep, followMs } = asked;
    return await step(stepOf(asked), async (line) => {
      // Says so when there is no such node: its name would otherwise only find nothing.
      if (node !== null) await swarm.tasks({ node }, signal);
      const page = new LogPage({ node, grep, tail }, new Date());
      const live = followMs === null ? undefined : liveText(line, page);
      try {
        const read = await swarm.logs(name, {
          tail: grep === null ? tail : Math.max(tail, SEARCHED_LINES),
          sinceMs: sinceMs ?? undefined,
          followMs: followMs ?? undefined,
          signal,
          onLines: (lines) => {
            page.add(lines);
            live?.soon();
          },
        });
        return { ...read, asked, ...page.page() };
      } finally {
        live?.stop();
        if (signal.aborted) keep({ name, troubles: [], asked, ...page.page() } satisfies Logs);
      }
    });
  },
});

function stepOf({ name, followMs }: Input): string {
  return followMs === null ? `Read the logs of ${name}` : `Follow the logs of ${name}`;
}

/** Shows the newest lines while they come, not more often than somebody can read them. */
function liveText(step: Step, page: LogPage): { soon: () => void; stop: () => void } {
  let later: NodeJS.Timeout | undefined;
  const show = (): void => {
    later = undefined;
    const { lines } = page.page();
    const newest = lines
      .slice(-LIVE_LINES)
      .map(
        (line) => line.slice(DATE, DATE + TIME) + line.slice(STAMP).slice(0, LIVE_CHARACTERS).toWellFormed(),
      );
    step.show(newest.join('\n') || 'No line has come yet.');
  };
  show();
  return {
    soon: () => (later ??= setTimeout(show, SHOW_MS)),
    stop: () => clearTimeout(later),
  };
}
