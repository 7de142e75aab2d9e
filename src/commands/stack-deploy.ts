import { parseCompose } from '../compose/parse.ts';
import { UserError } from '../errors.ts';
import { eachOf } from '../target.ts';
import { duration, flag, word, type Arg } from './args.ts';
import { defineCommand } from './define.ts';
import { FormError, MOST_CHARACTERS, type Filled, type Form } from './form.ts';
import { planBody } from './stack-plan-card.ts';
import { quoted } from './words.ts';

/** The parts in which a file is pasted, since Slack takes so little in one. */
const PARTS = ['file', 'part-2', 'part-3', 'part-4'] as const;

export const stackDeploy = defineCommand({
  name: 'stack deploy',
  summary: 'Show what a compose file would change, with a button that deploys it',
  // It only compares: the button gives the command that changes.
  risk: 'read',
  aliases: ['stack up'],
  examples: ['stack deploy shop https://git.example.com/ops/shop.yml'],
  args: {
    stack: word('STACK', 'the name of the stack'),
    url: address('where the compose file is; without it a form opens to paste the file'),
    prune: flag('also remove the services of the stack that the file does not have'),
    timeout: duration('give up waiting after', '5m'),
  },
  job: 'stackPlan',
  targets: ({ stack }) => eachOf('stack', [stack]),
  input: ({ stack, url, prune, timeout }) => {
    if (url === null)
      throw new UserError('No form can be opened here, and a file is needed.', {
        hint: `Give its address behind the name: stack deploy ${stack} https://...`,
      });
    return { stack, source: { kind: 'address', url }, prune, deadlineMs: timeout };
  },
  form: {
    ask: ({ stack, url }) => (url === null ? form(stack) : undefined),
    input: ({ stack, prune, timeout }, filled) => ({
      stack,
      source: { kind: 'pasted', text: pasted(filled) },
      prune,
      deadlineMs: timeout,
    }),
  },
  done: planBody,
});

function form(stack: string): Form {
  return {
    title: 'Deploy a stack',
    submit: 'Show what changes',
    intro: `Paste the compose file of *${stack}*. Nothing is deployed yet: a card shows what would change. Secrets do not belong into it: create them with \`docker secret create\` and declare them external.`,
    fields: PARTS.map((name, at) => ({
      name,
      label: at === 0 ? 'Compose file' : `Where it goes on (${at + 1})`,
      hint:
        at === 0
          ? `Slack takes ${MOST_CHARACTERS} characters here. A longer file goes on below: cut it between two lines.`
          : '',
      multiline: true,
      optional: at > 0,
    })),
  };
}

/** The whole file. It is read here as well, so that a mistake is told where the text still stands. */
function pasted(filled: Filled): string {
  const parts = PARTS.map((name) => filled[name] ?? '');
  const text = parts
    .filter((part) => part.trim() !== '')
    // A part that was cut behind a line has lost the end of the line.
    .map((part) => (part.endsWith('\n') ? part : `${part}\n`))
    .join('')
    // Telephones and editors put such blanks into what is copied; YAML knows them not as indentation.
    .replaceAll('\u00A0', ' ');
  try {
    parseCompose(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new FormError(PARTS[0], error);
  }
  return text;
}

/** Query names under which addresses carry logins. */
const CREDENTIAL = /token|secret|key|pass|sig|auth|cred/i;

function address(about: string): Arg<string | null> {
  return {
    place: 'word',
    usage: 'URL',
    about,
    optional: true,
    parse: ([value]) => {
      if (value === undefined) return null;
      const url = URL.canParse(value) ? new URL(value) : undefined;
      if (url?.protocol !== 'https:') {
        throw new UserError(`${quoted(value)} is no address that begins with https://.`, {
          hint: 'Give the address of the raw file, or leave it out: a form opens to paste the file.',
        });
      }
      // The words are shown to everybody.
      if (
        url.username ||
        url.password ||
        [...url.searchParams.keys()].some((name) => CREDENTIAL.test(name))
      ) {
        throw new UserError('The address carries a login, which everybody here would read.', {
          hint: 'Give an address without one, or leave it out: a form opens to paste the file.',
        });
      }
      return url.href;
    },
  };
}
