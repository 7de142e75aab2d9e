/**
 * The engine's log stream of a service or task -> lines. Frames of 8 bytes (stream, three zeros, length as big-endian
 * uint32) and their content, or the plain content where the container has a terminal; a line begins with its time and
 * the details of the task that wrote it (Engine API 1.29 to 1.51, `timestamps` and `details`). Pure.
 */
import { StringDecoder } from 'node:string_decoder';

export interface LogLine {
  /** ISO time with nanoseconds, as the engine gives it; sorts as text. */
  at: string;
  taskId: string;
  nodeId: string;
  text: string;
}

/** Standard input counts as output; `system` is the engine's own voice. */
const HEADER = 8;
const SYSTEM_STREAM = 3;
/** Longer than the engine makes a piece of a line (16 KiB) by far: what claims more is no frame. */
const MOST_FRAME = 1024 * 1024;

/** Takes the stream piece by piece, as it comes. */
export class LogParser {
  readonly #framed: boolean;
  /** A letter of several bytes may be cut in two. */
  readonly #letters = new StringDecoder('utf8');
  #rest: Buffer = Buffer.alloc(0);
  /** A line without its end yet, for each stream. */
  readonly #open = new Map<number, string>();
  /** What the engine says of logs that it cannot get. */
  readonly troubles: string[] = [];

  /** `terminal`: the containers have a TTY, so there are no frames. */
  constructor({ terminal }: { terminal: boolean }) {
    this.#framed = !terminal;
  }

  /** @throws Error when the bytes are no such stream. */
  take(chunk: Buffer): LogLine[] {
    if (!this.#framed) return this.#content(1, this.#letters.write(chunk));
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const lines: LogLine[] = [];
    while (bytes.length >= HEADER) {
      const stream = bytes.readUInt8(0);
      const length = bytes.readUInt32BE(4);
      if (stream > SYSTEM_STREAM || length > MOST_FRAME)
        throw new Error('The log stream of the engine is not in the known form.');
      if (bytes.length < HEADER + length) break;
      lines.push(...this.#content(stream, bytes.toString('utf8', HEADER, HEADER + length)));
      bytes = bytes.subarray(HEADER + length);
    }
    this.#rest = Buffer.from(bytes);
    return lines;
  }

  /** What is left when the stream has ended. */
  end(): LogLine[] {
    return [...this.#open.keys()].flatMap((stream) => this.#content(stream, '\n'));
  }

  #content(stream: number, text: string): LogLine[] {
    const parts = `${this.#open.get(stream) ?? ''}${text}`.split('\n');
    this.#open.set(stream, parts.pop() ?? '');
    return parts.flatMap((part) => {
      if (part === '') return [];
      if (stream === SYSTEM_STREAM) {
        this.troubles.push(part);
        return [];
      }
      return lineOf(part);
    });
  }
}

const LINE = /^(?<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z) (?<details>\S*) ?(?<text>.*)$/s;

function lineOf(part: string): LogLine[] {
  const { at, details = '', text = '' } = LINE.exec(part)?.groups ?? {};
  if (at === undefined) return [];
  const named = new Map(
    details.split(',').map((pair): [string, string] => {
      const [name = '', value = ''] = pair.split('=');
      return [name, value];
    }),
  );
  return [
    {
      at,
      taskId: named.get('com.docker.swarm.task.id') ?? '',
      nodeId: named.get('com.docker.swarm.node.id') ?? '',
      text: text.replace(/\r$/, ''),
    },
  ];
}
