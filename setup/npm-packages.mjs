import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runStep, secondsSince } from './child.mjs';
import { withLock } from './lock.mjs';
import { CannotGoOn, say } from './speak.mjs';

const PINNED_NODE = 'node_modules/node/bin/node';

/** TypeScript runs unbuilt from here on without a flag; also what the pinned package is. */
const OLDEST_NODE = 24;
const isNewEnough = Number.parseInt(process.versions.node, 10) >= OLDEST_NODE;

/** Stands where the registry has no pinned Node for this kind of machine, and the running one serves. */
const NO_PINNED_NODE = 'node_modules/node/none-for-this-machine';

const NOT_INSTALLED =
  'npm did not install what package-lock.json names. Mostly the registry was out of reach: try again. ' +
  'Where package.json was changed, bring the lock file in line with it first: npm install';

/**
 * Makes the packages of package-lock.json and the pinned Node present in the current folder, one process at a time.
 * Returns the path of the Node to run the project with. Throws CannotGoOn.
 */
export async function installNpmPackages() {
  if (!isComplete())
    await withLock('.data/setup.lock', install, {
      onWait: (pid) => say(`Process ${pid} is installing packages here; waiting for it ...`),
    });
  return existsSync(PINNED_NODE) ? PINNED_NODE : process.execPath;
}

async function install() {
  if (isComplete()) return;
  const started = Date.now();
  if (!hasLockedPackages()) {
    say('Installing the npm packages of package-lock.json (once) ...');
    // No package's install script is needed, and npm may be told not to run any: the native add-ons of ssh2 and msgpackr
    // are optional, and the pinned Node comes below. Its development dependencies are what this project runs with.
    // Not `npm ci`: it refuses a lock file that lacks other machines' native packages, as one does that was written with
    // a registry that does not carry them; and it takes away the packages under whatever runs from here.
    const args = ['install', '--no-save', '--ignore-scripts', '--include=dev', '--include=optional'];
    const words = await runStep(
      ['npm', ...args, '--engine-strict=false', '--no-audit', '--no-fund', '--loglevel=error'],
      {
        failure: NOT_INSTALLED,
      },
    );
    // npm may end well without having done its work (11.19, registry out of reach: "Exit handler never called!").
    if (!hasLockedPackages()) throw new CannotGoOn(`${words}\n\n${NOT_INSTALLED}`);
  }
  if (!isComplete()) await installPinnedNode();
  say(`The npm packages are installed, after ${secondsSince(started)} s.`);
}

/** The package "node" fetches the program for this machine from its preinstall script, which this runs as npm would. */
async function installPinnedNode() {
  say('Installing the pinned Node (once) ...');
  try {
    await runStep([process.execPath, 'installArchSpecificPackage.js'], {
      cwd: 'node_modules/node',
      failure: 'The pinned Node could not be installed.',
    });
    if (spawnSync(PINNED_NODE, ['--version']).status === 0) return;
    rmSync(PINNED_NODE, { force: true });
    throw new CannotGoOn('The pinned Node does not start on this machine.');
  } catch (error) {
    if (!(error instanceof CannotGoOn)) throw error;
    if (isNewEnough) {
      // npm's codes for a package that does not exist: there is no such Node for every kind of machine.
      if (/E404|ETARGET/.test(error.message)) writeFileSync(NO_PINNED_NODE, '');
      say(`There is no pinned Node; this goes on with Node ${process.versions.node}.`);
      return;
    }
    throw new CannotGoOn(
      `${error.message}\nTry again, or install Node ${OLDEST_NODE} or newer and run this with it (this is Node ${process.versions.node}).`,
    );
  }
}

function isComplete() {
  const hasNode = existsSync(PINNED_NODE) || (isNewEnough && existsSync(NO_PINNED_NODE));
  return hasNode && hasLockedPackages();
}

/** Compares with npm's own note, which it writes when it is through: whoever ran npm, and however it went. */
function hasLockedPackages() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (wanted === undefined)
    throw new CannotGoOn('There is no package-lock.json here. Is this a whole checkout?');
  return (
    present !== undefined &&
    Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
      const there = present[path];
      // The root has no entry, and optional packages are those of other machines.
      if (there === undefined) return path === '' || optional === true;
      return there.version === version && there.integrity === integrity;
    })
  );
}

function packagesOf(lockFile) {
  if (!existsSync(lockFile)) return undefined;
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
