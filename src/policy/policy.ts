/** The policy of swarm.yaml: who may do what, and what needs approval. Data only; decide.ts reads it. */

export interface Policy {
  /** They only grant: a person may do what any of theirs grants. */
  roles: Role[];
  /** They win over every role. */
  deny: DenyRule[];
  /** By the name of a command. One that is not here needs no approval. */
  approvals: Record<string, ApprovalRule>;
  /** Names of the roles that may go on without waiting for an approval. */
  breakGlass: string[];
}

/** Whom a role or a rule is about. */
export interface Audience {
  /** Slack's IDs of people. */
  people: string[];
  /** Slack's IDs of user groups, or their handles with an @. */
  groups: string[];
  /** Of a role: every full member of this workspace. Of a prohibition: everybody there is, guests as well. */
  everyone: boolean;
}

/** Where a role or a rule holds; empty lists: everywhere. */
export interface Limits {
  /** IDs of channels. */
  channels: string[];
  /** Names of hosts, nodes, services and stacks, with `*`. How they are compared, IDs included: reach.ts. */
  targets: string[];
}

export interface Role extends Audience, Limits {
  name: string;
  /** Names of commands, and the risks `read`, `change` and `destroy` for all of theirs. */
  allow: string[];
}

export interface DenyRule extends Audience, Limits {
  commands: string[];
}

export interface ApprovalRule {
  /** Names of roles. */
  approvers: string[];
  /** Distinct people. */
  quorum: number;
  expiresMs: number;
  /** The person who asks must say why. */
  reason: 'required' | 'optional';
}

/** Somebody as Slack knows them at this moment. */
export interface Person {
  id: string;
  name: string;
  /**
   * Member: of this very workspace, and no guest. External: of another one, in a shared channel. Unknown: Slack did not
   * tell all that is asked here, the groups included: nothing is allowed then, since a prohibition may be missed.
   */
  kind: 'member' | 'guest' | 'external' | 'bot' | 'unknown';
  /** Of the user groups that the policy names: those with this person, as the policy writes them. */
  groups: string[];
}
