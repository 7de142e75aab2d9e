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
  listNodes: Ask;
  listServices: Ask<{ filters?: Filters }>;
  listTasks: Ask<{ filters?: Filters }>;
  getImage(name: string): { inspect: Ask };
  getService(name: string): { inspect: Ask; update: Ask<Update> };
  getNode(id: string): { inspect: Ask; update: Ask<Update>; remove: Ask };
}

/** `_query` and `_body` are docker-modem's way of keeping the two apart. */
interface Update {
  _query: { version: number };
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
