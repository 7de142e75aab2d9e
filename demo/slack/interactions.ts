import { ApiError } from './api/error.ts';
import { apiMessage } from './api/message.ts';
import type { InstalledApp } from './app.ts';
import { TEAM } from './app.ts';
import { findInteractive } from './blocks/walk.ts';
import type { Interactive } from './blocks/walk.ts';
import type { Delivery, Receipt } from './delivery.ts';
import { eventPayload } from './events.ts';
import { newTs } from './ids.ts';
import { fieldsOf, objectsOf, stringOf } from './json.ts';
import type { Fields } from './json.ts';
import type { ElementState, StateValues } from './page-api.ts';
import type { ResponseUrls } from './response-urls.ts';
import { readOptions } from './suggestions.ts';
import type { Triggers } from './triggers.ts';
import { typedText } from './typed.ts';
import type { StoredView, Views } from './views.ts';
import { initialValues } from './views.ts';
import type { Channel, Person, StoredMessage, Workspace } from './workspace.ts';
import { SLACKBOT } from './workspace.ts';

/** What Slack's client tells the person when something did not work; `errors` belong beside inputs, by block_id. */
export class Refused extends Error {
  readonly errors: Record<string, string> | undefined;
  constructor(message: string, errors?: Record<string, string>) {
    super(message);
    this.errors = errors;
  }
}

/** Where an element is that somebody uses. */
export type Place = { message: StoredMessage } | { view: StoredView };

export interface Surroundings {
  app: InstalledApp;
  workspace: Workspace;
  views: Views;
  triggers: Triggers;
  responses: ResponseUrls;
  delivery: Delivery;
  url(): string;
}

/** What people do in Slack's client, as it reaches the app, and what the app's acknowledgement then does. */
export class Interactions {
  readonly #all: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#all = surroundings;
  }

  /** A person sends a message into a channel. */
  async say(person: Person, channel: Channel, text: string, threadTs?: string): Promise<StoredMessage> {
    const { workspace, app, delivery } = this.#all;
    if (!channel.members.has(person.id)) throw new Refused(`You are not in #${channel.name}.`);
    const typed = typedText(text.trim(), workspace, true).replaceAll(/<@(U\w+)\|[^>]*>/g, '<@$1>');
    const message = workspace.post({
      channel: channel.id,
      user: person.id,
      text: typed,
      ...(threadTs ? { threadTs } : {}),
    });
    const event = { ...apiMessage(message, this.#all), channel: channel.id, event_ts: message.ts };
    const mentioned = typed.includes(`<@${app.botUserId}>`) && channel.members.has(app.botUserId);
    if (mentioned && app.events.includes('app_mention')) {
      void delivery.deliver(eventPayload(app, { ...event, type: 'app_mention' }));
    }
    const kind = channel.is_im ? 'im' : 'channels';
    if (app.events.includes(`message.${kind}`) && channel.members.has(app.botUserId)) {
      void delivery.deliver(eventPayload(app, { ...event, channel_type: channel.is_im ? 'im' : 'channel' }));
    }
    return message;
  }

  /** A person types `/name words`. Slack's own remarks (unknown command, no answer in time) come as ephemeral messages. */
  async command(person: Person, channel: Channel, line: string): Promise<Receipt | undefined> {
    const { app, workspace, triggers, responses, delivery } = this.#all;
    const [name = '', ...rest] = line.trim().split(/(?<=^\S+)\s+/);
    const known = app.commands.find((command) => command.command === name);
    if (!known || !app.scopes.includes('commands')) {
      this.#remark(
        person,
        channel,
        `\`${name}\` is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.`,
      );
      return undefined;
    }
    const origin = { user: person.id, channel: channel.id };
    const receipt = await delivery.deliver({
      type: 'slash_commands',
      acceptsResponse: true,
      payload: {
        token: app.verificationToken,
        team_id: TEAM.id,
        team_domain: TEAM.domain,
        channel_id: channel.id,
        channel_name: channel.is_im ? 'directmessage' : channel.name,
        user_id: person.id,
        user_name: person.name,
        command: name,
        text: typedText(rest.join(' ').trim(), workspace, known.should_escape),
        api_app_id: app.id,
        is_enterprise_install: 'false',
        response_url: responses.issue(origin),
        trigger_id: triggers.issue(person.id),
      },
    });
    if (!receipt.acked) this.#remark(person, channel, `${name} failed with the error "${receipt.error}"`);
    else if (receipt.response) this.#showResponse(person, channel, name, line.trim(), receipt.response);
    return receipt;
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
    const type = String(element['type']);
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
        ...this.#who(person),
        trigger_id: triggers.issue(person.id),
        ...this.#where(person, place, { ...values, ...held }),
        actions: [action],
      },
    });
    if (!receipt.acked) {
      const label = stringOf(fieldsOf(element['text'])['text']) ?? actionId;
      throw new Refused(
        `Slack shows a warning sign beside "${label}": the app did not acknowledge it (${receipt.error}).`,
      );
    }
  }

  /** What an `external_select` offers for the letters typed so far. */
  async suggest(person: Person, place: Place, target: Interactive, typed: string): Promise<Fields> {
    const { block, ...rest } = target;
    void block;
    const receipt = await this.#all.delivery.deliver({
      type: 'interactive',
      acceptsResponse: true,
      payload: {
        type: 'block_suggestion',
        ...this.#who(person),
        ...this.#where(person, place, {}),
        action_id: rest.actionId,
        block_id: rest.blockId,
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
        ...this.#who(person),
        trigger_id: triggers.issue(person.id),
        view: views.payload(view, this.#withTypes(view.content.blocks, values)),
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
      ...this.#who(person),
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

  #remark(person: Person, channel: Channel, text: string): void {
    this.#all.workspace.post({ channel: channel.id, user: SLACKBOT, text, ephemeralFor: person.id });
  }

  #showResponse(person: Person, channel: Channel, name: string, line: string, response: Fields): void {
    const { workspace, responses } = this.#all;
    // A public answer also makes public what was typed.
    if (response['response_type'] === 'in_channel') {
      workspace.post({ channel: channel.id, user: person.id, text: typedText(line, workspace, true) });
    }
    try {
      responses.respond({ user: person.id, channel: channel.id }, response);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#remark(person, channel, `${name} failed with the error "${error.code}"`);
    }
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

  #who(person: Person): Fields {
    const { app } = this.#all;
    return {
      user: { id: person.id, username: person.name, name: person.name, team_id: TEAM.id },
      team: { id: TEAM.id, domain: TEAM.domain },
      enterprise: null,
      is_enterprise_install: false,
      api_app_id: app.id,
      token: app.verificationToken,
    };
  }

  #where(person: Person, place: Place, values: StateValues): Fields {
    const { workspace, views, responses } = this.#all;
    if ('view' in place) {
      const { view } = place;
      return {
        container: { type: 'view', view_id: view.id },
        view: views.payload(view, this.#withTypes(view.content.blocks, values)),
      };
    }
    const { message } = place;
    const channel = workspace.channel(message.channel);
    return {
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: channel.id,
        is_ephemeral: message.ephemeralFor !== undefined,
        ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
      },
      channel: { id: channel.id, name: channel.is_im ? 'directmessage' : channel.name },
      // Slack does not keep ephemeral messages, so their payloads have no `message`.
      ...(message.ephemeralFor ? {} : { message: apiMessage(message, this.#all) }),
      state: { values: this.#withTypes(message.blocks, values) },
      response_url: responses.issue({ user: person.id, channel: channel.id, message }),
    };
  }

  /** What every input holds: what the person entered, else its initial value. */
  #withTypes(blocks: Fields[], entered: StateValues): StateValues {
    const values = initialValues(blocks);
    for (const { blockId, actionId, element } of findInteractive(objectsOf(blocks))) {
      const state = entered[blockId]?.[actionId];
      const block = values[blockId];
      if (state && block) block[actionId] = { ...state, type: element['type'] } as ElementState;
    }
    return values;
  }
}
