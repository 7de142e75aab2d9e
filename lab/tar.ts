/** One entry of a tar archive. A path that ends in "/" is a folder. */
export interface TarEntry {
  path: string;
  content?: Buffer | string;
  /** Target of a symbolic link. */
  link?: string;
  mode?: number;
}

const BLOCK = 512;

/** Packs entries into a POSIX ustar archive whose bytes depend on the entries only: owner root, time 0. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? '');
    return [header(entry, content.length), content, Buffer.alloc(-content.length & (BLOCK - 1))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(entry: TarEntry, size: number): Buffer {
  const folder = entry.path.endsWith('/');
  if (Buffer.byteLength(entry.path) > 100)
    throw new RangeError(`The path ${entry.path} is too long for a tar header.`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  block.write(entry.path, 0);
  block.write(octal(entry.mode ?? (folder ? 0o755 : 0o644), 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  // The sum is taken with its own field as spaces.
  block.write('        ', 148);
  block.write(entry.link === undefined ? (folder ? '5' : '0') : '2', 156);
  block.write(entry.link ?? '', 157);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}
