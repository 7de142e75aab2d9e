/** What is known beside the text of an error: names for the sentences, and signs that no text gives. */

/** Each may be missing: a row that needs it then speaks in general, or does not fit. */
export interface Facts {
  /** The host of the inventory, the node and the service that it is about. */
  host?: string;
  node?: string;
  service?: string;
  /** What a command was given, where it is not known whether that is a host, a node or a service. */
  target?: string;
  /** What was being done: `join`, `scale`, `ps`. */
  doing?: string;
  /** Nodes on which it was seen. */
  nodes?: string[];
  /** ID of the request that failed: what may work the next time is offered as Retry. */
  request?: string;
  /** The inventory: turns addresses in the engine's words into names, and says which hosts a remedy can go to. */
  inventory?: { name: string; address: string }[];

  /** What the host's own engine says of its place in a swarm. */
  localState?: 'inactive' | 'pending' | 'active' | 'error' | 'locked';
  /** Whether the swarm that the host is in is this one. */
  sameSwarm?: boolean;
  /** What the managers say of the node. Its name is empty where it never told them. */
  nodeState?: 'unknown' | 'down' | 'ready' | 'disconnected';
  hostname?: string;
  role?: 'worker' | 'manager';
  /** The host's engine: `gone` when nothing listens, `silent` when it takes questions and gives no answer. */
  engine?: 'gone' | 'silent';
  /** The address that the engine gives the other nodes, and the one at which it can be reached. */
  advertised?: string;
  address?: string;
  firewall?: string;
  /** Bytes that the host's interface sends at most, and that the path to the managers carries. */
  mtu?: { host: number; path: number };
  /** How far the host's clock is from the managers', in ms. */
  clockSkewMs?: number;
  /** What arrives through an overlay network between two hosts. */
  overlay?: { ping: boolean; tcp: boolean };
  /** Hosts whose engines have the same ID. */
  sameEngineId?: string[];
  /** Engine versions in the swarm, where there are several. */
  versions?: string[];
  /** IDs of entries of this host that are Down and not it any more. */
  ghosts?: string[];
  /** Containers on the host that belong to tasks which are not wanted there any more. */
  strays?: number;
  /** Bytes left where the engine keeps its images, and of how many. */
  disk?: { freeBytes: number; totalBytes: number };

  /** How many managers the swarm counts, those that do not answer, and those that left it without having been demoted. */
  managers?: number;
  lostManagers?: string[];
  leftManagers?: string[];

  /** Replicas: wanted, and the most for which there is room. */
  wanted?: number;
  fits?: number;
  /** The service's placement constraints, as Docker spells them. */
  constraints?: string[];
  /** The node that comes nearest to them, and the label that it lacks: `zone=a`. */
  nearest?: { node: string; label: string };
  image?: string;
  /** Replicas that a chat command had set, and those that a deploy of the stack put back. */
  snappedBack?: { from: number; to: number; stack?: string };
  /** The node is ready and runs nothing, although services that it could take run several tasks elsewhere. */
  emptyNode?: boolean;
  /** Nodes that take no new tasks. */
  closed?: string[];
  /** Those of them that meet the service's constraints, when no other node does. */
  closedFor?: string[];
  /** The managers' events stopped coming. */
  missedEvents?: boolean;
}
