/** How an update, a restart or a rollback of a service has ended. */
import type { Remedy } from '../remedy.ts';
import type { FieldChange } from '../swarm/service-changes.ts';
import type { Convergence } from '../swarm/swarm.ts';
import { lines, section } from './blocks.ts';
import type { Body } from './body.ts';
import { allRun, convergenceBlocks, shortOf, wentBack } from './convergence.ts';
import { changedFields, changeLine, plainChanges, reversed } from './field-changes.ts';
import { bold, escape } from './text.ts';

/** The count of forced updates is the swarm's own way of saying that tasks are started anew. */
const COUNTER = 'forced updates';

export interface UpdateEnd {
  service: string;
  changes: FieldChange[];
  /** What somebody else changed in the same fields just before. */
  meanwhile: FieldChange[];
  restarted: boolean;
  convergence: Convergence;
}

export function updateBody(end: UpdateEnd, doing: 'update' | 'restart'): Body {
  const { service, changes, meanwhile, convergence } = end;
  const shown = changes.filter(({ field }) => field !== COUNTER);
  const well = convergence.kind === 'converged' && !wentBack(convergence);
  const tell = (named: (name: string) => string) => sentence(end, named, doing, shown);
  const others =
    meanwhile.length > 0
      ? [
          ':warning: Somebody else changed the same just before; what was asked for here stands now. They had set:',
          ...meanwhile.map(changeLine),
        ]
      : [];
  const back = changes.length > 0 && !well && !wentBack(convergence);
  return {
    text: tell(escape),
    blocks: [
      section(`${well ? ':white_check_mark:' : ':warning:'} ${tell(bold)}`),
      ...lines(shown.map(changeLine)),
      ...lines(others),
      ...convergenceBlocks(service, convergence, {
        doing,
        first: back ? [rollBack(service, shown)] : [],
      }),
    ],
  };
}

function sentence(
  { service, changes, restarted, convergence }: UpdateEnd,
  named: (name: string) => string,
  doing: 'update' | 'restart',
  shown: FieldChange[],
): string {
  const name = named(service);
  const { state } = convergence.update;
  if (state === 'rollback_completed' && convergence.kind === 'converged')
    return `The update of ${name} failed, and the swarm went back to what was before; ${allRun(convergence)}.`;
  if (state === 'rollback_paused')
    return `The update of ${name} failed, and so did going back: the swarm has stopped half-way, ${shortOf(convergence)}.`;
  if (state === 'rollback_started')
    return `The update of ${name} failed, and the swarm is going back to what was before: ${shortOf(convergence)}.`;
  if (state === 'paused' && convergence.kind === 'short')
    return `The update of ${name} is paused: ${shortOf(convergence)}. The swarm goes no further by itself.`;
  const what =
    changes.length === 0
      ? `${name} was so already`
      : doing === 'restart' || shown.length === 0
        ? convergence.wanted === 0
          ? `${name} has no tasks to start anew`
          : `All tasks of ${name} were started anew`
        : `${name} has a new ${changedFields(shown)}${restarted ? '' : ', without a restart of its tasks'}`;
  return convergence.kind === 'converged'
    ? `${what}; ${allRun(convergence)}.`
    : `${what}, but ${shortOf(convergence)}. The swarm goes on trying.`;
}

function rollBack(service: string, changes: FieldChange[]): Remedy {
  const line = { label: 'Roll back', line: `rollback ${service}` };
  return changes.length === 0
    ? line
    : { ...line, confirm: `${service} goes back: ${plainChanges(reversed(changes))}.` };
}

export interface RollbackEnd {
  service: string;
  changes: FieldChange[];
  convergence: Convergence;
}

export function rollbackBody({ service, changes, convergence }: RollbackEnd): Body {
  const well = convergence.kind === 'converged';
  const tell = (named: (name: string) => string): string => {
    const name = named(service);
    if (convergence.update.state === 'rollback_paused')
      return `Going back with ${name} failed as well: the swarm has stopped half-way, ${shortOf(convergence)}.`;
    return well
      ? `${name} is what it was before; ${allRun(convergence)}.`
      : `${name} is set to what it was before, but ${shortOf(convergence)}. The swarm goes on trying.`;
  };
  const shown = changes.filter(({ field }) => field !== COUNTER);
  const only = shown.length === 1 && shown[0]?.field === 'replicas';
  // The last change may have been a scale or a rebalance, and not the update that somebody had in mind.
  const took =
    shown.length === 0
      ? changes.length === 0
        ? []
        : ['It took back no setting: the last change only started its tasks anew.']
      : [only ? 'It took back the number of replicas, and nothing else:' : 'It took back:'];
  return {
    text: `${tell(escape)}${shown.length === 0 ? '' : ` It took back ${plainChanges(shown)}.`}`,
    blocks: [
      section(`${well ? ':white_check_mark:' : ':warning:'} ${tell(bold)}`),
      ...lines([...took, ...shown.map(changeLine)]),
      ...convergenceBlocks(service, { ...convergence, update: asked(convergence) }, { doing: 'rollback' }),
    ],
  };
}

/** Going back is what was asked for: no trouble in it. */
function asked({ update }: Convergence): Convergence['update'] {
  return update.state === 'rollback_paused' ? update : { state: '', message: update.message };
}
