/** The commands that a policy may name, also by docker's own spelling. */
import type { Command, Risk } from '../commands/define.ts';
import { nearest } from '../nearest.ts';

export type KnownCommand = Pick<Command, 'name' | 'aliases' | 'risk' | 'kind'>;

export interface Vocabulary {
  /** Names and risks as the policy has them; each that is none is told. */
  list(path: string, words: readonly string[], told: { mistakes: string[] }): string[];
  /** The command that is approved; undefined, and told, when there is none. */
  approvable(path: string, word: string, told: { mistakes: string[] }): string | undefined;
}

const RISKS: readonly Risk[] = ['read', 'change', 'destroy'];

/** Deploying a stack is two commands, of which the first only shows what the second does: who writes `stack deploy` means that. */
const PLANS = new Map([['stack deploy', 'stack apply']]);

export function openVocabulary(commands: readonly KnownCommand[]): Vocabulary {
  const bySpelling = new Map(
    commands.flatMap((command) => [command.name, ...command.aliases].map((one) => [one, command] as const)),
  );
  const find = (word: string): KnownCommand | undefined =>
    bySpelling.get(word.trim().toLowerCase().replaceAll(/\s+/g, ' '));
  const unknown = (word: string, names: readonly string[]): string => {
    const near = nearest(word, names);
    return `there is no command "${word.slice(0, 60)}".${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' "/swarm help" lists them.'}`;
  };
  return {
    list: (path, words, { mistakes }) =>
      words.flatMap((word, at) => {
        const risk = RISKS.find((one) => one === word);
        if (risk) return [risk];
        const name = find(word)?.name;
        if (name === undefined) {
          mistakes.push(`${path}.${at}: ${unknown(word, [...bySpelling.keys(), ...RISKS])}`);
          return [];
        }
        const applied = PLANS.get(name);
        return applied === undefined ? [name] : [name, applied];
      }),
    approvable: (path, word, { mistakes }) => {
      const command = find(word);
      if (RISKS.some((risk) => risk === word)) {
        mistakes.push(`${path}: approvals are given for single commands, not for all that ${word}.`);
      } else if (!command) {
        mistakes.push(`${path}: ${unknown(word, [...bySpelling.keys()])}`);
      } else if (command.kind !== 'job') {
        mistakes.push(`${path}: "${command.name}" is answered at once, so it cannot be approved.`);
      } else {
        return PLANS.get(command.name) ?? command.name;
      }
      return undefined;
    },
  };
}
