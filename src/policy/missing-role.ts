/** Nothing that somebody has lets them: which role is missing and who has it, or what is beyond the one they have. */
import { inWords, type Phrase } from '../phrase.ts';
import { grants, hasSomebody, isIn, isInChannel, reachesAll } from './membership.ts';
import type { Person, Policy, Role } from './policy.ts';
import type { Question, Refused } from './question.ts';
import { maybeId, reaches } from './reach.ts';
import { holders, membersOf, quote, reachOf, rolesNamed, said } from './wording.ts';

export function refuseUngranted(policy: Policy, question: Question): Refused {
  const { person, command } = question;
  const granting = policy.roles.filter((role) => grants(role, command));
  const own = granting.filter((role) => isIn(role, person));
  if (own.length > 0) return refuseLimited(own, granting, question);
  const enough = granting.filter((role) => isInChannel(role, question.channel) && reachesAll(role, question));
  const candidates = enough.length > 0 ? enough : granting;
  const others = candidates.filter(hasSomebody);
  const stranger = kindOf(person);
  const everyone = candidates.find((role) => role.everyone);
  if (stranger !== undefined && everyone) {
    return said(
      [
        `You are ${stranger}, and ${quote(command.name)} is for full members of this workspace${others.length > 0 ? ', and for those whom a role names' : ''}.`,
      ],
      ['Ask one of them to do it, or whoever runs this bot to name you in a role of swarm.yaml.'],
    );
  }
  if (others.length === 0) return refuseNobody(policy, candidates, question);
  return said(
    [
      `${stranger === undefined ? '' : `You are ${stranger}. `}${quote(command.name)} needs the role `,
      ...needed(others),
      '.',
    ],
    ['Ask one of them, or whoever runs this bot for the role.'],
  );
}

/** `operators: @ops-team and @alice have it`; of several `operators (@ops-team) or oncall (@carol)`. */
function needed(roles: Role[]): Phrase {
  const [only, second] = roles;
  if (only && !second) return [`${only.name}: `, ...holders([only])];
  const shown = roles.slice(0, MOST_ROLES);
  return shown.flatMap((role, at): Phrase => {
    const before = at === 0 ? '' : at === shown.length - 1 ? ' or ' : ', ';
    return [`${before}${role.name} (`, ...inWords(membersOf([role]), { most: 3 }), ')'];
  });
}

/** More are not named: one is enough. */
const MOST_ROLES = 4;

/** Their own roles grant it, but not here or not on this. */
function refuseLimited(own: Role[], granting: Role[], question: Question): Refused {
  const { command, channel, targets } = question;
  const what = quote(command.name);
  const elsewhere = own.filter((role) => reachesAll(role, question));
  if (elsewhere.length > 0) {
    const channels = [...new Set(elsewhere.flatMap((role) => role.channels))];
    return said(
      [
        `You may use ${what}, but not in this channel: your ${rolesNamed(elsewhere)} ${elsewhere.length === 1 ? 'is' : 'are'} for `,
        ...inWords(channels.map((id) => ({ channel: id }))),
        '.',
      ],
      ['Ask again there.'],
    );
  }
  const globs = own.flatMap((role) => role.targets);
  const missed = (targets ?? []).find((target) => !reaches(globs, target));
  const reach = reachOf(own);
  const others = granting.filter(
    (role) => hasSomebody(role) && isInChannel(role, channel) && reachesAll(role, question),
  );
  const next: Phrase =
    others.length > 0
      ? ['Ask somebody who reaches it: ', ...holders(others), '.']
      : ['Nobody has a role that does.'];
  if (missed === undefined && targets?.length !== 0) {
    return said([`${reach}, and none of them alone all of what you ask for.`], ['Ask for each by itself.']);
  }
  if (missed === undefined || missed.kind === 'swarm')
    return said([`${reach}, and this is about the swarm as a whole.`], next);
  if (!maybeId(missed)) return said([`${reach}: ${missed.name} is not among them.`], next);
  return said(
    [`${reach}, and ${quote(missed.name)} could be the ID of something else.`],
    ['Give the name where that is an ID. ', ...next],
  );
}

/** Nobody can do it: what to write down. */
function refuseNobody({ roles }: Policy, candidates: Role[], { person, command }: Question): Refused {
  const [empty] = candidates;
  const what = quote(command.name);
  if (empty) {
    return said(
      [`${what} needs the role ${empty.name}, and nobody has it.`],
      [
        `Whoever runs this bot can name people in swarm.yaml: roles: { ${empty.name}: { people: [${person.id}] } }`,
      ],
    );
  }
  const there = roles.some(({ name }) => name === 'operators');
  return said(
    [`Nobody may use ${what}: no role in swarm.yaml allows it.`],
    [
      there
        ? `Whoever runs this bot can add ${command.risk} to the "allow" of a role there.`
        : `Whoever runs this bot can add one there: roles: { operators: { people: [${person.id}], allow: [${command.risk}] } }`,
    ],
  );
}

function kindOf({ kind }: Person): string | undefined {
  const words = { guest: 'a guest here', external: 'from another workspace', bot: 'a bot' };
  return kind === 'member' || kind === 'unknown' ? undefined : words[kind];
}
