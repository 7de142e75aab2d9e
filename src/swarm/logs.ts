/** Logs of services and tasks, through a manager: it asks the nodes on which the tasks run. */
import { finished } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Engine } from '../hosts/engine.ts';
import { part, text } from '../hosts/json-parts.ts';
import { redact } from '../hosts/redact.ts';
import { SecretLines } from '../hide-secrets.ts';
import type { Ask } from './ask.ts';
import type { TaskJson } from './engine-json.ts';
import { LogParser } from './log-lines.ts';
import type { LogLine } from './log-lines.ts';
import { namesOf, readNodes, readService, readServices, readTasks } from './reads.ts';

export interface LogReader {
  /**
   * Reads logs, each task's lines in its own order. `onLines` gets them as they come.
   * @throws UserError when there is no such service or task, or it keeps no logs.
   */
  logs(target: string, options: LogOptions): Promise<LogSource>;
}

interface LogOptions {
  /** The last so many lines of each task. */
  tail: number;
  /** Only lines of the last so many milliseconds, by the clock of the worker. */
  sinceMs: number | undefined;
  /** Goes on for so long with what comes. */
  followMs: number | undefined;
  onLines: (lines: WrittenLine[]) => void;
  signal?: AbortSignal;
}

/** A line, and who wrote it where. */
export interface WrittenLine {
  at: string;
  /** `websky.3`, in a global service `websky`; the ID of a task that the managers have forgotten. */
  task: string;
  taskId: string;
  node: string;
  text: string;
}

interface LogSource {
  /** What was read, by its name. */
  name: string;
  /** Sentences on logs that could not be read, such as those on a node that is down. */
  troubles: string[];
}

/** A node that neither answers nor is known to be down keeps the managers waiting: what the others say is enough. */
const READ_MS = 15_000;
const LATE = `Not every node has answered within ${READ_MS / 1000} s: lines may be missing.`;
const BROKEN = 'The connection to the manager broke before the end: lines may be missing.';

const containerJson = part({ TTY: z.boolean().nullish() });
const sourceJson = z.object({
  Spec: z.object({ TaskTemplate: part({ ContainerSpec: containerJson, LogDriver: part({ Name: text }) }) }),
});

interface Target {
  name: string;
  /** Of the one task that is meant, or the slot. */
  only: { taskId: string } | { task: string } | undefined;
  serviceId: string;
  terminal: boolean;
  /** Names of tasks and nodes, by ID. */
  tasks: Map<string, string>;
  nodes: Map<string, string>;
}

export function logReader(read: Ask): LogReader {
  return {
    async logs(name, { tail, sinceMs, followMs, onLines, signal }) {
      const target = await read('log source', signal, (engine, abortSignal) =>
        find(engine, name, abortSignal),
      );
      const parser = new LogParser({ terminal: target.terminal });
      const tell = teller(target, onLines);
      const options = {
        stdout: true,
        stderr: true,
        timestamps: true,
        details: true,
        follow: followMs !== undefined,
        tail,
        ...(sinceMs === undefined ? {} : { since: Math.floor((Date.now() - sinceMs) / 1000) }),
      };
      const { only, serviceId } = target;
      const stream = await read('logs', signal, (engine, abortSignal) =>
        only && 'taskId' in only
          ? engine.logStream('tasks', only.taskId, { ...options, abortSignal })
          : engine.logStream('services', serviceId, { ...options, abortSignal }),
      );
      const ended = await take(stream, followMs ?? READ_MS, signal, (chunk) => tell(parser.take(chunk)));
      tell(parser.end());
      const troubles = parser.troubles.map((text) => plainTrouble(text, target.nodes));
      if (ended === 'time' && followMs === undefined) troubles.push(LATE);
      if (ended === 'broken') troubles.push(BROKEN);
      return { name: target.name, troubles: [...new Set(troubles)] };
    },
  };
}

/** `Error grabbing logs: rpc error: ... node v40z... is not available` in words for a person. */
function plainTrouble(text: string, nodes: Map<string, string>): string {
  const away = [...text.matchAll(/node (\w+) is not available/g)].map(([, id = '']) => nodes.get(id) ?? id);
  if (away.length === 0)
    return redact(text.replaceAll(/Error grabbing logs: |rpc error: code = \w+ desc = /g, ''));
  return `What was written on ${away.join(', ')} cannot be read now: the node is not available.`;
}

/** Gives lines on: of what was asked for, without what looks like a secret, with names for IDs. */
function teller(
  { only, tasks, nodes }: Target,
  onLines: (lines: WrittenLine[]) => void,
): (lines: LogLine[]) => void {
  const filters = new Map<string, SecretLines>();
  return (lines) => {
    const told: WrittenLine[] = [];
    for (const [taskId, written] of Map.groupBy(lines, (line) => line.taskId)) {
      const task = tasks.get(taskId) ?? taskId;
      if (only && 'task' in only && task !== only.task) continue;
      const filter = filters.get(taskId) ?? new SecretLines();
      filters.set(taskId, filter);
      const texts = filter.take(written.map((line) => line.text));
      for (const [at, line] of written.entries())
        told.push({
          at: line.at,
          task,
          taskId,
          node: nodes.get(line.nodeId) ?? line.nodeId,
          text: texts[at] ?? '',
        });
    }
    if (told.length > 0) onLines(told);
  };
}

/** Reads until the stream ends or the time is up. @returns how it ended. @throws the reason of the signal. */
async function take(
  stream: Readable,
  ms: number,
  signal: AbortSignal | undefined,
  onChunk: (chunk: Buffer) => void,
): Promise<'end' | 'time' | 'broken'> {
  const time = AbortSignal.timeout(ms);
  const either = signal ? AbortSignal.any([signal, time]) : time;
  let wrong: unknown;
  const onData = (chunk: Buffer) => {
    try {
      onChunk(chunk);
    } catch (error) {
      // Thrown here it would end the process.
      wrong = error;
      stream.destroy();
    }
  };
  stream.on('data', onData);
  try {
    await finished(stream, { signal: either });
    return 'end';
  } catch {
    signal?.throwIfAborted();
    if (wrong !== undefined) throw wrong;
    return time.aborted ? 'time' : 'broken';
  } finally {
    stream.off('data', onData);
    stream.on('error', () => {});
    stream.destroy();
  }
}

/** `websky`, `websky.3`, or a task's ID. */
async function find(engine: Engine, name: string, abortSignal: AbortSignal): Promise<Target> {
  const { base, slot } = /^(?<base>.+)\.(?<slot>\d+)$/.exec(name)?.groups ?? {};
  const task = await findTask(engine, name, abortSignal);
  const { raw, service } = await readService(engine, task?.ServiceID ?? base ?? name, abortSignal);
  const [tasks, nodes] = await Promise.all([
    readTasks(engine, { service: [service.ID] }, abortSignal),
    readNodes(engine, abortSignal),
  ]);
  const { ContainerSpec: container, LogDriver: driver } = sourceJson.parse(raw).Spec.TaskTemplate;
  if (driver.Name === 'none') {
    throw new UserError(`${service.Spec.Name} keeps no logs: its log driver is "none".`, {
      hint: 'Deploy it without that log driver to see what it writes from then on.',
    });
  }
  const names = new Map(
    tasks.map(({ ID, Slot }) => [ID, Slot > 0 ? `${service.Spec.Name}.${Slot}` : service.Spec.Name]),
  );
  const wanted = `${service.Spec.Name}.${slot}`;
  if (slot !== undefined && ![...names.values()].includes(wanted)) {
    throw new UserError(`${service.Spec.Name} has no task ${slot}.`, {
      hint: `\`/swarm ps ${service.Spec.Name}\` lists its tasks.`,
    });
  }
  const only = task ? { taskId: task.ID } : slot === undefined ? undefined : { task: wanted };
  return {
    name: task ? (names.get(task.ID) ?? task.ID) : slot === undefined ? service.Spec.Name : wanted,
    only,
    serviceId: service.ID,
    terminal: container.TTY ?? false,
    tasks: names,
    nodes: namesOf(nodes),
  };
}

/** A task by its ID or the beginning of it; what may also be the name of a service is one. */
async function findTask(
  engine: Engine,
  name: string,
  abortSignal: AbortSignal,
): Promise<TaskJson | undefined> {
  if (!/^[a-z0-9]{8,25}$/.test(name)) return undefined;
  const services = await readServices(engine, abortSignal);
  if (services.some(({ ID, Spec }) => Spec.Name === name || ID.startsWith(name))) return undefined;
  const found = await readTasks(engine, { id: [name] }, abortSignal);
  return found.length === 1 ? found[0] : undefined;
}
