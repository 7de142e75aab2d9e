/** A command: words -> typed input, and how the result reads. One file a verb; help, usage and checks follow from it. */
import type { AuditReader } from '../audit/reader.ts';
import type { Asking } from '../cards/approval.ts';
import type { Attachment, Body } from '../cards/body.ts';
import { UserError } from '../errors.ts';
import type { JobInput, JobName, JobResult } from '../jobs/index.ts';
import type { CancelOutcome } from '../queue/cancel.ts';
import type { Request } from '../queue/request.ts';
import type { Target } from '../target.ts';
import type { Arg, ParseFacts } from './args.ts';
import type { Filled, Form } from './form.ts';
import type { May } from './may.ts';
import { quoted } from './words.ts';

export type Risk = 'read' | 'change' | 'destroy';

type Args = Record<string, Arg<unknown>>;
type Values<A extends Args> = { [K in keyof A]: A[K] extends Arg<infer T> ? T : never };

interface Described<A extends Args> {
  name: string;
  /** What it does, in one short line without a full stop. */
  summary: string;
  risk: Risk;
  /** Docker's own spellings of it. */
  aliases: string[];
  /** Each must parse; the first is shown in the usage. */
  examples: [string, ...string[]];
  args: A;
}

interface ArgHelp {
  name: string;
  place: Arg<unknown>['place'];
  usage: string;
  about: string;
  optional: boolean;
}

interface Common {
  name: string;
  summary: string;
  risk: Risk;
  aliases: string[];
  examples: [string, ...string[]];
  args: ArgHelp[];
  /** `scale SERVICE N [--timeout TIME]`. */
  usage: string;
}

/** A command that a worker carries out. */
export interface JobCommand extends Common {
  kind: 'job';
  job: JobName;
  /** @throws UserError when the words do not fit. */
  parse: (words: string[], facts: ParseFacts) => { input: unknown; title: string };
  /** A form that opens when the words leave something open. */
  form?: {
    /** Undefined when the words say all. @throws UserError when they do not fit. */
    ask: (words: string[], facts: ParseFacts) => Form | undefined;
    /** As `parse`, with what was filled in. @throws FormError where that does not fit. */
    parse: (words: string[], filled: Filled, facts: ParseFacts) => { input: unknown; title: string };
  };
  /** It goes on from an earlier request: what was asked there, and what was found, becomes a part of its input. */
  follows?: {
    /** ID of the earlier request. */
    request: (input: unknown) => string;
    /** @throws UserError when the earlier one was no such request. */
    input: (input: unknown, earlier: Earlier) => { input: unknown; title: string };
  };
  /** What it is about, for policy and audit; with WHOLE_SWARM what is about all of it. */
  targets: (input: unknown) => Target[];
  /** It only shows what it would do: then it counts as reading, and needs no approval. */
  shows: (input: unknown) => boolean;
  /** Whether `shows` may say so. */
  canShow: boolean;
  /** It is always about the swarm as a whole, whatever else. */
  swarmWide: boolean;
  done: (result: unknown, request: Request) => Body;
}

/** A request that another one goes on from. */
export interface Earlier {
  command: string;
  title: string;
  /** As its own command gave it; it stays sealed outside of the bots and workers. */
  input: unknown;
  result: unknown;
}

/** A command that the bot answers itself, at once, to the person alone. */
export interface AnswerCommand extends Common {
  kind: 'answer';
  /** It is about an earlier request: that one's command, and who asked for it, decides who may do it. */
  onRequest: boolean;
  /** Undefined: a card in the channel tells the rest. */
  answer: (words: string[], facts: ParseFacts, context: AnswerContext) => Promise<Body | undefined>;
}

export type Command = JobCommand | AnswerCommand;

/** Commands under the heading that help and the reference page give them. */
export interface Topic {
  title: string;
  commands: Command[];
}

/** What an answer may look at. */
export interface AnswerContext {
  actor: { id: string; name: string };
  /** How the slash command is spelled in this workspace: `/swarm`. */
  slash: string;
  commands: Command[];
  topics: Topic[];
  /** Where the person asks. */
  may: (command: Command) => May;
  requests: {
    list: (options: { most: number; open?: boolean }) => Promise<Request[]>;
    read: (id: string) => Promise<Request | undefined>;
  };
  audit: AuditReader;
  /** People whom the line mentions: of `<@U1|alice>` its words have only `alice`. */
  mentioned: { id: string; name: string }[];
  /** Sends a file to the person alone, a little later, or says why it could not. */
  sendFile: (file: Attachment) => void;
  cancel: (id: string) => Promise<CancelOutcome>;
  /** Asks for the same again, in the name of the person who answers for this one. @throws UserError when it cannot. */
  retry: (id: string) => Promise<void>;
  /** Presses a button of a request's card, in the same name. @throws UserError when it has no effect. */
  press: (id: string, kind: 'approve' | 'deny', reason: string) => Promise<Body | undefined>;
  /** What waits for an approval, newest first. */
  waiting: () => Promise<Waiting[]>;
}

/** A request that waits for an approval. */
export interface Waiting {
  request: Request;
  /** Whether the person who answers for this one may decide on it. */
  may: boolean;
  asking: Asking;
}

/** Defines a command that becomes a job. Argument types, job input and result are checked against each other. */
export function defineCommand<const A extends Args, N extends JobName>(
  definition: Described<A> & {
    job: N;
    input: (args: Values<A>) => JobInput<N>;
    form?: {
      ask: (args: Values<A>) => Form | undefined;
      input: (args: Values<A>, filled: Filled) => JobInput<N>;
    };
    follows?: {
      request: (input: JobInput<N>) => string;
      input: (input: JobInput<N>, earlier: Earlier) => { input: JobInput<N>; title: string };
    };
    targets: (input: JobInput<N>) => Target[];
    swarmWide?: true;
    /** Of a command that changes: with this input it only shows what it would do. */
    shows?: (input: JobInput<N>) => boolean;
    done: (result: JobResult<N>, request: Request) => Body;
  },
): JobCommand {
  const { input, form, follows, targets, swarmWide = false, shows, done, job } = definition;
  const common = describe(definition);
  return {
    ...common,
    kind: 'job',
    job,
    parse: (words, facts) => {
      const { values, shown } = readArgs(definition, common.usage, words, facts);
      return { input: input(values), title: title(definition.name, shown) };
    },
    ...(form
      ? {
          form: {
            ask: (words: string[], facts: ParseFacts) =>
              form.ask(readArgs(definition, common.usage, words, facts).values),
            parse: (words: string[], filled: Filled, facts: ParseFacts) => {
              const { values, shown } = readArgs(definition, common.usage, words, facts);
              return { input: form.input(values, filled), title: title(definition.name, shown) };
            },
          },
        }
      : {}),
    // Its own `parse` gave the input.
    ...(follows
      ? {
          follows: {
            request: (given: unknown) => follows.request(given as JobInput<N>),
            input: (given: unknown, earlier: Earlier) => follows.input(given as JobInput<N>, earlier),
          },
        }
      : {}),
    targets: (given) => targets(given as JobInput<N>),
    shows: (given) => shows?.(given as JobInput<N>) ?? false,
    canShow: shows !== undefined,
    swarmWide,
    // The result comes from the job of this very name: its type is known although it went through Redis.
    done: (result, request) => done(result as JobResult<N>, request),
  };
}

/** Defines a command that the bot answers from what it has. */
export function defineAnswer<const A extends Args>(
  definition: Described<A> & {
    onRequest?: true;
    answer: (args: Values<A>, context: AnswerContext) => Body | undefined | Promise<Body | undefined>;
  },
): AnswerCommand {
  const common = describe(definition);
  return {
    ...common,
    kind: 'answer',
    onRequest: definition.onRequest ?? false,
    answer: async (words, facts, context) =>
      await definition.answer(readArgs(definition, common.usage, words, facts).values, context),
  };
}

function title(name: string, words: string[]): string {
  return [
    name,
    ...words.map((word) => (/[\s"]/.test(word) ? `"${word.replaceAll('"', '\\"')}"` : word)),
  ].join(' ');
}

/** Options that a usage line names. */
const MOST_IN_USAGE = 10;

function describe<A extends Args>({ name, summary, risk, aliases, examples, args }: Described<A>): Common {
  const help = Object.entries(args).map(([key, { place, usage, about, optional }]): ArgHelp => ({
    name: optionName(key),
    place,
    usage,
    about,
    optional,
  }));
  const optional = help.filter((arg) => arg.optional && (arg.place === 'option' || arg.place === 'flag'));
  // A usage line that nobody reads to its end helps nobody: the help lists them one by one.
  const shown = optional.length > MOST_IN_USAGE ? help.filter((arg) => !optional.includes(arg)) : help;
  const usage = [name, ...shown.map(usageOf), ...(shown === help ? [] : ['[OPTIONS]'])].join(' ');
  return { name, summary, risk, aliases, examples, args: help, usage };
}

function usageOf({ name, place, usage, optional }: ArgHelp): string {
  if (place === 'flag') return `[--${name}]`;
  if (place === 'option') return optional ? `[--${name} ${usage}]` : `--${name} ${usage}`;
  return optional ? `[${usage}]` : usage;
}

/** `keepCapacity` is typed as `--keep-capacity`. */
function optionName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function readArgs<A extends Args>(
  { name, args, examples }: Described<A>,
  usage: string,
  words: string[],
  facts: ParseFacts,
): {
  values: Values<A>;
  /** The words as everybody may read them: without what is secret. */
  shown: string[];
} {
  const wrong = (message: string): UserError =>
    new UserError(message, { hint: `Usage: \`/swarm ${usage}\`, for example: \`/swarm ${examples[0]}\`` });
  const byOption = new Map(Object.entries(args).map(([key, arg]) => [optionName(key), { key, arg }]));
  const given = new Map<string, string[]>();
  const raw = Object.values(args).some((arg) => arg.raw);
  const positionals: string[] = [];
  const shown: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = longForm(words[at] ?? '', args);
    if (raw || !/^--[a-zA-Z]/.test(word)) {
      positionals.push(word);
      shown.push(word);
      continue;
    }
    const [option, inline] = splitOnce(word.slice(2), '=');
    const found = byOption.get(option.toLowerCase());
    if (!found || (found.arg.place !== 'option' && found.arg.place !== 'flag'))
      throw wrong(`"${name}" has no option ${quoted(`--${option}`)}.`);
    const { key, arg } = found;
    const isFlag = arg.place === 'flag';
    const alone = arg.alone?.unless.test(words[at + 1] ?? '') === false ? arg.alone.value : undefined;
    const value = inline ?? alone ?? (isFlag ? 'true' : words[(at += 1)]);
    if (value === undefined) throw wrong(`--${option} needs a value.`);
    if (isFlag && value !== 'true' && value !== 'false') throw wrong(`--${option} takes no value.`);
    if (!isFlag && !arg.repeatable && given.has(key)) throw wrong(`--${option} is given twice.`);
    given.set(key, [...(given.get(key) ?? []), value]);
    const spelled = arg.secret ? hidden(value) : value;
    if (inline !== undefined) shown.push(`--${option}=${spelled}`);
    else shown.push(`--${option}`, ...(isFlag ? [] : [spelled]));
  }
  for (const [key, arg] of Object.entries(args)) {
    if (arg.place !== 'word' && arg.place !== 'rest') continue;
    const taken = arg.place === 'rest' ? positionals.splice(0) : positionals.splice(0, 1);
    if (taken.length === 0 && !arg.optional) throw wrong(`"${name}" needs ${arg.about}.`);
    given.set(key, taken);
  }
  if (positionals.length > 0) {
    throw wrong(
      `${positionals.length === 1 ? 'There is a word' : 'There are words'} too many: ${quoted(positionals.join(' '))}.`,
    );
  }
  const values = Object.entries(args).map(([key, arg]) => [key, arg.parse(given.get(key) ?? [], facts)]);
  return { values: Object.fromEntries(values) as Values<A>, shown };
}

/** `-f` as `--follow`, where an argument has that letter. */
function longForm(word: string, args: Args): string {
  const [, letter, rest = ''] = /^-([a-zA-Z])(=.*)?$/.exec(word) ?? [];
  const key = Object.keys(args).find((name) => letter !== undefined && args[name]?.letter === letter);
  return key === undefined ? word : `--${optionName(key)}${rest}`;
}

/** `PASSWORD=open sesame` as everybody may read it. */
function hidden(value: string): string {
  const [name, rest] = splitOnce(value, '=');
  return rest === undefined ? '…' : `${name}=…`;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
