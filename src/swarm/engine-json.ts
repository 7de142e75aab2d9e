/**
 * The engine's nodes, services and tasks, as much of them as is used. Fields as in the Engine API 1.24 to 1.41; what a
 * state of affairs leaves out (a pending task has no node) is empty.
 */
import { z } from 'zod';
import { count, part, text, words } from '../hosts/json-parts.ts';

const version = z.object({ Index: z.number() });

export const nodeJson = z.object({
  ID: z.string(),
  Version: version,
  CreatedAt: text,
  Spec: part({
    Labels: words,
    Role: z.enum(['worker', 'manager']).catch('worker'),
    Availability: z.enum(['active', 'pause', 'drain']).catch('active'),
  }),
  Description: part({
    Hostname: text,
    Resources: part({ NanoCPUs: count, MemoryBytes: count }),
    Engine: part({ EngineVersion: text }),
  }),
  Status: part({
    State: z.enum(['unknown', 'down', 'ready', 'disconnected']).catch('unknown'),
    Message: text,
    Addr: text,
  }),
  ManagerStatus: z
    .object({
      Leader: z.boolean().nullish(),
      Reachability: z.enum(['unknown', 'unreachable', 'reachable']).catch('unknown'),
      Addr: text,
    })
    .nullish(),
});
export type NodeJson = z.infer<typeof nodeJson>;

const port = z.object({
  Protocol: text,
  TargetPort: count,
  PublishedPort: count,
  PublishMode: text,
});

export const serviceJson = z.object({
  ID: z.string(),
  Version: version,
  UpdatedAt: text,
  Spec: z.object({
    Name: z.string(),
    TaskTemplate: part({ ContainerSpec: part({ Image: text }) }),
    UpdateConfig: part({ Monitor: count }),
    Mode: z.object({
      Replicated: z.object({ Replicas: count }).nullish(),
      Global: z.object({}).nullish(),
      ReplicatedJob: z.object({ TotalCompletions: count, MaxConcurrent: count }).nullish(),
      GlobalJob: z.object({}).nullish(),
    }),
  }),
  Endpoint: part({ Ports: z.array(port).nullish() }),
  UpdateStatus: part({ State: text, Message: text, StartedAt: text, CompletedAt: text }),
  /** With `?status=true`, from API 1.41 on. */
  ServiceStatus: z.object({ RunningTasks: count, DesiredTasks: count, CompletedTasks: count }).nullish(),
});
export type ServiceJson = z.infer<typeof serviceJson>;

export const taskJson = z.object({
  ID: z.string(),
  CreatedAt: text,
  ServiceID: text,
  NodeID: text,
  Slot: count,
  DesiredState: text,
  Spec: part({ ContainerSpec: part({ Image: text }) }),
  Status: part({
    Timestamp: text,
    State: text,
    Message: text,
    Err: text,
    ContainerStatus: part({ ExitCode: count }),
  }),
});
export type TaskJson = z.infer<typeof taskJson>;

export const swarmJson = z.object({
  ID: z.string(),
  JoinTokens: z.object({ Worker: z.string().min(1), Manager: z.string().min(1) }),
});
