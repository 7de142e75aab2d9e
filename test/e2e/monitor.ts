/**
 * Notes every command that Redis is given until `stop`, as Redis itself tells it. ioredis' own monitor fails when the
 * first of them comes in one piece with Redis' OK (tried with 6.0).
 */
import { connect } from 'node:net';

/** `url`: `unix://PATH`. */
export async function monitorRedis(url: string): Promise<{ seen: () => Buffer; stop: () => void }> {
  const parts: Buffer[] = [];
  const socket = connect(url.slice('unix://'.length));
  await new Promise<void>((begun, failed) => {
    socket.once('error', failed);
    socket.once('data', () => begun());
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.write('MONITOR\r\n');
  });
  return { seen: () => Buffer.concat(parts), stop: () => socket.destroy() };
}
