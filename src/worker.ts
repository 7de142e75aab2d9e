/** Process 2: holds the SSH keys, never touches Slack. Carries out signed jobs against hosts and managers. */
import { readWorkerConfig } from './config.ts';
import { jobs } from './jobs/index.ts';
import { runProcess } from './process.ts';
import { openWorker } from './worker-process.ts';

await runProcess(() => openWorker(readWorkerConfig(process.env), jobs));
