/** The remedies that rows offer. Each is left out where the name that its line needs is not known. */
import type { Remedy } from '../remedy.ts';
import type { Facts } from './facts.ts';
import type { Way } from './row.ts';

/** The host, node or service that is meant, where it is known by name. */
export const hostOf = ({ host, target, node }: Facts): string | undefined => host ?? target ?? node;
export const nodeOf = ({ node, host, target }: Facts): string | undefined => node ?? host ?? target;
export const serviceOf = ({ service, target }: Facts): string | undefined => service ?? target;

/** Commands that go to a host itself know only those of the inventory. */
const withHost =
  (make: (host: string) => Remedy): Way =>
  ({ facts }) => {
    const host = hostOf(facts);
    const isKnown = facts.inventory?.some(({ name }) => name === host) ?? true;
    return host !== undefined && isKnown ? make(host) : undefined;
  };
const withNode =
  (make: (node: string) => Remedy): Way =>
  ({ facts }) => {
    const node = nodeOf(facts);
    return node === undefined ? undefined : make(node);
  };
const withService =
  (make: (service: string) => Remedy): Way =>
  ({ facts }) => {
    const service = serviceOf(facts);
    return service === undefined ? undefined : make(service);
  };

export const retry: Way = ({ facts: { request } }) =>
  request === undefined ? undefined : { label: 'Retry', line: `retry ${request}` };

export const check = withHost((host) => ({ label: 'Check the host', line: `check ${host}` }));
export const info = withHost((host) => ({ label: 'Show docker info', line: `info ${host}` }));
/** Shows the rules first; they are opened from there. */
export const openPorts = withHost((host) => ({ label: 'Open the ports', line: `ports ${host}` }));
export const openPortsOn = (host: string): Remedy => ({
  label: `Open the ports of ${host}`,
  line: `ports ${host}`,
});
export const joinHost = withHost((host) => ({ label: 'Join again', line: `join ${host}` }));
const again = (flags: string): Way =>
  withHost((host) => ({
    label: 'Leave and join again',
    line: `join ${host} ${flags}`,
    confirm: `${host} leaves the swarm that it is in now, its tasks move or stop, and it joins this one again.`,
  }));
export const joinAgain = again('--again');
export const joinAgainAsManager = again('--manager --again');
export const prune = withHost((host) => ({
  label: 'Clean up',
  line: `prune ${host}`,
  confirm: `Images and containers on ${host} that no service needs are removed.`,
}));

export const leave = withNode((node) => ({
  label: 'Leave again',
  line: `leave ${node}`,
  confirm: `${node} leaves the swarm.`,
}));
export const demote = withNode((node) => ({
  label: 'Demote',
  line: `demote ${node}`,
  confirm: `${node} stops being a manager and stays in the swarm as a worker.`,
}));
export const drain = withNode((node) => ({
  label: 'Drain',
  line: `drain ${node}`,
  confirm: `All tasks of ${node} move to other nodes.`,
}));
export const activateNode = (node: string): Remedy => ({
  label: `Activate ${node}`,
  line: `activate ${node}`,
});
export const removeEntry = withNode((node) => ({
  label: 'Remove the entry',
  line: `node rm ${node}`,
  confirm: `The entry of ${node} is taken off the managers' list.`,
}));
export const removeGhost = (id: string): Remedy => ({
  label: 'Remove the ghost',
  line: `node rm ${id}`,
  confirm: `The entry ${id} is taken off the managers' list; the host itself is not touched.`,
});
export const addLabel = (node: string, label: string): Remedy => ({
  label: `Add the label to ${node}`,
  line: `label ${node} ${label}`,
});

export const tasks = withService((service) => ({ label: 'Show its tasks', line: `ps ${service} --all` }));
export const rollback = withService((service) => ({
  label: 'Roll back',
  line: `rollback ${service}`,
  confirm: `${service} goes back to how it was before the last update.`,
}));
export const restart = withService((service) => ({
  label: 'Restart the service',
  line: `restart ${service}`,
  confirm: `The tasks of ${service} are replaced one after the other.`,
}));
export const rebalance = withService((service) => ({ label: 'Rebalance', line: `rebalance ${service}` }));
export const scaleTo =
  (replicas: number | undefined): Way =>
  ({ facts }) => {
    const service = serviceOf(facts);
    return service === undefined || replicas === undefined
      ? undefined
      : { label: `Scale to ${replicas}`, line: `scale ${service} ${replicas}` };
  };

export const nodes: Remedy = { label: 'Show the nodes', line: 'nodes' };
/** What is wrong with each of these hosts. */
export const whyEach = (hosts: readonly string[]): Remedy[] =>
  hosts.slice(0, 3).map((host) => ({ label: `Why ${host}?`, line: `why ${host}` }));
