import { plan } from '../firewall/plan.ts';
import { readFirewall, rootPrefix } from '../firewall/reading.ts';
import { wantedPackets } from '../firewall/wanted.ts';
import { exchange } from '../probes/exchange.ts';
import type { Preview, PreviewContext } from './define.ts';
import { surroundings, whomFor } from './ports-look.ts';
import { fact, namesFact } from './preview-facts.ts';
import { count } from './preview-text.ts';

interface Input {
  host: string;
  for: string | null;
  apply: boolean;
}

/** What approvers of new firewall rules are shown: the rules themselves, and why they are needed. */
export async function previewPorts(
  { host: name, for: forName, apply }: Input,
  context: PreviewContext,
): Promise<Preview> {
  const { hosts, signal } = context;
  const host = hosts.host(name);
  const other = forName === null ? undefined : hosts.host(forName);
  if (!apply)
    return {
      says: ['Nothing is changed: it only shows which rules would be added.'],
      warnings: [],
      facts: [],
    };
  const around = await surroundings(host, other, context);
  const { passages, paths } = await exchange(around.subject, around.peers, signal);
  const prefix = await rootPrefix(host, signal);
  const { near, device } = await whomFor(host, paths[0]?.source, around.nodes, other, context);
  const made = plan(
    await readFirewall(host, prefix, signal),
    wantedPackets(near.ranges, { device, isManager: around.info.swarm.isManager || around.subject.manager }),
  );
  const rules = made.commands.map(({ shows }) => shows);
  const blocked = passages.filter(({ outcome }) => outcome === 'blocked').length;
  return {
    says: [
      rules.length === 0
        ? `The firewall of ${name} lets everything through that the swarm needs: nothing is added.`
        : `${count(rules.length, 'rule')} ${rules.length === 1 ? 'is' : 'are'} added to the firewall of ${name} (${made.ruler}), and none is taken away:`,
      ...rules,
      ...(rules.length === 0 ? [] : [near.why]),
      blocked === 0
        ? `${count(passages.length, 'way')} tried with real packets: none is blocked at the moment.`
        : `${blocked} of ${count(passages.length, 'way')} tried with real packets ${blocked === 1 ? 'is' : 'are'} blocked.`,
    ],
    warnings: rules.length > 0 && !made.outlastsBoot ? [made.lasting] : [],
    facts: [fact(`the firewall of ${name}`, made.ruler), namesFact(`the rules for ${name}`, rules)],
  };
}
