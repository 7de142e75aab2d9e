/**
 * What becomes of the managers' majority when some are made or unmade. Raft needs (N/2)+1 of N managers to agree on any
 * change; a manager that is away still counts among the N. Pure.
 */

/** A manager as the others see it. */
export interface ManagerView {
  id: string;
  /** Its hostname. */
  name: string;
  reachable: boolean;
  /** It is set to become a worker and the others have not let it go yet. */
  leaving: boolean;
}

export interface Quorum {
  managers: number;
  reachable: number;
  /** So many must be reachable for anything to be changed. */
  needed: number;
  /** So many of the reachable ones may be lost before the swarm stands still. */
  mayLose: number;
}

/** Why a change of the managers must not be made, with what to do instead. */
interface QuorumRefusal {
  message: string;
  hint: string;
}

export interface ManagersChange {
  before: Quorum;
  after: Quorum;
  /** `3 managers, may lose 1 → 4 managers, may lose 1`. */
  text: string;
  /** Whole sentences on what comes out: an even number, a single manager, too many. */
  advice: string[];
  refusal: QuorumRefusal | null;
}

/** Beyond this every change waits for so many answers that the swarm gets slow (Docker's own advice). */
const MOST_MANAGERS = 7;

export function quorumOf(managers: readonly Pick<ManagerView, 'reachable'>[]): Quorum {
  const reachable = managers.filter((manager) => manager.reachable).length;
  const needed = Math.floor(managers.length / 2) + 1;
  return { managers: managers.length, reachable, needed, mayLose: Math.max(0, reachable - needed) };
}

/**
 * The managers before and after. `promote`: nodes to come, as they are seen now. `demote`: IDs of those to go; an ID that
 * is no manager changes nothing.
 */
export function changeManagers(
  managers: readonly ManagerView[],
  { promote = [], demote = [] }: { promote?: readonly ManagerView[]; demote?: readonly string[] },
): ManagersChange {
  const leaving = managers.filter(({ id }) => demote.includes(id));
  const staying = managers.filter(({ id, leaving }) => !leaving && !demote.includes(id));
  const coming = promote.filter(({ id }) => !managers.some((manager) => manager.id === id));
  const then = [...staying, ...coming];
  const [before, after] = [quorumOf(managers), quorumOf(then)];
  return {
    before,
    after,
    text: changeText(before, after),
    advice: adviceOn(after, then),
    refusal: leaving.length > 0 ? refusalOf(leaving, then, after) : null,
  };
}

/** `3 managers, may lose 1`. */
export function quorumText({ managers, reachable, mayLose }: Quorum): string {
  const away = managers - reachable;
  const number = `${managers} ${managers === 1 ? 'manager' : 'managers'}`;
  return `${number}${away > 0 ? ` (${away} unreachable)` : ''}, may lose ${mayLose === 0 ? 'none' : mayLose}`;
}

/** `3 managers, may lose 1 → 4 managers, may lose 1`, or only once what stays as it is. */
function changeText(before: Quorum, after: Quorum): string {
  const [from, to] = [quorumText(before), quorumText(after)];
  return from === to ? from : `${from} → ${to}`;
}

function adviceOn(after: Quorum, managers: readonly ManagerView[]): string[] {
  const away = managers.filter(({ reachable }) => !reachable).map(({ name }) => name);
  const advice: string[] = [];
  if (away.length > 0)
    advice.push(`${names(away)} cannot be reached and still ${away.length === 1 ? 'counts' : 'count'}.`);
  if (after.managers === 1)
    advice.push(
      'When the only manager is lost, nothing in the swarm can be changed any more: three would be better.',
    );
  else if (after.managers % 2 === 0)
    advice.push(
      `With ${after.managers} managers no more may be lost than with ${after.managers - 1}: ${after.managers + 1} would be better.`,
    );
  if (after.managers > MOST_MANAGERS)
    advice.push(`More than ${MOST_MANAGERS} managers make every change slower: ${MOST_MANAGERS} are enough.`);
  return advice;
}

function refusalOf(
  leaving: readonly ManagerView[],
  staying: readonly ManagerView[],
  after: Quorum,
): QuorumRefusal | null {
  const who = names(leaving.map(({ name }) => name));
  const one = leaving.length === 1;
  if (after.managers === 0) {
    return {
      message: `${who} ${one ? 'is the only manager' : 'are all the managers'}, and a swarm needs one.`,
      hint: 'Promote another node first.',
    };
  }
  if (after.reachable >= after.needed) return null;
  const away = staying.filter(({ reachable }) => !reachable).map(({ name }) => name);
  const [only] = away;
  const enough =
    after.managers === 1
      ? `${only ?? 'the one'}, the only manager that stays, cannot be reached`
      : `of the ${after.managers} managers that stay, ${after.needed} must be reachable and ` +
        (after.reachable === 0
          ? 'none is'
          : `only ${after.reachable} ${after.reachable === 1 ? 'is' : 'are'}`);
  return {
    message: `Without ${who} the swarm would lose its quorum: ${enough}.`,
    hint: `Bring ${names(away)} back or demote ${away.length === 1 ? 'it' : 'them'} first, or promote another node.`,
  };
}

function names(all: readonly string[]): string {
  return new Intl.ListFormat('en', { style: 'long', type: 'conjunction' })
    .format(all)
    .replace(/, and /, ' and ');
}
