/** What somebody may do with a command, before it is known what with: for the help. */
import type { May } from '../commands/may.ts';
import { inWords } from '../phrase.ts';
import { WHOLE_SWARM } from '../target.ts';
import { decide, forbids } from './decide.ts';
import { grants, isIn, isInChannel, rolesOf } from './membership.ts';
import type { Policy } from './policy.ts';
import type { Question } from './question.ts';
import { membersOf } from './wording.ts';

type Asked = Omit<Question, 'targets'>;

interface About {
  /** There is a way to ask only what it would do. */
  canShow: boolean;
  /** It is always about the swarm as a whole. */
  swarmWide: boolean;
}

export function outlook(policy: Policy, asked: Asked, { canShow, swarmWide }: About): May {
  const question = { ...asked, targets: swarmWide ? [WHOLE_SWARM] : undefined };
  const decision = decide(policy, question);
  const only = swarmWide ? [] : reachOf(policy, asked);
  switch (decision.kind) {
    case 'allow':
      return { kind: 'yes', only };
    case 'ask': {
      const { approvers, quorum, reason } = decision.approval;
      const whom = inWords(membersOf(rolesOf(policy, approvers)), { last: 'or' });
      return {
        kind: 'ask',
        only,
        approval: { whom, quorum, reasonNeeded: reason === 'required', now: decision.now },
      };
    }
    case 'deny': {
      const command = { ...asked.command, risk: 'read', shows: true } as const;
      if (canShow && decide(policy, { ...question, command }).kind === 'allow')
        return { kind: 'look', only: reachOf(policy, { ...asked, command }), why: decision.says };
      return { kind: 'no', why: decision.says };
    }
  }
}

/** The same of a command about an earlier request: whose it was, and what it was, decides. */
export function outlookOnRequests(policy: Policy, asked: Asked): May {
  const forbidden = forbids(policy, { ...asked, targets: undefined });
  if (forbidden) return { kind: 'no', why: forbidden.says };
  return outlook(
    policy,
    { ...asked, command: { name: 'help', risk: 'read' } },
    { canShow: false, swarmWide: false },
  );
}

function reachOf({ roles }: Policy, { person, channel, command }: Asked): string[] {
  const own = roles.filter(
    (role) => grants(role, command) && isIn(role, person) && isInChannel(role, channel),
  );
  return own.some(({ targets }) => targets.length === 0)
    ? []
    : [...new Set(own.flatMap(({ targets }) => targets))];
}
