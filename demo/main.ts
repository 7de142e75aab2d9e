/** `npm run demo`: everything on this machine, in a browser. `npm run demo -- LINE...`: the lines, printed as #ops shows them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { canRunLab, startLab, type Lab } from '../lab/lab.ts';
import { LINE_HELP, parseLine, type Line } from './lines.ts';
import { click, command, send, type Answer } from './people.ts';
import type { LocalSlack } from './slack/server.ts';
import { startSystem } from './system/system.ts';

/** Three hosts in the swarm, two that can join. */
const IN_SWARM = ['manager', 'fedora-01', 'fedora-02'];
const OUTSIDE = ['fedora-03', 'fedora-04'];

/** Alice and Bob operate, and approve what the other asks for; Carol is on call, and need not wait. */
const POLICY = {
  roles: {
    operators: { groups: ['@ops-team'], allow: ['read', 'change', 'destroy'] },
    oncall: { groups: ['@oncall'], allow: ['read', 'change'] },
  },
  approvals: {},
  breakGlass: ['oncall'],
  channels: { alerts: 'C0ALERTS01' },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    keep: { type: 'boolean', default: false },
    port: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});
process.exitCode = values.help ? help() : await demo();

function help(): number {
  process.stdout.write(
    `npm run demo                 a Slack in the browser, with a real swarm behind it\nnpm run demo -- LINE...      runs the lines in order and prints what #ops shows\n  --keep                     leaves it up afterwards\n  --port N                   port of the page\n\n${LINE_HELP}\n`,
  );
  return 0;
}

async function demo(): Promise<number> {
  const able = canRunLab();
  if (!able.ok) {
    process.stderr.write(`The demo needs a swarm of its own, which this machine cannot carry: ${able.why}\n`);
    return 1;
  }
  let lines: Line[];
  try {
    lines = positionals.map(parseLine);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }

  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  // Every time: whoever stops a whole group of processes sends it twice, directly and through npm's runner.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);

  const dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-demo-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
  try {
    say(`Starting a swarm of ${IN_SWARM.length} hosts, and ${OUTSIDE.length} hosts that can join ...`);
    const lab = await startLab({ hosts: [...IN_SWARM, ...OUTSIDE], swarm: IN_SWARM, signal: stop.signal });
    closers.push(() => lab.down());
    await createWebsky(lab);
    const swarmConfig = join(dir, 'swarm.yaml');
    await lab.writeConfig(swarmConfig, { more: POLICY });
    say('Starting Redis, a local Slack, the bot and the worker ...');
    const system = await startSystem({ dir, swarmConfig, slack: { port: Number(values.port) } });
    closers.push(() => system.stop());
    stop.signal.throwIfAborted();

    const well = await runLines(lines, system.slack, lab, stop.signal);
    if (lines.length === 0 || values.keep) {
      say(
        `\nOpen ${system.slack.url} and type /swarm help in #ops. Ctrl-C ends it and takes everything down.`,
      );
      await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
    }
    return well ? 0 : 1;
  } catch (error) {
    if (stop.signal.aborted) return 130;
    throw error;
  } finally {
    say('Taking everything down ...');
    for (const close of closers.toReversed()) await close();
  }
}

/** The service of the story, so that there is something to scale. */
async function createWebsky(lab: Lab): Promise<void> {
  await lab.engine(IN_SWARM[0] ?? '').createService({
    Name: 'websky',
    TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' } },
    Mode: { Replicated: { Replicas: 3 } },
  });
}

/** Runs the lines in order up to the first that does not end well. @throws the signal's reason as soon as it fires. */
async function runLines(lines: Line[], slack: LocalSlack, lab: Lab, signal: AbortSignal): Promise<boolean> {
  const aborted = new Promise<false>((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
  for (const line of lines) {
    signal.throwIfAborted();
    try {
      const well = await Promise.race([runLine(line, slack, lab), aborted]);
      signal.throwIfAborted();
      if (!well) return false;
    } catch (error) {
      signal.throwIfAborted();
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      return false;
    }
  }
  return true;
}

async function runLine(line: Line, slack: LocalSlack, lab: Lab): Promise<boolean> {
  switch (line.kind) {
    case 'command':
      process.stdout.write(`\n${line.user}: ${line.text}\n`);
      return told(await command(slack, line.user, line.text));
    case 'click':
      process.stdout.write(`\n${line.user} clicks ${line.label}\n`);
      return told(await click(slack, line.user, line.label));
    case 'send':
      process.stdout.write(`\n${line.user} ${line.text ? `writes ${line.text}` : 'sends'}\n`);
      return told(await send(slack, line.user, line.text));
    case 'fault':
      process.stdout.write(`\nhost ${line.host} ${line.what}\n`);
      await fault(lab, line.host, line.what);
      return true;
    case 'wait': {
      process.stdout.write(`\nwait for ${line.text}\n`);
      const message = await slack.waitFor(line.text, { timeoutMs: 120_000 });
      process.stdout.write(`${indent(slack.renderText(message))}\n`);
      return true;
    }
  }
}

function told({ shown, well }: Answer): boolean {
  process.stdout.write(`${indent(shown)}\n`);
  return well;
}

async function fault(
  { faults }: Lab,
  host: string,
  what: 'dies' | 'engine-dies' | 'cut-off' | 'comes-back',
): Promise<void> {
  switch (what) {
    case 'dies':
      return await faults.hostDies(host);
    case 'engine-dies':
      return await faults.engineDies(host);
    case 'cut-off':
      return await faults.cutLink(host);
    case 'comes-back':
      return await faults.hostComesBack(host);
  }
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
