import { h, refill } from '../dom.js';
import { icon } from '../icons.js';

/** @import { Choice, ChoiceGroup } from './select-kinds.js' */

let lists = 0;

/**
 * The list that drops down from a select or grows above the composer. Focus stays in the field that is typed in; the
 * active option is the one that Enter takes.
 *
 * @param {string} name
 * @param {(choice: Choice) => void} onPick
 */
export function renderOptionList(name, onPick) {
  const id = `list-${++lists}`;
  const node = h('div', { id, role: 'listbox', class: 'option-list', 'aria-label': name });
  /** @type {{ choice: Choice, row: HTMLElement }[]} */
  let rows = [];
  let active = 0;

  /** @param {number} to @param {HTMLElement} [input] */
  const activate = (to, input) => {
    rows[active]?.row.classList.remove('active');
    active = rows.length === 0 ? 0 : (to + rows.length) % rows.length;
    const row = rows[active]?.row;
    row?.classList.add('active');
    row?.scrollIntoView({ block: 'nearest' });
    if (row) input?.setAttribute('aria-activedescendant', row.id);
  };

  /** @param {Choice} choice */
  const drawRow = (choice) => {
    const row = h(
      'div',
      {
        id: `${id}-${rows.length}`,
        role: 'option',
        class: 'option',
        'aria-selected': 'false',
        onclick: () => onPick(choice),
      },
      h(
        'span',
        { class: 'option-text' },
        h('span', null, choice.label),
        choice.description ? h('span', { class: 'option-description' }, choice.description) : null,
      ),
      icon('check', 16),
    );
    // A press must not take the focus away from the field.
    row.addEventListener('pointerdown', (event) => event.preventDefault());
    rows.push({ choice, row });
    return row;
  };

  /** @param {Set<string>} values that are chosen */
  const mark = (values) => {
    for (const { choice, row } of rows) row.ariaSelected = String(values.has(choice.value));
  };

  const pickActive = () => rows[active]?.row.click();

  return {
    id,
    node,
    mark,
    /**
     * @param {ChoiceGroup[]} groups
     * @param {Set<string>} values that are chosen
     */
    show(groups, values) {
      rows = [];
      refill(
        node,
        groups
          .map(({ label, choices }) => [
            label ? h('div', { class: 'option-group' }, label) : null,
            ...choices.map(drawRow),
          ])
          .flat(),
      );
      mark(values);
      active = 0;
      const at = rows.findIndex(({ choice }) => values.has(choice.value));
      activate(Math.max(0, at));
    },
    /**
     * @param {KeyboardEvent} event
     * @param {HTMLElement} input
     * @returns {boolean} whether the key meant the list
     */
    onKey(event, input) {
      if (rows.length === 0) return false;
      if (event.key === 'ArrowDown') activate(active + 1, input);
      else if (event.key === 'ArrowUp') activate(active - 1, input);
      else if (event.key === 'Enter') pickActive();
      else return false;
      return true;
    },
    pickActive,
  };
}
