/**
 * Where one types messages and slash commands.
 *
 * @import { PageAnswer, PageState } from '../slack/page-api.ts'
 * @import { Names } from './names.js'
 * @import { Choice } from './elements/select-kinds.js'
 *
 * @typedef {object} ComposerOptions
 * @property {string} label such as `Message #ops`
 * @property {Names} names
 * @property {PageState['commands']} commands
 * @property {(text: string) => Promise<PageAnswer>} send
 */
import { h } from './dom.js';
import { renderOptionList } from './elements/option-list.js';
import { History } from './history.js';
import { icon } from './icons.js';
import { suggest } from './suggestions.js';

const MAX_HEIGHT_PX = 220;

/** @param {ComposerOptions} options */
export function renderComposer({ label, names, commands, send }) {
  const history = new History(names.me.id);
  const problem = h('div', { class: 'composer-problem', role: 'alert' });
  const hint = h('div', { class: 'composer-hint', 'aria-live': 'polite' });
  const input = h('textarea', {
    class: 'composer-input',
    rows: 1,
    'aria-label': label,
    placeholder: label,
    'data-focus': 'composer',
  });
  const button = h(
    'button',
    { type: 'submit', class: 'send', 'aria-label': 'Send now', disabled: true },
    icon('send'),
  );
  const slash =
    commands.length > 0 &&
    h(
      'button',
      {
        type: 'button',
        class: 'icon-button',
        'aria-label': 'Run a command',
        title: 'Run a command',
        onclick: () => insert('/', 0),
      },
      icon('slash'),
    );
  const list = renderOptionList('Suggestions', (choice) => take(choice));
  const drawer = h('div', { class: 'suggestions' }, list.node);
  let from = 0;

  const resize = () => {
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, MAX_HEIGHT_PX)}px`;
  };
  const refresh = () => {
    resize();
    button.disabled = input.value.trim() === '';
    problem.textContent = '';
    const suggestion = suggest(input.value.slice(0, input.selectionStart), commands, names);
    drawer.hidden = !suggestion?.choices.length;
    input.ariaExpanded = String(!drawer.hidden);
    if (suggestion) {
      from = suggestion.from;
      list.show([{ label: '', choices: suggestion.choices }], new Set());
    }
    const command = commands.find(
      ({ command }) => input.value === command || input.value.startsWith(`${command} `),
    );
    hint.textContent = command ? `${command.command} ${command.usage_hint}` : '';
  };
  /** @param {string} text */
  const replace = (text) => {
    input.value = text;
    refresh();
  };
  /** @param {string} text @param {number} start */
  const insert = (text, start) => {
    const caret = input.selectionStart;
    input.value = input.value.slice(0, start) + text + input.value.slice(caret);
    input.setSelectionRange(start + text.length, start + text.length);
    input.focus();
    refresh();
  };
  /** @param {Choice} choice */
  const take = (choice) => insert(`${choice.value} `, from);

  const submit = async () => {
    const text = input.value.trim();
    if (text === '') return;
    history.add(text);
    replace('');
    const answer = await send(text);
    if (answer.ok) return;
    // What could not be sent is not lost, unless something else is being typed already.
    if (input.value === '') replace(text);
    problem.textContent = answer.error;
  };
  input.addEventListener('input', refresh);
  input.addEventListener('blur', () => (drawer.hidden = true));
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    const choosing = !drawer.hidden && !event.shiftKey;
    if (choosing && event.key === 'Escape') drawer.hidden = true;
    else if (
      choosing &&
      (list.onKey(event, input) ||
        (event.key === 'Tab' && list.onKey(new KeyboardEvent('keydown', { key: 'Enter' }), input)))
    ) {
      // The list has taken it.
    } else if (event.key === 'Enter' && !event.shiftKey) void submit();
    else if (event.key === 'ArrowUp' && !input.value.slice(0, input.selectionStart).includes('\n'))
      recall(-1);
    else if (event.key === 'ArrowDown' && !input.value.slice(input.selectionEnd).includes('\n')) recall(1);
    else return;
    event.preventDefault();
  });
  /** @param {-1 | 1} step */
  const recall = (step) => {
    const text = history.move(step);
    if (text === undefined) return;
    replace(text);
    drawer.hidden = true;
    input.setSelectionRange(text.length, text.length);
  };
  drawer.hidden = true;
  const node = h(
    'form',
    { class: 'composer' },
    drawer,
    problem,
    h('div', { class: 'composer-box' }, input, h('div', { class: 'composer-bar' }, slash, hint, button)),
  );
  node.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  return { node, focus: () => input.focus() };
}
