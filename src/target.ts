/** What a command is about: policies limit people to some, the audit names them. */
export interface Target {
  kind: 'host' | 'node' | 'service' | 'stack' | 'swarm';
  /** As it was typed; of the swarm itself an empty text. */
  name: string;
}

/** The swarm as a whole, such as its join tokens. */
export const WHOLE_SWARM: Target = { kind: 'swarm', name: '' };

type Named = Exclude<Target['kind'], 'swarm'>;

/** The things of this kind that have these names. */
export function eachOf(kind: Named, names: readonly (string | null)[]): Target[] {
  return names.flatMap((name) => (name === null ? [] : [{ kind, name }]));
}
