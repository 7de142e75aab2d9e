/** The text behind the slash command -> words. Undoes what Slack and telephone keyboards do to it. Pure. */
import { UserError } from '../errors.ts';

/** More than any command needs; past it somebody pasted a file. */
const MOST_CHARACTERS = 2000;

/**
 * Splits a command's text into words: quotes keep words together, curly quotes and long dashes are taken for the plain
 * ones, links and mentions as Slack escapes them become what the person typed.
 * @throws UserError when the text is too long, or a quote never closes.
 */
export function splitWords(text: string): string[] {
  if (text.length > MOST_CHARACTERS) {
    throw new UserError(`That is ${text.length} characters; a command has at most ${MOST_CHARACTERS}.`, {
      hint: 'Shorten it: many hosts fit into a range such as web-[01-40].',
    });
  }
  const plain = plainText(text);
  const words: string[] = [];
  let word = '';
  let started = false;
  let quote = '';
  for (let at = 0; at < plain.length; at += 1) {
    const character = plain.charAt(at);
    if (quote) {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      started = true;
    } else if (/\s/.test(character)) {
      if (started) words.push(word);
      word = '';
      started = false;
    } else {
      word += character;
      started = true;
    }
  }
  if (quote)
    throw new UserError(`A quote (${quote}) is never closed.`, {
      hint: `Close it with another ${quote}, or leave both out.`,
    });
  if (started) words.push(word);
  return words;
}

/** A word as a message repeats it: in quotes, and no longer than somebody needs to know it again. */
export function quoted(word: string): string {
  const [...characters] = word;
  return characters.length > 60 ? `"${characters.slice(0, 59).join('')}…"` : `"${word}"`;
}

function plainText(text: string): string {
  return (
    text
      // Half of a surrogate pair is no character, and cannot be sent back to anybody.
      .toWellFormed()
      // <http://web-1.lan|web-1.lan> and <mailto:...|...>: what the person typed stands behind the bar.
      .replaceAll(/<(?:https?:\/\/|mailto:)[^|>]*\|([^>]*)>/g, '$1')
      .replaceAll(/<((?:https?:\/\/|mailto:)[^|>]*)>/g, '$1')
      // <@U123|alice>, <#C123|ops>: kept as the name, which is what an inventory could know.
      .replaceAll(/<[@#!][^|>]*\|([^>]*)>/g, '$1')
      // <!channel> has no name of its own behind a bar.
      .replaceAll(/<!(\w+)>/g, '@$1')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
      .replaceAll(/[\u201C\u201D\u201E\u00AB\u00BB]/g, '"')
      .replaceAll(/[\u2018\u2019\u201A]/g, "'")
      // Telephones turn "--" into one long dash.
      .replaceAll(/(^|\s)[\u2013\u2014](?=\S)/g, '$1--')
      .replaceAll(/[\u2010-\u2015\u2212]/g, '-')
      // Control characters and invisible marks, such as a zero-width space from a copied page, mean nothing here.
      .replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => (/\s/.test(character) ? ' ' : ''))
  );
}
