/** `npm run bench`: each promise about speed and size, measured; `npm run bench -- NAME...` only some of them. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { isMet, table, type Finding } from './finding.ts';
import { Ground } from './ground.ts';
import { queue } from './queue.ts';

const measurements: Record<string, (ground: Ground) => Promise<Finding[]>> = {
  queue,
};
console.log(table((await queue(await Ground.open(new AbortController().signal))).map((f) => ({ measurement: 'queue', ...f }))));
