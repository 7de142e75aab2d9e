import { ApiError } from './api/error.ts';
import { apiMessage } from './api/message.ts';
import { TEAM } from './app.ts';
import type { Receipt } from './delivery.ts';
import { eventPayload } from './events.ts';
import type { Fields } from './json.ts';
import type { Surroundings } from './surroundings.ts';
import { Refused } from './surroundings.ts';
import { typedText } from './typed.ts';
import type { Channel, Person, StoredMessage } from './workspace.ts';
import { SLACKBOT } from './workspace.ts';

/** What people type into the message field: messages and slash commands. */
export class Composer {
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
    if (person.guest && !channel.members.has(person.id))
      throw new Refused(`You are not in #${channel.name}.`);
    // Commands are not shared with other workspaces: https://docs.slack.dev/apis/slack-connect#slash
    if (!known || !app.scopes.includes('commands') || person.team !== undefined) {
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
}
