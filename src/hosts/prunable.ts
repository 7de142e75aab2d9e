/** What of an engine's disk can go without anything being missed. Pure. Fields as in the Engine API 1.25 to 1.51. */
import { z } from 'zod';
import { count, flag, part, text } from './json-parts.ts';

/** What has to stay although no container uses it: services may send a task here at any moment. */
export interface Spared {
  /** As services name them: `my-apache2:latest@sha256:...`. */
  images: string[];
  volumes: string[];
}

export interface Prunable {
  containers: { id: string; name: string; bytes: number }[];
  /** `references`: what has to be removed for the image to be gone: its tags, or its ID when it has none. */
  images: { id: string; references: string[]; bytes: number }[];
  volumes: { name: string; bytes: number }[];
  buildCacheBytes: number;
  /** Images that no container uses and that stay, because a service names them. */
  spared: string[];
  /** All that containers, images, volumes and build cache take now. */
  usedBytes: number;
}

const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);

const names = list(z.string());

const diskUse = z.object({
  LayersSize: count,
  Images: list(
    z.object({ Id: z.string(), RepoTags: names, RepoDigests: names, Size: count, SharedSize: count }),
  ),
  Containers: list(
    z.object({
      Id: z.string(),
      Names: names,
      ImageID: text,
      State: text,
      SizeRw: count,
      Mounts: list(z.object({ Type: text, Name: text })),
    }),
  ),
  Volumes: list(
    z.object({
      Name: z.string(),
      Driver: text,
      Options: z.record(z.string(), z.string()).nullish(),
      UsageData: part({ Size: count }),
    }),
  ),
  BuildCache: list(z.object({ InUse: flag, Shared: flag, Size: count })),
});

/** Ended for good. One that was created and not started yet may be about to be. */
const STOPPED = new Set(['exited', 'dead']);

/** @param answer of `GET /system/df`. */
export function prunable(answer: unknown, spared: Spared, { volumes }: { volumes: boolean }): Prunable {
  const disk = diskUse.parse(answer);
  const stopped = disk.Containers.filter(({ State }) => STOPPED.has(State));
  const staying = disk.Containers.filter(({ State }) => !STOPPED.has(State));
  const usedImages = new Set(staying.map(({ ImageID }) => ImageID));
  const usedVolumes = new Set(staying.flatMap(({ Mounts }) => Mounts.map(({ Name }) => Name)));
  const wanted = spared.images.map(parts);

  const unused = disk.Images.filter(({ Id }) => !usedImages.has(Id));
  const isNamed = ({ Id, RepoTags, RepoDigests }: (typeof unused)[number]) =>
    wanted.some(
      ({ name, digest }) =>
        Id === name ||
        Id === digest ||
        RepoTags.some((tag) => parts(tag).name === name) ||
        (digest !== '' && RepoDigests.some((one) => parts(one).digest === digest)),
    );
  const shown = ({ Id, RepoTags }: (typeof unused)[number]) => tagsOf(RepoTags)[0] ?? Id;
  const goingVolumes = disk.Volumes.filter(
    ({ Name, Driver, Options }) =>
      volumes &&
      Driver === 'local' &&
      // Mounted from elsewhere: nothing of it is on this disk.
      !Options?.['device'] &&
      !usedVolumes.has(Name) &&
      !spared.volumes.includes(Name),
  );
  const cache = disk.BuildCache.filter(({ InUse, Shared }) => !InUse && !Shared);
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + Math.max(0, size), 0);
  return {
    containers: stopped.map(({ Id, Names, SizeRw }) => ({
      id: Id,
      name: (Names[0] ?? Id).replace(/^\//, ''),
      bytes: SizeRw,
    })),
    images: unused
      .filter((image) => !isNamed(image))
      .map(({ Id, RepoTags, Size, SharedSize }) => {
        const tags = tagsOf(RepoTags);
        return {
          id: Id,
          references: tags.length > 0 ? tags : [Id],
          bytes: Math.max(0, Size - Math.max(0, SharedSize)),
        };
      }),
    volumes: goingVolumes.map(({ Name, UsageData }) => ({ name: Name, bytes: Math.max(0, UsageData.Size) })),
    buildCacheBytes: sum(cache.map(({ Size }) => Size)),
    spared: unused.filter(isNamed).map(shown).toSorted(),
    usedBytes:
      sum([disk.LayersSize]) +
      sum(disk.Containers.map(({ SizeRw }) => SizeRw)) +
      sum(disk.Volumes.map(({ UsageData }) => UsageData.Size)) +
      sum(disk.BuildCache.map(({ Size, Shared }) => (Shared ? 0 : Size))),
  };
}

const tagsOf = (tags: string[]) => tags.filter((tag) => !tag.includes('<none>'));

/**
 * `docker.io/library/web:1@sha256:...` -> `web:1` and the digest: the name as engines list it, with the tag that is
 * meant when none is given.
 */
function parts(reference: string): { name: string; digest: string } {
  const [full = '', digest = ''] = reference.split('@');
  const short = full.replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\//, '');
  const tagged = short.includes(':', short.lastIndexOf('/') + 1);
  return { name: tagged || digest !== '' ? short : `${short}:latest`, digest };
}
