/** A lab in which things go wrong, seen through the project's own eyes. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import type { Lab, StartOptions } from '../../../lab/lab.ts';
import { startLab } from '../../../lab/lab.ts';
import { until } from '../../../lab/until.ts';
import { findCommand } from '../../../src/commands/find.ts';
import { commands } from '../../../src/commands/index.ts';
import { splitWords } from '../../../src/commands/words.ts';
import { diagnose, type Diagnosis, type Facts } from '../../../src/diagnosis/diagnose.ts';
import { factsOf, wordsOf } from '../../../src/diagnosis/failure.ts';
import type { Reason } from '../../../src/diagnosis/tasks.ts';
import { EngineRefusal } from '../../../src/hosts/failures.ts';
import { openHosts, type OpenHosts } from '../../../src/hosts/inventory.ts';
import type { AnyJob, JobContext, ResultOf } from '../../../src/jobs/define.ts';
import { jobs } from '../../../src/jobs/index.ts';
import { openSwarm } from '../../../src/swarm/open-swarm.ts';
import type { Node, Swarm } from '../../../src/swarm/swarm.ts';
import { settingsOf } from '../../hosts/lab-settings.ts';

/** One real text, as it is kept in test/diagnosis/recorded. */
export interface RealText {
  row: number;
  /** What it was the answer to. */
  asked: string;
  /** The engine's own words; empty where the row shows in the state alone. */
  text: string;
  facts: Facts;
}

export interface Ground {
  lab: Lab;
  hosts: OpenHosts;
  /** The swarm behind these managers; each call opens it anew, so none remembers what another met. */
  swarm: (...managers: string[]) => Swarm;
  stop: () => Promise<void>;
}

export async function startGround(options: StartOptions): Promise<Ground> {
  const lab = await startLab(options);
  const hosts = openHosts(settingsOf(lab), { connectMs: 5_000 });
  return {
    lab,
    hosts,
    swarm: (...managers) => openSwarm({ managers, hosts }),
    stop: async () => {
      await hosts.close();
      await lab.down();
    },
  };
}

/**
 * Carries out what somebody types behind `/swarm`, as bot and worker do, without its card.
 * @throws what the job throws; `said` tells what that means to the person.
 */
export async function command(
  { hosts, swarm, lab }: Ground,
  managers: string[],
  line: string,
): Promise<unknown> {
  const { command, rest } = findCommand(splitWords(line), commands, '/swarm');
  if (command.kind !== 'job') throw new Error(`${line} starts no job.`);
  const limits = { replicas: 1000 };
  const parsed = command.parse(rest, { hosts: lab.hosts.map(({ name }) => name), limits });
  const job: AnyJob = jobs[command.job];
  const known = new Map<string, unknown>();
  const context: JobContext = {
    hosts,
    swarm: swarm(...managers),
    signal: AbortSignal.timeout(120_000),
    step: async (_title, work) =>
      await work({ say: () => {}, show: () => {}, fail: () => {}, act: (_what, change) => change() }),
    recall: async <R>(key: string, find: () => Promise<R>) => {
      if (!known.has(key)) known.set(key, await find());
      return known.get(key) as R;
    },
    keep: () => {},
    undo: (_what, change) => change(),
    openJobs: () => Promise.resolve([]),
    limits: { joinsAtOnce: 3 },
  };
  const input = job.input.parse(parsed.input);
  try {
    return await job.run(input as never, context);
  } catch (thrown) {
    factsOfFailure.set(thrown as Error, factsOf(input, command.name, inventoryOf(lab)));
    throw thrown;
  }
}

/** What the queue would tell the diagnosis of a command that failed. */
const factsOfFailure = new WeakMap<Error, Facts>();

const inventoryOf = (lab: Lab) => lab.hosts.map(({ name, address }) => ({ name, address }));

/** What a promise is rejected with; undefined when it is not. */
export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

/** The real texts of one test file. With SWARMKEEPER_RECORD=1 they replace those that are kept. */
export class Recorder {
  readonly #theme: string;
  readonly #texts: RealText[] = [];
  #engine = '';

  constructor(theme: string) {
    this.#theme = theme;
  }

  /**
   * Diagnoses what was really said or seen, as a failed command does, and expects the row.
   * @param seen what was thrown, or the words themselves.
   * @param more what is known beside what the command was given.
   */
  expectRow(row: number, asked: string, seen: unknown, more: Facts = {}): Diagnosis {
    const facts = { ...(seen instanceof Error ? factsOfFailure.get(seen) : {}), ...more };
    const words = typeof seen === 'string' ? seen : wordsOf(seen);
    if (typeof seen !== 'string') assert.ok(seen instanceof Error, `${asked} went well`);
    const diagnosis = diagnose(words, facts);
    assert.ok(diagnosis, `nothing known fits: ${words} ${JSON.stringify(facts)}`);
    assert.equal(diagnosis.row, row, `${words} ${JSON.stringify(facts)}`);
    const text = engineWords(seen) ?? words;
    const kept = { ...facts };
    delete kept.inventory;
    this.#texts.push({ row, asked, text, facts: kept });
    return diagnosis;
  }

  /** Notes the version of the engine that spoke. */
  async of({ lab }: Ground, host: string): Promise<void> {
    const { Version } = (await lab.engine(host).version()) as { Version: string };
    this.#engine = Version;
  }

  async keep(): Promise<void> {
    if (process.env['SWARMKEEPER_RECORD'] !== '1') return;
    const texts = this.#texts.toSorted((a, b) => a.row - b.row);
    const path = new URL(`../recorded/${this.#theme}.json`, import.meta.url);
    const json = JSON.stringify({ engine: this.#engine, texts });
    await writeFile(path, await format(json, { parser: 'json', printWidth: 110 }));
  }
}

function engineWords(seen: unknown): string | undefined {
  for (let present = seen; present instanceof Error; present = present.cause)
    if (present instanceof EngineRefusal) return present.text;
  return undefined;
}

/**
 * What `/swarm why NAME` gives as the first reason that is a row of the table, once there is one.
 * @param row the one that is expected: others may be true a moment earlier.
 */
export async function expectWhy(
  ground: Ground,
  managers: string[],
  name: string,
  row: number,
): Promise<Reason> {
  let seen: unknown;
  return await until(
    async () => {
      const { answers } = (await command(ground, managers, `why ${name}`)) as ResultOf<typeof jobs.why>;
      seen = answers;
      const [first] = answers.flatMap(({ reasons }) => reasons).filter((reason) => reason.row !== null);
      return first?.row === row && first;
    },
    {
      what: `\`why ${name}\` to give row ${row}`,
      within: 40_000,
      every: 250,
      evidence: () => Promise.resolve(JSON.stringify(seen, null, 1)),
    },
  );
}

export const lines = ({ remedies }: Pick<Diagnosis, 'remedies'>): string[] =>
  remedies.map(({ line }) => line);

/** The newest word of a service's tasks on why they do not run, once there is one. */
export async function taskError(swarm: Swarm, service: string): Promise<string> {
  return await until(
    async () => (await swarm.tasks({ service, history: true })).find(({ error }) => error !== '')?.error,
    { what: `a task of ${service} to say why it does not run`, within: 60_000, every: 200 },
  );
}

/** The node of this host, once the managers say that it is in this state. */
export async function nodeIn(swarm: Swarm, host: string, state: Node['state']): Promise<Node> {
  return await until(
    async () => (await swarm.nodes()).find((node) => node.hostname === host && node.state === state),
    { what: `${host} to be ${state} at the managers`, within: 40_000, every: 200 },
  );
}

/**
 * Begins all of it at once, so that the tests that wait for one after the other wait together. What fails is thrown to
 * the test that asks for it.
 */
export function sideBySide<T extends Record<string, () => Promise<unknown>>>(
  work: T,
): { [K in keyof T]: ReturnType<T[K]> } {
  const begun = Object.entries(work).map(([name, begin]) => {
    const promise = begin();
    promise.catch(() => {});
    return [name, promise];
  });
  return Object.fromEntries(begun) as { [K in keyof T]: ReturnType<T[K]> };
}
