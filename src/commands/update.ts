import { updateBody } from '../cards/service-update.ts';
import { UserError } from '../errors.ts';
import { eachOf } from '../target.ts';
import { duration, flag, pairs, word } from './args.ts';
import { defineCommand } from './define.ts';
import {
  commandLine,
  constraints,
  environment,
  image,
  labelNames,
  memory,
  number,
  processors,
  replicaNumber,
  variableNames,
} from './service-args.ts';
import { ports, targetPorts } from './service-ports.ts';
import { updateOptions, updateRule } from './service-update-args.ts';

export const update = defineCommand({
  name: 'update',
  summary: 'Change a service task by task, and wait until the new ones run',
  risk: 'change',
  aliases: ['service update'],
  examples: [
    'update websky --image my-apache2:2',
    'update websky --replicas 6 --limit-memory 512m',
    'update websky --constraint-add node.labels.zone==a --publish-add 8080:80',
    'update websky --image my-apache2:2 --update-parallelism 2 --update-delay 10s',
    'update websky --force',
  ],
  args: {
    service: word('SERVICE', 'the name of a service'),
    image: image('another image'),
    replicas: replicaNumber('how many tasks'),
    envAdd: environment('add or replace an environment variable; its value is never shown; may be repeated'),
    envRm: variableNames('take an environment variable away; may be repeated'),
    constraintAdd: constraints('a further constraint, such as node.labels.zone==a; may be repeated'),
    constraintRm: constraints('take a constraint away; may be repeated'),
    publishAdd: ports('publish a further port, such as 8080:80; may be repeated'),
    publishRm: targetPorts('publish this port of the containers no more; may be repeated'),
    labelAdd: pairs('add or replace a label of the service; may be repeated'),
    labelRm: labelNames('take a label away; may be repeated'),
    reserveCpu: processors('processors to keep free for each task; 0 for none'),
    reserveMemory: memory('memory to keep free for each task; 0 for none'),
    limitCpu: processors('most processors of each task; 0 for no limit'),
    limitMemory: memory('most memory of each task; 0 for no limit'),
    maxPerNode: number('N', 'most tasks on one node; 0 for no limit'),
    replicasMaxPerNode: number('N', 'docker’s spelling of the same'),
    ...updateOptions,
    args: commandLine('words behind the program of its image'),
    force: flag('start every task anew, whatever else changes'),
    anyway: flag('also when not all of the replicas fit'),
    timeout: duration('give up waiting after', '10m'),
  },
  job: 'update',
  targets: ({ name }) => eachOf('service', [name]),
  input: ({ service, anyway, timeout, ...given }) => {
    const some = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);
    const amounts = (cpus: number | undefined, memoryBytes: number | undefined) =>
      cpus === undefined && memoryBytes === undefined ? undefined : { cpus, memoryBytes };
    const change = {
      image: given.image,
      replicas: given.replicas,
      envAdd: some(given.envAdd),
      envRm: some(given.envRm),
      constraintAdd: some(given.constraintAdd),
      constraintRm: some(given.constraintRm),
      publishAdd: some(given.publishAdd),
      publishRm: some(given.publishRm),
      labelAdd: Object.keys(given.labelAdd).length > 0 ? given.labelAdd : undefined,
      labelRm: some(given.labelRm),
      reserve: amounts(given.reserveCpu, given.reserveMemory),
      limit: amounts(given.limitCpu, given.limitMemory),
      maxPerNode: given.maxPerNode ?? given.replicasMaxPerNode,
      update: updateRule(given),
      args: given.args,
      force: given.force ? true : undefined,
    };
    if (Object.values(change).every((value) => value === undefined))
      throw new UserError(`What shall change about ${service}?`, {
        hint: `Give an option, for example: update ${service} --image my-apache2:2`,
      });
    return { name: service, change, anyway, deadlineMs: timeout };
  },
  done: (updated) => updateBody(updated, 'update'),
});
