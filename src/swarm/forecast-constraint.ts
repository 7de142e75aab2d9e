/**
 * Placement constraints as swarmkit reads them (manager/constraint, engine 20.10 to 27): values are compared whole and
 * without regard to case, a label that a node lacks counts as empty, an unknown key fits nowhere. Pure.
 */
import { BlockList, isIP } from 'node:net';
import type { PlaceNode } from './forecast.ts';

const FORM = /^\s*(?<key>[a-z0-9_.-]+)\s*(?<operator>==|!=)\s*(?<value>.*?)\s*$/i;

export interface Constraint {
  key: string;
  equal: boolean;
  value: string;
}

/** Undefined when the engine would refuse it as well. */
export function parseConstraint(text: string): Constraint | undefined {
  const { key, operator, value } = FORM.exec(text)?.groups ?? {};
  if (key === undefined || operator === undefined || !value) return undefined;
  return { key, equal: operator === '==', value };
}

export function meets(node: PlaceNode, text: string): boolean {
  const found = parseConstraint(text);
  if (!found) return false;
  const { key, equal, value } = found;
  const is = actual(node, key, value);
  return is === undefined ? false : is === equal;
}

/** Whether the node has that value; undefined for a key that swarmkit does not know. */
function actual(node: PlaceNode, key: string, value: string): boolean | undefined {
  const same = (text: string) => text.toLowerCase() === value.toLowerCase();
  const label = (prefix: string) =>
    key.toLowerCase().startsWith(prefix) && key.length > prefix.length ? key.slice(prefix.length) : undefined;
  switch (key.toLowerCase()) {
    case 'node.id':
      return same(node.id);
    case 'node.hostname':
      return same(node.hostname);
    case 'node.role':
      return same(node.role);
    case 'node.platform.os':
      return same(node.os);
    case 'node.platform.arch':
      return same(node.arch);
    case 'node.ip':
      return isAt(node.address, value);
  }
  const own = label('node.labels.');
  if (own !== undefined) return same(valueOf(node.labels, own));
  const engine = label('engine.labels.');
  if (engine !== undefined) return same(valueOf(node.engineLabels, engine));
  return undefined;
}

const valueOf = (labels: Readonly<Record<string, string>>, name: string) =>
  Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';

/** `10.0.0.7` or `10.0.0.0/8`. */
function isAt(address: string, wanted: string): boolean {
  const [network = '', prefix] = wanted.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0 || isIP(address) !== isIP(network)) return false;
  const list = new BlockList();
  const bits = prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix);
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 'ipv6' ? 128 : 32)) return false;
  list.addSubnet(network, bits, family);
  return list.check(address, family);
}
