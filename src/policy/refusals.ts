/** Refusals in words, but for those of a role that is missing: see missing-role.ts. */
import type { Target } from '../target.ts';
import { hasSomebody, isIn } from './membership.ts';
import type { DenyRule, Role } from './policy.ts';
import type { Question, Refused } from './question.ts';
import type { Hit } from './reach.ts';
import { holders, inText, quote, reachOf, said } from './wording.ts';

export function refuseUnknown(): Refused {
  return said(
    ['Slack does not tell at this moment who you are, so nothing can be allowed.'],
    ['Try again in a minute. If it stays so, the log of the bot says why.'],
  );
}

export function refuseOwn(): Refused {
  return said(
    ['Nobody approves what they have asked for themselves.'],
    ['Somebody else must; you can take it back.'],
  );
}

/** `place`: of the rule among those under `deny`, from 1. */
export function refuseForbidden(
  rule: DenyRule,
  place: number,
  { kind, target }: { kind: 'all' | 'unnamed' | Hit; target?: Target },
  { command }: Question,
): Refused {
  const here = rule.channels.length > 0 ? ' in this channel' : '';
  const what = quote(command.name);
  const about = `what is called ${inText(rule.targets)}`;
  const where = `Rule ${place} under "deny" in swarm.yaml says so, and it wins over every role.`;
  switch (kind) {
    case 'all':
      return said([`${what} is forbidden for you${here}.`], [where]);
    case 'name':
      return said([`${what} is forbidden for you${here} on ${target?.name}.`], [where]);
    case 'whole swarm':
    case 'unnamed':
      return said(
        [`${what} is forbidden for you${here} on ${about}, and this is about the swarm as a whole.`],
        [where],
      );
    case 'maybe an ID':
      return said(
        [
          `${what} is forbidden for you${here} on ${about}, and ${quote(target?.name ?? '')} could be the ID of such a one.`,
        ],
        [
          `Give its name in place of an ID. If that is its name, whoever runs this bot can write it under the "targets" of any role. ${where}`,
        ],
      );
  }
}

/** `roles`: those of the approvers that exist. */
export function refuseNoApprover(roles: Role[], approvers: readonly string[], question: Question): Refused {
  const own = roles.filter((role) => isIn(role, question.person));
  const named = inText(approvers, 'or');
  if (own.length > 0) {
    return said(
      [`${reachOf(own)}, and this is about more.`],
      ['Somebody who reaches all of it must decide.'],
    );
  }
  if (approvers.length === 0) {
    return said(
      [`${quote(question.command.name)} needs no approval any more.`],
      ['Whoever asked for it can take it back and ask anew.'],
    );
  }
  const others = roles.filter(hasSomebody);
  return said(
    others.length > 0
      ? [`Only the role ${named} decides on this: `, ...holders(others), '.']
      : [`Only the role ${named} decides on this, and nobody has it.`],
    others.length > 0
      ? []
      : ['Whoever runs this bot can name people in swarm.yaml; whoever asked can take it back.'],
  );
}
