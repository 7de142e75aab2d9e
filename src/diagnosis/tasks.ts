/** Why tasks do not run, from their own words: the rows of the table, and what programs and their mounts do wrong. Pure. */
import { clamp, count, list, some } from '../cards/text.ts';
import type { Remedy } from '../remedy.ts';
import type { Shortfall } from '../swarm/swarm.ts';
import { diagnose } from './diagnose.ts';
import type { Facts } from './facts.ts';

/** One reason, told. */
export interface Reason {
  /** Row of the table; null for what is not in it. */
  row: number | null;
  cause: string;
  explanation: string;
  advice: string;
  remedies: Remedy[];
}

interface Own {
  says: RegExp;
  tell: (found: Record<string, string>, service: string) => Pick<Reason, 'cause' | 'explanation' | 'advice'>;
  remedies: (service: string) => Remedy[];
}

const showLogs = (service: string): Remedy[] => [{ label: 'Show its logs', line: `logs ${service}` }];
const showService = (service: string): Remedy[] => [
  { label: 'Show the service', line: `service ${service}` },
];

/** What an exit code mostly means: those of the shell, and 128 + the signal that ended the program. */
const CODES: Record<string, string> = {
  '126': 'which means that its command cannot be executed',
  '127': 'which means that its command was not found in the image',
  '137': 'which means that it was killed, mostly for using more memory than its limit',
  '139': 'which means that it crashed (segmentation fault)',
  '143': 'which means that it was told to end',
};

/** Not in the table of what goes wrong with a swarm: here the swarm does as it was told, and the service is at fault. */
const OWN: Own[] = [
  {
    says: /unhealthy container/i,
    tell: (_found, service) => ({
      cause: `The health check of ${service} fails, so the engine stops its containers.`,
      explanation: 'The program runs, but does not answer its health check in time.',
      advice: 'Read its logs; if it only starts slowly, give the health check a longer start period.',
    }),
    remedies: showLogs,
  },
  {
    says: /out of memory|oom.?kill/i,
    tell: (_found, service) => ({
      cause: `The program of ${service} needed more memory than its limit, and was killed.`,
      explanation: 'It is started again and will end the same way.',
      advice: 'Raise its memory limit, or find what it needs the memory for.',
    }),
    remedies: showLogs,
  },
  {
    says: /(non-zero exit \(|exited with code )(?<code>\d+)/i,
    tell: ({ code = '' }, service) => ({
      cause: `The program of ${service} ends by itself with code ${code}${CODES[code] ? `, ${CODES[code]}` : ''}.`,
      explanation: 'The swarm starts it again each time, a little later.',
      advice: 'Read the last lines of its logs: they mostly say why.',
    }),
    remedies: showLogs,
  },
  {
    says: /executable file not found|no such file or directory: unknown|exec: .*permission denied/i,
    tell: (_found, service) => ({
      cause: `The command that ${service} is to run is not in its image, or cannot be executed.`,
      explanation: 'No container of it can start.',
      advice: 'Correct the command of the service, or the image.',
    }),
    remedies: showService,
  },
  {
    says: /bind source path does not exist:? ?(?<path>\S*)/i,
    tell: ({ path = '' }, service) => ({
      cause: `${service} mounts ${path === '' ? 'a directory' : path} of the node, and the node does not have it.`,
      explanation: 'A bind mount must be there on every node that may run the service.',
      advice: 'Create it on those nodes, or let the service run only where it is.',
    }),
    remedies: showService,
  },
  {
    says: /its node is down/i,
    tell: (_found, service) => ({
      cause: `The node on which tasks of ${service} ran is down.`,
      explanation: 'They are started on other nodes as soon as the managers have given up the old ones.',
      advice: 'Look why the node is down.',
    }),
    remedies: () => [],
  },
  {
    says: /to be removed and still runs/i,
    tell: (_found, service) => ({
      cause: `Tasks of ${service} that are not wanted any more have not stopped yet.`,
      explanation:
        'An engine waits for the program to end, ten seconds unless set otherwise, before it kills it.',
      advice: 'Wait a moment; if they stay, look whether their node still answers.',
    }),
    remedies: () => [],
  },
];

/**
 * What a task's own words mean.
 * @returns undefined when nothing is known of them.
 */
export function reasonOf(error: string, facts: Facts & { service: string }): Reason | undefined {
  const found = diagnose(error, facts);
  if (found) return found;
  for (const { says, tell, remedies } of OWN) {
    const match = says.exec(error);
    if (!match) continue;
    const nodes = facts.nodes ?? [];
    const down = /its node is down/i.test(error) ? nodes.slice(0, 2) : [];
    const named = Object.fromEntries(
      Object.entries(match.groups ?? {}).flatMap(([name, value]) => (value ? [[name, value]] : [])),
    ) as Record<string, string>;
    return {
      row: null,
      ...tell(named, facts.service),
      remedies: [
        ...down.map((node) => ({ label: `Why ${node}?`, line: `why ${node}` })),
        ...remedies(facts.service),
      ],
    };
  }
  return undefined;
}

/**
 * What a card says of tasks that do not run, beyond quoting them.
 * @param facts what is known of the service: at least its name; `fits`, `constraints` and `nearest` make it better.
 * @returns plain sentences, one entry a cause, not escaped; the ways out of all of them, each once.
 */
export function explainShortfall(
  reasons: readonly Shortfall[],
  facts: Facts & { service: string },
): { sentences: string[]; remedies: Remedy[] } {
  const told = reasons.flatMap(({ state, error, nodes }) => {
    const words = state === 'update paused' ? `${state}: ${error}` : error;
    return reasonOf(words, { ...facts, nodes }) ?? [];
  });
  const byCause = new Map(told.map((reason) => [reason.cause, reason]));
  const lines = [...byCause.values()].map(({ cause, advice }) => `${cause} ${advice}`);
  const remedies = new Map(
    [...byCause.values()].flatMap((reason) => reason.remedies).map((one) => [one.line, one]),
  );
  return { sentences: lines, remedies: [...remedies.values()] };
}

/** `2 tasks are rejected on fedora-01 and manager: No such image: web:1`, in the tasks' own words. */
export function quote({ state, error, tasks, nodes }: Shortfall): string {
  const where = nodes.length > 0 ? ` on ${some(nodes, nameOrGone)}` : '';
  return `${count(tasks, 'task')} ${state}${where}${error === '' ? '' : `: ${clamp(error, 300)}`}`;
}

/** Tasks outlive the entry of their node: what is left of it then is its ID. */
const nameOrGone = (name: string): string => (/^[0-9a-z]{25}$/.test(name) ? 'a node that has left' : name);

/** Names in a sentence, cut after a few. */
export const names = (all: readonly string[]): string =>
  all.length > 5 ? some([...all], (name) => name) : list([...all]);
