import { h, link, refill } from '../dom.js';
import { withEmoji } from '../emoji.js';
import { icon } from '../icons.js';
import { keepInStep } from '../keyed.js';
import { renderRichText } from '../rich-text.js';
import { keepOpen } from './disclosure.js';

/**
 * @import { PlanBlock, TaskCardBlock } from '@slack/types'
 * @import { Surface } from '../surface.js'
 */

/** One turn of the mark of a running task; also in the style sheet. */
const TURN_MS = 1000;
const STATUS_WORDS = {
  pending: 'Not started',
  in_progress: 'In progress',
  complete: 'Done',
  error: 'Failed',
};

let parts = 0;

/**
 * @param {PlanBlock} block
 * @param {Surface} surface
 * @param {string} path
 * @param {HTMLElement | undefined} previous the plan before the edit: its tasks stay as the person left them
 */
export function renderPlan(block, surface, path, previous) {
  const node = previous ?? emptyPlan(surface, path);
  const [head, list] = node.children;
  refill(/** @type {Element} */ (head), icon('down', 16), h('span', null, withEmoji(block.title)));
  const tasks = /** @type {TaskCardBlock[]} */ (block.tasks ?? []);
  keepInStep(/** @type {Element} */ (list), tasks, {
    key: (task) => task.task_id,
    print: (task) => JSON.stringify(task),
    render: (task) => h('li', null, renderTask(task, surface, `${path}/${task.task_id}`)),
  });
  return node;
}

/**
 * @param {Surface} surface
 * @param {string} path
 */
function emptyPlan(surface, path) {
  const list = h('ol', { id: `plan-${++parts}`, class: 'tasks' });
  const head = h('button', {
    type: 'button',
    class: 'plan-head',
    'aria-controls': list.id,
    'data-focus': path,
  });
  keepOpen(head, list, surface, path, true);
  return h('div', { class: 'plan' }, head, list);
}

/**
 * @param {TaskCardBlock} task
 * @param {Surface} surface
 * @param {string} path
 */
export function renderTask(task, surface, path) {
  const { details, output, sources } = task;
  const title = h('span', { class: 'task-title' }, withEmoji(task.title));
  const mark = statusMark(task.status);
  if (!details && !output && !sources?.length) {
    return h(
      'div',
      { class: `task ${task.status}`, 'data-task': task.task_id },
      mark,
      h('div', { class: 'task-head' }, title),
    );
  }
  const body = h(
    'div',
    { id: `task-${++parts}`, class: 'task-body' },
    details ? h('div', { class: 'task-details' }, renderRichText(details, surface.names)) : null,
    output ? h('div', { class: 'task-output' }, renderRichText(output, surface.names)) : null,
    sources?.length
      ? h(
          'div',
          { class: 'task-sources' },
          sources.map(({ url, text }) => link(url, text)),
        )
      : null,
  );
  const head = h(
    'button',
    { type: 'button', class: 'task-head', 'aria-controls': body.id, 'data-focus': path },
    title,
    icon('right', 16),
  );
  // What went wrong should be read without looking for it.
  keepOpen(head, body, surface, path, task.status === 'error');
  return h('div', { class: `task ${task.status}`, 'data-task': task.task_id }, mark, head, body);
}

/** @param {TaskCardBlock['status']} status */
function statusMark(status) {
  const mark = h('span', { class: `status ${status}`, role: 'img', 'aria-label': STATUS_WORDS[status] });
  if (status === 'complete') mark.append(icon('check', 12));
  if (status === 'error') mark.append(icon('close', 12));
  // An edit draws the mark anew: it goes on turning from where it was.
  if (status === 'in_progress') mark.style.animationDelay = `${-(performance.now() % TURN_MS)}ms`;
  return mark;
}
