/** `npm run bench`: each promise about speed and size, measured; `npm run bench -- NAME...` only some of them. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../lab/command.ts';
import { canRunLab } from '../lab/lab.ts';
import { ack } from './ack.ts';
import { isMet, table, type Finding } from './finding.ts';
import { Ground } from './ground.ts';
import { joinOne, joinTwenty } from './join.ts';
import { queue } from './queue.ts';
import { reads } from './reads.ts';
import { scale } from './scale.ts';
import { start } from './start.ts';

/** In this order: twenty more engines come last, so that they disturb nothing else. */
const MEASUREMENTS: Record<string, (ground: Ground) => Promise<Finding[]>> = {
  queue,
  start,
  ack,
  reads,
  scale,
  'join-one': joinOne,
  'join-twenty': joinTwenty,
};
const RESULTS = join(import.meta.dirname, 'results/latest.json');

type Findings = Map<string, Finding[]>;

process.exitCode = await main(process.argv.slice(2));

async function main(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(MEASUREMENTS, name));
  if (unknown.length > 0) {
    say(`No measurement is called ${unknown.join(', ')}. There are ${Object.keys(MEASUREMENTS).join(', ')}.`);
    return 2;
  }
  const able = canRunLab();
  if (!able.ok) {
    say(`The measurements need a swarm of their own, which this machine cannot carry: ${able.why}`);
    return 1;
  }
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  await using ground = await Ground.open(stop.signal);
  try {
    const findings = await measure(names.length > 0 ? names : Object.keys(MEASUREMENTS), ground);
    process.stdout.write(`${table(findings)}\n`);
    await save(findings);
    const missed = [...findings.values()].flat().filter((finding) => isMet(finding) === false).length;
    say(missed === 0 ? 'Every goal is met.' : `${missed} of the goals are not met.`);
    return missed === 0 ? 0 : 1;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return 130;
  } finally {
    say('Taking everything down ...');
  }
}

async function measure(names: string[], ground: Ground): Promise<Findings> {
  const findings: Findings = new Map();
  for (const [measurement, find] of Object.entries(MEASUREMENTS)) {
    if (!names.includes(measurement)) continue;
    const began = performance.now();
    say(`Measuring ${measurement} ...`);
    findings.set(measurement, await find(ground));
    say(`  took ${Math.round((performance.now() - began) / 1000)} s`);
  }
  return findings;
}

type Results = Record<string, { conditions: object; findings: object[] }>;

/** What was measured this time takes the place of what was measured before under the same name; the rest stays. */
async function save(findings: Findings): Promise<void> {
  const before = await readFile(RESULTS, 'utf8').then(
    (text) => JSON.parse(text) as Results,
    (): Results => ({}),
  );
  const conditions = await surroundings();
  const results: Results = {};
  for (const name of Object.keys(MEASUREMENTS)) {
    const found = findings.get(name)?.map((finding) => ({ ...finding, met: isMet(finding) }));
    const latest = found ? { conditions, findings: found } : before[name];
    if (latest) results[name] = latest;
  }
  await mkdir(dirname(RESULTS), { recursive: true });
  await writeFile(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
}

/** What a reader must know to compare: no name, no path of this machine. */
async function surroundings() {
  const engine = await run(['dockerd', '--version']);
  const redis = await run(['redis-server', '--version']);
  const version = (text: string) => /\d+\.\d+\.\d+/.exec(text)?.[0] ?? 'unknown';
  return {
    date: new Date().toISOString().slice(0, 10),
    cpus: availableParallelism(),
    node: process.versions.node,
    engine: version(engine.stdout),
    redis: version(redis.stdout),
  };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
