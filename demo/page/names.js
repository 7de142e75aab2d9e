/**
 * Who and what ids refer to.
 *
 * @import { PageState, PageUser } from '../slack/page-api.ts'
 */

/** The name that people see: their handle, or an app's full name. */
export function displayName(/** @type {PageUser} */ user) {
  return user.is_bot ? user.real_name || user.name : user.name;
}

/** Looks up what mentions refer to, as the acting person sees it. */
export class Names {
  /** @param {Pick<PageState, 'me' | 'users' | 'usergroups' | 'channels'>} state */
  constructor(state) {
    this.me = state.me;
    /** @type {Map<string, PageUser>} */
    this.users = new Map(state.users.map((user) => [user.id, user]));
    /** @type {Map<string, PageState['usergroups'][number]>} */
    this.usergroups = new Map(state.usergroups.map((group) => [group.id, group]));
    this.channels = new Map(state.channels.map((channel) => [channel.id, channel]));
  }

  /**
   * The author of a message, also when nobody is known by that id.
   *
   * @param {string} id
   * @returns {PageUser}
   */
  author(id) {
    const slackbot = id === 'USLACKBOT';
    return (
      this.users.get(id) ?? {
        id,
        name: slackbot ? 'Slackbot' : id,
        real_name: slackbot ? 'Slackbot' : id,
        color: '616061',
        is_bot: slackbot,
      }
    );
  }

  /**
   * @param {string} id
   * @param {string} [label] what the message itself calls the person
   */
  user(id, label) {
    const user = this.users.get(id);
    return user ? displayName(user) : label || id;
  }

  /**
   * @param {string} id
   * @param {string} [label]
   */
  channel(id, label) {
    return this.channels.get(id)?.name ?? (label || id);
  }

  /**
   * @param {string} id
   * @param {string} [label]
   */
  usergroup(id, label) {
    return this.usergroups.get(id)?.handle ?? (label || id).replace(/^@/, '');
  }

  /**
   * Whether a mention of a person or a user group means the acting person.
   *
   * @param {string} id
   */
  meansMe(id) {
    return id === this.me.id || (this.usergroups.get(id)?.users.includes(this.me.id) ?? false);
  }
}
