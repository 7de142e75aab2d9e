/** Who is asked to approve a request: named on its card, and written to. */
import { escape, list, mention } from '../cards/text.ts';
import { mayApprove } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import type { Request } from '../queue/request.ts';
import { ruleNow } from './approvals.ts';
import type { Desk } from './desk.ts';
import type { Directory } from './directory.ts';

/** A line that names more is read by nobody. */
const MOST_NAMED = 5;
/** More are mentioned, not written to one by one. */
const MOST_WRITTEN_TO = 10;

export interface Asked {
  /** Mrkdwn: who may decide, in mentions. */
  whom: string;
  /** IDs of those who get a message; nobody where they are too many. */
  people: string[];
}

/** Mrkdwn: people and user groups of these roles as mentions, at most five. The roles' names where there are none. */
export async function whomOf(
  roles: readonly string[],
  policy: Policy,
  directory: Pick<Directory, 'groupsIn'>,
): Promise<string> {
  const named = policy.roles.filter(({ name }) => roles.includes(name));
  const groups = await directory.groupsIn(roles);
  const people = [...new Set(named.flatMap((role) => role.people))];
  const all = [...groups.map(({ id }) => `<!subteam^${id}>`), ...people.map(mention)];
  if (named.some(({ everyone }) => everyone)) all.unshift('every member');
  if (all.length === 0) return escape(list(roles));
  return list(
    all.length > MOST_NAMED ? [...all.slice(0, MOST_NAMED - 1), `${all.length - MOST_NAMED + 1} more`] : all,
  );
}

/** Those who may decide on this request at this moment, as far as Slack tells. Never throws. */
export async function askedFor(
  request: Request,
  desk: Pick<Desk, 'policy' | 'commands' | 'person' | 'whom'>,
  directory: Pick<Directory, 'peopleIn'>,
): Promise<Asked> {
  const { command: name, requester, targets, approval } = request;
  const { policy } = ruleNow(desk.policy, request);
  const roles = policy.approvals[name]?.approvers ?? approval?.approvers ?? [];
  const [whom, ids] = await Promise.all([desk.whom(roles), directory.peopleIn(roles)]);
  const others = ids.filter((id) => id !== requester.id);
  if (others.length > MOST_WRITTEN_TO) return { whom, people: [] };
  const risk = desk.commands.find((one) => one.name === name)?.risk ?? 'destroy';
  const may = await Promise.all(
    others.map(async (id) => {
      const person = await desk.person({ id, name: id, team: '' });
      // Of whom Slack tells nothing just now: a press is checked anyway.
      if (person.kind === 'unknown') return true;
      const asked = { person, command: { name, risk }, targets, requester: requester.id };
      return mayApprove(policy, asked).kind === 'yes';
    }),
  );
  return { whom, people: others.filter((_, at) => may[at]) };
}
