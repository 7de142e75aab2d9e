import type { NewService } from '../swarm/service-changes.ts';
import { look } from './create-look.ts';
import type { Preview, PreviewContext } from './define.ts';
import { fact } from './preview-facts.ts';
import { joined, size, some } from './preview-text.ts';
import { tooMany } from './scale-forecast.ts';

/** What approvers of a new service are shown: what it is, and what it gets of the nodes. Never a value of its environment. */
export async function previewCreate(
  { wanted, anyway }: { wanted: NewService; anyway: boolean },
  context: PreviewContext,
): Promise<Preview> {
  const { swarm, signal } = context;
  const { name } = wanted;
  const found = await look(wanted, anyway, context);
  const facts = [fact(`the service ${name}`, found.already ? 'there, exactly so' : 'none')];
  if (found.already)
    return { says: [`The service ${name} is there already, exactly so.`], warnings: [], facts };
  const forecasts =
    anyway && wanted.replicas !== null
      ? await swarm.forecast([{ service: wanted, replicas: wanted.replicas }], signal)
      : [];
  const short = tooMany(forecasts, () => '');
  return {
    says: [
      `The service ${name} is created: ${wanted.replicas === null ? 'one task on every node' : `${wanted.replicas} ${wanted.replicas === 1 ? 'task' : 'tasks'}`} of ${wanted.image}.`,
      ...settings(wanted),
    ],
    warnings: [
      ...(short ? [short.message] : []),
      ...binds(wanted),
      ...(found.lacking.length > 0
        ? [`${wanted.image} is not on ${some(found.lacking)}: tasks there need it from a registry.`]
        : []),
    ],
    facts,
  };
}

function settings({
  ports,
  mounts,
  networks,
  constraints,
  env,
  args,
  entrypoint,
  reserve,
  limit,
}: NewService): string[] {
  const amounts = ({ cpus, memoryBytes }: NewService['reserve']): string[] => [
    ...(cpus ? [`${cpus} processors`] : []),
    ...(memoryBytes ? [size(memoryBytes)] : []),
  ];
  const volumes = mounts.filter(({ type }) => type !== 'bind');
  return [
    ...(ports.length > 0
      ? [
          `It publishes ${joined(
            ports.map(
              ({ published, target, protocol, mode }) =>
                `${published === 0 ? 'a port that the swarm picks' : published} to ${target}/${protocol} ${mode === 'host' ? 'on the nodes that run it' : 'on every node'}`,
            ),
          )}.`,
        ]
      : []),
    ...(volumes.length > 0
      ? [
          `It mounts ${joined(volumes.map(({ type, source, target }) => `${source === '' ? `a ${type}` : `the ${type} ${source}`} at ${target}`))}.`,
        ]
      : []),
    ...(networks.length > 0
      ? [`It is in the ${networks.length === 1 ? 'network' : 'networks'} ${joined(networks)}.`]
      : []),
    ...(constraints.length > 0 ? [`It runs only where ${joined(constraints)}.`] : []),
    ...(env.length > 0
      ? [`It gets ${joined(env.map((one) => one.split('=', 1)[0] ?? ''))} in its environment.`]
      : []),
    ...(args || entrypoint ? ['It gets a command of its own, which may hold secrets and is not shown.'] : []),
    ...(amounts(reserve).length > 0 ? [`Each task reserves ${joined(amounts(reserve))}.`] : []),
    ...(amounts(limit).length > 0 ? [`Each task may use at most ${joined(amounts(limit))}.`] : []),
  ];
}

/** With the engine's socket, or all of its files, a container is root on the host, also where it may only read. */
const POWER_OVER_HOST =
  /^\/(?:$|(?:var\/)?run(?:\/docker\.sock|\/containerd.*)?$|etc|root|boot|proc|sys|dev|var\/lib\/docker)/;

function binds({ mounts }: NewService): string[] {
  return mounts.filter(({ type }) => type === 'bind').map((mount) => `Its tasks ${getsOfNode(mount)}`);
}

/** `get /srv of the node itself at /data, to read.` */
export function getsOfNode({
  source,
  target,
  readOnly,
}: Pick<NewService['mounts'][number], 'source' | 'target' | 'readOnly'>): string {
  const may = readOnly ? ', to read' : ', also to write';
  const power = POWER_OVER_HOST.test(source) ? ': whoever is in such a task may have the whole host' : '';
  return `get ${source} of the node itself at ${target}${may}${power}.`;
}
