import type { Readable } from 'node:stream';

/** What one call to the engine is given beside its own parameters. */
interface Asked {
  abortSignal: AbortSignal;
}

type Ask<T extends object = object> = (options: Asked & T) => Promise<unknown>;
type Filters = Record<string, string[]>;

/**
 * dockerode's calls as this project uses them. Its own types forget the signal and promise answers that engines of other
 * versions do not keep: here every answer is unknown and gets parsed. IDs and names must come encoded (`pathPart`).
 */
export interface Engine {
  info: Ask;
  version: Ask;
  swarmInspect: Ask;
  swarmJoin: Ask<{
    ListenAddr: string;
    AdvertiseAddr: string;
    RemoteAddrs: string[];
    JoinToken: string;
    Availability: 'active' | 'drain';
  }>;
  swarmLeave: Ask<{ force: boolean }>;
  swarmUpdate: Ask<{
    _query: { version: number; rotateWorkerToken: boolean; rotateManagerToken: boolean };
    _body: object;
  }>;
  listNodes: Ask<{ filters?: Filters }>;
  listServices: Ask<{ filters?: Filters; status?: boolean }>;
  listNetworks: Ask<{ filters?: Filters }>;
  listTasks: Ask<{ filters?: Filters }>;
  listConfigs: Ask;
  listSecrets: Ask;
  /** A list of any length: `pick` sees each item once, and only what it gives stays in memory. */
  each<T>(
    kind: 'nodes' | 'services' | 'tasks',
    options: Asked & { filters?: Filters; status?: boolean },
    pick: (item: unknown) => T,
  ): Promise<T[]>;
  df: Ask;
  pruneBuilder: Ask;
  getContainer(id: string): { remove: Ask<{ force: boolean; v: boolean }> };
  getVolume(name: string): { remove: Ask<{ force: boolean }> };
  getImage(name: string): { inspect: Ask; remove: Ask<{ force: boolean }> };
  /** Its first parameter is a login, for which it would take the options if they stood alone. */
  createService(login: undefined, options: Asked & { _body: object }): Promise<unknown>;
  getService(name: string): { inspect: Ask; update: Ask<Update>; remove: Ask };
  /** Without `_query` it would write all of the body into the address as well. */
  createNetwork: Ask<{ _query: object; _body: object }>;
  createConfig: Ask<{ _query: object; _body: object }>;
  getNetwork(id: string): { inspect: Ask; remove: Ask };
  getConfig(id: string): { remove: Ask };
  getSecret(id: string): { remove: Ask };
  logStream(kind: 'services' | 'tasks', id: string, options: Asked & Logs): Promise<Readable>;
  getNode(id: string): { inspect: Ask; update: Ask<Update>; remove: Ask };
}

interface Logs {
  stdout: boolean;
  stderr: boolean;
  timestamps: boolean;
  details: boolean;
  follow: boolean;
  tail: number;
  /** Seconds since 1970. */
  since?: number;
}

/** `_query` and `_body` are docker-modem's way of keeping the two apart. */
interface Update {
  _query: { version: number; rollback?: 'previous' };
  _body: object;
}

/**
 * A name or ID as one part of a path. The engine's router tidies `..` and `//` even when they come encoded, and answers
 * with a redirect: whatever could not be a name is not asked for.
 */
export function pathPart(name: string): string {
  if (!isName(name)) throw new Error(`Not a name that an engine gives: ${JSON.stringify(name)}`);
  return name;
}

/** Names of services and nodes, and IDs, as the engine allows them (1.24 to 1.41). */
export const isName = (name: string) => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/.test(name);

/** An image reference, loosely: what an engine would not even look up is not one. */
export const isReference = (reference: string) =>
  /^[A-Za-z0-9][\w.:@/-]{0,511}$/.test(reference) && !/\/\/|\/$|(^|\/)\.{1,2}(\/|$)/.test(reference);
