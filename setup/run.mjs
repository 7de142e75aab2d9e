// Runs a program of the project with the pinned Node after installing whatever the machine lacks.
// Plain JavaScript for Node 20: it runs before npm packages and the pinned Node exist.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

/** Debian packages that carry the lab (engines, ssh, network) and Redis: command that proves each -> package. */
const LAB_PACKAGES = {
  dockerd: 'docker.io',
  'redis-server': 'redis-server',
  sshd: 'openssh-server',
  'ssh-keygen': 'openssh-client',
  ip: 'iproute2',
  iptables: 'iptables',
  '/bin/busybox': 'busybox-static',
  nsenter: 'util-linux',
};
/** What the tests need on top: a browser for the local Slack's page. */
const TEST_PACKAGES = { chromium: 'chromium', 'fc-list': 'fontconfig' };

const [mode, ...rest] = process.argv.slice(2);
switch (mode) {
  case '--vitest':
    installNpm();
    installDebian({ ...LAB_PACKAGES, ...TEST_PACKAGES });
    await exec(['node_modules/vitest/vitest.mjs', 'run', ...rest]);
    break;
  case '--check':
    installNpm();
    await check();
    break;
  case '--npm-only':
    installNpm();
    await exec(rest);
    break;
  case undefined:
    fail('Name the program to run, for example: node setup/run.mjs demo/main.ts');
    break;
  default:
    installNpm();
    installDebian(LAB_PACKAGES);
    await exec([mode, ...rest]);
}

/** Installs the locked npm packages unless this very lock file is installed already. */
function installNpm() {
  const stamp = 'node_modules/.installed-lock.json';
  const lock = readFileSync('package-lock.json', 'utf8');
  if (existsSync(stamp) && existsSync(pinnedNode()) && readFileSync(stamp, 'utf8') === lock) return;
  say('Installing the npm packages of package-lock.json (once) ...');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (!existsSync(pinnedNode())) fail('npm did not install the pinned Node (package "node"). See the output above.');
  writeFileSync(stamp, lock);
}

/** Installs missing Debian packages, without letting their services start. Elsewhere it says what to install. */
function installDebian(wanted) {
  const lacking = [...new Set(Object.entries(wanted).filter(([command]) => !onPath(command)).map(([, name]) => name))];
  if (lacking.length === 0) return;
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !onPath('apt-get')) {
    // The programs themselves say what cannot run without these; tests name what they left out.
    say(`This machine lacks ${lacking.join(', ')}, and only root on Debian can install them here.`);
    return;
  }
  say(`Installing Debian's ${lacking.join(', ')} (once) ...`);
  withoutServiceStart(() => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['-qq', 'update'], env);
    run('apt-get', ['-qq', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0', 'install', ...lacking], env);
  });
}

/**
 * Debian starts a service as soon as its package is installed, unless policy-rc.d says 101. An engine or an sshd of
 * the machine itself must not start only because somebody tries the demo.
 */
function withoutServiceStart(install) {
  const policy = '/usr/sbin/policy-rc.d';
  const mine = !existsSync(policy);
  if (mine) {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n');
    chmodSync(policy, 0o755);
  }
  try {
    install();
  } finally {
    if (mine) rmSync(policy, { force: true });
  }
}

/** Types, lint, format, dead code: all are run, so that one sitting shows every mistake. */
async function check() {
  const steps = [
    ['types', ['node_modules/typescript/bin/tsc', '--noEmit']],
    ['lint', ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings']],
    ['format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']],
    ['dead code', ['node_modules/knip/bin/knip.js']],
  ];
  const failed = [];
  for (const [name, args] of steps) {
    say(`check: ${name}`);
    if (spawnSync(pinnedNode(), args, { stdio: 'inherit' }).status !== 0) failed.push(name);
  }
  if (failed.length > 0) fail(`check failed: ${failed.join(', ')}`);
  say('check: all well');
}

/** Runs the pinned Node in this process's place: same standard streams, its exit code, signals passed on. */
async function exec(args) {
  const child = spawn(pinnedNode(), ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
  });
  // A terminal sends Ctrl-C to the whole group: the child gets its own, this process only waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const status = await new Promise((resolve) => {
    child.once('error', (cause) => fail(`${pinnedNode()} cannot be started: ${cause.message}`));
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
  process.exitCode = status;
}

function pinnedNode() {
  return join(root, 'node_modules/node/bin/node');
}

function onPath(command) {
  if (command.startsWith('/')) return existsSync(command);
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/local/sbin'];
  return folders.some((folder) => existsSync(join(folder, command)));
}

function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env });
  if (error || status !== 0) fail(`${command} ${args[0]} failed${error ? `: ${error.message}` : ` with exit code ${status}`}.`);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
