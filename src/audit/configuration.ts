/** The record of what a process was started with, so that a changed policy or inventory is seen. */
import { createHash } from 'node:crypto';
import packageJson from '../../package.json' with { type: 'json' };
import type { AuditEvent } from './record.ts';

/** What of swarm.yaml is told in words; the digest is over all of it. It holds paths of keys, and no secret. */
interface Configuration {
  managers: string[];
  hosts: { name: string; address: string }[];
  policy: {
    roles: {
      name: string;
      people: string[];
      groups: string[];
      everyone: boolean;
      allow: readonly string[];
    }[];
    deny: readonly unknown[];
    approvals: Record<string, { approvers: string[]; quorum: number }>;
    breakGlass: readonly string[];
  };
}

export function configuration(process: 'bot' | 'worker', swarm: Configuration): AuditEvent {
  const { managers, hosts, policy } = swarm;
  const { roles, deny, approvals, breakGlass } = policy;
  const summary = [
    `managers ${managers.join(', ')}`,
    `${hosts.length} hosts: ${hosts.map(({ name, address }) => `${name} ${address}`).join(', ')}`,
    ...roles.map(({ name, people, groups, everyone, allow }) => {
      const who = [...(everyone ? ['everyone'] : []), ...people, ...groups].join(', ') || 'nobody';
      return `role ${name} (${who}): ${allow.join(', ')}`;
    }),
    ...(deny.length > 0 ? [`${deny.length} prohibitions`] : []),
    ...approvalsInWords(approvals),
    `break-glass: ${breakGlass.join(', ') || 'nobody'}`,
  ];
  return { event: 'configuration', process, version: packageJson.version, digest: digestOf(swarm), summary };
}

/** `approved by 1 of operators: join, leave`. */
function approvalsInWords(approvals: Configuration['policy']['approvals']): string[] {
  const verbs = new Map<string, string[]>();
  for (const [verb, { approvers, quorum }] of Object.entries(approvals)) {
    const rule = `approved by ${quorum} of ${approvers.join(', ')}`;
    verbs.set(rule, [...(verbs.get(rule) ?? []), verb]);
  }
  if (verbs.size === 0) return ['nothing needs an approval'];
  return [...verbs].map(([rule, those]) => `${rule}: ${those.join(', ')}`);
}

/** The same for the same content, in whatever order it was written. */
function digestOf(value: unknown): string {
  const ordered = JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
  return createHash('sha256').update(ordered).digest('hex');
}
