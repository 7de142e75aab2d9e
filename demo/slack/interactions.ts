import { ApiError } from './api/error.ts';
import type { Interactive } from './blocks/walk.ts';
import { eventPayload } from './events.ts';
import { newTs } from './ids.ts';
import type { Fields } from './json.ts';
import { fieldsOf, textOf, typeOf } from './json.ts';
import type { ElementState, StateValues } from './page-api.ts';
import { Payloads } from './payloads.ts';
import { readOptions } from './suggestions.ts';
import type { Place, Surroundings } from './surroundings.ts';
import { Refused } from './surroundings.ts';
import type { StoredView } from './views.ts';
import type { Person } from './workspace.ts';

/** Buttons, menus, modals and the Home tab: what reaches the app, and what the app's acknowledgement then does. */
export class Interactions {
  readonly #all: Surroundings;
  readonly #payloads: Payloads;

  constructor(surroundings: Surroundings) {
    this.#all = surroundings;
    this.#payloads = new Payloads(surroundings);
  }

  /** A person presses a button or chooses from a menu. Throws Refused when the app does not acknowledge it. */
  async act(
    person: Person,
    place: Place,
    target: Interactive,
    state?: ElementState,
    values?: StateValues,
  ): Promise<void> {
    const { triggers, delivery } = this.#all;
    const { element, blockId, actionId } = target;
    const type = typeOf(element);
    const held =
      type === 'button' || type === 'overflow' ? {} : { [blockId]: { [actionId]: { type, ...state } } };
    const action = {
      type,
      action_id: actionId,
      block_id: blockId,
      ...(element['text'] ? { text: element['text'] } : {}),
      ...(element['value'] === undefined ? {} : { value: element['value'] }),
      ...(element['style'] ? { style: element['style'] } : {}),
      ...(element['placeholder'] ? { placeholder: element['placeholder'] } : {}),
      ...state,
      action_ts: newTs(),
    };
    const receipt = await delivery.deliver({
      type: 'interactive',
      acceptsResponse: false,
      payload: {
        type: 'block_actions',
        ...this.#payloads.who(person),
        trigger_id: triggers.issue(person.id),
        ...this.#payloads.where(person, place, { ...values, ...held }),
        actions: [action],
      },
    });
    if (!receipt.acked) {
      const label = textOf(element['text']) || actionId;
      throw new Refused(
        `Slack shows a warning sign beside "${label}": the app did not acknowledge it (${receipt.error}).`,
      );
    }
  }

  /** What an `external_select` offers for the letters typed so far. */
  async suggest(person: Person, place: Place, target: Interactive, typed: string): Promise<Fields> {
    const receipt = await this.#all.delivery.deliver({
      type: 'interactive',
      acceptsResponse: true,
      payload: {
        type: 'block_suggestion',
        ...this.#payloads.who(person),
        ...this.#payloads.where(person, place, {}),
        action_id: target.actionId,
        block_id: target.blockId,
        value: typed,
      },
    });
    if (!receipt.acked) throw new Refused(`The menu stays empty: the app did not answer (${receipt.error}).`);
    return readOptions(receipt.response);
  }

  /** A person submits a modal. Throws Refused when the app reports errors or does not answer. */
  async submit(person: Person, view: StoredView, values: StateValues): Promise<void> {
    const { views, triggers, delivery } = this.#all;
    const receipt = await delivery.deliver({
      type: 'interactive',
      acceptsResponse: true,
      payload: {
        type: 'view_submission',
        ...this.#payloads.who(person),
        trigger_id: triggers.issue(person.id),
        view: views.payload(view, this.#payloads.withTypes(view.content.blocks, values)),
        response_urls: [],
      },
    });
    const trouble = 'We had some trouble connecting. Try again?';
    if (!receipt.acked) throw new Refused(`${trouble} (${receipt.error})`);
    try {
      this.#applyResponse(view, receipt.response ?? {});
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw new Refused(`${trouble} (${error.code} ${JSON.stringify(error.details)})`);
    }
  }

  /** A person closes the modal on top (or the whole stack with `everything`). */
  async close(person: Person, view: StoredView, everything: boolean): Promise<void> {
    const { views, delivery } = this.#all;
    const cleared = everything || view.content['clear_on_close'] === true;
    const payload = {
      type: 'view_closed',
      ...this.#payloads.who(person),
      view: views.payload(view),
      is_cleared: cleared,
    };
    views.close(person.id, cleared);
    if (view.content['notify_on_close'] === true) {
      await delivery.deliver({ type: 'interactive', acceptsResponse: false, payload });
    }
  }

  /** A person opens the app's Home tab. */
  async openHome(person: Person): Promise<void> {
    const { app, workspace, views, delivery } = this.#all;
    if (!app.events.includes('app_home_opened')) return;
    const home = views.home(person.id);
    const event = {
      type: 'app_home_opened',
      user: person.id,
      channel: workspace.directChannel(person.id, app.botUserId).channel.id,
      tab: 'home',
      ...(home ? { view: views.payload(home) } : {}),
      event_ts: newTs(),
    };
    await delivery.deliver(eventPayload(app, event));
  }

  #applyResponse(view: StoredView, response: Fields): void {
    const { views } = this.#all;
    switch (response['response_action']) {
      case 'errors': {
        const inputs = view.content.blocks
          .filter((block) => block['type'] === 'input')
          .map((block) => block['block_id']);
        const errors = Object.entries(fieldsOf(response['errors'])).map(([id, text]): [string, string] => [
          id,
          String(text),
        ]);
        const stray = errors.find(([id]) => !inputs.includes(id));
        if (stray || errors.length === 0) throw new ApiError('invalid_arguments', { block_id: stray?.[0] });
        throw new Refused('The app did not accept what was entered.', Object.fromEntries(errors));
      }
      case 'update':
        views.update(view.id, fieldsOf(response['view']));
        break;
      case 'push':
        views.push(view.user, fieldsOf(response['view']));
        break;
      case 'clear':
        views.close(view.user, true);
        break;
      default:
        views.close(view.user, false);
    }
  }
}
