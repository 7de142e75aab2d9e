import { avatar } from './avatar.js';
import { h, refill } from './dom.js';
import { displayName } from './names.js';

/** @import { PageUser } from '../slack/page-api.ts' */

/**
 * The switch that says as whom the page acts. Slack has nothing like it; here one person plays all the parts.
 *
 * @param {(user: PageUser) => void} onActAs
 */
export function renderActors(onActAs) {
  const node = h('div', { class: 'actors', role: 'radiogroup', 'aria-label': 'Act as' });
  /** @type {{ user: PageUser, button: HTMLElement }[]} */
  let choices = [];
  node.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = choices.findIndex(({ button }) => button === document.activeElement);
    const next = choices.at((at + step) % choices.length);
    next?.button.focus();
    if (next) onActAs(next.user);
  });
  return {
    node,
    /**
     * @param {PageUser[]} people
     * @param {PageUser} me
     */
    show(people, me) {
      const focused = node.contains(document.activeElement);
      choices = people.map((user) => {
        const chosen = user.id === me.id;
        const props = {
          type: 'button',
          role: 'radio',
          class: 'actor',
          'aria-checked': String(chosen),
          tabindex: chosen ? 0 : -1,
        };
        const name = displayName(user);
        const button = h(
          'button',
          {
            ...props,
            'data-actor': user.name,
            'aria-label': `Act as ${name}`,
            title: `Act as ${name}`,
            onclick: () => onActAs(user),
          },
          avatar(user, 'small'),
          h('span', null, name),
        );
        return { user, button };
      });
      refill(
        node,
        h('span', { class: 'actors-label', 'aria-hidden': 'true' }, 'Act as'),
        choices.map(({ button }) => button),
      );
      if (focused) choices.find(({ user }) => user.id === me.id)?.button.focus();
    },
  };
}
