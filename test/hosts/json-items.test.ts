import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonItems } from '../../src/hosts/json-items.ts';

/** The bytes in pieces of these lengths, the last one taking the rest. */
async function* inPieces(bytes: Buffer, lengths: number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const length of lengths) {
    yield await Promise.resolve(bytes.subarray(at, at + length));
    at += length;
  }
  yield bytes.subarray(at);
}

async function itemsOf(text: string, lengths: number[] = []): Promise<unknown[]> {
  return await Array.fromAsync(jsonItems(inPieces(Buffer.from(text), lengths)));
}

describe('the items of a list', () => {
  test('are what JSON.parse finds, however the bytes are cut and spaced', async () => {
    const lists = fc.array(fc.jsonValue());
    const space = fc.constantFrom(undefined, 1, '\t');
    const cuts = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(lists, space, cuts, async (list, indent, lengths) => {
        const text = JSON.stringify(list, undefined, indent);
        expect(await itemsOf(text, lengths)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('may hold what looks like an end', async () => {
    const list = ['],[', '"', '\\', '\\"]', { '}': ['{', ',', 'é€😀'] }];
    const text = `\n ${JSON.stringify(list)} \n`;
    for (let cut = 1; cut < Buffer.byteLength(text); cut += 1)
      expect(await itemsOf(text, [cut])).toEqual(list);
  });

  test.each(['[]', ' [ ] ', 'null', 'null\n'])('of %j there are none', async (text) => {
    expect(await itemsOf(text)).toEqual([]);
  });

  test.each(['', '[{"ID":"a"}', '[{"ID":"a"},', '[1,2', '["a', 'nul'])(
    'of %j, which was cut off, are not taken for all of them',
    async (text) => {
      await expect(itemsOf(text)).rejects.toThrow(SyntaxError);
    },
  );

  test.each(['{"message":"boom"}', 'page not found', '[1][2]', '42'])('%j is no list', async (text) => {
    await expect(itemsOf(text)).rejects.toThrow(SyntaxError);
  });
});
