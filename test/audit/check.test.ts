import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chained, entryOf, isGenuine, lineOf, recordOf, type Entry } from '../../src/audit/chain.ts';
import { ChainCheck, type Checked } from '../../src/audit/check.ts';
import { Secret } from '../../src/secret.ts';
import { anyEvent, asked, chain } from './events.ts';

const secret = new Secret('a secret that only these tests know');
const other = new Secret('a secret of somebody else, as long');

function check(entries: readonly Entry[], generated?: number): Checked {
  const proof = new ChainCheck(secret);
  for (const entry of entries) proof.add(entry);
  return proof.end(generated);
}

const words = (checked: Checked): string[] => checked.findings.map((finding) => finding.words);

const someChain = fc.array(anyEvent, { minLength: 1, maxLength: 12 }).map((events) => chain(events, secret));
const aPlace = fc.nat().map((number) => (entries: readonly Entry[]) => number % entries.length);

describe('a chain that nobody has touched', () => {
  test('proves, whatever is told in it', () => {
    fc.assert(
      fc.property(someChain, (entries) => {
        const checked = check(entries, entries.length);
        expect(words(checked)).toEqual([]);
        expect(checked.count).toBe(entries.length);
        expect(checked.last.hash).toBe(entries.at(-1)?.hash);
      }),
    );
  });

  test('is the same as lines', () => {
    fc.assert(
      fc.property(someChain, (entries) => {
        expect(entries.map((entry) => entryOf(lineOf(entry)))).toEqual(entries);
        for (const entry of entries) {
          expect(lineOf(entry)).not.toContain('\n');
          expect(JSON.parse(lineOf(entry))).toMatchObject({ seq: entry.seq, hash: entry.hash });
        }
      }),
    );
  });

  test('says what was told, with its time', () => {
    const entry = chained(asked('ab12cd34'), { seq: 6, hash: 'before' }, 1_700_000_000_123, secret);
    expect(recordOf(entry)).toEqual({
      seq: 7,
      at: 1_700_000_000_123,
      previous: 'before',
      event: asked('ab12cd34'),
    });
    expect(isGenuine(entry, secret)).toBe(true);
    expect(isGenuine(entry, other)).toBe(false);
  });

  test('keeps no more of a text than an audit needs', () => {
    const entry = chained(asked('ab12cd34', 'x'.repeat(100_000)), { seq: 0, hash: '' }, 0, secret);
    expect(entry.text.length).toBeLessThan(5000);
    expect(words(check([entry]))).toEqual([]);
  });
});

describe('is found', () => {
  test('a record that was removed, wherever it stood', () => {
    fc.assert(
      fc.property(someChain, aPlace, (entries, place) => {
        const at = place(entries);
        const checked = check(entries.toSpliced(at, 1), entries.length);
        const found = checked.findings.map(({ kind, from, to }) => ({ kind, from, to }));
        expect(found).toEqual([{ kind: 'missing', from: at + 1, to: at + 1 }]);
      }),
    );
  });

  test('any change of any text, and of a hash', () => {
    fc.assert(
      fc.property(someChain, aPlace, fc.nat(), fc.string({ minLength: 1 }), (entries, place, where, put) => {
        const at = place(entries);
        const entry = entries[at];
        if (!entry) return;
        const cut = where % entry.text.length;
        const text = entry.text.slice(0, cut) + put + entry.text.slice(cut + put.length);
        fc.pre(text !== entry.text);
        const { findings } = check(entries.with(at, { ...entry, text }));
        expect(findings.some(({ from, to }) => from <= at + 1 && at + 1 <= to)).toBe(true);
        const hashed = entries.with(at, {
          ...entry,
          hash: entry.hash.replace(/^./, (c) => (c === '0' ? '1' : '0')),
        });
        expect(check(hashed).findings).not.toEqual([]);
      }),
    );
  });

  test('two that changed places, with or without their numbers', () => {
    fc.assert(
      fc.property(someChain, aPlace, aPlace, (entries, one, two) => {
        const [a, b] = [one(entries), two(entries)];
        const [first, second] = [entries[a], entries[b]];
        fc.pre(a !== b && first !== undefined && second !== undefined);
        if (!first || !second) return;
        // Redis sorts by number: each stands where the other did.
        const swapped = entries.with(a, { ...second, seq: a + 1 }).with(b, { ...first, seq: b + 1 });
        expect(check(swapped).findings).toContainEqual(
          expect.objectContaining({ kind: 'misplaced', from: a + 1 }),
        );
        expect(check(entries.with(a, second).with(b, first)).findings).not.toEqual([]);
      }),
    );
  });

  test('one that was added: a copy, one of another secret, one of another chain', () => {
    fc.assert(
      fc.property(someChain, aPlace, (entries, place) => {
        const at = place(entries);
        const copied = entries[at];
        if (!copied) return;
        const end = { ...copied, seq: entries.length + 1 };
        expect(check([...entries, end]).findings).not.toEqual([]);
        const head = entries.at(-1) ?? { seq: 0, hash: '' };
        expect(check([...entries, chained(asked('forged'), head, 0, other)]).findings).toMatchObject([
          { kind: 'changed', from: entries.length + 1 },
        ]);
      }),
    );
  });

  test('one that was put in the place of another, from another time of the same chain', () => {
    fc.assert(
      fc.property(someChain, aPlace, anyEvent, (entries, place, event) => {
        const at = place(entries);
        const another = chained(event, entries[at - 1] ?? { seq: 0, hash: '' }, 42, secret);
        // At the very end it is what could have been, see below.
        fc.pre(at < entries.length - 1);
        expect(check(entries.with(at, another)).findings).toMatchObject([{ kind: 'replaced', from: at + 2 }]);
      }),
    );
  });

  test('an end that was cut off, where Redis still counts it; and a chain that was begun anew', () => {
    const entries = chain([asked('a'), asked('b'), asked('c'), asked('d')], secret);
    expect(words(check(entries.slice(0, 2), 4))).toEqual(['Records 3 to 4 are missing at the end.']);
    expect(words(check(entries.slice(2), 4))).toEqual([
      'Records 1 to 2 are missing at the beginning, and no record tells that somebody trimmed them.',
    ]);
    expect(words(check([], 4))).toEqual(['Records 1 to 4 are missing at the end.']);
  });

  test('an older end that was put back and gone on from', () => {
    const entries = chain([asked('a'), asked('b'), asked('c')], secret);
    const [first] = entries;
    const newer = chain([asked('x'), asked('y')], secret, first);
    const [, , third] = entries;
    if (!first || !third) throw new Error('too short');
    expect(words(check([first, ...newer.slice(0, 1), third]))).toEqual([
      'Record 3 does not follow on the record before it: one of the two is from another time.',
    ]);
  });
});

describe('says which', () => {
  const entries = chain(
    Array.from({ length: 9 }, (_, at) => asked(`r${at}`)),
    secret,
  );

  test('in sentences, whole stretches in one', () => {
    expect(words(check(entries.filter(({ seq }) => seq < 3 || seq > 5)))).toEqual([
      'Records 3 to 5 are missing.',
    ]);
    expect(words(check(entries.filter(({ seq }) => seq !== 4)))).toEqual(['Record 4 is missing.']);
    const forged = entries.map((entry) =>
      entry.seq > 6 ? { ...entry, text: entry.text.replace('alice', 'mallory') } : entry,
    );
    expect(words(check(forged))).toEqual([
      'Records 7 to 9 were changed, or written by somebody who lacks QUEUE_SECRET.',
    ]);
    const moved = entries.with(1, { ...(entries[4] ?? forged[0]!), seq: 2 });
    expect(words(check(moved))[0]).toBe('Record 2 is really record 5: it was copied or moved here.');
    expect(words(check(entries.with(2, { seq: 3, text: 'nothing', hash: '' })))[0]).toBe(
      'Record 3 is no record at all.',
    );
  });

  test('nothing of what was trimmed with a record of it, and all of what was not', () => {
    const third = entries[2];
    if (!third) throw new Error('too short');
    const upTo = { seq: third.seq, hash: third.hash };
    const trimmed = [
      ...entries.slice(3),
      ...chain([{ event: 'trimmed', upTo, by: 'root' }], secret, entries.at(-1)),
    ];
    expect(words(check(trimmed))).toEqual([]);
    expect(words(check(trimmed.slice(1)))).toEqual([
      'Records 1 to 4 are missing at the beginning, and no record tells that somebody trimmed them.',
    ]);
    const lied = { seq: third.seq, hash: 'another' };
    const lying = [
      ...entries.slice(3),
      ...chain([{ event: 'trimmed', upTo: lied, by: 'root' }], secret, entries.at(-1)),
    ];
    expect(words(check(lying))).toHaveLength(1);
  });
});
