/** A JSON array as it arrives, item by item: a large swarm's tasks are 30 MB that need never be in memory at once. */

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/**
 * The items of the array that the bytes are. `null` has none, as an engine may write an empty list.
 * @throws SyntaxError when the bytes are something else, or end too soon.
 */
export async function* jsonItems(bytes: AsyncIterable<Buffer>): AsyncGenerator<unknown, void, undefined> {
  const splitter = new Splitter();
  for await (const chunk of bytes) for (const text of splitter.feed(chunk)) yield JSON.parse(text) as unknown;
  splitter.end();
}

/** Finds where the items of the outermost array begin and end; what is inside them is JSON.parse's business. */
class Splitter {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #ended = false;
  /** Bytes of an item that began in an earlier chunk. */
  #begun: Buffer[] = [];
  /** What stands outside of any array: at most a word. */
  #outside = '';

  *feed(chunk: Buffer): Generator<string, void, undefined> {
    // Where the present item begins in this chunk; -1 between items.
    let start = this.#begun.length > 0 ? 0 : -1;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
        continue;
      }
      if (this.#depth === 0) {
        this.#outermost(byte);
        continue;
      }
      const closes = CLOSING.has(byte);
      if (this.#depth === 1 && (byte === COMMA || closes)) {
        if (start !== -1) yield this.#item(chunk.subarray(start, at));
        start = -1;
        if (closes) this.#end();
        continue;
      }
      if (start === -1 && !isBlank(byte)) start = at;
      if (byte === QUOTE) this.#inString = true;
      else if (OPENING.has(byte)) this.#depth += 1;
      else if (closes) this.#depth -= 1;
    }
    // The chunk's memory is the sender's to use again.
    if (start !== -1) this.#begun.push(Buffer.from(chunk.subarray(start)));
  }

  /** @throws SyntaxError unless the array is complete. */
  end(): void {
    if (this.#outside !== (this.#ended ? '' : 'null')) throw new SyntaxError('The list ends too soon.');
  }

  #outermost(byte: number): void {
    if (isBlank(byte)) return;
    if (byte === 0x5b && !this.#ended && this.#outside === '') this.#depth = 1;
    else this.#outside += String.fromCharCode(byte);
    if (this.#outside.length > 4) throw new SyntaxError('The answer is no list.');
  }

  #item(last: Buffer): string {
    const text = this.#begun.length > 0 ? Buffer.concat([...this.#begun, last]).toString() : last.toString();
    this.#begun = [];
    return text;
  }

  #end(): void {
    this.#depth = 0;
    this.#ended = true;
  }
}
