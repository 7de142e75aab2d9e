/** A job's result as Redis keeps it: as JSON, and a large one packed, since a list of 1,000 nodes is kept for a week. Pure. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Shorter ones gain little, and stay readable for whoever looks into Redis. */
const PACKED_FROM = 16_384;
const PACKED = 'deflate:';

/** An empty text where there is no result. */
export function packResult(result: unknown): string {
  if (result === undefined) return '';
  const json = JSON.stringify(result);
  if (json.length < PACKED_FROM) return json;
  return PACKED + deflateRawSync(json).toString('base64');
}

/** What `packResult` was given, as JSON gives it back. */
export function unpackResult(text: string): unknown {
  if (text === '') return undefined;
  if (!text.startsWith(PACKED)) return JSON.parse(text);
  return JSON.parse(inflateRawSync(Buffer.from(text.slice(PACKED.length), 'base64')).toString());
}
