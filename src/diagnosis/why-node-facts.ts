/** What has to be known to say why a node, or a host of the inventory, is as it is. */
import type { DialOutcome, EngineInfo } from '../hosts/hosts.ts';
import type { NodeDetail } from '../swarm/node-details.ts';

/** What one host says of itself, asked over SSH. */
export type HostAnswer =
  | { kind: 'info'; info: EngineInfo }
  /** `failed`: as HostFailureKind, or `late` when it took too long. */
  | { kind: 'failed'; failed: string; message: string };

export interface NodeFacts {
  name: string;
  /** Entries at the managers, the living first: none for a host that is in no swarm; several after joins. */
  entries: NodeDetail[];
  /** The host of the inventory, and its address there; null: none has this name. */
  host: { name: string; address: string } | null;
  said: HostAnswer | null;
  /** What became of a connection from the host to a manager's 2377; null: not tried. */
  toManager: { address: string; outcome: DialOutcome } | null;
  managers: { total: number; reachable: number };
  /** Whether any manager could be asked. */
  managersAnswer: boolean;
  /** Other engine versions in the swarm. */
  versions: string[];
  /** Containers of tasks that are not wanted there. */
  strays: number;
  /** Services that run several tasks elsewhere, of which this node runs none. */
  couldTake: string[];
}
