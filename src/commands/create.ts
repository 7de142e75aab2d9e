import { lines, section } from '../cards/blocks.ts';
import type { Body } from '../cards/body.ts';
import { allRun, convergenceBlocks, shortOf } from '../cards/convergence.ts';
import { bold, escape } from '../cards/text.ts';
import { UserError } from '../errors.ts';
import { eachOf } from '../target.ts';
import { duration, flag, pairs, plainName, words } from './args.ts';
import { defineCommand } from './define.ts';
import { lacking } from './scale.ts';
import {
  choice,
  commandLine,
  constraints,
  environment,
  imageName,
  memory,
  names,
  number,
  processors,
  replicaNumber,
} from './service-args.ts';
import { mounts, ports } from './service-ports.ts';
import { updateOptions, updateRule } from './service-update-args.ts';
import { quoted } from './words.ts';

export const create = defineCommand({
  name: 'create',
  summary: 'Create a service, and wait until its tasks run',
  risk: 'change',
  aliases: ['service create'],
  examples: [
    'create websky my-apache2:latest --replicas 3',
    'create websky my-apache2:latest --publish 8080:80 --constraint node.labels.zone==a',
    'create db my-redis:latest --mount type=volume,src=data,dst=/data --reserve-memory 256m',
    'create agent my-agent:1 --global --mount type=bind,src=/var/log,dst=/logs,ro',
  ],
  args: {
    words: { ...words('NAME IMAGE', 'a name and an image'), optional: false },
    name: {
      ...names('NAME', 'the name, where only the image stands alone', 'the name of a service'),
      repeatable: false,
    },
    replicas: replicaNumber('how many tasks (1 when left out)'),
    global: flag('one task on every node instead'),
    mode: choice('docker’s spelling of the same', 'replicated', 'global'),
    publish: ports(
      'a port to publish, such as 8080:80 or published=8080,target=80,mode=host; may be repeated',
    ),
    env: environment('an environment variable; its value is never shown; may be repeated'),
    constraint: constraints('where it may run, such as node.labels.zone==a; may be repeated'),
    mount: mounts('such as type=volume,src=data,dst=/data; may be repeated'),
    network: names('NETWORK', 'an overlay network to attach it to; may be repeated', 'the name of a network'),
    label: { ...pairs('a label of the service; may be repeated'), letter: 'l' },
    reserveCpu: processors('processors to keep free for each task'),
    reserveMemory: memory('memory to keep free for each task'),
    limitCpu: processors('most processors of each task'),
    limitMemory: memory('most memory of each task'),
    maxPerNode: number('N', 'most tasks on one node'),
    replicasMaxPerNode: number('N', 'docker’s spelling of the same'),
    restartCondition: choice('when to start a task again', 'none', 'on-failure', 'any'),
    ...updateOptions,
    entrypoint: commandLine('a program to run instead of the image’s own'),
    args: commandLine('words behind the program'),
    anyway: flag('also when not all of the tasks fit'),
    timeout: duration('give up waiting after', '2m'),
  },
  job: 'create',
  targets: ({ wanted }) => eachOf('service', [wanted.name]),
  input: (given) => {
    const { name, image } = nameAndImage(given.words, given.name[0]);
    const isGlobal = given.global || given.mode === 'global';
    if (isGlobal && given.replicas !== undefined)
      throw new UserError('A global service has no number of replicas.', {
        hint: 'Leave out either `--global` or `--replicas`.',
      });
    return {
      wanted: {
        name,
        image,
        replicas: isGlobal ? null : (given.replicas ?? 1),
        env: given.env,
        labels: given.label,
        constraints: given.constraint,
        ports: given.publish,
        mounts: given.mount,
        networks: given.network,
        reserve: { cpus: given.reserveCpu, memoryBytes: given.reserveMemory },
        limit: { cpus: given.limitCpu, memoryBytes: given.limitMemory },
        maxPerNode: given.maxPerNode ?? given.replicasMaxPerNode ?? 0,
        restart: given.restartCondition,
        update: updateRule(given),
        entrypoint: given.entrypoint,
        args: given.args,
      },
      anyway: given.anyway,
      deadlineMs: given.timeout,
    };
  },
  done: (created): Body => {
    const { service, already, convergence } = created;
    const tell = (named: (name: string) => string): string => {
      const what = already
        ? `${named(service)} was there already, exactly so`
        : `${named(service)} is created`;
      return convergence.kind === 'converged'
        ? `${what}; ${allRun(convergence)}.`
        : `${what}, but ${shortOf(convergence)}. The swarm goes on trying.`;
    };
    const mark = convergence.kind === 'converged' ? ':white_check_mark:' : ':warning:';
    return {
      text: tell(escape),
      blocks: [
        section(`${mark} ${tell(bold)}`),
        ...lines(lacking(created)),
        ...convergenceBlocks(service, convergence, { doing: 'create' }),
      ],
    };
  },
});

/** `NAME IMAGE`, or with docker's `--name NAME` the image alone. */
function nameAndImage(words: string[], option: string | undefined): { name: string; image: string } {
  const [name, image, ...more] = option === undefined ? words : [option, ...words];
  if (name === undefined || image === undefined)
    throw new UserError(
      option === undefined
        ? `Which image shall ${quoted(name ?? '')} run?`
        : `Which image shall ${option} run?`,
      { hint: 'Write the name and the image, for example: create websky my-apache2:latest' },
    );
  if (more.length > 0)
    throw new UserError(`There are words too many behind the image ${quoted(image)}.`, {
      hint: 'Give options with two dashes; a command for the container with `--args "..."`.',
    });
  return { name: serviceName(name), image: imageName(image) };
}

/** Names as swarmkit takes them for services: letters, digits and dashes, at most 63 (also dots and underscores inside). */
function serviceName(name: string): string {
  if (name.length <= 63) return plainName(name, 'the name of a service');
  throw new UserError(`${quoted(name)} is too long for the name of a service.`, {
    hint: 'Use at most 63 characters.',
  });
}
