import { z } from 'zod';
import { UserError } from '../errors.ts';
import { plan, type Command, type Plan } from '../firewall/plan.ts';
import { readFirewall, rootPrefix } from '../firewall/reading.ts';
import { wantedPackets } from '../firewall/wanted.ts';
import type { Host } from '../hosts/hosts.ts';
import { exchange, type Exchange, type Passage } from '../probes/exchange.ts';
import { judgePorts } from '../probes/judge-ports.ts';
import type { Finding } from '../probes/finding.ts';
import { defineJob } from './define.ts';
import { surroundings, whomFor } from './ports-look.ts';
import { previewPorts } from './ports-preview.ts';

const LOOK = ['Try the ports', 'Read the firewall'] as const;
const CHANGE = ['Open the ports', 'Try the ports again'] as const;

const input = z.object({
  host: z.string(),
  /** A host that shall reach it and is in no node list yet. */
  for: z.string().nullable(),
  apply: z.boolean(),
});

export interface Opened {
  host: string;
  for: string | null;
  applied: boolean;
  /** Whom packets were exchanged with. */
  peers: string[];
  /** What the exchange found before anything was changed, and after: ports alone. */
  before: Finding[];
  after: Finding[] | null;
  /** Something is blocked, before and in the end. */
  blocked: { before: boolean; after: boolean };
  ruler: Plan['ruler'];
  how: string;
  stoppedBy: string[];
  /** What is to be added, or was. */
  commands: Pick<Command, 'shows' | 'lasts'>[];
  why: string;
  lasting: string;
  outlastsBoot: boolean;
}

export const ports = defineJob({
  input,
  lock: ({ host }) => [`host:${host}`],
  steps: ({ apply }) => (apply ? [...LOOK, ...CHANGE] : [...LOOK]),
  preview: previewPorts,
  async run({ host: name, for: forName, apply }, context): Promise<Opened> {
    const { hosts, step, signal, recall } = context;
    const host = hosts.host(name);
    const other = forName === null ? undefined : hosts.host(forName);
    const around = await surroundings(host, other, context);
    const tried = async (): Promise<Exchange> => await exchange(around.subject, around.peers, signal);
    const judged = ({ passages }: Pick<Exchange, 'passages'>): Finding[] =>
      around.peers.length === 0 ? [] : judgePorts(name, { passages }, (one) => hosts.names().includes(one));

    const first = await step('Try the ports', async (line) => {
      // Remembered across a crash: afterwards it would look as if nothing had been wrong.
      const found = await recall('tried', async () => {
        const { passages, paths } = await tried();
        return { passages, paths };
      });
      line.say(inShort(found.passages));
      return found;
    });

    const prefix = await rootPrefix(host, signal);
    const { made, near } = await step('Read the firewall', async (line) => {
      const whom = await whomFor(host, first.paths[0]?.source, around.nodes, other, context);
      const packets = wantedPackets(whom.near.ranges, {
        device: whom.device,
        isManager: around.info.swarm.isManager || around.subject.manager,
      });
      const found = plan(await readFirewall(host, prefix, signal), packets);
      line.say(
        found.commands.length === 0
          ? 'it lets everything through that the swarm needs'
          : `${found.ruler}: ${found.commands.length} to add`,
      );
      return { made: found, near: whom.near };
    });
    const shown = await recall('plan', () =>
      Promise.resolve({
        stoppedBy: made.stoppedBy,
        commands: made.commands.map(({ shows, lasts }) => ({ shows, lasts })),
      }),
    );
    const isBlocked = (passages: Passage[]): boolean => passages.some(({ outcome }) => outcome === 'blocked');
    const result: Opened = {
      host: name,
      for: forName,
      applied: apply,
      peers: around.peers.map((peer) => peer.name),
      before: judged(first),
      after: null,
      blocked: { before: isBlocked(first.passages), after: isBlocked(first.passages) },
      ruler: made.ruler,
      how: made.how,
      ...shown,
      why: near.why,
      lasting: made.lasting,
      outlastsBoot: made.outlastsBoot,
    };
    if (!apply) return result;

    await step('Open the ports', async (line) => {
      for (const [at, command] of made.commands.entries()) {
        line.say(`${at + 1} of ${made.commands.length}: ${command.shows}`);
        await line.act(`on ${name}: ${command.shows}`, () => carryOut(host, prefix, command, signal));
      }
      line.say(made.commands.length === 0 ? 'nothing had to be added' : `${made.commands.length} added`);
    });

    return await step('Try the ports again', async (line) => {
      const { passages } = await tried();
      const blocked = isBlocked(passages);
      if (blocked) line.fail(inShort(passages));
      else line.say(inShort(passages));
      return { ...result, after: judged({ passages }), blocked: { ...result.blocked, after: blocked } };
    });
  },
});

async function carryOut(
  host: Host,
  prefix: string[],
  { argv, input: words, shows }: Command,
  signal: AbortSignal,
): Promise<void> {
  const { code, stderr } = await host.run([...prefix, ...argv], {
    signal,
    ...(words === undefined ? {} : { input: words }),
  });
  if (code === 0) return;
  throw new UserError(
    `${host.name} did not take \`${shows}\`: ${stderr || `it ended with ${code ?? 'a signal'}`}.`,
    {
      hint: 'What was added before it stays. Correct what it complains of, then open the ports again.',
      remedies: [{ label: 'Show the rules', line: `ports ${host.name}` }],
    },
  );
}

function inShort(passages: readonly Passage[]): string {
  const blocked = passages.filter(({ outcome }) => outcome === 'blocked').length;
  if (passages.length === 0) return 'nobody to try them with';
  return blocked === 0
    ? `${passages.length} ways tried, none blocked`
    : `${blocked} of ${passages.length} ways are blocked`;
}
