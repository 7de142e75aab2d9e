/** Every job, by the name that a command gives. */
import type { InputOf, ResultOf } from './define.ts';
import { check } from './check.ts';
import { availability } from './availability.ts';
import { drain } from './drain.ts';
import { label } from './label.ts';
import { leave } from './leave.ts';
import { node } from './node.ts';
import { nodeRm } from './node-rm.ts';
import { promote } from './promote.ts';
import { hosts } from './hosts.ts';
import { info } from './info.ts';
import { join } from './join.ts';
import { logs } from './logs.ts';
import { map } from './map.ts';
import { nodes } from './nodes.ts';
import { prune } from './prune.ts';
import { ports } from './ports.ts';
import { ps } from './ps.ts';
import { rebalance } from './rebalance.ts';
import { rotate } from './rotate.ts';
import { scale } from './scale.ts';
import { create } from './create.ts';
import { restart } from './restart.ts';
import { rm } from './rm.ts';
import { rollback } from './rollback.ts';
import { service } from './service.ts';
import { update } from './update.ts';
import { services } from './services.ts';
import { stackApply } from './stack-apply.ts';
import { stack, stacks } from './stack-list.ts';
import { stackPlan } from './stack-plan.ts';
import { stackRemove } from './stack-remove.ts';
import { status } from './status.ts';
import { why } from './why.ts';

export const jobs = {
  hosts,
  stack,
  stackApply,
  stackPlan,
  stackRemove,
  stacks,
  check,
  info,
  join,
  map,
  nodes,
  ports,
  ps,
  scale,
  create,
  restart,
  rm,
  rollback,
  service,
  update,
  services,
  status,
  logs,
  prune,
  rebalance,
  rotate,
  availability,
  drain,
  label,
  leave,
  node,
  nodeRm,
  promote,
  why,
};

type Jobs = typeof jobs;
export type JobName = keyof Jobs;
export type JobInput<N extends JobName> = InputOf<Jobs[N]>;
export type JobResult<N extends JobName> = ResultOf<Jobs[N]>;
