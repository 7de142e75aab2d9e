import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Faults, Lab } from './lab.ts';
import { attachLab, downLab, listLabs, startLab } from './lab.ts';
import { STATE_ROOT } from './state.ts';

const USAGE = `npm run lab -- up [--hosts N] [--name NAME]   a real swarm on this machine; it stays until it is taken down
npm run lab -- down [NAME]                    take one lab down, or all that were kept or whose owner died
npm run lab -- status                         every lab, as JSON
npm run lab -- fault HOST KIND [--name NAME]  KIND: engine-dies, host-dies, cut-off, comes-back
With --dir FOLDER: the labs below that folder instead of those of the machine.
`;

const FAULTS: Record<string, (faults: Faults, host: string) => Promise<void>> = {
  'engine-dies': (faults, host) => faults.engineDies(host),
  'host-dies': (faults, host) => faults.hostDies(host),
  'cut-off': (faults, host) => faults.cutLink(host),
  'comes-back': (faults, host) => faults.hostComesBack(host),
};

/** How many hosts of a new lab are in its swarm; the rest are there to join it. */
const IN_THE_SWARM = 3;

async function main(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { hosts: { type: 'string', default: '4' }, name: { type: 'string' }, dir: { type: 'string' } },
  });
  const [verb, ...words] = positionals;
  const root = values.dir === undefined ? STATE_ROOT : resolve(values.dir);
  switch (verb) {
    case 'up':
      return up(root, Number(values.hosts), values.name ?? 'lab');
    case 'down':
      return down(root, words[0] ?? values.name);
    case 'status':
      return status(root);
    case 'fault':
      return fault(root, words[0], words[1], values.name);
    case undefined:
    default:
      throw new Mistake(verb === undefined ? USAGE : `There is no "lab ${verb}".\n${USAGE}`);
  }
}

async function up(root: string, count: number, name: string): Promise<void> {
  if (!Number.isInteger(count) || count < 1 || count > 253)
    throw new Mistake('--hosts takes a number from 1 to 253.');
  const started = performance.now();
  // Ctrl-C during the start takes down what is up by then; afterwards the lab stays without this process.
  const interrupted = new AbortController();
  process.on('SIGINT', () => interrupted.abort(new Mistake('Interrupted: the lab is down again.')));
  process.on('SIGTERM', () => interrupted.abort(new Mistake('Interrupted: the lab is down again.')));
  const width = Math.max(2, String(count - 1).length);
  const workers = Array.from({ length: count - 1 }, (_, i) => `fedora-${String(i + 1).padStart(width, '0')}`);
  const hosts = ['manager', ...workers];
  const lab = await startLab({
    dir: root,
    name,
    hosts,
    swarm: hosts.slice(0, IN_THE_SWARM),
    signal: interrupted.signal,
  });
  await lab.keep();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const outside = hosts.slice(IN_THE_SWARM);
  process.stdout.write(
    `Lab ${lab.name} is up after ${seconds} s: ${hosts.slice(0, IN_THE_SWARM).join(', ')} in a swarm` +
      `${outside.length > 0 ? `, ${outside.join(', ')} outside it` : ''}.\n` +
      `  docker -H unix://${lab.host('manager').socket} node ls\n` +
      `  ssh -i ${lab.sshKey} -o UserKnownHostsFile=${lab.knownHosts} root@${lab.host('manager').address}\n` +
      `  npm run lab -- status | fault HOST host-dies | down ${lab.name}\n`,
  );
}

async function down(root: string, name: string | undefined): Promise<void> {
  const labs = await listLabs(root);
  if (name !== undefined && !labs.some((lab) => lab.name === name)) {
    throw new Mistake(`There is no lab ${name}. ${namesOf(labs.map((lab) => lab.name))}`);
  }
  const chosen = labs.filter((lab) => (name === undefined ? lab.state !== 'running' : lab.name === name));
  await Promise.all(chosen.map((lab) => downLab(lab.name, root)));
  for (const lab of chosen) process.stdout.write(`Lab ${lab.name} is down.\n`);
  const spared = name === undefined ? labs.filter((lab) => !chosen.includes(lab)) : [];
  for (const lab of spared) {
    process.stdout.write(
      `Lab ${lab.name} was left alone: a running process owns it. Name it to take it down.\n`,
    );
  }
  if (labs.length === 0) process.stdout.write('No lab is up.\n');
}

async function status(root: string): Promise<void> {
  const labs = await listLabs(root);
  const described = await Promise.all(
    labs.map(async ({ name, state, dir }) => {
      // One without a record is left over from a crash: there is nothing to pick up, only something to take down.
      const lab = await attachLab(name, root).catch(() => undefined);
      if (!lab) return { name, state, dir, hosts: [] };
      const { network, bridgeAddress, sshUser, sshKey, knownHosts } = lab;
      const hosts = lab.hosts.map((host) => ({ ...host, sshUser, sshKey, knownHosts }));
      return { name, state, dir, network, bridgeAddress, hosts };
    }),
  );
  process.stdout.write(`${JSON.stringify(described, null, 2)}\n`);
}

async function fault(
  root: string,
  host: string | undefined,
  kind: string | undefined,
  name: string | undefined,
): Promise<void> {
  const apply = FAULTS[kind ?? ''];
  if (host === undefined || !apply)
    throw new Mistake(`Name a host and one of ${Object.keys(FAULTS).join(', ')}.`);
  const lab = await theLab(root, name);
  await apply(lab.faults, lab.host(host).name);
  process.stdout.write(`${host} of lab ${lab.name}: ${kind ?? ''}.\n`);
}

/** The named lab, or the only one there is. */
async function theLab(root: string, name: string | undefined): Promise<Lab> {
  if (name !== undefined) return attachLab(name, root);
  const names = (await listLabs(root)).map((lab) => lab.name);
  const [only, ...more] = names;
  if (only === undefined || more.length > 0)
    throw new Mistake(`Say which lab with --name. ${namesOf(names)}`);
  return attachLab(only, root);
}

function namesOf(names: readonly string[]): string {
  return names.length > 0
    ? `There are: ${names.join(', ')}.`
    : 'No lab is up: `npm run lab -- up` starts one.';
}

/** Something that the person at the keyboard can put right: shown without a stack trace. */
class Mistake extends Error {}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const usage =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${usage ? `${message}\n${USAGE}` : message}\n`);
  process.exitCode = 1;
}
