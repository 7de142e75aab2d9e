/** Every command, by what it is about, in the order in which help lists them. */
import { approvals } from './approvals.ts';
import { approve } from './approve.ts';
import { audit } from './audit.ts';
import { cancel } from './cancel.ts';
import { check } from './check.ts';
import type { Command, Topic } from './define.ts';
import { help } from './help.ts';
import { activate } from './activate.ts';
import { demote } from './demote.ts';
import { deny } from './deny.ts';
import { drain } from './drain.ts';
import { label } from './label.ts';
import { leave } from './leave.ts';
import { node } from './node.ts';
import { nodeRm } from './node-rm.ts';
import { pause } from './pause.ts';
import { promote } from './promote.ts';
import { hosts } from './hosts.ts';
import { info } from './info.ts';
import { job } from './job.ts';
import { jobs } from './jobs.ts';
import { join } from './join.ts';
import { logs } from './logs.ts';
import { map } from './map.ts';
import { nodes } from './nodes.ts';
import { prune } from './prune.ts';
import { ports } from './ports.ts';
import { ps } from './ps.ts';
import { rebalance } from './rebalance.ts';
import { rotate } from './rotate.ts';
import { retry } from './retry.ts';
import { scale } from './scale.ts';
import { create } from './create.ts';
import { restart } from './restart.ts';
import { rm } from './rm.ts';
import { rollback } from './rollback.ts';
import { service } from './service.ts';
import { update } from './update.ts';
import { services } from './services.ts';
import { stackApply } from './stack-apply.ts';
import { stackDeploy } from './stack-deploy.ts';
import { stackLs } from './stack-ls.ts';
import { stackRm } from './stack-rm.ts';
import { stackShow } from './stack-show.ts';
import { status } from './status.ts';
import { why } from './why.ts';

export const topics: Topic[] = [
  { title: 'The swarm', commands: [status, map, why, rotate] },
  { title: 'Hosts', commands: [hosts, info, check, ports, join, leave, prune] },
  { title: 'Nodes', commands: [nodes, node, drain, pause, activate, promote, demote, label, nodeRm] },
  {
    title: 'Services',
    commands: [services, service, ps, logs, create, scale, update, rollback, restart, rebalance, rm],
  },
  { title: 'Stacks', commands: [stackLs, stackShow, stackDeploy, stackApply, stackRm] },
  { title: 'Jobs', commands: [jobs, job, cancel, retry, approvals, approve, deny, audit, help] },
];

export const commands: Command[] = topics.flatMap((topic) => topic.commands);
