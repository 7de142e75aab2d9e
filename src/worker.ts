/** Process 2: holds the SSH keys, never touches Slack. Carries out signed jobs against hosts and managers. */
import { runProcess } from './process.ts';

await runProcess(async () => {
  // Loaded only now: loading alone would let the memory grow that `runProcess` keeps small from its first line on.
  const [{ readWorkerConfig }, { jobs }, { openWorker }] = await Promise.all([
    import('./config.ts'),
    import('./jobs/index.ts'),
    import('./worker-process.ts'),
  ]);
  return await openWorker(readWorkerConfig(process.env), jobs);
});
