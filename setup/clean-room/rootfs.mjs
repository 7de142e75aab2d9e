import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';
import { CannotGoOn } from '../speak.mjs';
import { must } from './commands.mjs';
import { aptLogins, aptSettings, debianSources, npmSettings, RELEASE } from './registries.mjs';

const CERTIFICATES = '/etc/way-to-the-registry.crt';

/**
 * Makes `folder` a minimal Debian with git, as debootstrap leaves it, unless one is there already (from an earlier run).
 * Takes root and the package debootstrap.
 */
export function bootstrap(folder) {
  if (existsSync(join(folder, 'etc/debian_version'))) return;
  const [source] = debianSources();
  if (source === undefined)
    throw new CannotGoOn(
      `apt has no source for Debian ${RELEASE} here, so there is no mirror to take it from.`,
    );
  const extra = source.uri.startsWith('https:') ? ['git', 'ca-certificates'] : ['git'];
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  must(['debootstrap', '--variant=minbase', `--include=${extra.join(',')}`, RELEASE, unfinished, source.uri]);
  // What debootstrap downloaded would make this machine less bare than one that was installed long ago.
  for (const rest of ['var/lib/apt/lists', 'var/cache/apt/archives', 'var/log'])
    must(['find', join(unfinished, rest), '-type', 'f', '-delete']);
  renameSync(unfinished, folder);
}

/** Gives the bare Debian its Node and npm (this machine's, or npm in the version that is named) and its way to the registries. */
export function furnish(folder, { root, npmVersion }) {
  const node = machineNode(root);
  copyFileSync(realpathSync(node), join(folder, 'usr/bin/node'));
  const modules = join(folder, 'usr/lib/node_modules');
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(modules, { recursive: true });
  // npm-cli.js is in npm/bin.
  const ownNpm = dirname(dirname(realpathSync(join(dirname(node), 'npm'))));
  if (basename(ownNpm) !== 'npm') throw new CannotGoOn(`There is no npm beside ${node}.`);
  if (npmVersion === undefined)
    cpSync(ownNpm, join(modules, 'npm'), { recursive: true, verbatimSymlinks: true });
  else must(['npm', 'install', '--global', '--silent', '--prefix', join(folder, 'usr'), `npm@${npmVersion}`]);
  for (const name of ['npm', 'npx']) {
    rmSync(join(folder, 'usr/bin', name), { force: true });
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, 'usr/bin', name));
  }

  const sources = debianSources().map(
    ({ uri, suite, components }) => `deb ${uri} ${suite} ${components.join(' ')}\n`,
  );
  writeFileSync(join(folder, 'etc/apt/sources.list'), sources.join(''));
  writeFileSync(join(folder, 'etc/apt/apt.conf.d/99way-to-the-mirror'), `${aptSettings()}\n`);
  for (const file of aptLogins()) copyFileSync(file, join(folder, file));
  const { lines, certificates } = npmSettings();
  const npmrc = join(folder, 'root/.npmrc');
  writeFileSync(npmrc, `${lines.filter((line) => !line.startsWith('cafile')).join('\n')}\n`);
  if (certificates === undefined) return;
  // Not where Debian keeps its own: a bare machine has none there.
  copyFileSync(certificates, join(folder, CERTIFICATES));
  appendFileSync(npmrc, `cafile=${CERTIFICATES}\n`);
}

/** The Node of the machine, not the one that this checkout installed for itself. */
function machineNode(root) {
  const folders = (process.env.PATH ?? '')
    .split(':')
    .filter((folder) => folder !== '' && !resolve(folder).startsWith(`${root}/`));
  const node = folders.map((folder) => join(folder, 'node')).find((path) => existsSync(path));
  if (node === undefined)
    throw new CannotGoOn('This machine has no Node of its own to put into the clean room.');
  return node;
}

/** "Debian 12.x, Node x, npm x" of a furnished folder. */
export function describe(folder) {
  const ask = (...argv) => spawnSync('chroot', [folder, ...argv], { encoding: 'utf8' }).stdout?.trim();
  return `Debian ${readFileSync(join(folder, 'etc/debian_version'), 'utf8').trim()}, Node ${ask('node', '--version')}, npm ${ask('npm', '--version')}, ${ask('git', '--version')}`;
}
