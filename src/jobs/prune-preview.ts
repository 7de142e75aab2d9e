import type { Preview, PreviewContext } from './define.ts';
import { namesFact } from './preview-facts.ts';
import { lookAtEach } from './preview-look.ts';
import { count, joined, refused, size, some, told } from './preview-text.ts';
import { HOSTS_AT_ONCE, mustBeOurs } from './prune-look.ts';

interface Input {
  hosts: string[];
  apply: boolean;
  volumes: boolean;
}

/** What approvers of a clean-up are shown: what would go from each host, by name, and what is spared. */
export async function previewPrune(
  { hosts: names, apply, volumes }: Input,
  { hosts, swarm, signal }: PreviewContext,
): Promise<Preview> {
  if (!apply) return { says: ['Nothing is removed: it only shows what could go.'], warnings: [], facts: [] };
  const outcomes = await lookAtEach(names, HOSTS_AT_ONCE, signal, async (name) => {
    const host = hosts.host(name);
    const needed = await swarm.needed(signal);
    await mustBeOurs(host, needed, signal);
    return await host.prunable(needed, { volumes, signal });
  });
  const found = outcomes.flatMap((outcome) =>
    outcome.ok ? [{ name: outcome.target, ...outcome.value }] : [],
  );
  const spared = [...new Set(found.flatMap((one) => one.spared.map(short)))];
  return {
    says: [
      ...told(
        found.map(({ name, containers, images, volumes: gone, buildCacheBytes }) => {
          const freed = [...containers, ...images, ...gone].reduce(
            (sum, { bytes }) => sum + bytes,
            buildCacheBytes,
          );
          const parts = [
            ...(containers.length > 0
              ? [
                  `${count(containers.length, 'stopped container')} (${joined(containers.map((one) => one.name))})`,
                ]
              : []),
            ...(images.length > 0
              ? [`${count(images.length, 'image')} (${joined(images.map(imageName))})`]
              : []),
            ...(gone.length > 0
              ? [
                  `${count(gone.length, 'volume')} (${joined(gone.map((one) => `${short(one.name)}, ${size(one.bytes)}`))})`,
                ]
              : []),
            ...(buildCacheBytes > 0 ? [`${size(buildCacheBytes)} of build cache`] : []),
          ];
          return {
            name,
            says:
              parts.length === 0
                ? 'has nothing that nobody needs'
                : `loses ${joined(parts)}, which frees at least ${size(freed)}`,
          };
        }),
      ),
      ...(spared.length > 0
        ? [`Kept, because a service names ${spared.length === 1 ? 'it' : 'them'}: ${some(spared)}.`]
        : []),
      ...(volumes ? [] : ['Volumes are left alone.']),
    ],
    warnings: [
      ...refused(outcomes),
      ...found.flatMap(({ name, volumes: gone }) =>
        gone.length > 0
          ? [
              `All that is in ${gone.length === 1 ? 'the volume' : `${gone.length} volumes`} ${joined(gone.map((one) => short(one.name)))} of ${name} is lost for good.`,
            ]
          : [],
      ),
    ],
    facts: found.flatMap(({ name, containers, images, volumes: gone }) => [
      namesFact(
        `the stopped containers of no service that would go from ${name}`,
        containers.map((one) => one.name).filter((one) => !OF_TASK.test(one)),
      ),
      namesFact(`the images that would go from ${name}`, images.map(imageName)),
      ...(volumes
        ? [
            namesFact(
              `the volumes that would go from ${name}`,
              gone.map((one) => `${one.name}, ${size(one.bytes)}`),
            ),
          ]
        : []),
    ]),
  };
}

/** As the swarm names the container of a task, `web.1.` and the task's ID: these come and go by themselves. */
const OF_TASK = /\.[0-9a-z]{25}$/;

const imageName = ({ references }: { references: string[] }): string => short(references[0] ?? '');

/** IDs as docker shows them. */
function short(name: string): string {
  return name.replace(/^(?:sha256:)?([0-9a-f]{12})[0-9a-f]{52}$/, '$1');
}
