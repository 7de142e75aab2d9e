import { ConfigError } from './config.ts';
import { UserError } from './errors.ts';
import type { Log } from './log.ts';
import { keepYoungSpaceSmall } from './memory.ts';

export interface Running {
  log: Log;
  /** Rejects when the process cannot do its work at all. */
  started: Promise<void>;
  close: () => Promise<void>;
}

/** Longer than the worker's grace for running jobs (5 s), shorter than the 10 s after which Docker kills a container. */
const CLOSE_MS = 9000;

/**
 * Runs one of the two processes until SIGTERM or SIGINT, then closes it. A mistake in the configuration is printed as a
 * list, without a trace. An error that nobody caught is logged and ends the process with exit code 1: its supervisor
 * starts it again, and what it had under way goes on from Redis.
 */
export async function runProcess(open: () => Promise<Running>): Promise<void> {
  keepYoungSpaceSmall();
  let running: Running;
  try {
    running = await open();
  } catch (error) {
    if (!(error instanceof ConfigError) && !(error instanceof UserError)) throw error;
    const hint = error instanceof UserError ? ` ${error.hint}` : '';
    process.stderr.write(`${error.message}${hint}\n`);
    process.exitCode = 1;
    return;
  }
  const { log } = running;
  let closing: Promise<void> | undefined;
  const close = (reason: string): void => {
    closing ??= (async () => {
      log.info({ reason }, 'closing');
      // With Redis or Slack away, goodbyes may never be answered. What is under way goes on from Redis.
      setTimeout(() => {
        log.error({ ms: CLOSE_MS }, 'could not close in time');
        process.exit(1);
      }, CLOSE_MS).unref();
      await running.close();
      log.info('closed');
    })().catch((error: unknown) => {
      log.error({ err: error }, 'could not close in order');
      process.exitCode = 1;
    });
  };
  process.once('SIGTERM', () => close('SIGTERM'));
  process.once('SIGINT', () => close('SIGINT'));
  const die = (error: unknown): void => {
    log.fatal({ err: error }, 'unexpected error');
    process.exitCode = 1;
    // The state of the process is unknown: nothing but the log is still to be trusted.
    setTimeout(() => process.abort(), 1000).unref();
    close('unexpected error');
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  running.started.catch((error: unknown) => {
    log.fatal({ err: error }, 'could not start');
    process.exitCode = 1;
    close('could not start');
  });
}
