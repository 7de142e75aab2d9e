/** One host's end of an exchange: the program of agent.ts, started there and talked to. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Conversation, Host } from '../hosts/hosts.ts';
import { AGENTS } from './agent.ts';

/** The program ends by itself after so long, should nobody be there to end it. */
const LIFE_SECONDS = 30;

interface Arrival {
  /** Address that the datagram came from, as the receiver saw it. */
  source: string;
  bytes: number;
}

export interface Agent {
  /** TCP ports that another program has on this host. */
  taken: number[];
  /** It can see arriving datagrams: only root may. */
  sees: boolean;
  /** The address and the MTU with which this host speaks to that one; undefined when it has no route. */
  route(address: string): Promise<{ source: string; mtu: number } | undefined>;
  /** Errno when the host itself would not send it. */
  send(
    tag: string,
    to: { address: string; port: number; size: number | 'small' | 'mtu' },
  ): Promise<{ errno?: number }>;
  /** Waits for a datagram with this tag; undefined when none has come within `ms`. */
  arrival(tag: string, ms: number): Promise<Arrival | undefined>;
  /** Looks at the wire from now on, before any firewall of the host. False where it may not. */
  watch(): Promise<boolean>;
  /** Whether such a line about the wire has come (`seen TAG`, `syn SOURCE DESTINATION PORT`) within `ms`. */
  onWire(line: string, ms: number): Promise<boolean>;
  end(): Promise<void>;
}

/**
 * Starts the program, by whatever interpreter the host has. `nonce` is the same for all who take part.
 * @returns undefined when the host has none of the interpreters.
 */
export async function openAgent(
  host: Host,
  { nonce, ports, signal }: { nonce: string; ports: number[]; signal: AbortSignal },
): Promise<Agent | undefined> {
  const rights = host.settings.ssh.user === 'root' ? [[]] : [['sudo', '-n'], []];
  for (const right of rights) {
    for (const program of AGENTS) {
      const argv = [...right, ...program, nonce, String(LIFE_SECONDS), ...ports.map(String)];
      const agent = await start(host, argv, signal);
      if (agent) return agent;
    }
  }
  return undefined;
}

async function start(host: Host, argv: string[], signal: AbortSignal): Promise<Agent | undefined> {
  const said = new Said();
  const talk: Conversation = await host.converse(argv, (line) => said.hear(line), {
    timeoutMs: LIFE_SECONDS * 1000,
    signal,
  });
  const over = talk.ended.then(
    () => said.close(),
    () => said.close(),
  );
  await said.first((line) => line === 'ready', over);
  if (!said.lines.includes('ready')) {
    await talk.end().catch(() => undefined);
    return undefined;
  }
  const about = async (tag: string) =>
    await said.first((line) => /^(sent|failed|route) /.test(line) && line.split(' ')[1] === tag, over);
  return {
    taken: said.lines.flatMap((line) => (line.startsWith('taken ') ? [Number(line.slice(6))] : [])),
    sees: said.lines.includes('raw yes'),
    async route(address) {
      talk.say(`route ${address}`);
      const [word, , source, mtu] = (await about(address))?.split(' ') ?? [];
      return word === 'route' && source ? { source, mtu: Number(mtu) } : undefined;
    },
    async send(tag, { address, port, size }) {
      talk.say(`send ${tag} ${address} ${port} ${size === 'small' ? 0 : size}`);
      const [word, , errno] = (await about(tag))?.split(' ') ?? [];
      return word === 'failed' ? { errno: Number(errno) } : {};
    },
    async arrival(tag, ms) {
      const stop = new AbortController();
      const late = sleep(ms, undefined, { signal: stop.signal }).catch(() => undefined);
      const line = await said.first((one) => one.startsWith(`got ${tag} `), Promise.race([late, over]));
      stop.abort();
      const [, , source = '', , bytes] = line?.split(' ') ?? [];
      return line === undefined ? undefined : { source, bytes: Number(bytes) };
    },
    async watch() {
      talk.say('watch');
      return (await said.first((line) => line.startsWith('watching '), over)) === 'watching yes';
    },
    async onWire(begin, ms) {
      const stop = new AbortController();
      const late = sleep(ms, undefined, { signal: stop.signal }).catch(() => undefined);
      const line = await said.first(
        (one) => one === begin || one.startsWith(`${begin} `),
        Promise.race([late, over]),
      );
      stop.abort();
      return line !== undefined;
    },
    async end() {
      // Its ports must be free again before anybody joins.
      await talk.end().catch(() => undefined);
    },
  };
}

/** What the program has said so far, and who waits for which line. */
class Said {
  readonly lines: string[] = [];
  #waiting: { fits: (line: string) => boolean; hand: (line: string | undefined) => void }[] = [];

  hear(line: string): void {
    this.lines.push(line);
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ fits }) => !fits(line));
    for (const { fits, hand } of waiting) if (fits(line)) hand(line);
  }

  close(): void {
    for (const { hand } of this.#waiting.splice(0)) hand(undefined);
  }

  /** The first line that fits, said or to come; undefined when `until` is over before. */
  async first(fits: (line: string) => boolean, until: Promise<unknown>): Promise<string | undefined> {
    const known = this.lines.find(fits);
    if (known !== undefined) return known;
    return await new Promise((resolve) => {
      const one = { fits, hand: resolve };
      this.#waiting.push(one);
      const over = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== one);
        resolve(undefined);
      };
      until.then(over, over);
    });
  }
}
