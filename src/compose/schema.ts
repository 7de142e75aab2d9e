/** The Compose Specification's schema, with what has been added to the specification since, and its complaints in words. */
import { Ajv2019, type ErrorObject, type ValidateFunction } from 'ajv/dist/2019.js';
import { nearest } from '../nearest.ts';
import specification from './specification/compose-spec.json' with { type: 'json' };
import { UNSUPPORTED } from './unsupported.ts';

type Schema = Record<string, unknown>;

const text = { type: 'string' };
const flag = { type: 'boolean' };

/** Keys that the specification has got since the file beside this one, and that a stack understands, by place. */
const ADDED: Record<string, Schema> = {
  '': { name: text },
  'definitions/config': { content: text },
  'definitions/service/properties/networks/oneOf/1/patternProperties/^[a-zA-Z0-9._-]+$/oneOf/0': {
    driver_opts: { type: 'object' },
  },
  'definitions/deployment/properties/resources/properties/limits': { pids: { type: 'integer' } },
  'definitions/service/properties/ports/items/oneOf/2': { published: { type: ['integer', 'string'] } },
  'definitions/service/properties/depends_on/oneOf/1/patternProperties/^[a-zA-Z0-9._-]+$': {
    restart: flag,
    required: flag,
  },
  'definitions/service/properties/volumes/items/oneOf/1/properties/tmpfs': { mode: { type: 'number' } },
};

/** Where the sections of a file, as the table of the unsupported names them, stand in the schema. */
const PLACES: Record<string, string> = {
  '': '',
  'services.*': 'definitions/service',
  'services.*.healthcheck': 'definitions/healthcheck',
  'services.*.deploy': 'definitions/deployment',
  'services.*.ports.*': 'definitions/service/properties/ports/items/oneOf/2',
  'services.*.volumes.*': 'definitions/service/properties/volumes/items/oneOf/1',
  'services.*.volumes.*.bind': 'definitions/service/properties/volumes/items/oneOf/1/properties/bind',
  'services.*.volumes.*.volume': 'definitions/service/properties/volumes/items/oneOf/1/properties/volume',
  'services.*.networks.*':
    'definitions/service/properties/networks/oneOf/1/patternProperties/^[a-zA-Z0-9._-]+$/oneOf/0',
  'services.*.deploy.resources.reservations':
    'definitions/deployment/properties/resources/properties/reservations',
  'networks.*': 'definitions/network',
  'networks.*.ipam': 'definitions/network/properties/ipam',
  'networks.*.ipam.config.*': 'definitions/network/properties/ipam/properties/config/items',
  'volumes.*': 'definitions/volume',
  'configs.*': 'definitions/config',
  'secrets.*': 'definitions/secret',
};

let validate: ValidateFunction | undefined;

/** What does not fit the specification, in sentences that name the place and never a value. At most five. */
export function complaints(file: unknown): string[] {
  validate ??= compile();
  if (validate(file)) return [];
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'oneOf' && keyword !== 'anyOf');
  // Of the ways to write something, the one that got furthest is the one that was meant.
  const deepest = (place: string): number =>
    Math.max(0, ...errors.filter((one) => one.instancePath.startsWith(`${place}/`)).map((one) => depth(one)));
  const telling = errors.filter((error) => depth(error) >= deepest(error.instancePath));
  const byPlace = Map.groupBy(telling, ({ instancePath }) => instancePath);
  return [...byPlace].slice(0, 5).map(([, [first, ...more]]) => (first ? sentence(first, more) : ''));
}

function depth({ instancePath, keyword }: ErrorObject): number {
  return instancePath.split('/').length + (keyword === 'type' ? 0 : 0.5);
}

function sentence(error: ErrorObject, more: ErrorObject[]): string {
  const place = placeOf(error.instancePath);
  const unknown = [error, ...more].find(({ keyword }) => keyword === 'additionalProperties');
  if (unknown) {
    const { additionalProperty: key = '' } = unknown.params as { additionalProperty?: string };
    const known = Object.keys((unknown.parentSchema?.['properties'] as object | undefined) ?? {});
    const near = nearest(key, known);
    const hint = near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : '';
    return `${place || 'the file'} has a key "${key}" that the compose specification does not know${hint}`;
  }
  const missing = [error, ...more].find(
    ({ keyword, data }) => keyword === 'required' && typeof data === 'object',
  );
  if (missing) {
    const { missingProperty } = missing.params as { missingProperty: string };
    return `${place} must have a key "${missingProperty}"`;
  }
  const types = [error, ...more].flatMap(({ keyword, params }) =>
    keyword === 'type' ? [(params as { type: string | string[] }).type].flat() : [],
  );
  if (types.length > 0) return `${place || 'the file'} must be ${[...new Set(types)].map(a).join(' or ')}`;
  if (error.keyword === 'enum')
    return `${place} must be one of ${(error.params as { allowedValues: unknown[] }).allowedValues.join(', ')}`;
  return `${place || 'the file'} ${error.message ?? 'does not fit'}`;
}

function a(type: string): string {
  if (type === 'null') return 'empty';
  const word = { object: 'mapping', array: 'list', boolean: 'true or false', string: 'text' }[type] ?? type;
  return type === 'boolean' || type === 'string' ? word : `${/^[aio]/.test(word) ? 'an' : 'a'} ${word}`;
}

/** `/services/web/ports/0` -> `services.web.ports, entry 1`. */
function placeOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (path, part) =>
        /^\d+$/.test(part) ? `${path}, entry ${Number(part) + 1}` : path ? `${path}.${part}` : part,
      '',
    );
}

function compile(): ValidateFunction {
  const schema = withoutIds(structuredClone(specification)) as Schema;
  const add = (place: string, keys: Schema): void => {
    const target = place.split('/').reduce<Schema>((at, part) => (part ? (at[part] as Schema) : at), schema);
    target['properties'] = { ...(target['properties'] as Schema | undefined), ...keys };
  };
  for (const { place, keys } of UNSUPPORTED) {
    const where = PLACES[place];
    if (where === undefined) throw new Error(`No place in the schema for ${place}`);
    const known = where.split('/').reduce<Schema>((at, part) => (part ? (at[part] as Schema) : at), schema);
    const properties = (known['properties'] ?? {}) as Schema;
    // Any content: it is named as not supported, whatever it is.
    add(
      where,
      Object.fromEntries(Object.keys(keys).flatMap((key) => (key in properties ? [] : [[key, {}]]))),
    );
  }
  for (const [place, keys] of Object.entries(ADDED)) add(place, keys);
  const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false, verbose: true });
  delete schema['$schema'];
  return ajv.compile(schema);
}

/** `id` is what earlier drafts called `$id`; nothing refers to them. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) =>
      key === 'id' && typeof entry === 'string' ? [] : [[key, withoutIds(entry)]],
    ),
  );
}
