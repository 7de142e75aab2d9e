import type { Preview, PreviewContext } from './define.ts';
import { checkJoin, type Wish } from './join-check.ts';

/** What approvers of a join are shown: each host as it is, and what the check found. */
export async function previewJoin(
  names: readonly string[],
  wish: Wish,
  { hosts, swarm, signal }: PreviewContext,
): Promise<Preview> {
  const found = await Promise.all(
    names.map(async (name) => {
      const host = hosts.host(name);
      return { name, ...(await checkJoin(host, wish, { hosts, swarm, signal })) };
    }),
  );
  return {
    says: found.map(({ name, member, info }) =>
      member
        ? `${name} is in this swarm already.`
        : `${name} (engine ${info.version}) joins as a ${wish.role}.`,
    ),
    warnings: found.flatMap(({ name, warnings }) => warnings.map((warning) => `${name}: ${warning}`)),
    facts: found.flatMap(({ name, info }) => [
      { what: `the engine of ${name}`, value: info.version },
      {
        what: `the swarm that ${name} is in`,
        value: info.swarm.state === 'active' ? info.swarm.nodeId : 'none',
      },
    ]),
  };
}
