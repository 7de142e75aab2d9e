/** What an engine says when it does not take a service's spec (20.10 to 27), in words for a person. Pure. */
import { UserError } from '../errors.ts';
import { EngineRefusal } from '../hosts/failures.ts';
import { redact } from '../hosts/redact.ts';

type Kind = 'taken' | 'port' | 'image' | 'amount' | 'constraint' | 'network' | 'mount';

const SAYS: {
  text: RegExp;
  kind: Kind;
  words: (found: RegExpExecArray, name: string) => [message: string, hint: string];
}[] = [
  {
    text: /name conflicts with an existing object|already exists/i,
    kind: 'taken',
    words: (_found, name) => [
      `There is a service ${name} already.`,
      `Change it with \`/swarm update ${name}\`, or use another name.`,
    ],
  },
  {
    text: /port '?(?<port>\d+)'? is already in use by service '?(?<other>[^'\s]+)'?/i,
    kind: 'port',
    words: ({ groups }) => [
      `Port ${groups?.['port']} is published already, by the service ${groups?.['other']}.`,
      'Publish another port, or take it away from that service first with `--publish-rm`.',
    ],
  },
  {
    text: /"(?<image>[^"]+)" is not a valid repository\/tag|invalid reference format/i,
    kind: 'image',
    words: ({ groups }) => [
      `${groups?.['image'] ?? 'That'} is not the name of an image.`,
      'Write it like my-apache2:latest or registry.example:5000/team/app:1.4.',
    ],
  },
  {
    text: /invalid (?<what>cpu|memory) value (?<value>[\d.]+): must be at least (?<least>[^\s]+ ?\w*)/i,
    kind: 'amount',
    words: ({ groups }) => [
      `The engine takes no ${groups?.['what']} value below ${groups?.['least']?.trim()}.`,
      'Ask for more, or leave the option out.',
    ],
  },
  {
    text: /constraint.*(expected|invalid|is invalid)|key '?[^']*'? is invalid|value '?[^']*'? is invalid/i,
    kind: 'constraint',
    words: () => [
      'The engine cannot read one of the constraints.',
      'Write it like node.labels.zone==a or node.role!=manager.',
    ],
  },
  {
    text: /network (?<network>\S+) not found/i,
    kind: 'network',
    words: ({ groups }) => [
      `No network is called ${groups?.['network']}.`,
      'Create it first on a manager: `docker network create --driver overlay NAME`.',
    ],
  },
];

/** Undefined when it is none of those: then the engine's own words must do. */
export function refusalOf(thrown: unknown, name: string): { kind: Kind; error: UserError } | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const text = thrown instanceof EngineRefusal ? thrown.text : redact(thrown.message);
  for (const row of SAYS) {
    const found = row.text.exec(text);
    if (!found) continue;
    const [message, hint] = row.words(found, name);
    return { kind: row.kind, error: new UserError(message, { hint, cause: thrown }) };
  }
  return undefined;
}
