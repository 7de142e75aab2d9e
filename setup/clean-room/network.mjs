import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { CannotGoOn } from '../speak.mjs';
import { must } from './commands.mjs';
import { until } from './until.mjs';

/** A range set aside for measurements between networks, of which hardly a machine routes any part. */
const POOL = '198.19';

const FORWARDING = '/proc/sys/net/ipv4/ip_forward';

/**
 * Lays a cable from this machine into the network namespace of a process, with a way out to where this machine gets.
 * `undo` takes the steps back, for the end. Returns the address range for a bridge in there, as dockerd's --bip wants it.
 */
export function connect(name, pid, undo) {
  const net = freeNetwork();
  const [machine, inside] = [`${net}.1`, `${net}.2`];
  const cable = 'skl-clean-room';
  must(['ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
  undo.push(() =>
    until(() => !existsSync(`/sys/class/net/${cable}`), `interface ${cable} to go away with its other end`),
  );
  must(['ip', 'addr', 'add', `${machine}/30`, 'dev', cable]);
  must(['ip', 'link', 'set', cable, 'up']);
  must(['nsenter', `--net=/proc/${pid}/ns/net`, 'ip', '-batch', '-'], {
    input: `link set lo up\naddr add ${inside}/30 dev eth0\nlink set eth0 up\nroute add default via ${machine}\n`,
  });
  // Its own rules, in front: an engine on this machine would drop what it does not know.
  const rules = [
    { table: 'nat', chain: 'POSTROUTING', rule: ['-s', `${net}.0/24`, '!', '-o', cable, '-j', 'MASQUERADE'] },
    { table: 'filter', chain: 'FORWARD', rule: ['-i', cable, '-j', 'ACCEPT'] },
    { table: 'filter', chain: 'FORWARD', rule: ['-o', cable, '-j', 'ACCEPT'] },
  ];
  for (const { table, chain, rule } of rules) {
    const change = (action) =>
      must(['iptables', '-w', '-t', table, action, chain, ...rule, '-m', 'comment', '--comment', name]);
    change('-I');
    undo.push(() => change('-D'));
  }
  const forwarding = readFileSync(FORWARDING, 'utf8');
  if (forwarding.trim() === '0') {
    writeFileSync(FORWARDING, '1');
    undo.push(() => writeFileSync(FORWARDING, forwarding));
  }
  return `${net}.129/25`;
}

/** Takes away the rules that `connect` made under this name. */
export function removeRules(name) {
  for (const table of ['nat', 'filter'])
    for (const line of must(['iptables-save', '-t', table]).split('\n'))
      if (line.startsWith('-A') && line.includes(`--comment ${name} `))
        must(['iptables', '-w', '-t', table, '-D', ...line.slice(3).split(' ')]);
}

function freeNetwork() {
  const routes = must(['ip', '-4', 'route', 'show', 'table', 'all']);
  const thirds = Array.from({ length: 256 }, (_, i) => i);
  const free = thirds.find((third) => !routes.includes(`${POOL}.${third}.`));
  if (free === undefined)
    throw new CannotGoOn(`This machine routes all of ${POOL}.0.0/16; the clean room has no address range.`);
  return `${POOL}.${free}`;
}
