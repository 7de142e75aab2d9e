/** What looks like a secret in other people's text, taken out before it reaches Redis or Slack. Pure. */

const HIDDEN = '[secret]';

/** Words that name a secret at the end of a key: `DB_PASSWORD`, `accessToken`, but not `token_count` or `tokens`. */
const KEY = [
  'pass(?:word|wd|phrase)',
  'secret',
  'token',
  'api[_-]?key',
  'access[_-]?key(?:[_-]?id)?',
  'secret[_-]?key',
  'private[_-]?key',
  'encryption[_-]?key',
  'auth[_-]?key',
  'account[_-]?key',
  'credentials?',
  'session[_-]?id',
  'signature',
].join('|');

/** What stands behind such a key and is none: a state, or something that is hidden already. */
const NO_VALUE =
  '(?:\\[secret\\]|…|null|nil|none|undefined|true|false|yes|no|ok|valid|invalid|expired|missing|required|failed|incorrect|wrong|empty|unset|denied|accepted|not|is|was|must|too|has|for|\\*+|<[a-z]*>)';

/** A value in quotes, or up to a blank or what separates values. */
const QUOTED = `"(?:[^"\\\\\\n]|\\\\.)*"?|'(?:[^'\\\\\\n]|\\\\.)*'?`;

interface Rule {
  what: string;
  text: RegExp;
  /** What stands in its place; the secret itself when left out. */
  becomes?: string;
}

/** One after the other: what an earlier one has hidden, a later one leaves alone. */
const RULES: Rule[] = [
  {
    what: 'join token, unlock key',
    text: /SWM(TKN|KEY)-(?!\[secret\])[^\s"',;)\]}]*/gi,
    becomes: `SWM$1-${HIDDEN}`,
  },
  {
    what: 'private key in one piece, also with \\n written out',
    text: /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY)-----(?! \[secret\])(?:(?!-----END)[\s\S])*(?:-----END \1-----)?/g,
    becomes: `-----BEGIN $1----- ${HIDDEN}`,
  },
  {
    what: 'header with credentials',
    text: /\b((?:proxy-)?authorization["']?[ \t]{0,3}[:=][ \t]{0,3}["']?(?:(?:bearer|basic|token|digest|negotiate|apikey)[ \t]{1,3})?)[^\s"',;]+/gi,
    becomes: `$1${HIDDEN}`,
  },
  {
    what: 'bearer token',
    text: /\b(bearer[ \t]{1,3})(?=[\w.~+/-]{0,40}\d)[\w.~+/-]{16,}=*/gi,
    becomes: `$1${HIDDEN}`,
  },
  {
    what: 'cookies',
    text: /\b((?:set-)?cookie["']?[ \t]{0,3}:[ \t]{0,3})[^\r\n]+/gi,
    becomes: `$1${HIDDEN}`,
  },
  {
    what: 'password in an address',
    text: /\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/?#@"'<>]{0,200}):[^\s/?#@"'<>]{1,200}@/gi,
    becomes: `$1:${HIDDEN}@`,
  },
  {
    what: 'token in place of a user in an address',
    text: /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[\w-]{20,200}@/gi,
    becomes: `$1${HIDDEN}@`,
  },
  {
    what: 'webhook of Slack',
    text: /(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]+/gi,
    becomes: `$1${HIDDEN}`,
  },
  { what: 'token of Slack', text: /\bx(?:ox[a-z]|app)-[\w-]{8,}/g },
  { what: 'AWS access key', text: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g },
  { what: 'token of GitHub', text: /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,})/g },
  { what: 'token of GitLab', text: /\bgl(?:pat|dt|ptt|rt|cbt|soat|agent|imt|ft)-[\w-]{16,}/g },
  { what: 'token of Docker Hub', text: /\bdckr_(?:pat|oat)_[\w-]{16,}/g },
  { what: 'token of npm', text: /\bnpm_\w{30,}/g },
  { what: 'key of Google', text: /\bAIza[\w-]{30,}/g },
  { what: 'key of Stripe', text: /\b[srp]k_(?:live|test)_\w{10,}/g },
  { what: 'key of OpenAI and the like', text: /\bsk-(?=[\w-]{0,80}\d)[\w-]{20,}/g },
  { what: 'JSON web token', text: /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g },
  {
    what: 'option of a command',
    text: new RegExp(
      `(--?[\\w-]{0,40}?(?:${KEY})[ \\t]{1,3})(?!-|${NO_VALUE}(?![\\w-]))(?:${QUOTED}|[^\\s"']+)`,
      'gi',
    ),
    becomes: `$1${HIDDEN}`,
  },
  {
    what: 'key=value',
    text: new RegExp(
      `((?:${KEY})\\\\?["']?[ \\t]{0,3}=>?[ \\t]{0,3})(?!=|${NO_VALUE}(?![\\w-]))(?:\\\\"[^"\\n]*|${QUOTED}|[^\\s,;&"'<>)}\\]]+)`,
      'gi',
    ),
    becomes: `$1${HIDDEN}`,
  },
  {
    what: '"key": "value"',
    text: new RegExp(
      `((?:${KEY})\\\\?["'][ \\t]{0,3}:[ \\t]{0,3})(?!${NO_VALUE}(?![\\w-]))(?:\\\\"[^"\\n]*\\\\"|${QUOTED}|[^\\s,;"'}\\]]+)`,
      'gi',
    ),
    becomes: `$1${HIDDEN}`,
  },
  {
    // In prose a colon is followed by a sentence: only a value that ends the line or the clause is taken for one.
    what: 'key: value',
    text: new RegExp(
      `((?:${KEY}):[ \\t]{1,3})(?!${NO_VALUE}(?![\\w-]))(?:${QUOTED}|[^\\s,;"'<>)}\\]]+(?=[ \\t]*(?:$|[\\r\\n,;)}\\]]|#))|(?=[^\\s]{0,40}\\d)[^\\s,;"'<>]{8,})`,
      'gim',
    ),
    becomes: `$1${HIDDEN}`,
  },
  {
    what: 'pwd, which is also the working directory',
    text: /\b(pwd["']?[=:])(?![/\s.~]|\[secret\])[^\s,;&"']+/gi,
    becomes: `$1${HIDDEN}`,
  },
];

/** The text with what looks like a secret replaced by `[secret]`. Rather too much than too little. */
export function hideSecrets(text: string): string {
  return RULES.reduce((plain, { text: secret, becomes = HIDDEN }) => plain.replace(secret, becomes), text);
}

const KEY_BEGINS = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
const KEY_ENDS = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
const BASE64 = /^[A-Za-z0-9+/=\s]+$/;
/** Lines of a key's body; an RSA key of 16,384 bits has about 200. */
const LONGEST_KEY = 250;

/**
 * The same for the lines of one writer, in their order and as they come: a private key spans several. The body of one
 * whose beginning was cut off is known by its end, as far back as the lines that came with it.
 */
export class SecretLines {
  #inKey = 0;

  take(lines: string[]): string[] {
    const shown: string[] = [];
    for (const line of lines) {
      if (this.#inKey > 0) {
        this.#inKey = KEY_ENDS.test(line) ? 0 : this.#inKey - 1;
        shown.push(HIDDEN);
      } else if (KEY_BEGINS.test(line)) {
        // Without its end in the same line it goes on in the next.
        if (!KEY_ENDS.test(line)) this.#inKey = LONGEST_KEY;
        shown.push(hideSecrets(line));
      } else if (KEY_ENDS.test(line)) {
        for (let at = shown.length - 1; at >= 0 && BASE64.test(shown[at] ?? ''); at -= 1) shown[at] = HIDDEN;
        shown.push(HIDDEN);
      } else shown.push(hideSecrets(line));
    }
    return shown;
  }
}
