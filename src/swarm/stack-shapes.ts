/** What belongs to a stack, as a manager has it. Who compares and who deploys agree on these. */

/** Docker's own: whatever carries it belongs to the stack that it names. */
export const STACK_LABEL = 'com.docker.stack.namespace';
/** Docker's own: the image as the compose file names it. */
export const STACK_IMAGE_LABEL = 'com.docker.stack.image';

/** A service with its spec as the engine gives it: to be compared field by field, and sent back. */
export interface RunningService {
  id: string;
  name: string;
  spec: Record<string, unknown>;
}

export interface StackNetwork {
  id: string;
  name: string;
  /** `swarm` for those that services can use. */
  scope: string;
  driver: string;
  internal: boolean;
  attachable: boolean;
  subnets: string[];
  /** The stack that it belongs to, or an empty text. */
  stack: string;
}

/** A config or a secret. */
export interface StackObject {
  id: string;
  name: string;
  stack: string;
  /** Base64; of configs only, the engine keeps secrets to itself. */
  data: string;
}

export interface StackState {
  services: RunningService[];
  /** Names of services that belong to no stack, or to another one. */
  otherServices: string[];
  /** All of the swarm's: a service may use those of others. */
  networks: StackNetwork[];
  configs: StackObject[];
  secrets: StackObject[];
}

/** A network as the engine is asked for it. */
export interface NetworkSpec {
  Name: string;
  Driver: string;
  Labels: Record<string, string>;
  Options: Record<string, string>;
  Internal: boolean;
  Attachable: boolean;
  EnableIPv6: boolean;
  CheckDuplicate: true;
  IPAM?: { Driver: string; Config: Record<string, string>[] };
}

/** A config as the engine is asked for it. */
export interface ConfigSpec {
  Name: string;
  Labels: Record<string, string>;
  /** Base64. */
  Data: string;
  Templating?: { Name: string };
}
