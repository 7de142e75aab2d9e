/** Nodes as arguments: the bot knows no nodes by name, the job looks them up. */
import { UserError } from '../errors.ts';
import { word, type Arg } from './args.ts';
import { expandHosts } from './ranges.ts';

/** One node, by hostname or ID. */
export const node = (): Arg<string> => word('NODE', 'the name or ID of a node');

/** One or more nodes, also as ranges: `web-[01-40]`, `a,b`. */
export function nodes(): Arg<string[]> {
  return {
    place: 'rest',
    usage: 'NODE...',
    about: 'one or more nodes by name or ID, also as web-[01-40]',
    optional: false,
    parse: (values, facts) => {
      const names = expandHosts(values).map((name) => node().parse([name], facts));
      // Each once, also when it is named in capitals and in small letters.
      const once = names.filter(
        (name, at) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) === at,
      );
      if (once.length > 0) return once;
      throw new UserError('That names no node.', { hint: 'Write it like fedora-03 or web-[01-40].' });
    },
  };
}
