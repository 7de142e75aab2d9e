import { randomBytes } from 'node:crypto';
import { UserError } from '../errors.ts';
import { parseInfo } from '../hosts/engine-info.ts';
import { silent } from '../hosts/log.ts';
import type { Log } from '../hosts/log.ts';
import { Secret } from '../secret.ts';
import { removeNode, updateNode } from './change-node.ts';
import { scaleService } from './change-service.ts';
import { converge } from './converge.ts';
import { swarmJson } from './engine-json.ts';
import type { Ask } from './ask.ts';
import { basesOf } from './bases.ts';
import { stacksPart } from './stacks.ts';
import { Managers } from './failover.ts';
import { logReader } from './logs.ts';
import { needs } from './needed.ts';
import { balancesOf } from './rebalance-facts.ts';
import { joinTokens } from './tokens.ts';
import type { EngineHosts } from './failover.ts';
import { nodeChanges } from './node-changes.ts';
import { nodeDetails } from './node-details.ts';
import { overlaysOf } from './overlays.ts';
import { whyReads } from './why-facts.ts';
import { downNodes, namesOf, nodeIds, readNodes, readService, readServices, readTasks } from './reads.ts';
import type { NodeJson } from './engine-json.ts';
import { readOverview, readStrength } from './overview.ts';
import { servicePart } from './service-part.ts';
import { quorumOf } from './quorum.ts';
import type { Service, Swarm } from './swarm.ts';
import { currentTasks, modeOf, newestFirst, toNode, toTask } from './translate.ts';

/**
 * The swarm behind these managers, named as the hosts of the inventory are. Nothing is asked until it is used.
 */
export function openSwarm({
  managers: names,
  hosts,
  log = silent,
  key = new Secret(randomBytes(32).toString('hex')),
}: {
  managers: string[];
  hosts: EngineHosts;
  log?: Log;
  /** For marks of what is secret: with the same key, another worker can compare them. */
  key?: Secret;
}): Swarm {
  const managers = new Managers(names, hosts, log);
  const read: Ask = async (what, signal, question) =>
    (await managers.ask({ what, repeatable: true, signal }, question)).answer;
  // A change is repeatable as well where it reads first and sends back the version that it read.
  const change = read;

  return {
    ...nodeChanges(read, names),
    ...nodeDetails(read),
    ...logReader(read),
    ...joinTokens(change),
    ...needs(read),
    ...balancesOf(read),
    ...basesOf(read, key),
    ...overlaysOf(read),
    ...whyReads(read),
    ...servicePart(read),
    ...stacksPart(read),
    async cluster(signal) {
      const { answer, via } = await managers.ask(
        { what: 'swarm', repeatable: true, signal },
        async (engine, abortSignal) => {
          const [swarm, nodes] = await Promise.all([
            engine.swarmInspect({ abortSignal }),
            readNodes(engine, abortSignal),
          ]);
          return { id: swarmJson.parse(swarm).ID, nodes };
        },
      );
      const isManager = ({ Spec }: (typeof answer.nodes)[number]) => Spec.Role === 'manager';
      return {
        id: answer.id,
        managers: answer.nodes.filter(isManager).length,
        nodes: answer.nodes.length,
        via,
      };
    },

    async nodes(signal, filters) {
      const nodes = await read('nodes', signal, (engine, abortSignal) =>
        readNodes(engine, abortSignal, filters),
      );
      return sortedNodes(nodes);
    },

    async services(signal, filters) {
      const { services } = await read('services', signal, (engine, abortSignal) =>
        readOverview(engine, abortSignal, filters),
      );
      return sortedServices(services);
    },

    async overview(signal) {
      const { nodes, services } = await read('overview', signal, readOverview);
      const managers = nodes.flatMap(({ ManagerStatus: manager }) =>
        manager ? [{ reachable: manager.Reachability === 'reachable' }] : [],
      );
      return {
        nodes: sortedNodes(nodes),
        services: sortedServices(services),
        quorum: quorumOf(managers),
      };
    },

    async service(name, signal) {
      return await read('service', signal, async (engine, abortSignal) => {
        const { service } = await readService(engine, name, abortSignal);
        return await readStrength(engine, abortSignal, service);
      });
    },

    async tasks({ service, node, history = false, filters: more = {} }, signal) {
      return await read('tasks', signal, async (engine, abortSignal) => {
        const [nodes, services] = await Promise.all([
          readNodes(engine, abortSignal),
          service === undefined
            ? readServices(engine, abortSignal)
            : readService(engine, service, abortSignal).then((found) => [found.service]),
        ]);
        const filters: Record<string, string[]> = { ...more };
        if (service !== undefined) filters['service'] = services.map(({ ID }) => ID);
        if (node !== undefined) filters['node'] = nodeIds(nodes, node);
        const tasks = await readTasks(engine, filters, abortSignal);
        const shown = history ? tasks.toSorted(newestFirst) : currentTasks(tasks);
        const byId = {
          nodes: namesOf(nodes),
          services: new Map(services.map(({ ID, Spec }) => [ID, Spec.Name])),
        };
        return shown.map((task) => toTask(task, byId));
      });
    },

    async scale(name, replicas, signal, options) {
      // Kept over a change of manager: the first one may have done it and died before it could say so.
      let before: number | undefined;
      return await change('scale', signal, async (engine, abortSignal) => {
        const { from, to } = await scaleService(engine, name, replicas, abortSignal, options);
        before ??= from;
        return { from: before, to };
      });
    },

    async converge(name, options) {
      const look = (signal: AbortSignal | undefined) =>
        read('converge', signal, async (engine, abortSignal) => {
          const { service } = await readService(engine, name, abortSignal);
          const mode = modeOf(service);
          if (mode === 'replicated-job' || mode === 'global-job') {
            throw new UserError(
              `${service.Spec.Name} is a job: it runs to its end and keeps no strength to wait for.`,
              {
                hint: `See how far it is with \`/swarm ps ${service.Spec.Name}\`.`,
              },
            );
          }
          const ofIt = { service: [service.ID] };
          const mayHaveOld = mode === 'global' || service.UpdateStatus.State !== '';
          const [tasks, every, nodes] = await Promise.all([
            // Only tasks that match the present spec: during an update the old ones do not count.
            readTasks(engine, { ...ofIt, '_up-to-date': ['true'] }, abortSignal),
            mayHaveOld ? readTasks(engine, ofIt, abortSignal) : [],
            readNodes(engine, abortSignal),
          ]);
          const matching = new Set(tasks.map(({ ID }) => ID));
          const others = every.filter(({ ID }) => !matching.has(ID));
          return { snapshot: { service, tasks, others, down: downNodes(nodes) }, names: namesOf(nodes) };
        });
      return await converge(look, options);
    },

    async joinTicket(role, signal) {
      return await read('join ticket', signal, async (engine, abortSignal) => {
        const [swarm, nodes] = await Promise.all([
          engine.swarmInspect({ abortSignal }).then((answer) => swarmJson.parse(answer)),
          readNodes(engine, abortSignal),
        ]);
        const reachable = nodes
          .map(toNode)
          .flatMap(({ manager }) =>
            manager?.reachability === 'reachable' && manager.address ? [manager] : [],
          )
          // The leader answers joins itself; the others pass them on to it.
          .toSorted((a, b) => Number(b.leader) - Number(a.leader))
          .map(({ address }) => address);
        const known =
          reachable.length > 0
            ? reachable
            : parseInfo(await engine.info({ abortSignal })).swarm.managers.map(({ address }) => address);
        const token = role === 'manager' ? swarm.JoinTokens.Manager : swarm.JoinTokens.Worker;
        return { clusterId: swarm.ID, token: new Secret(token), managers: known };
      });
    },

    async removeNode(id, signal) {
      await change('remove node', signal, (engine, abortSignal) => removeNode(engine, id, abortSignal));
    },

    async updateNode(id, wanted, signal) {
      await change('update node', signal, (engine, abortSignal) =>
        updateNode(engine, id, wanted, abortSignal),
      );
    },
  };
}

const byName = new Intl.Collator('en', { numeric: true });

const sortedNodes = (nodes: NodeJson[]) =>
  nodes.map(toNode).toSorted((a, b) => byName.compare(a.hostname, b.hostname));

const sortedServices = (services: Service[]) => services.toSorted((a, b) => byName.compare(a.name, b.name));
