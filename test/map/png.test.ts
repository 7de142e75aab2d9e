import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { draw } from '../../src/map/draw.ts';
import { mapOf, type SwarmMap } from '../../src/map/model.ts';
import { mapPng } from '../../src/map/png.ts';
import { manager, node, service, task } from '../jobs/facts.ts';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Width, height and the bytes of the rows of an eight-bit RGBA PNG. */
function read(png: Uint8Array) {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(0, 8)).toEqual(signature);
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    rows: inflateSync(Buffer.concat(data)),
  };
}

const small = mapOf(
  [manager('boss', true)],
  [task('web', 1, { node: 'boss' })],
  [service('web', 1, 1)],
  null,
);

test('a picture is drawn by a process of its own, three pixels for one', { timeout: 60_000 }, async () => {
  const { width, height } = draw(small);
  const began = performance.eventLoopUtilization();
  const png = read(await mapPng(small));
  expect(performance.eventLoopUtilization(began).utilization).toBeLessThan(0.5);
  expect([png.width, png.height]).toEqual([width * 3, height * 3]);
});

test('its letters are really drawn', { timeout: 60_000 }, async () => {
  const other = { ...small, nodes: small.nodes.map((one) => ({ ...one, name: 'wide' })) };
  expect(read(await mapPng(small)).rows.equals(read(await mapPng(other)).rows)).toBe(false);
});

test('a very large one has no more pixels than a phone can take', { timeout: 60_000 }, async () => {
  const nodes = Array.from({ length: 1000 }, (_, at) => node(`node-${at}`));
  const tasks = Array.from({ length: 5000 }, (_, at) => task('web', at, { node: `node-${at % 1000}` }));
  const { width, height } = read(await mapPng(mapOf(nodes, tasks, [service('web', 5000, 5000)], null)));
  expect(width * height).toBeLessThanOrEqual(6_100_000);
});

test('what cannot be drawn is an error', { timeout: 60_000 }, async () => {
  await expect(mapPng({} as SwarmMap)).rejects.toThrow(/^The picture could not be drawn: .*undefined/s);
});
