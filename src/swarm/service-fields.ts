/** A spec as a list of fields that a person knows, to tell what differs between two of them. Pure. */
import { createHmac, randomBytes } from 'node:crypto';
import { CHAT_SCALE_LABEL } from './chat-scale.ts';
import type { FieldChange, Mount, Port, SeenFields } from './service-changes.ts';
import type { SpecJson } from './service-spec.ts';

/** Values of environment variables are often easy to guess: without this key a mark says nothing about them. */
const KEY = randomBytes(32);
const BY = randomBytes(6).toString('hex');

/** Networks by ID, for names. */
export type NetworkNames = ReadonlyMap<string, string>;

/** Every field that this project can set or tells about. */
export function fieldsOf(spec: SpecJson, networks: NetworkNames): SeenFields {
  const plain: Record<string, string> = {};
  const marks: Record<string, string> = {};
  const { ContainerSpec: container, Resources: resources, Placement: placement, ...task } = spec.TaskTemplate;
  const set = (field: string, value: string | number) => {
    if (value !== '' && value !== 0) plain[field] = String(value);
  };
  const mark = (field: string, value: string) => {
    marks[field] = createHmac('sha256', KEY).update(value).digest('base64url');
  };

  set('image', tagged(withoutDigest(container.Image)));
  if (spec.Mode.Replicated) plain['replicas'] = String(spec.Mode.Replicated.Replicas);
  else plain['mode'] = spec.Mode.Global ? 'global' : 'job';
  for (const one of container.Env) mark(`env ${nameOf(one)}`, one);
  // Whatever somebody once put there may be a password.
  if (container.Command.length > 0) mark('entrypoint', JSON.stringify(container.Command));
  if (container.Args.length > 0) mark('args', JSON.stringify(container.Args));
  for (const [name, value] of Object.entries(spec.Labels))
    if (name !== CHAT_SCALE_LABEL) plain[`label ${name}`] = value;
  for (const one of placement.Constraints) plain[`constraint ${constraint(one)}`] = 'set';
  for (const raw of spec.EndpointSpec.Ports) {
    const port = toPort(raw);
    plain[`port ${portName(port)}`] = portWords(port);
  }
  for (const raw of container.Mounts) {
    const mount = toMount(raw);
    plain[`mount ${mount.target}`] = mountWords(mount);
  }
  for (const name of networkNames(spec, networks)) plain[`network ${name}`] = 'set';
  for (const { SecretName } of container.Secrets) plain[`secret ${SecretName}`] = 'set';
  for (const { ConfigName } of container.Configs) plain[`config ${ConfigName}`] = 'set';
  set('reserved processors', resources.Reservations.NanoCPUs / 1e9);
  set('reserved memory', size(resources.Reservations.MemoryBytes));
  set('most processors', resources.Limits.NanoCPUs / 1e9);
  set('most memory', size(resources.Limits.MemoryBytes));
  set('most per node', placement.MaxReplicas);
  const restart = task.RestartPolicy.Condition;
  if (restart !== 'any') set('restart', restart);
  const rule = spec.UpdateConfig;
  // The engine's own defaults, filled in by some versions and left out by others.
  if (typeof rule.Parallelism === 'number' && rule.Parallelism !== 1)
    plain['update parallelism'] = String(rule.Parallelism);
  set('update delay', duration(rule.Delay));
  if (rule.Monitor !== 5e9) set('update monitor', duration(rule.Monitor));
  if (rule.FailureAction !== 'pause') set('on failure of an update', rule.FailureAction);
  if (rule.Order !== 'stop-first') set('update order', rule.Order);
  set('forced updates', task.ForceUpdate);
  return { by: BY, plain, marks };
}

/** What is different in `to`, in the order of its fields, what is gone last. */
export function differences(from: SeenFields, to: SeenFields): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const field of new Set([...Object.keys(to.plain), ...Object.keys(from.plain)])) {
    const [before = null, after = null] = [own(from.plain, field), own(to.plain, field)];
    if (before !== after) changes.push({ field, from: before, to: after, secret: false });
  }
  // Marks of two processes cannot be compared: only what came and what went is known then.
  const comparable = from.by === to.by;
  for (const field of new Set([...Object.keys(to.marks), ...Object.keys(from.marks)])) {
    const [before, after] = [own(from.marks, field), own(to.marks, field)];
    const same = before !== undefined && after !== undefined && (!comparable || before === after);
    if (before === after || same) continue;
    changes.push({
      field,
      from: before === undefined ? null : '',
      to: after === undefined ? null : '',
      secret: true,
    });
  }
  return changes;
}

/**
 * What became different between `seen` and `now`, of the fields that `wanted` differs in from either. What is as wanted
 * now is nobody's quarrel.
 */
export function changedMeanwhile(seen: SeenFields, now: SeenFields, wanted: SeenFields): FieldChange[] {
  const touched = new Set(differences(now, wanted).map(({ field }) => field));
  return differences(seen, now).filter(({ field }) => touched.has(field));
}

const own = (record: Record<string, string>, field: string) =>
  Object.hasOwn(record, field) ? record[field] : undefined;

/** `PASSWORD=x` -> `PASSWORD`. */
export function nameOf(env: string): string {
  return env.split('=', 1)[0] ?? env;
}

export function withoutDigest(image: string): string {
  return image.replace(/@sha256:[0-9a-f]+$/, '');
}

/** Docker's own default. Without a tag an engine would pull all tags of the image. */
export function tagged(image: string): string {
  return image === '' || /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
}

/** `node.role == worker` and `node.role==worker` are one. */
export function constraint(text: string): string {
  return text.replace(/\s*(==|!=)\s*/, '$1').trim();
}

export function toPort(raw: {
  Protocol?: string | null;
  TargetPort?: number | null;
  PublishedPort?: number | null;
  PublishMode?: string | null;
}): Port {
  const protocol = raw.Protocol === 'udp' || raw.Protocol === 'sctp' ? raw.Protocol : 'tcp';
  const mode = raw.PublishMode === 'host' ? 'host' : 'ingress';
  return { target: raw.TargetPort ?? 0, published: raw.PublishedPort ?? 0, protocol, mode };
}

const portName = ({ target, published, protocol }: Port) =>
  `${published === 0 ? '' : `${published}:`}${target}/${protocol}`;

const portWords = ({ mode }: Port) => (mode === 'host' ? 'on each host' : 'on every node');

export function toMount(raw: { Type: string; Source: string; Target: string; ReadOnly: boolean }): Mount {
  const type = raw.Type === 'bind' || raw.Type === 'tmpfs' ? raw.Type : 'volume';
  return { type, source: raw.Source, target: raw.Target, readOnly: raw.ReadOnly };
}

const mountWords = ({ type, source, readOnly }: Mount) =>
  [type, source, readOnly ? '(read-only)' : ''].filter(Boolean).join(' ');

export function networkNames(spec: SpecJson, networks: NetworkNames): string[] {
  const { Networks: own } = spec.TaskTemplate;
  return (own.length > 0 ? own : spec.Networks).map(({ Target }) => networks.get(Target) ?? Target);
}

function size(bytes: number): string {
  if (bytes === 0) return '';
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes >= 1 ? `${Number(mebibytes.toFixed(2))} MiB` : `${bytes} bytes`;
}

function duration(nanoseconds: number): string {
  return nanoseconds === 0 ? '' : `${nanoseconds / 1e9} s`;
}
