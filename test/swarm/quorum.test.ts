import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeManagers, quorumOf, quorumText, type ManagerView } from '../../src/swarm/quorum.ts';

/** `aB-c`: a and c are reachable, b (a capital) is not; after the dash those that are on their way out. */
function managers(letters: string): ManagerView[] {
  const [staying = '', leaving = ''] = letters.split('-');
  return Array.from(`${staying}${leaving}`).map((letter, at) => ({
    id: letter.toLowerCase(),
    name: `fedora-${letter.toLowerCase()}`,
    reachable: letter === letter.toLowerCase(),
    leaving: at >= staying.length,
  }));
}

describe('a quorum', () => {
  test.each([
    ['a', 1, 1, 0],
    ['ab', 2, 2, 0],
    ['abc', 3, 2, 1],
    ['abcd', 4, 3, 1],
    ['abcde', 5, 3, 2],
    ['abcdefg', 7, 4, 3],
    ['abC', 3, 2, 0],
    ['aBC', 3, 2, 0],
    ['abcDE', 5, 3, 0],
    ['', 0, 1, 0],
  ])('of %s', (letters, number, needed, mayLose) => {
    expect(quorumOf(managers(letters))).toMatchObject({ managers: number, needed, mayLose });
  });

  test('what may be lost is exactly what may be lost', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 15 }), (reachable) => {
        const {
          managers: number,
          reachable: up,
          needed,
          mayLose,
        } = quorumOf(reachable.map((one) => ({ reachable: one })));
        expect(2 * needed).toBeGreaterThan(number);
        expect(2 * (needed - 1)).toBeLessThanOrEqual(number);
        // All that may be lost are lost, or one more.
        expect(up - mayLose >= needed).toBe(up >= needed);
        expect(up - mayLose - 1).toBeLessThan(needed);
        expect(mayLose === 0 || up > needed).toBe(true);
      }),
    );
  });
});

describe('managers before and after', () => {
  test.each<
    [before: string, change: { promote?: string; demote?: string }, text: string, advice: string | null]
  >([
    ['a', { promote: 'b' }, '1 manager, may lose none → 2 managers, may lose none', 'would be better'],
    ['ab', { promote: 'c' }, '2 managers, may lose none → 3 managers, may lose 1', null],
    ['abc', { promote: 'd' }, '3 managers, may lose 1 → 4 managers, may lose 1', 'would be better'],
    ['abcdefg', { promote: 'h' }, '7 managers, may lose 3 → 8 managers, may lose 3', 'More than 7'],
    ['abc', { promote: 'a' }, '3 managers, may lose 1', null],
    ['abc', { demote: 'c' }, '3 managers, may lose 1 → 2 managers, may lose none', 'would be better'],
    ['abC', { demote: 'c' }, '3 managers (1 unreachable), may lose none → 2 managers, may lose none', null],
    [
      'abcDE',
      { demote: 'd' },
      '5 managers (2 unreachable), may lose none → 4 managers (1 unreachable), may lose none',
      'fedora-e cannot be reached and still counts',
    ],
    ['ab', { demote: 'b' }, '2 managers, may lose none → 1 manager, may lose none', 'three would be better'],
    ['abc', { demote: 'x' }, '3 managers, may lose 1', null],
    ['ab-c', {}, '3 managers, may lose 1 → 2 managers, may lose none', null],
  ])('%s %o', (before, { promote = '', demote = '' }, text, advice) => {
    const change = changeManagers(managers(before), {
      promote: managers(promote),
      demote: Array.from(demote),
    });
    expect(change.refusal).toBeNull();
    expect(change.text).toBe(text);
    expect(change.advice.join(' ')).toContain(advice ?? '');
  });

  test.each([
    ['a', 'a', 'fedora-a is the only manager, and a swarm needs one.', 'Promote another node first.'],
    ['ab', 'ab', 'fedora-a and fedora-b are all the managers', 'Promote another node first.'],
    [
      'abC',
      'a',
      'Without fedora-a the swarm would lose its quorum: of the 2 managers that stay, 2 must be reachable and only 1 is.',
      'Bring fedora-c back or demote it first',
    ],
    [
      'abcDE',
      'a',
      'of the 4 managers that stay, 3 must be reachable and only 2 are.',
      'Bring fedora-d and fedora-e back or demote them first',
    ],
    ['aB', 'a', 'quorum: fedora-b, the only manager that stays, cannot be reached.', 'Bring fedora-b back'],
    ['aBc-d', 'a', 'of the 2 managers that stay, 2 must be reachable and only 1 is.', 'Bring fedora-b back'],
  ])('of %s, %s cannot go', (before, demote, message, hint) => {
    const { refusal } = changeManagers(managers(before), { demote: Array.from(demote) });
    expect(refusal?.message).toContain(message);
    expect(refusal?.hint).toContain(hint);
  });

  const view = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 12 }).map((all) =>
    all.map(([reachable, goes], at) => ({
      goes,
      view: { id: `m${at}`, name: `m${at}`, reachable, leaving: false },
    })),
  );

  test('a demotion is refused exactly when the rest would have no quorum', () => {
    fc.assert(
      fc.property(view, (all) => {
        const demote = all.filter(({ goes }) => goes).map(({ view }) => view.id);
        const rest = all.filter(({ goes }) => !goes).map(({ view }) => view);
        const { refusal, after } = changeManagers(
          all.map(({ view }) => view),
          { demote },
        );
        const fine = rest.length > 0 && rest.filter(({ reachable }) => reachable).length > rest.length / 2;
        expect(after).toEqual(quorumOf(rest));
        expect(refusal === null).toBe(demote.length === 0 || fine);
      }),
    );
  });

  test('a ready node that is promoted never makes it worse', () => {
    fc.assert(
      fc.property(view, (all) => {
        const now = all.map(({ view }) => view);
        const one = { id: 'new', name: 'new', reachable: true, leaving: false };
        const { before, after, refusal } = changeManagers(now, { promote: [one] });
        expect(refusal).toBeNull();
        expect(after.mayLose).toBeGreaterThanOrEqual(before.mayLose);
        expect(after.reachable >= after.needed || before.reachable < before.needed).toBe(true);
      }),
    );
  });

  test('each change reads as a sentence does', () => {
    expect(quorumText(quorumOf(managers('abC')))).toBe('3 managers (1 unreachable), may lose none');
  });
});
