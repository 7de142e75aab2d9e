import { h, refill } from '../dom.js';
import { icon } from '../icons.js';
import { openPopover } from '../popover.js';
import { plainText } from '../text.js';
import { choose, fieldProps, stateOf } from './place.js';
import { renderOptionList } from './option-list.js';
import { chosen, isExternal, isMulti, minQuery, offered, selectState } from './select-kinds.js';

/**
 * @import { AnySelect, Choice } from './select-kinds.js'
 * @import { Place } from './place.js'
 */

const TYPING_PAUSE_MS = 150;

/**
 * A select with type-ahead, for one choice or several.
 *
 * @param {AnySelect} element
 * @param {Place} place
 */
export function renderSelect(element, place) {
  const { names } = place.surface;
  const several = isMulti(element.type);
  const placeholder = plainText(element.placeholder) || (several ? 'Select options' : 'Select an option');
  const label = h('span', { class: 'select-label' });
  const node = h(
    'button',
    {
      ...fieldProps(element, place),
      type: 'button',
      class: several ? 'select multi' : 'select',
      'aria-haspopup': 'listbox',
      'aria-expanded': 'false',
      'aria-label': place.id ? undefined : (place.label ?? placeholder),
    },
    label,
    icon('down', 16),
  );
  const show = () => {
    const choices = chosen(stateOf(element, place), names);
    label.classList.toggle('placeholder', choices.length === 0);
    if (several && choices.length > 0)
      refill(
        label,
        choices.map((choice) => h('span', { class: 'chip' }, choice.label)),
      );
    else refill(label, choices[0]?.label ?? placeholder);
  };
  show();

  /** @type {(() => void) | undefined} */
  let close;
  /** @param {Choice} choice */
  const pick = async (choice) => {
    const before = chosen(stateOf(element, place), names);
    const dropped = before.filter(({ value }) => value !== choice.value);
    const after = !several ? [choice] : dropped.length < before.length ? dropped : [...before, choice];
    if (
      several &&
      after.length > ('max_selected_items' in element ? (element.max_selected_items ?? Infinity) : Infinity)
    )
      return;
    if (!several) close?.();
    const told = choose(element, place, selectState(element.type, after));
    show();
    await told;
    show();
  };
  node.addEventListener('click', () => {
    if (close) close();
    else close = openList(node, element, place, pick, () => (close = undefined));
  });
  return node;
}

/**
 * @param {HTMLElement} anchor
 * @param {AnySelect} element
 * @param {Place} place
 * @param {(choice: Choice) => Promise<void>} pick
 * @param {() => void} onClose
 */
function openList(anchor, element, place, pick, onClose) {
  const status = h('div', { class: 'list-status', role: 'status' });
  const list = renderOptionList(`${element.action_id}`, (choice) => void pickAndMark(choice));
  const input = h('input', {
    type: 'text',
    class: 'field list-search',
    role: 'combobox',
    'aria-label': 'Search the options',
    'aria-expanded': 'true',
    'aria-autocomplete': 'list',
    'aria-controls': list.id,
    placeholder: isExternal(element) ? 'Type to search' : 'Search',
    autocomplete: 'off',
  });
  const panel = h('div', { class: 'list-panel' }, input, status, list.node);
  const popover = openPopover(anchor, panel, {
    onClose: () => {
      clearTimeout(pause);
      anchor.setAttribute('aria-expanded', 'false');
      onClose();
    },
  });
  const leave = () => {
    popover.close();
    anchor.focus();
  };
  const marked = () =>
    new Set(chosen(stateOf(element, place), place.surface.names).map(({ value }) => value));
  /** @param {Choice} choice */
  const pickAndMark = async (choice) => {
    if (!isMulti(element.type)) anchor.focus();
    await pick(choice);
    list.mark(marked());
  };

  let asked = 0;
  let pause = 0;
  /** Whether what is listed may not yet fit what was typed. */
  let stale = false;
  /** Enter came before the list was up to date: it means the first of what is to come. */
  let takeFirst = false;
  const search = async () => {
    const query = input.value.trim();
    const turn = ++asked;
    if (query.length < minQuery(element)) {
      list.show([], marked());
      const more = minQuery(element) - query.length;
      status.textContent = `Type ${more === 1 ? 'a letter' : `${more} letters`}${query ? ' more' : ''} to search.`;
      return popover.place();
    }
    if (isExternal(element)) status.textContent = 'Loading…';
    try {
      const groups = await offered(element, place, query);
      // A slow answer to an earlier question must not replace a newer one.
      if (turn !== asked) return;
      list.show(groups, marked());
      stale = false;
      status.textContent = groups.some(({ choices }) => choices.length > 0) ? '' : 'No results';
    } catch (error) {
      if (turn !== asked) return;
      list.show([], marked());
      status.textContent = error instanceof Error ? error.message : 'These options could not be loaded.';
    }
    popover.place();
    if (takeFirst) list.pickActive();
    takeFirst = false;
  };
  input.addEventListener('input', () => {
    clearTimeout(pause);
    stale = true;
    takeFirst = false;
    pause = setTimeout(() => void search(), isExternal(element) ? TYPING_PAUSE_MS : 0);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' || event.key === 'Tab') leave();
    else if (event.key === 'Enter' && stale) takeFirst = true;
    else if (!list.onKey(event, input)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  anchor.setAttribute('aria-expanded', 'true');
  input.focus();
  void search();
  return leave;
}
