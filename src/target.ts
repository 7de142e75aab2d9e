/** What a command is about: policies limit people to some, the audit names them. */
export interface Target {
  kind: 'host' | 'node' | 'service' | 'stack' | 'swarm';
  /** As it was typed; of the swarm itself an empty text. */
  name: string;
}

/** The swarm as a whole, such as its join tokens. */
export const WHOLE_SWARM: Target = { kind: 'swarm', name: '' };
