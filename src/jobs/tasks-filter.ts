/** Which tasks a person means, and which of them need attention most. Pure. */
import type { Task } from '../swarm/swarm.ts';

/** States of a task that has ended: such tasks are history. */
const ENDED = ['complete', 'shutdown', 'failed', 'rejected', 'orphaned', 'remove'];
const UNDER_WAY = ['new', 'allocated', 'pending', 'assigned', 'accepted', 'preparing', 'ready', 'starting'];
const STATES = [...UNDER_WAY, 'running', ...ENDED];

/** Whether the words ask for tasks that have ended. */
export function asksForEnded(words: string[]): boolean {
  return words.some((word) => ENDED.includes(word.toLowerCase()));
}

/** Whether the task is one that all the words ask for: `failed`, `unhealthy`, a part of its node's name, image or error. */
export function fitsTask(task: Task, words: string[]): boolean {
  return words.every((given) => {
    const word = given.toLowerCase();
    if (STATES.includes(word)) return task.state === word;
    if (word === 'unhealthy') return attention(task) > 1;
    const { node, error, image, service, id } = task;
    return `${node} ${error} ${image} ${service}`.toLowerCase().includes(word) || id.startsWith(word);
  });
}

/** How much a task needs somebody's attention: 0 for one that runs as it should. */
function attention({ state, desiredState, error }: Task): number {
  const wanted = desiredState === 'running' || desiredState === 'ready' || desiredState === 'complete';
  if (state === 'failed' || state === 'rejected' || error !== '') return wanted ? 5 : 4;
  if (!wanted) return 1;
  if (state === 'orphaned') return 3;
  return state === 'running' || state === 'complete' ? 0 : 2;
}

const byName = new Intl.Collator('en', { numeric: true });

/** Failed ones first, then those that do not run yet, those that do, and what has ended; each group by service and slot. */
export function worstTaskFirst(a: Task, b: Task): number {
  const order = (task: Task): number => (attention(task) === 1 ? -1 : attention(task));
  return (
    order(b) - order(a) ||
    byName.compare(a.service, b.service) ||
    byName.compare(a.node, b.node) ||
    a.slot - b.slot ||
    b.at.localeCompare(a.at)
  );
}
