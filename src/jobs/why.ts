import { z } from 'zod';
import type { Answer } from '../diagnosis/answer.ts';
import { whyManagers } from '../diagnosis/why-managers.ts';
import { whyNode } from '../diagnosis/why-node.ts';
import { whyService } from '../diagnosis/why-service.ts';
import { UserError, messageOf } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Node, Service } from '../swarm/swarm.ts';
import { defineJob, type JobContext } from './define.ts';
import { hostsLike, SHORTEST_ID } from './node-find.ts';
import { inTime } from './why-ask.ts';
import { managersFacts } from './why-managers.ts';
import { nodeFacts } from './why-node.ts';

/** A manager that has not told its nodes and services by then is not one to wait for. */
const MANAGERS_MS = 20_000;
/** So many things of one name are looked at. */
const MOST = 4;

/** What a name may mean. */
interface Meant {
  services: Service[];
  /** Groups of entries: those of one hostname belong together. */
  nodes: Node[][];
  /** Hosts of the inventory that no node of the swarm is. */
  hosts: string[];
}

export const why = defineJob({
  input: z.object({ name: z.string() }),
  lock: () => [],
  steps: () => ['Ask the managers', 'Look closer'],
  async run({ name }, context): Promise<{ name: string; answers: Answer[] }> {
    const { swarm, hosts, step, signal } = context;
    const asked = await step('Ask the managers', async ({ say }) => {
      const overview = await inTime(MANAGERS_MS, signal, (inner) => swarm.overview(inner));
      say(
        overview.ok
          ? `${many(overview.value.nodes, 'node')}, ${many(overview.value.services, 'service')}`
          : messageOf(overview.error),
      );
      return overview;
    });

    return await step('Look closer', async ({ say }) => {
      if (!asked.ok) {
        say('no manager answers: looking at the hosts themselves');
        const own = hosts.names().find((host) => host.toLowerCase() === name.toLowerCase());
        const [managers, host] = await Promise.all([
          managersFacts(asked.error, context).then(whyManagers),
          own === undefined ? undefined : nodeFacts({ name: own, entries: [], overview: undefined }, context),
        ]);
        return { name, answers: [...(host ? [whyNode(host)] : []), managers] };
      }
      const { services, nodes, hosts: alone } = meant(name, asked.value, context);
      say(
        [
          ...services.map((one) => `service ${one.name}`),
          ...nodes.map(([one]) => `node ${one?.hostname}`),
          ...alone,
        ].join(', '),
      );
      const answers = await Promise.all([
        ...services.slice(0, MOST).map((one) => serviceAnswer(one, context)),
        ...nodes
          .slice(0, MOST)
          .map(async (entries) =>
            whyNode(
              await nodeFacts(
                { name: entries[0]?.hostname || name, entries, overview: asked.value },
                context,
              ),
            ),
          ),
        ...alone.map(async (host) =>
          whyNode(await nodeFacts({ name: host, entries: [], overview: asked.value }, context)),
        ),
      ]);
      return { name, answers };
    });
  },
});

const many = (all: unknown[], one: string): string => `${all.length} ${one}${all.length === 1 ? '' : 's'}`;

async function serviceAnswer({ id }: Service, { swarm, signal }: JobContext): Promise<Answer> {
  return whyService(await swarm.whyService(id, signal), Date.now());
}

/** @throws UserError that names what is nearest when nothing is called so. */
function meant(
  name: string,
  { services, nodes }: { services: Service[]; nodes: Node[] },
  { hosts }: Pick<JobContext, 'hosts'>,
): Meant {
  const wanted = name.toLowerCase();
  const called = (id: string, own: string): boolean =>
    own.toLowerCase() === wanted || id === name || (name.length >= SHORTEST_ID && id.startsWith(name));
  const ofHost = hosts.names().filter((host) => host.toLowerCase() === wanted);
  // A node may be known to the swarm by another name than to the inventory.
  const isHost = (node: Node): boolean =>
    hostsLike(node, hosts).some((host) => ofHost.includes(host.name) && host.address === node.address);
  const found = nodes.filter((node) => called(node.id, node.hostname) || isHost(node));
  const groups = [...Map.groupBy(found, ({ hostname, id }) => hostname || id).values()].map((entries) =>
    entries.toSorted((a, b) => Number(a.state === 'down') - Number(b.state === 'down')),
  );
  const result: Meant = {
    services: services.filter((service) => called(service.id, service.name)),
    nodes: groups,
    hosts: found.length > 0 ? [] : ofHost,
  };
  if (result.services.length + result.nodes.length + result.hosts.length > 0) return result;
  const names = [...services.map((one) => one.name), ...nodes.map((one) => one.hostname), ...hosts.names()];
  const near = nearest(name, names);
  throw new UserError(`No service, node or host is called ${name}.`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : '`/swarm services`, `/swarm nodes` and `/swarm hosts` list them.',
  });
}
