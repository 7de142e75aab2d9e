/** The part of a pino logger that hosts and swarm write to. A pino logger fits as it is. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const silent: Log = { debug() {}, info() {}, warn() {} };
