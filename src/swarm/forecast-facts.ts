/** The facts of a forecast, read from a manager in three calls. */
import { z } from 'zod';
import type { Engine } from '../hosts/engine.ts';
import { count, part, text, words } from '../hosts/json-parts.ts';
import type { Needs, Places, PlaceService } from './forecast.ts';
import { readSpecJson } from './service-spec.ts';
import type { SpecJson } from './service-spec.ts';
import { toPort, withoutDigest } from './service-fields.ts';

const nodeJson = z.object({
  ID: z.string(),
  Spec: part({ Labels: words, Role: text, Availability: text }),
  Description: part({
    Hostname: text,
    Platform: part({ Architecture: text, OS: text }),
    Resources: part({ NanoCPUs: count, MemoryBytes: count }),
    Engine: part({ Labels: words }),
  }),
  Status: part({ State: text, Addr: text }),
});

const taskJson = z.object({
  ServiceID: text,
  NodeID: text,
  Spec: part({
    Resources: part({ Reservations: part({ NanoCPUs: count, MemoryBytes: count }) }),
  }),
});

export async function readPlaces(engine: Engine, abortSignal: AbortSignal): Promise<Places> {
  const [nodes, services, tasks] = await Promise.all([
    engine.each('nodes', { abortSignal }, (item) => nodeJson.parse(item)),
    engine.each('services', { abortSignal }, (item) => readSpecJson.parse(item)),
    // Ready: waiting for its restart delay. What is being shut down frees its place in a moment.
    engine.each('tasks', { filters: { 'desired-state': ['running', 'ready'] }, abortSignal }, (item) =>
      taskJson.parse(item),
    ),
  ]);
  return {
    nodes: nodes.map(({ ID, Spec: spec, Description: about, Status: status }) => ({
      id: ID,
      hostname: about.Hostname || ID,
      address: status.Addr,
      role: spec.Role,
      state: status.State,
      availability: spec.Availability,
      labels: spec.Labels,
      engineLabels: about.Engine.Labels,
      os: about.Platform.OS,
      arch: about.Platform.Architecture,
      cpus: about.Resources.NanoCPUs / 1e9,
      memoryBytes: about.Resources.MemoryBytes,
    })),
    services: services.map(({ ID, Spec }): PlaceService => ({
      id: ID,
      name: Spec.Name,
      replicas: Spec.Mode.Replicated?.Replicas,
      needs: needsOf(Spec),
    })),
    tasks: tasks
      .filter(({ NodeID }) => NodeID !== '')
      .map(({ NodeID, ServiceID, Spec: { Resources: resources } }) => ({
        node: NodeID,
        service: ServiceID,
        cpus: resources.Reservations.NanoCPUs / 1e9,
        memoryBytes: resources.Reservations.MemoryBytes,
      })),
  };
}

/** What one task of this spec asks of a node. */
export function needsOf({ TaskTemplate: template, EndpointSpec: endpoint }: SpecJson): Needs {
  const { Reservations: reserved } = template.Resources;
  return {
    image: withoutDigest(template.ContainerSpec.Image),
    constraints: template.Placement.Constraints,
    cpus: reserved.NanoCPUs / 1e9,
    memoryBytes: reserved.MemoryBytes,
    hostPorts: endpoint.Ports.map(toPort)
      .filter(({ mode, published }) => mode === 'host' && published > 0)
      .map(({ published, protocol }) => `${published}/${protocol}`),
    maxPerNode: template.Placement.MaxReplicas,
    platforms: template.Placement.Platforms.map(({ Architecture, OS }) => ({ os: OS, arch: Architecture })),
  };
}
