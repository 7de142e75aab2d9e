// Runs in namespaces of its own (see lifecycle.test.ts), so that nothing else on the machine disturbs the comparison.
// Arguments: state root, then "down", or the file of the lab upon whose appearance its owner is killed. Prints JSON.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { downLab, startLab } from '../../lab/lab.ts';
import { traces } from './traces.ts';

const [root = '', how = ''] = process.argv.slice(2);
const before = await traces(root);
let during: unknown;
if (how === 'down') {
  const lab = await startLab({ dir: root, name: 'trace', hosts: ['manager', 'a'], swarm: ['manager', 'a'] });
  const service = { Name: 'websky', TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' } } };
  await lab.engine('manager').createService({ ...service, Mode: { Replicated: { Replicas: 2 } } });
  const deadline = Date.now() + 20_000;
  while ((await lab.engine('a').listContainers()).length === 0 && Date.now() < deadline) await sleep(50);
  during = await traces(root);
  await lab.down();
} else {
  const owner = spawn(
    process.execPath,
    [fileURLToPath(new URL('owner.ts', import.meta.url)), root, 'trace', 'manager', 'a'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  while (!existsSync(`${root}/trace/${how}`) && owner.exitCode === null) await sleep(1);
  owner.kill('SIGKILL');
  if (owner.exitCode === null && owner.signalCode === null) await once(owner, 'exit');
  during = await traces(root);
  await downLab('trace', root);
}
process.stdout.write(JSON.stringify({ before, during, after: await traces(root) }));
