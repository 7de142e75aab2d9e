import { apiMessage } from './api/message.ts';
import { TEAM } from './app.ts';
import { findInteractive } from './blocks/walk.ts';
import { initialValues } from './initial-values.ts';
import type { Fields } from './json.ts';

import type { ElementState, StateValues } from './page-api.ts';
import type { Place, Surroundings } from './surroundings.ts';
import type { Person } from './workspace.ts';

/** The parts that interaction payloads have in common: https://docs.slack.dev/reference/interaction-payloads */
export class Payloads {
  readonly #all: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#all = surroundings;
  }

  /** Who acted, where the app is installed: in every interaction payload. */
  who(person: Person): Fields {
    const { app } = this.#all;
    // Somebody of another workspace is told apart by `user.team_id`; `team` is where the app is installed.
    return {
      user: {
        id: person.id,
        username: person.name,
        name: person.name,
        team_id: person.team ?? TEAM.id,
      },
      team: { id: TEAM.id, domain: TEAM.domain },
      enterprise: null,
      is_enterprise_install: false,
      api_app_id: app.id,
      token: app.verificationToken,
    };
  }

  /** The message or view that somebody acted in, with what its inputs hold. */
  where(person: Person, place: Place, values: StateValues): Fields {
    const { workspace, views, responses } = this.#all;
    if ('view' in place) {
      const { view } = place;
      return {
        container: { type: 'view', view_id: view.id },
        view: views.payload(view, this.withTypes(view.content.blocks, values)),
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
      state: { values: this.withTypes(message.blocks, values) },
      response_url: responses.issue({ user: person.id, channel: channel.id, message }),
    };
  }

  /** What every input holds: what the person entered, else its initial value. */
  withTypes(blocks: Fields[], entered: StateValues): StateValues {
    const values = initialValues(blocks);
    for (const { blockId, actionId, element } of findInteractive(blocks)) {
      const state = entered[blockId]?.[actionId];
      const block = values[blockId];
      if (state && block) block[actionId] = { ...state, type: element['type'] } as ElementState;
    }
    return values;
  }
}
