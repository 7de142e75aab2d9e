/** A service as it shall be -> what is sent to the engine, given what runs: what a compose file leaves open stays. Pure. */
import { CHAT_SCALE_LABEL } from '../swarm/chat-scale.ts';
import type { RunningService, StackState } from '../swarm/stack-shapes.ts';
import type { ServiceSpec } from './convert.ts';

/** The parts of a running service's spec that are looked at or kept. */
interface Kept {
  Labels?: Record<string, string> | null;
  TaskTemplate?: {
    ForceUpdate?: number;
    ContainerSpec?: { Image?: string };
    Placement?: { Platforms?: object[] } | null;
  };
  Mode?: { Replicated?: { Replicas?: number } | null };
}

export interface ChatScale {
  /** What somebody set from chat, what runs now, and what the file says. */
  chat: number;
  now: number;
  file: number;
}

/** The spec with the IDs of what it names, and with what runs kept where the file does not speak of it. */
export function settle(
  wanted: ServiceSpec,
  running: RunningService | undefined,
  state: StackState,
): ServiceSpec {
  const container = wanted.TaskTemplate.ContainerSpec;
  const idOf = (objects: StackState['configs'], name: string): string =>
    objects.find((one) => one.name === name)?.id ?? '';
  const spec: ServiceSpec = {
    ...wanted,
    Mode: withReplicas(wanted, 1),
    TaskTemplate: {
      ...wanted.TaskTemplate,
      ContainerSpec: {
        ...container,
        Secrets: container.Secrets.map((one) => ({ ...one, SecretID: idOf(state.secrets, one.SecretName) })),
        Configs: container.Configs.map((one) => ({ ...one, ConfigID: idOf(state.configs, one.ConfigName) })),
      },
    },
  };
  if (!running) return spec;
  const before = running.spec as Kept;
  const replicas = before.Mode?.Replicated?.Replicas;
  if (replicas !== undefined) spec.Mode = withReplicas(wanted, replicas);
  const chat = before.Labels?.[CHAT_SCALE_LABEL];
  // The note of a number that still stands stays; of one that the file undoes it goes.
  if (chat !== undefined && chat === String(spec.Mode.Replicated?.Replicas))
    spec.Labels = { ...spec.Labels, [CHAT_SCALE_LABEL]: chat };
  const template: ServiceSpec['TaskTemplate'] & { ForceUpdate?: number } = spec.TaskTemplate;
  // Docker's own rule: a deploy does not undo or repeat a forced restart.
  if (before.TaskTemplate?.ForceUpdate !== undefined) template.ForceUpdate = before.TaskTemplate.ForceUpdate;
  const image = before.TaskTemplate?.ContainerSpec?.Image ?? '';
  if (sameImage(container.Image, image)) {
    // The same image with the digest that somebody's deploy found for it: without it every task would be replaced.
    template.ContainerSpec.Image = image;
    const platforms = before.TaskTemplate?.Placement?.Platforms;
    if (platforms && platforms.length > 0) {
      const placement: ServiceSpec['TaskTemplate']['Placement'] & { Platforms?: object[] } = {
        ...template.Placement,
        Platforms: platforms,
      };
      template.Placement = placement;
    }
  }
  return spec;
}

/** When deploying would undo a number of replicas that was set from chat and still stands. */
export function undoneScale(wanted: ServiceSpec, running: RunningService | undefined): ChatScale | undefined {
  const before = running?.spec as Kept | undefined;
  const chat = Number(before?.Labels?.[CHAT_SCALE_LABEL] ?? Number.NaN);
  const now = before?.Mode?.Replicated?.Replicas;
  const file = wanted.Mode.Replicated?.Replicas;
  if (Number.isNaN(chat) || now === undefined || file === undefined || file === chat || file === now)
    return undefined;
  return { chat, now, file };
}

function withReplicas({ Mode }: ServiceSpec, otherwise: number): ServiceSpec['Mode'] {
  return Mode.Replicated
    ? { ...Mode, Replicated: { Replicas: Mode.Replicated.Replicas ?? otherwise } }
    : Mode;
}

/** Whether `running` is `wanted`, with a digest or without. A wanted digest counts. */
function sameImage(wanted: string, running: string): boolean {
  return tagged(wanted) === tagged(running.replace(/@sha256:[0-9a-f]+$/, ''));
}

function tagged(image: string): string {
  return /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
}
