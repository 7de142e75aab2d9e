/** The text of a compose file -> the file in one form, or why it cannot be deployed. Pure. */
import { UserError } from '../errors.ts';
import { cast } from './casts.ts';
import { interpolate } from './interpolate.ts';
import { composeFile, type ComposeFile } from './model.ts';
import { readYaml } from './read-yaml.ts';
import { complaints } from './schema.ts';
import { unsupported, type Unsupported } from './unsupported.ts';

export interface Parsed {
  file: ComposeFile;
  /** Left out of what is deployed: to be named to whoever deploys. */
  ignored: Unsupported[];
}

const MOST_NAMED = 8;

/**
 * Parses a compose file as `docker stack deploy` would, without an environment and without other files.
 * @throws UserError that names places and variables, never values.
 */
export function parseCompose(text: string): Parsed {
  const { value, missing, malformed } = interpolate(readYaml(text));
  if (missing.length > 0) {
    throw new UserError(
      `The compose file needs ${missing.length === 1 ? 'a variable that has' : 'variables that have'} no value here: ${some(missing)}.`,
      {
        hint: `Write the value itself, or a default such as \${${missing[0]}:-value}. A dollar sign that is meant as such is written $$.`,
      },
    );
  }
  if (malformed.length > 0) {
    throw new UserError(`A dollar sign begins no variable at ${some(malformed)}.`, {
      hint: 'Write $$ for a dollar sign, and ${NAME:-default} for a variable.',
    });
  }
  const file = cast(value);
  const wrong = complaints(file);
  if (wrong.length > 0) throw misfit(wrong);
  const found = unsupported(file);
  const refused = found.filter(({ verdict }) => verdict === 'refused');
  if (refused.length > 0) {
    throw new UserError(
      `A stack cannot have what the file asks for. ${refused
        .slice(0, MOST_NAMED)
        .map(({ path, why }) => `${path}: ${why}.`)
        .join(' ')}${refused.length > MOST_NAMED ? ` And ${refused.length - MOST_NAMED} more.` : ''}`,
      {
        hint: 'Without it the services would be something else than the file says. Change the file and try again.',
      },
    );
  }
  const parsed = composeFile.safeParse(file);
  if (!parsed.success) {
    throw misfit(
      parsed.error.issues.slice(0, MOST_NAMED).map(({ path, message }) => `${place(path)} ${lower(message)}`),
    );
  }
  checkReferences(parsed.data);
  return { file: parsed.data, ignored: found };
}

function misfit(wrong: string[]): UserError {
  const [first = ''] = wrong;
  const said =
    wrong.length === 1
      ? `The compose file does not fit: ${first}.`
      : `The compose file does not fit in ${wrong.length} places: ${wrong.join('; ')}.`;
  return new UserError(said, { hint: 'Correct the file and try again.' });
}

function place(path: PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number'
        ? `${text}, entry ${part + 1}`
        : text
          ? `${text}.${String(part)}`
          : String(part),
    '',
  );
}

/** The library's own words begin with a capital letter. */
function lower(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}

/** Everything that a service names must be declared, and an environment variable must have a value. */
function checkReferences({ services, networks, volumes, configs, secrets }: ComposeFile): void {
  const wrong: string[] = [];
  const bare: string[] = [];
  if (Object.keys(services).length === 0) wrong.push('it has no services');
  for (const [name, service] of Object.entries(services)) {
    const undeclared = (kind: string, names: string[], declared: object): void => {
      for (const one of names)
        if (!Object.hasOwn(declared, one))
          wrong.push(`services.${name} uses the ${kind} ${one}, which the file does not declare`);
    };
    undeclared(
      'network',
      service.networks.map((one) => one.name).filter((one) => one !== 'default'),
      networks,
    );
    undeclared(
      'volume',
      service.volumes.flatMap(({ type, source }) => (type === 'volume' && source !== '' ? [source] : [])),
      volumes,
    );
    undeclared(
      'config',
      service.configs.map(({ source }) => source),
      configs,
    );
    undeclared(
      'secret',
      service.secrets.map(({ source }) => source),
      secrets,
    );
    for (const [variable, value] of Object.entries(service.environment))
      // A list entry that is no name may be the value itself.
      if (value === null)
        bare.push(/^\w[\w.-]*$/.test(variable) ? `${variable} of ${name}` : `an entry of ${name}`);
    const { mode = 'replicated', replicas, endpoint_mode: endpoint } = service.deploy ?? {};
    if (mode.startsWith('global') && replicas !== undefined)
      wrong.push(`services.${name} is ${mode} and has a number of replicas`);
    if (endpoint === 'dnsrr' && service.ports.some((port) => port.mode === 'ingress'))
      wrong.push(`services.${name} has endpoint_mode dnsrr, which goes with ports of mode host only`);
    if (service.healthcheck?.disable && service.healthcheck.test.length > 0)
      wrong.push(`services.${name} both disables its healthcheck and gives a test`);
  }
  for (const [name, { external, content }] of Object.entries(configs))
    if (!external.is && content === undefined)
      wrong.push(`configs.${name} has neither content nor external: true`);
  for (const [name, { external }] of Object.entries(secrets))
    if (!external.is)
      wrong.push(`secrets.${name} must be external: create it with "docker secret create", not through chat`);
  if (wrong.length > 0) throw misfit(wrong.slice(0, MOST_NAMED));
  if (bare.length > 0) {
    throw new UserError(`Variables of the environment have no value: ${some(bare)}.`, {
      hint: 'There is no shell here that they could come from: write the values into the file.',
    });
  }
}

function some(names: string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}
