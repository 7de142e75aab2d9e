/**
 * What grows above the composer while one types `/`, `@` or `#`.
 *
 * @import { PageState } from '../slack/page-api.ts'
 * @import { Names } from './names.js'
 * @import { Choice } from './elements/select-kinds.js'
 */
import { displayName } from './names.js';

/**
 * @typedef {{ from: number, choices: Choice[] }} Suggestion `from` is where the typed word begins
 */

/**
 * @param {string} text before the caret
 * @param {PageState['commands']} commands
 * @param {Names} names
 * @returns {Suggestion | undefined}
 */
export function suggest(text, commands, names) {
  if (/^\/\S*$/.test(text)) {
    const fitting = commands.filter(({ command }) => command.startsWith(text) && command !== text);
    return {
      from: 0,
      choices: fitting.map(({ command, usage_hint, description }) => ({
        value: command,
        label: `${command} ${usage_hint}`,
        description,
      })),
    };
  }
  const match = text.match(/(?:^|\s)([@#])([\w.-]*)$/);
  if (!match) return undefined;
  const [, mark, word = ''] = match;
  const known = mark === '@' ? people(names) : channels(names);
  const start = word.toLowerCase();
  return {
    from: text.length - word.length - 1,
    choices: known.filter(({ value, description }) =>
      `${value.slice(1)} ${description}`.toLowerCase().includes(start),
    ),
  };
}

/** @param {Names} names @returns {Choice[]} */
function people(names) {
  const users = [...names.users.values()].filter(({ id }) => id !== 'USLACKBOT');
  return [
    ...users.map((user) => ({
      value: `@${user.name}`,
      label: displayName(user),
      description: user.real_name,
    })),
    ...[...names.usergroups.values()].map(({ handle, name }) => ({
      value: `@${handle}`,
      label: `@${handle}`,
      description: name,
    })),
  ];
}

/** @param {Names} names @returns {Choice[]} */
const channels = (names) =>
  [...names.channels.values()].map(({ name, topic }) => ({
    value: `#${name}`,
    label: `#${name}`,
    description: topic,
  }));
