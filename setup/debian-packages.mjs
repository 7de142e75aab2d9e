import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep, secondsSince } from './child.mjs';
import { withLock } from './lock.mjs';
import { CannotGoOn, say } from './speak.mjs';

/** What carries the lab (engines, ssh, network) and Redis: the command that proves it -> its Debian package. */
export const LAB_PACKAGES = {
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
export const TEST_PACKAGES = { chromium: 'chromium', 'fc-list': 'fontconfig' };

/** Services of those packages, which Debian would start now and at every boot. */
const SERVICES = {
  'docker.io': ['docker.service', 'docker.socket', 'containerd.service'],
  'redis-server': ['redis-server.service'],
  'openssh-server': ['ssh.service'],
};

const UNITS_TO_START = '/etc/systemd/system';

const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/**
 * Installs the packages whose command is missing, without their services starting, now or at the next boot. Where it
 * cannot (not Debian, not root) it says what to install. Throws CannotGoOn when apt-get fails.
 */
export async function installDebianPackages(wanted) {
  if (lacking(wanted).length === 0) return;
  if (process.platform !== 'linux' || !onPath('apt-get')) {
    // The programs themselves say what cannot run without these; tests name what they left out.
    say(
      `This machine lacks ${lacking(wanted).join(', ')} (as Debian calls them), and only Debian's can be installed from here.`,
    );
    return;
  }
  if (process.getuid() !== 0) {
    say(
      `This machine lacks ${lacking(wanted).join(', ')}. Run this as root, or: sudo apt-get install ${lacking(wanted).join(' ')}`,
    );
    return;
  }
  // The machine's, not the checkout's: what it guards is the machine's too.
  await withLock('/run/swarmkeeper-setup.lock', () => install(lacking(wanted)), {
    onWait: (pid) => say(`Process ${pid} is installing Debian packages; waiting for it ...`),
  });
}

async function install(packages) {
  if (packages.length === 0) return;
  say(`Installing Debian's ${packages.join(', ')} (once) ...`);
  const started = Date.now();
  const apt = ['apt-get', '-qq', '-y', '-o', 'DPkg::Lock::Timeout=600', '-o', 'Acquire::Retries=3'];
  const env = withSystemFolders({ ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' });
  // A repository that has nothing to do with these may be out of order: the install tells whether that matters.
  const troubles = await troublesOf(
    runStep([...apt, '-o', 'APT::Update::Error-Mode=any', 'update'], {
      env,
      failure: "Debian's package lists could not be updated.",
    }),
  );
  const newUnits = packages
    .flatMap((name) => SERVICES[name] ?? [])
    .filter((unit) => !existsSync(`/lib/systemd/system/${unit}`));
  await withoutServiceStart(() =>
    runStep([...apt, '--no-install-recommends', 'install', ...packages], {
      env,
      uninterrupted: true,
      failure: `${troubles}Debian's ${packages.join(', ')} could not be installed.`,
    }),
  );
  keepFromBoot(newUnits);
  say(`Debian's packages are installed, after ${secondsSince(started)} s.`);
}

/**
 * A start that was refused is one for now: the packages also asked for their services at the next boot. The links are
 * what `systemctl disable` takes away, which may not be there (yet); Debian's updates respect that they are gone.
 */
function keepFromBoot(units) {
  for (const folder of existsSync(UNITS_TO_START) ? readdirSync(UNITS_TO_START) : [])
    if (folder.endsWith('.wants'))
      for (const unit of units) rmSync(join(UNITS_TO_START, folder, unit), { force: true });
}

/** The words of a step that may fail. */
async function troublesOf(step) {
  try {
    await step;
    return '';
  } catch (error) {
    if (error instanceof CannotGoOn) return `${error.message}\n`;
    throw error;
  }
}

/**
 * Debian starts a service as soon as its package is installed, unless policy-rc.d says 101. An engine or an sshd of
 * the machine itself must not start only because somebody tries the demo.
 */
async function withoutServiceStart(installation) {
  const policy = '/usr/sbin/policy-rc.d';
  const title = '# Made by the set-up of Swarmkeeper; safe to remove.';
  // One of an interrupted run is ours too. It speaks only for as long as its maker lives, so it did no harm.
  const mine = !existsSync(policy) || readFileSync(policy, 'utf8').includes(title);
  if (mine) {
    rmSync(policy, { force: true });
    writeFileSync(policy, `#!/bin/sh\n${title}\nkill -0 ${process.pid} 2>/dev/null && exit 101\nexit 0\n`, {
      mode: 0o755,
    });
  }
  try {
    return await installation();
  } finally {
    if (mine) rmSync(policy, { force: true });
  }
}

function lacking(wanted) {
  const missing = Object.entries(wanted).filter(([command]) => !onPath(command));
  return [...new Set(missing.map(([, name]) => name))];
}

function onPath(command) {
  if (command.startsWith('/')) return existsSync(command);
  return withSystemFolders(process.env)
    .PATH.split(':')
    .some((folder) => existsSync(join(folder, command)));
}

/** `su` keeps the PATH of an ordinary user, in which the programs of an administrator are missing. */
export function withSystemFolders(env) {
  return { ...env, PATH: [env.PATH ?? '/usr/bin:/bin', ...SYSTEM_FOLDERS].join(':') };
}
