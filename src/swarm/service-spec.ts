/**
 * A service's spec as the engine gives it and takes it back (API 1.24 to 1.45): whatever is not named here goes back as
 * it came. Times in nanoseconds, processors in billionths.
 */
import { z } from 'zod';
import { count, flag, part, text, words } from '../hosts/json-parts.ts';

const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const list = <T extends z.ZodRawShape>(shape: T) =>
  z
    .array(z.looseObject(shape))
    .nullish()
    .transform((value) => value ?? []);
const amounts = part({ NanoCPUs: count, MemoryBytes: count });
const rule = part({
  Parallelism: z.number().nullish(),
  Delay: count,
  Monitor: count,
  FailureAction: text,
  Order: text,
});

export const specJson = z.object({
  Name: z.string(),
  Labels: words,
  TaskTemplate: part({
    ContainerSpec: part({
      Image: text,
      Env: texts,
      Labels: words,
      Command: texts,
      Args: texts,
      Mounts: list({ Type: text, Source: text, Target: text, ReadOnly: flag }),
      Secrets: list({ SecretName: text }),
      Configs: list({ ConfigName: text }),
    }),
    Resources: part({ Limits: amounts, Reservations: amounts }),
    RestartPolicy: part({ Condition: text, Delay: z.number().nullish(), MaxAttempts: count }),
    Placement: part({
      Constraints: texts,
      MaxReplicas: count,
      Platforms: list({ Architecture: text, OS: text }),
      Preferences: list({ Spread: z.looseObject({ SpreadDescriptor: text }).nullish() }),
    }),
    Networks: list({ Target: text }),
    ForceUpdate: count,
  }),
  // Where engines before 1.25 had them.
  Networks: list({ Target: text }),
  Mode: z.object({
    Replicated: z.object({ Replicas: count }).nullish(),
    Global: z.object({}).nullish(),
    ReplicatedJob: z.object({}).nullish(),
    GlobalJob: z.object({}).nullish(),
  }),
  UpdateConfig: rule,
  EndpointSpec: part({
    Ports: list({
      Protocol: text,
      TargetPort: count,
      PublishedPort: count,
      PublishMode: text,
    }),
  }),
});
export type SpecJson = z.infer<typeof specJson>;

/** A spec to be sent back: what is changed in it by name, the rest unseen. */
export interface RawSpec {
  Name: string;
  Labels?: Record<string, string> | null;
  TaskTemplate: RawTemplate;
  Mode: { Replicated?: { Replicas?: number } | null; Global?: object | null };
  UpdateConfig?: RawRule | null;
  EndpointSpec?: { Ports?: RawPort[] | null } | null;
}

interface RawTemplate {
  ContainerSpec: {
    Image: string;
    Env?: string[] | null;
    Command?: string[] | null;
    Args?: string[] | null;
    Mounts?: object[];
  };
  Resources?: { Limits?: RawAmounts | null; Reservations?: RawAmounts | null } | null;
  RestartPolicy?: { Condition?: string } | null;
  Placement?: { Constraints?: string[] | null; MaxReplicas?: number } | null;
  Networks?: { Target: string }[] | null;
  ForceUpdate?: number;
}

export interface RawAmounts {
  NanoCPUs?: number;
  MemoryBytes?: number;
}

export interface RawPort {
  Protocol?: string;
  TargetPort?: number;
  PublishedPort?: number;
  PublishMode?: string;
}

export interface RawRule {
  Parallelism?: number;
  Delay?: number;
  Monitor?: number;
  FailureAction?: string;
  Order?: string;
}

/** One service as `GET /services/ID` answers. */
export const readSpecJson = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  CreatedAt: text,
  UpdatedAt: text,
  Spec: specJson,
  PreviousSpec: specJson.nullish(),
});
