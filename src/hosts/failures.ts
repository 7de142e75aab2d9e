/** The ways in which a host or its engine fails that a person can act on, typed so that nobody reads the text again. */
import { UserError } from '../errors.ts';
import type { Remedy } from '../remedy.ts';

export type HostFailureKind =
  /** No SSH connection: nothing answers, or it broke. */
  | 'unreachable'
  /** Unknown, changed or revoked host key. */
  | 'host-key'
  /** Login refused, or the private key cannot be used. */
  | 'login'
  /** The engine's socket is missing or refuses. */
  | 'socket'
  /** The engine did not answer in time. */
  | 'silent'
  /** The engine is older than swarm mode. */
  | 'too-old'
  /** sshd does not do what is needed. */
  | 'forbidden';

/** A host or its engine could not be used at all. */
export class HostFailure extends UserError {
  readonly kind: HostFailureKind;
  readonly host: string;
  /** A connection stood and broke while it was used: a question may be asked again at once. */
  readonly broke: boolean;

  constructor(
    host: string,
    kind: HostFailureKind,
    message: string,
    {
      broke = false,
      ...options
    }: { hint?: string; cause?: unknown; broke?: boolean; remedies?: Remedy[] } = {},
  ) {
    super(message, options);
    this.broke = broke;
    this.name = 'HostFailure';
    this.host = host;
    this.kind = kind;
  }
}

/** The engine answered, and said no. */
export class EngineRefusal extends UserError {
  readonly host: string;
  readonly status: number;
  /** The engine's own words, redacted. */
  readonly text: string;

  constructor(
    host: string,
    status: number,
    text: string,
    { message = `The engine on ${host} refused: ${text}`, hint = '' } = {},
  ) {
    super(message, { hint, cause: new Error(text) });
    this.name = 'EngineRefusal';
    this.host = host;
    this.status = status;
    this.text = text;
  }
}
