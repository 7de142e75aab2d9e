import { constants } from 'node:os';

/** One line for the person who waits: on standard error, because standard output belongs to the program that is run. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Something that the person has to know or do before this can go on. Shown without a stack trace; exit code 1. */
export class CannotGoOn extends Error {
  exitCode = 1;
}

/** A signal asked this process to end: `exitCode` is 128 + its number. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`Interrupted by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}
