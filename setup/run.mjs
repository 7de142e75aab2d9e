// Runs a program of the project with the pinned Node after installing whatever the machine lacks.
// All of this folder is plain JavaScript for Node 20: it runs before npm packages and the pinned Node exist.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInPlace } from './child.mjs';
import { installDebianPackages, LAB_PACKAGES, TEST_PACKAGES, withSystemFolders } from './debian-packages.mjs';
import { installNpmPackages } from './npm-packages.mjs';
import { CannotGoOn, Interrupted, say } from './speak.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CannotGoOn || error instanceof Interrupted)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}

/** Returns the exit code of the program that was run. */
async function main([mode, ...rest]) {
  if (mode === undefined)
    throw new CannotGoOn('Name the program to run, for example: node setup/run.mjs demo/main.ts');
  if (Number.parseInt(process.versions.node, 10) < 20)
    throw new CannotGoOn(`This is Node ${process.versions.node}; at least Node 20 is needed to begin with.`);
  const node = resolve(await installNpmPackages());
  switch (mode) {
    case '--vitest':
      await installDebianPackages({ ...LAB_PACKAGES, ...TEST_PACKAGES });
      return run(node, ['node_modules/vitest/vitest.mjs', 'run', ...rest]);
    case '--check':
      return check(node);
    case '--npm-only':
      return run(node, rest);
    default:
      await installDebianPackages(LAB_PACKAGES);
      return run(node, [mode, ...rest]);
  }
}

/** Types, lint, format, dead code: all are run, so that one sitting shows every mistake. */
async function check(node) {
  const steps = {
    types: ['node_modules/typescript/bin/tsc', '--noEmit'],
    'types of the page': ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'demo/page'],
    lint: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'],
    format: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
    'dead code': ['node_modules/knip/bin/knip.js'],
  };
  const failed = [];
  for (const [name, args] of Object.entries(steps)) {
    say(`check: ${name}`);
    const code = await run(node, args);
    // Somebody stopped it: that is no verdict.
    if (code > 128) return code;
    if (code !== 0) failed.push(name);
  }
  say(failed.length > 0 ? `check failed: ${failed.join(', ')}` : 'check: all well');
  return failed.length > 0 ? 1 : 0;
}

/** Compiled code is kept within the project: the next start is quicker, and nothing is left in /tmp. */
function run(node, args) {
  const env = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') };
  const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH}`;
  return runInPlace([node, '--disable-warning=ExperimentalWarning', ...args], {
    env: withSystemFolders({ ...process.env, ...env, PATH: path }),
  });
}
