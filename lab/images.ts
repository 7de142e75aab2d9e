import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Dockerode from 'dockerode';
import type { TarEntry } from './tar.ts';
import { tar } from './tar.ts';

/*
 * The lab's images, made without a registry and without an engine: an archive as `docker save` writes it, from one
 * shared layer (busybox, statically linked) and one small layer each. Their bytes, so their IDs, are the same in every
 * lab on a machine.
 */

/** PID 1 has no default signal handlers: without a trap every stop would take the engine's 10 s. */
const stoppable = (server: string) => `#!/bin/sh
trap 'kill $!; exit 0' TERM INT
${server} &
wait $!
`;

const apache = (version: string): TarEntry[] => [
  { path: 'www/' },
  {
    path: 'www/index.html',
    content: `<html><body><h1>It works! (my-apache2:${version})</h1></body></html>\n`,
  },
  { path: 'start', mode: 0o755, content: stoppable('httpd -f -p 80 -h /www') },
];

const REPLY = '#!/bin/sh\nread -r line && printf "+PONG\\r\\n"\n';

const IMAGES: Record<string, { files: TarEntry[]; port?: string }> = {
  'my-apache2:latest': { port: '80/tcp', files: apache('latest') },
  'my-apache2:2': { port: '80/tcp', files: apache('2') },
  'my-redis:latest': {
    port: '6379/tcp',
    files: [
      { path: 'start', mode: 0o755, content: stoppable('nc -ll -p 6379 -e /reply') },
      { path: 'reply', mode: 0o755, content: REPLY },
    ],
  },
  // Deaf to SIGTERM, so that the engine has to wait out its grace and kill it.
  'stubborn:latest': {
    files: [
      {
        path: 'start',
        mode: 0o755,
        content: "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 3600 & wait $!; done\n",
      },
    ],
  },
};

/** The references of all images that the lab can make. */
export const LAB_IMAGES: readonly string[] = Object.keys(IMAGES);

/** Where Debian's busybox-static and Fedora's busybox put the program. */
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox', '/usr/sbin/busybox', '/sbin/busybox'];

/** The path of a busybox that needs no libraries, or undefined: Debian's package "busybox" is not static. */
export function staticBusybox(): string | undefined {
  return BUSYBOX.find((path) => existsSync(path) && isStatic(path));
}

/** An archive for an engine's image load with the given references. Throws when the lab knows no such image. */
export function imageArchive(refs: readonly string[]): Buffer {
  const busybox = staticBusybox();
  if (busybox === undefined)
    throw new Error('There is no static busybox. Install the package busybox-static.');
  const base = layer([
    ...['bin/', 'dev/', 'etc/', 'proc/', 'root/', 'sys/'].map((path) => ({ path })),
    { path: 'tmp/', mode: 0o1777 },
    { path: 'bin/busybox', mode: 0o755, content: readFileSync(busybox) },
    ...APPLETS.map((applet) => ({ path: `bin/${applet}`, link: 'busybox', mode: 0o777 })),
    { path: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\n' },
  ]);
  const files = new Map([[base.path, base.content]]);
  const manifest = refs.map((ref) => {
    const image = IMAGES[ref];
    if (!image) throw new Error(`The lab makes no image ${ref}. It makes ${LAB_IMAGES.join(', ')}.`);
    const own = layer(image.files);
    const config = JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      created: '2020-01-01T00:00:00Z',
      config: {
        Cmd: ['/start'],
        Env: ['PATH=/bin'],
        ...(image.port && { ExposedPorts: { [image.port]: {} } }),
      },
      rootfs: { type: 'layers', diff_ids: [base.id, own.id] },
      history: [
        { created: '2020-01-01T00:00:00Z', created_by: 'busybox' },
        { created: '2020-01-01T00:00:00Z', created_by: ref },
      ],
    });
    const name = `${sha256(Buffer.from(config))}.json`;
    files.set(own.path, own.content).set(name, Buffer.from(config));
    return { Config: name, RepoTags: [ref], Layers: [base.path, own.path] };
  });
  return tar([
    ...[...files].map(([path, content]) => ({ path, content })),
    { path: 'manifest.json', content: JSON.stringify(manifest) },
  ]);
}

/** Loads an archive into an engine. Throws with the engine's own words when it refuses. */
export async function loadArchive(engine: Dockerode, archive: Buffer): Promise<void> {
  const progress = await engine.loadImage(Readable.from([archive]), { quiet: true });
  const said = await text(progress as Readable);
  // The engine answers 200 before it reads the archive: what went wrong stands in the stream.
  if (said.includes('"error"')) throw new Error(`The engine refused the lab's images: ${said.trim()}`);
}

const APPLETS =
  'sh cat cp cut date dd echo env false grep head hostname httpd id ip kill ls mkdir mv nc netstat nslookup ping printf ps rm sed sleep tail tee test top touch true uname wget wc'.split(
    ' ',
  );

function layer(entries: readonly TarEntry[]) {
  const content = tar(entries);
  const digest = sha256(content);
  return { id: `sha256:${digest}`, path: `${digest.slice(0, 20)}.tar`, content };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** True for a 64-bit little-endian ELF program without an interpreter (program header type 3). */
function isStatic(path: string): boolean {
  const bytes = Buffer.alloc(4096);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(file);
  }
  if (bytes.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return false;
  const offset = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  const headers = Array.from({ length: count }, (_, i) => offset + i * size).filter(
    (at) => at + 4 <= bytes.length,
  );
  return headers.every((at) => bytes.readUInt32LE(at) !== 3);
}
