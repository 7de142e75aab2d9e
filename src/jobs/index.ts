/** Every job, by the name that a command gives. */
import type { InputOf, ResultOf } from './define.ts';
import { info } from './info.ts';
import { join } from './join.ts';
import { nodes } from './nodes.ts';
import { ps } from './ps.ts';
import { scale } from './scale.ts';
import { services } from './services.ts';

export const jobs = { info, join, nodes, ps, scale, services };

type Jobs = typeof jobs;
export type JobName = keyof Jobs;
export type JobInput<N extends JobName> = InputOf<Jobs[N]>;
export type JobResult<N extends JobName> = ResultOf<Jobs[N]>;
