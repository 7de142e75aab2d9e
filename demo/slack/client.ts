import type { Interactive } from './blocks/walk.ts';
import { findInteractive } from './blocks/walk.ts';
import { Composer } from './composer.ts';
import { isVisible } from './display.ts';
import type { Entered } from './inputs.ts';
import { enter, inputErrors, stateFrom } from './inputs.ts';
import { Interactions } from './interactions.ts';
import { fieldsOf, objectsOf, textOf } from './json.ts';
import type { ElementState, StateValues } from './page-api.ts';
import type { Place, Surroundings } from './surroundings.ts';
import { Refused } from './surroundings.ts';
import type { StoredView } from './views.ts';
import type { Channel, Person, StoredMessage } from './workspace.ts';

export interface PressOptions {
  channel?: string;
  ts?: string;
  /** Looks only there: in messages, the modal on top, or the Home tab. All of them when absent, modals first. */
  on?: 'message' | 'modal' | 'home';
}

interface Usable {
  place: Place;
  target: Interactive;
}

/** Slack's client without its looks: everything that a person can do, by name. */
export class Client {
  readonly interactions: Interactions;
  readonly #composer: Composer;
  readonly #all: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#all = surroundings;
    this.interactions = new Interactions(surroundings);
    this.#composer = new Composer(surroundings);
  }

  /** Throws Refused when the account is deactivated: nobody can do anything with it. */
  person(name: string): Person {
    const person = this.#all.workspace.person(name);
    if (person.deleted) throw new Refused(`The account of ${person.name} is deactivated.`);
    return person;
  }

  /** Resolves when the app acknowledged, or 3 s passed and Slack showed its error to the person. */
  async command(user: string, channel: string, line: string): Promise<void> {
    const { workspace } = this.#all;
    await this.#composer.command(this.person(user), workspace.channel(channel), line);
  }

  /** Sends a message as a person, into a thread if told. Resolves with its ts. */
  async say(user: string, channel: string, text: string, threadTs?: string): Promise<string> {
    const { workspace } = this.#all;
    const said = await this.#composer.say(this.person(user), workspace.channel(channel), text, threadTs);
    return said.ts;
  }

  /**
   * Presses the newest button with this label that the person sees (entries of overflow menus count). A confirmation
   * dialog is confirmed. Throws with the buttons that are there when there is none, and when the app does not acknowledge.
   */
  async press(user: string, label: string, options: PressOptions = {}): Promise<void> {
    const person = this.person(user);
    const seen: string[] = [];
    for (const { place, target } of this.#usable(person, options)) {
      const { element } = target;
      const entries =
        element['type'] === 'overflow' ? objectsOf(element['options']).map((one) => textOf(one['text'])) : [];
      const labels = element['type'] === 'button' ? [textOf(element['text'])] : entries;
      seen.push(...labels);
      if (!labels.includes(label)) continue;
      const state = element['type'] === 'overflow' ? stateFrom(element, label) : undefined;
      return this.interactions.act(person, place, target, state);
    }
    const there =
      seen.length > 0 ? `The buttons there are: ${[...new Set(seen)].join(', ')}.` : 'There are no buttons.';
    throw new Error(`${person.name} sees no button "${label}". ${there}`);
  }

  /** Chooses from the newest menu with this action_id or placeholder: by text or value of the option. */
  async choose(
    user: string,
    menu: string,
    option: string | string[],
    options: PressOptions = {},
  ): Promise<void> {
    const person = this.person(user);
    for (const { place, target } of this.#usable(person, options)) {
      const { element, actionId } = target;
      if (element['type'] === 'button' || ![actionId, textOf(element['placeholder'])].includes(menu))
        continue;
      return this.interactions.act(person, place, target, stateFrom(element, option));
    }
    throw new Error(`${person.name} sees no menu "${menu}".`);
  }

  /** What an `external_select` with this action_id offers for these letters: the options' texts. */
  async suggest(
    user: string,
    actionId: string,
    typed: string,
    options: PressOptions = {},
  ): Promise<string[]> {
    const person = this.person(user);
    const found = this.#usable(person, options).find(({ target }) => target.actionId === actionId);
    if (!found) throw new Error(`${person.name} sees no menu with action_id "${actionId}".`);
    const answer = await this.interactions.suggest(person, found.place, found.target, typed);
    const groups = objectsOf(answer['option_groups']).flatMap((group) => objectsOf(group['options']));
    return [...objectsOf(answer['options']), ...groups].map((option) => textOf(option['text']));
  }

  /**
   * Fills in the modal on top and submits it. Inputs by label, block_id or action_id. Throws Refused with `errors` by
   * block_id when Slack's client or the app does not take it.
   */
  async submitView(user: string, entered: Entered = {}): Promise<void> {
    const view = this.#topModal(user);
    await this.submitValues(user, view, enter(view.content.blocks, entered));
  }

  async submitValues(user: string, view: StoredView, values: StateValues): Promise<void> {
    const errors = inputErrors(view.content.blocks, values);
    if (Object.keys(errors).length > 0)
      throw new Refused('Some inputs are not filled in as they must be.', errors);
    await this.interactions.submit(this.person(user), view, values);
  }

  /** Closes the modal on top, or all of them. */
  async closeView(user: string, { all = false } = {}): Promise<void> {
    await this.interactions.close(this.person(user), this.#topModal(user), all);
  }

  /** Opens the app's Home tab; resolves when the app acknowledged the event. */
  openHome(user: string): Promise<void> {
    return this.interactions.openHome(this.person(user));
  }

  #topModal(user: string): StoredView {
    const view = this.#all.views.stack(this.person(user).id).at(-1);
    if (!view) throw new Error(`${this.person(user).name} has no modal open.`);
    return view;
  }

  /** Everything that the person can use, the nearest first: the modal on top, then messages from the newest, then Home. */
  #usable(person: Person, { channel, ts, on }: PressOptions): Usable[] {
    const { workspace, views } = this.#all;
    const inMessages = channel !== undefined || ts !== undefined;
    const wants = (where: PressOptions['on']): boolean => (on ?? (inMessages ? 'message' : where)) === where;
    const channels: Channel[] =
      channel === undefined ? [...workspace.channels.values()] : [workspace.channel(channel)];
    const messages = channels
      .filter((one) => one.members.has(person.id))
      .flatMap((one) => one.messages)
      .filter((message) => isVisible(message, person.id) && (ts === undefined || message.ts === ts))
      .toSorted((a, b) => (a.ts < b.ts ? 1 : -1));
    const modal = views.stack(person.id).at(-1);
    const home = views.home(person.id);
    return [
      ...(modal && wants('modal') ? usableIn({ view: modal }, modal.content.blocks) : []),
      ...(wants('message') ? messages.flatMap((message) => usableIn({ message }, message.blocks)) : []),
      ...(home && wants('home') ? usableIn({ view: home }, home.content.blocks) : []),
    ];
  }
}

function usableIn(place: Place, blocks: StoredMessage['blocks']): Usable[] {
  return findInteractive(blocks).map((target) => ({ place, target }));
}

/** The element that the page names. Throws Refused when the message or view has changed meanwhile. */
export function findTarget(place: Place, blockId: string, actionId: string): Interactive {
  const blocks = 'view' in place ? place.view.content.blocks : place.message.blocks;
  const found = findInteractive(blocks).find((one) => one.blockId === blockId && one.actionId === actionId);
  if (!found) throw new Refused('This button is gone: the message has changed. Look again.');
  return found;
}

/** A state from the page, with only what Slack's states have. */
export function readState(value: unknown): ElementState | undefined {
  return value === undefined ? undefined : fieldsOf(value);
}
