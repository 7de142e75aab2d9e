import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's space for young objects from growing: it doubles after every burst of work up to about 100 MB and never
 * shrinks again. A process that waits most of its time, and now and then reads some megabytes of JSON, gains nothing by
 * it. Measured after 18 reads of a swarm of 1,000 nodes: worker 340 -> 160 MiB, bot 193 -> 157 MiB, no slower. Unlike the
 * size itself, which is fixed when a process starts, V8 looks at this flag whenever it would grow.
 */
export function keepYoungSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
