/** What deploying a stack would change: what its file asks for against what runs. Pure. */
import { type RunningService, type StackNetwork, type StackState } from '../swarm/stack-shapes.ts';
import { PREDEFINED, type ServiceSpec, type StackSpec } from './convert.ts';
import { changes } from './fields.ts';
import { settle, undoneScale } from './settle.ts';
import { viewOf, type ServiceView } from './view.ts';

export type Action = 'create' | 'update' | 'keep' | 'remove' | 'left';

interface ServiceDifference {
  name: string;
  /** `left`: it is in the stack, not in the file, and stays because nobody asked to prune. */
  action: Action;
  image: string;
  mode: string;
  /** Null where there is no number of them. */
  replicas: number | null;
  /** A line for each field that would change, without values that could be secret. */
  changes: string[];
}

interface PartDifference {
  name: string;
  action: 'create' | 'keep' | 'external' | 'left';
  /** What somebody should know of it, or an empty text. */
  note: string;
}

export interface Difference {
  services: ServiceDifference[];
  networks: PartDifference[];
  configs: PartDifference[];
  volumes: PartDifference[];
  secrets: PartDifference[];
  /** Sentences: what would surprise whoever deploys. */
  warnings: string[];
  /** Sentences: why it cannot be deployed at all. */
  problems: string[];
}

/** The engine's rule: it must do as a name in DNS. */
const SERVICE_NAME = /^(?=.{1,63}$)[a-zA-Z0-9](?:[\w-]*[a-zA-Z0-9])?$/;

export function difference(stack: string, spec: StackSpec, state: StackState, prune: boolean): Difference {
  const networkNames = namesOf(state);
  const running = new Map(state.services.map((service) => [service.name, service]));
  const problems: string[] = [];
  const warnings: string[] = [];
  const services = spec.services.map((wanted): ServiceDifference => {
    const now = running.get(wanted.Name);
    if (!SERVICE_NAME.test(wanted.Name))
      problems.push(
        `${wanted.Name} cannot be the name of a service: it has at most 63 letters, digits, dashes and underscores.`,
      );
    const next = viewOf(settle(wanted, now, state), networkNames);
    const told = { name: wanted.Name, image: next.image, mode: next.mode, replicas: next.replicas };
    if (!now) {
      if (state.otherServices.includes(wanted.Name))
        problems.push(
          `A service called ${wanted.Name} runs already and does not belong to the stack ${stack}.`,
        );
      return { ...told, action: 'create', changes: [] };
    }
    const before = viewOf(now.spec, networkNames);
    if (before.mode !== next.mode)
      problems.push(
        `${wanted.Name} is ${before.mode} and would become ${next.mode}, which no engine changes: remove the service first.`,
      );
    warnings.push(...replicaWarnings(wanted, now, before));
    const changed = changes(before, next);
    return { ...told, action: changed.length > 0 ? 'update' : 'keep', changes: changed };
  });
  const wantedNames = new Set(spec.services.map(({ Name }) => Name));
  for (const service of state.services) {
    if (wantedNames.has(service.name)) continue;
    const { image, mode, replicas } = viewOf(service.spec, networkNames);
    services.push({
      name: service.name,
      action: prune ? 'remove' : 'left',
      image,
      mode,
      replicas,
      changes: [],
    });
  }
  const parts = { networks: networks(stack, spec, state), configs: configs(stack, spec, state) };
  problems.push(...parts.networks.problems, ...parts.configs.problems, ...missing(spec, state));
  return {
    services,
    networks: parts.networks.all,
    configs: parts.configs.all,
    volumes: spec.volumes.map(({ name, external }) => ({
      name,
      action: external ? 'external' : 'create',
      note: external ? '' : 'made on a node when a task first needs it there',
    })),
    secrets: spec.external.secrets.map((name) => ({ name, action: 'external', note: '' })),
    warnings,
    problems,
  };
}

/** Nothing would change. */
export function isSame({ services, networks, configs }: Difference): boolean {
  return (
    services.every(({ action }) => action === 'keep' || action === 'left') &&
    [...networks, ...configs].every(({ action }) => action !== 'create')
  );
}

export function namesOf({ networks }: StackState): Map<string, string> {
  return new Map(networks.map(({ id, name }) => [id, name]));
}

function replicaWarnings(wanted: ServiceSpec, now: RunningService, before: ServiceView): string[] {
  const undone = undoneScale(wanted, now);
  if (undone) {
    const { chat, now: present, file } = undone;
    const set =
      chat === present
        ? `was scaled to ${chat} from chat`
        : `was scaled to ${chat} from chat and has ${present} now`;
    return [`${wanted.Name} ${set}; the file says ${file}. Deploying undoes that.`];
  }
  const open = wanted.Mode.Replicated && wanted.Mode.Replicated.Replicas === undefined;
  if (open && before.replicas !== 1)
    return [`${wanted.Name} keeps its ${before.replicas} replicas: the file names no number.`];
  return [];
}

interface Parts {
  all: PartDifference[];
  problems: string[];
}

function networks(stack: string, spec: StackSpec, { networks: there }: StackState): Parts {
  const problems: string[] = [];
  const all = spec.networks.map((wanted): PartDifference => {
    const found = there.find(({ name, scope }) => name === wanted.Name && scope === 'swarm');
    if (!found) return { name: wanted.Name, action: 'create', note: '' };
    if (found.stack !== stack)
      problems.push(
        `A network called ${wanted.Name} is there already and does not belong to the stack ${stack}: declare it external, or name it otherwise.`,
      );
    const differs = networkDiffers(wanted, found);
    return {
      name: wanted.Name,
      action: 'keep',
      note:
        differs.length > 0
          ? `differs in ${differs.join(', ')}; a network never changes, so it stays as it is until the stack is removed`
          : '',
    };
  });
  for (const name of spec.external.networks) all.push({ name, action: 'external', note: '' });
  const named = new Set(all.map(({ name }) => name));
  for (const { name, stack: of } of there)
    if (of === stack && !named.has(name)) all.push({ name, action: 'left', note: 'not in the file' });
  return { all, problems };
}

function networkDiffers(wanted: StackSpec['networks'][number], found: StackNetwork): string[] {
  const subnets = (wanted.IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
  return [
    ...(wanted.Driver === found.driver ? [] : ['its driver']),
    ...(wanted.Internal === found.internal ? [] : ['being internal']),
    ...(wanted.Attachable === found.attachable ? [] : ['being attachable']),
    ...(subnets.every((subnet) => found.subnets.includes(subnet)) ? [] : ['its subnet']),
  ];
}

function configs(stack: string, spec: StackSpec, { configs: there }: StackState): Parts {
  const problems: string[] = [];
  const all = spec.configs.map((wanted): PartDifference => {
    const found = there.find(({ name }) => name === wanted.Name);
    if (!found) return { name: wanted.Name, action: 'create', note: '' };
    if (found.data !== wanted.Data)
      problems.push(
        `The config ${wanted.Name} is there with another content, and no config ever changes: give it a new name in the file, such as "name: ${wanted.Name}_2".`,
      );
    return { name: wanted.Name, action: 'keep', note: '' };
  });
  for (const name of spec.external.configs) all.push({ name, action: 'external', note: '' });
  const named = new Set(all.map(({ name }) => name));
  for (const { name, stack: of } of there)
    if (of === stack && !named.has(name)) all.push({ name, action: 'left', note: 'not in the file' });
  return { all, problems };
}

/** What the file expects to be there and is not. */
function missing({ external }: StackSpec, state: StackState): string[] {
  const lacking = (wanted: string[], there: { name: string }[]): string[] =>
    wanted.filter((name) => !there.some((one) => one.name === name));
  const usable = state.networks.filter(({ name, scope }) => scope === 'swarm' || PREDEFINED.has(name));
  return [
    ...lacking(external.networks, usable).map((name) =>
      state.networks.some((network) => network.name === name)
        ? `The network ${name} is external and there, but not for the whole swarm: services need an overlay network.`
        : `The network ${name} is declared external and is not there: create it first.`,
    ),
    ...lacking(external.configs, state.configs).map(
      (name) => `The config ${name} is declared external and is not there: create it first.`,
    ),
    ...lacking(external.secrets, state.secrets).map(
      (name) =>
        `The secret ${name} is declared external and is not there: create it on a manager with "docker secret create", never in chat.`,
    ),
  ];
}
