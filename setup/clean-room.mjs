// Proves that the project sets itself up on a bare machine: a minimal Debian 12 with Node, npm and git and nothing else,
// as a container of an engine of its own, in which a fresh clone runs the demo, and on request all tests.
// Takes root on Debian, with debootstrap, docker.io and iptables.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { secondsSince } from './child.mjs';
import { must, watch } from './clean-room/commands.mjs';
import { removeLeftovers, startEngine } from './clean-room/engine.mjs';
import { proxyVariables } from './clean-room/registries.mjs';
import { bootstrap, describe, furnish } from './clean-room/rootfs.mjs';
import { withLock } from './lock.mjs';
import { CannotGoOn, say } from './speak.mjs';

const HELP = `npm run clean-room -- [OPTIONS] [LINE...]
  LINE...          lines for the demo (default: join, scale, info twice)
  --test           then run npm test and npm run check as well
  --only-test      instead of the demo
  --worktree       try the working tree instead of the last commit
  --npm VERSION    another npm than this machine's
  --keep-rootfs    keep the bare Debian for the next time
`;

const LINES = [
  '/swarm join fedora-03',
  'bob clicks Approve',
  '/swarm scale websky 12',
  '/swarm info fedora-03',
  '/swarm info manager',
];

/** What the lab needs to make hosts out of namespaces, beyond what every container has. */
const POWERS = [
  '--cap-add=SYS_ADMIN',
  '--cap-add=NET_ADMIN',
  '--cap-add=SYS_PTRACE',
  // Engines in a container start containers of their own: new mounts, keyrings and namespaces.
  '--security-opt=seccomp=unconfined',
  '--security-opt=apparmor=unconfined',
  // A container's own file system is an overlay, on which the hosts' engines could not put theirs.
  '--volume=/var/lib/swarmkeeper-lab',
];

/** Everything lives here for as long as it runs; on a real disk, not in a /tmp that may be memory. */
const WORKSHOP = '/var/tmp/swarmkeeper-clean-room';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const times = [];
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort());

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    test: { type: 'boolean', default: false },
    'only-test': { type: 'boolean', default: false },
    worktree: { type: 'boolean', default: false },
    npm: { type: 'string' },
    'keep-rootfs': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

try {
  process.exitCode = values.help ? help() : await alone(cleanRoom);
} catch (error) {
  if (!(error instanceof CannotGoOn || stop.signal.aborted)) throw error;
  say(stop.signal.aborted ? 'Interrupted.' : error.message);
  process.exitCode = 1;
}

function help() {
  process.stdout.write(HELP);
  return 0;
}

/** One at a time on a machine: whatever else is found of a clean room is then what a killed run left. */
async function alone(act) {
  if (process.platform !== 'linux' || process.getuid() !== 0)
    throw new CannotGoOn('The clean room takes root on Linux.');
  mkdirSync(WORKSHOP, { recursive: true, mode: 0o700 });
  const code = await withLock(join(WORKSHOP, 'lock'), act, {
    onWait: (pid) => say(`Another clean room is in use, by process ${pid}; waiting for it ...`),
    patience: 60 * 60_000,
  });
  if (readdirSync(WORKSHOP).length === 0) rmdirSync(WORKSHOP);
  return code;
}

async function cleanRoom() {
  const dir = join(WORKSHOP, 'run');
  rmSync(dir, { recursive: true, force: true });
  removeLeftovers();
  mkdirSync(dir);
  const rootfs = values['keep-rootfs'] ? join(WORKSHOP, 'rootfs') : join(dir, 'rootfs');
  let engine;
  try {
    await phase('Make a minimal Debian', () => bootstrap(rootfs));
    furnish(rootfs, { root, npmVersion: values.npm });
    say(`  ${describe(rootfs)}`);
    engine = await phase('Start an engine for it', () => startEngine(join(dir, 'engine')));
    const container = await phase('Start it as a container', () =>
      startContainer(engine.docker, rootfs, dir),
    );
    await phase(values.worktree ? 'Copy the working tree' : 'Clone the last commit', () =>
      getProject(container),
    );
    const bad = await useIt(container);
    for (const what of bad) say(`NOT WELL: ${what}`);
    if (bad.length === 0) say('\nAll well.');
    return bad.length === 0 ? 0 : 1;
  } finally {
    say('\n== Take it down');
    await timed('Take it down', async () => {
      await engine?.stop();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
      if (!values['keep-rootfs']) rmSync(join(WORKSHOP, 'rootfs'), { recursive: true, force: true });
    });
    say(`\n${times.map(({ name, seconds }) => `${String(seconds).padStart(5)} s  ${name}`).join('\n')}`);
  }
}

/** A step on the way, which does not begin after a signal. */
async function phase(name, act) {
  stop.signal.throwIfAborted();
  say(`\n== ${name}`);
  return timed(name, act);
}

async function timed(name, act) {
  const started = Date.now();
  try {
    return await act();
  } finally {
    times.push({ name, seconds: secondsSince(started) });
  }
}

/** Returns `run(script, ...args)`, the argv of a shell in the container. */
async function startContainer(docker, rootfs, dir) {
  const image = join(dir, 'rootfs.tar');
  must(['tar', '-C', rootfs, '-cf', image, '.']);
  must(docker('import', image, 'bare-debian'));
  rmSync(image);
  const variables = [['HOME', '/root'], ['LANG', 'C.UTF-8'], ...proxyVariables()].flatMap(([name, value]) => [
    '--env',
    `${name}=${value}`,
  ]);
  const project = ['--volume', `${root}:/origin:ro`];
  must(
    docker(
      'run',
      '--detach',
      '--init',
      '--name',
      'bare',
      '--hostname',
      'bare',
      ...POWERS,
      ...variables,
      ...project,
      'bare-debian',
      'sleep',
      'infinity',
    ),
  );
  return (script, ...args) => docker('exec', '--interactive', 'bare', 'bash', '-c', script, 'bash', ...args);
}

async function getProject(run) {
  if (values.worktree) {
    const files = must(['git', '-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'])
      .split('\0')
      .filter((file) => file !== '' && existsSync(join(root, file)));
    must(
      run(
        'mkdir /root/swarmkeeper && cd /origin && tar --null --files-from=- -c | tar -C /root/swarmkeeper -x',
      ),
      { input: files.join('\0') },
    );
    return;
  }
  must(run('git config --global --add safe.directory "*" && git clone --quiet /origin /root/swarmkeeper'));
  say(`  ${must(run('cd /root/swarmkeeper && git log -1 --format="%h %s"')).trim()}`);
}

/** Runs everything that was asked for in the container; returns what was not well, as sentences. */
async function useIt(run) {
  const bad = [];
  const before = tracesIn(run);
  const attempt = async (name, script, ...args) => {
    const code = await phase(name, () =>
      watch(run(`cd /root/swarmkeeper && ${script}`, ...args), { signal: stop.signal }),
    );
    if (code !== 0) bad.push(`${name} ended with exit code ${code}.`);
    const left = [...tracesIn(run)].filter((trace) => !before.has(trace));
    bad.push(...left.map((trace) => `After ${name} this is left: ${trace}`));
  };
  const lines = positionals.length > 0 ? positionals : LINES;
  if (!values['only-test']) {
    await attempt('npm run demo, cold', 'npm run demo -- "$@"', ...lines);
    await attempt('npm run demo, again', 'npm run demo -- "$@"', ...lines);
  }
  if (values.test || values['only-test']) {
    await attempt('npm test', 'npm test');
    await attempt('npm run check', 'npm run check');
  }
  return bad;
}

function tracesIn(run) {
  const script = readFileSync(new URL('clean-room/traces.sh', import.meta.url), 'utf8');
  return new Set(must(run('exec bash -s'), { input: script }).split('\n').filter(Boolean));
}
