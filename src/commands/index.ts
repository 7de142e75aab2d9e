/** Every command, in the order in which help lists them. */
import { cancel } from './cancel.ts';
import type { Command } from './define.ts';
import { help } from './help.ts';
import { info } from './info.ts';
import { jobs } from './jobs.ts';
import { join } from './join.ts';
import { nodes } from './nodes.ts';
import { ps } from './ps.ts';
import { retry } from './retry.ts';
import { scale } from './scale.ts';
import { services } from './services.ts';

export const commands: Command[] = [join, scale, info, nodes, services, ps, jobs, cancel, retry, help];
