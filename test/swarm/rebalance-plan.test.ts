import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planMoves, planSingle, type BalanceNode } from '../../src/swarm/rebalance-plan.ts';

type Sketch = Partial<BalanceNode> & { has: number };

/** Nodes a, b, c... */
const nodes = (...sketches: Sketch[]): BalanceNode[] =>
  sketches.map((sketch, at) => {
    const id = String.fromCharCode(97 + at);
    return { id, hostname: id, room: null, tasks: sketch.has, limit: '', ...sketch };
  });
const counts = (...has: number[]) => nodes(...has.map((one) => ({ has: one })));

const paused = (has: number): Sketch => ({ has, room: has, limit: 'availability' });
const drained: Sketch = { has: 0, room: 0, limit: 'availability' };
const down = (has: number): Sketch => ({ has, room: 0, limit: 'state' });
const full = (has: number): Sketch => ({ has, room: has, limit: 'max' });

describe('moves', () => {
  test.each<[title: string, nodes: BalanceNode[], skew: number, after: number[], moves: number]>([
    ['a node that has just joined', counts(6, 6, 0), 6, [4, 4, 4], 4],
    ['level', counts(4, 4, 4), 0, [4, 4, 4], 0],
    ['as level as it can be', counts(4, 3, 4), 1, [4, 3, 4], 0],
    ['a rest that goes to whoever had more', counts(7, 0, 0), 7, [3, 2, 2], 4],
    ['one node alone', counts(9), 0, [9], 0],
    ['no node at all', [], 0, [], 0],
    ['nothing runs', counts(0, 0), 0, [0, 0], 0],
    ['a paused node keeps what it has', nodes({ has: 5 }, paused(0), { has: 1 }), 4, [3, 0, 3], 2],
    ['a paused node gives nothing', nodes({ has: 1 }, paused(6), { has: 1 }), 0, [1, 6, 1], 0],
    ['a drained node takes nothing', nodes({ has: 4 }, drained), 0, [4, 0], 0],
    [
      'what is on a node that is down is not counted',
      nodes(down(5), { has: 1 }, { has: 1 }),
      0,
      [5, 1, 1],
      0,
    ],
    ['most per node', nodes({ has: 5 }, full(2)), 0, [5, 2], 0],
    ['room for one more', nodes({ has: 5 }, { has: 2, room: 3, limit: 'max' }), 3, [4, 3], 1],
    [
      'a node that does not meet a constraint',
      nodes({ has: 3 }, { has: 0, room: 0, limit: 'constraint' }),
      0,
      [3, 0],
      0,
    ],
  ])('%s', (_title, before, skew, after, moves) => {
    const plan = planMoves(before);
    expect(plan.skew).toBe(skew);
    expect([...plan.after.values()]).toEqual(after);
    expect(plan.moves).toHaveLength(moves);
  });

  test('the emptiest goes first, then the one with less of everything else', () => {
    const plan = planMoves(nodes({ has: 4 }, { has: 0, tasks: 9 }, { has: 0, tasks: 3 }));
    expect(plan.moves[0]).toEqual({ from: 'a', to: 'c' });
  });

  const anyNode = fc
    .record({
      has: fc.nat(12),
      more: fc.option(fc.nat(6), { nil: undefined }),
      limit: fc.constantFrom('', '', '', 'max', 'availability', 'state'),
      tasks: fc.nat(30),
    })
    .map(({ has, more, limit, tasks }): Sketch => {
      if (limit === 'state') return { has, room: 0, limit, tasks };
      if (limit === 'availability') return { has, room: has, limit, tasks };
      return { has, room: limit === 'max' ? has + (more ?? 0) : null, limit, tasks };
    });
  const anyNodes = fc.array(anyNode, { maxLength: 12 }).map((sketches) => nodes(...sketches));

  test('level what can be levelled, and leave alone what cannot', () => {
    fc.assert(
      fc.property(anyNodes, (before) => {
        const { after, moves } = planMoves(before);
        const has = ({ id }: BalanceNode) => after.get(id) ?? 0;
        const open = before.filter(
          ({ limit, room }) => limit !== 'state' && limit !== 'availability' && room !== 0,
        );
        const takers = open.filter((node) => node.room === null || has(node) < node.room);
        for (const from of open) for (const to of takers) expect(has(from) - has(to)).toBeLessThanOrEqual(1);
        for (const node of before) {
          expect(has(node)).toBeGreaterThanOrEqual(0);
          const most = open.includes(node) ? (node.room ?? Infinity) : node.has;
          expect(has(node)).toBeLessThanOrEqual(most);
        }
        const sum = (all: number[]) => all.reduce((total, one) => total + one, 0);
        expect(sum([...after.values()])).toBe(sum(before.map((node) => node.has)));
        expect(planMoves(before.map((node) => ({ ...node, has: has(node) }))).moves).toEqual([]);
        // No task moves twice, so none moves in vain.
        const from = new Set(moves.map((move) => move.from));
        expect(moves.filter(({ to }) => from.has(to))).toEqual([]);
      }),
    );
  });

  test('no other way to the same evenness takes fewer of them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 10 }), (has) => {
        const total = has.reduce((sum, one) => sum + one, 0);
        const even = Math.floor(total / has.length);
        // The fullest nodes keep the odd ones: that is the cheapest of all level ends.
        const odd = total % has.length;
        const ends = has.toSorted((a, b) => b - a).map((one, at) => one - (even + (at < odd ? 1 : 0)));
        const least = ends.reduce((sum, one) => sum + Math.max(0, one), 0);
        expect(planMoves(counts(...has)).moves).toHaveLength(
          Math.max(...has) - Math.min(...has) < 2 ? 0 : least,
        );
      }),
    );
  });
});

describe('a service of one task', () => {
  test.each<[title: string, nodes: BalanceNode[], to: string | undefined]>([
    ['goes where less runs', nodes({ has: 1, tasks: 9 }, { has: 0, tasks: 5 }, { has: 0, tasks: 2 }), 'c'],
    ['stays where about as much runs', nodes({ has: 1, tasks: 3 }, { has: 0, tasks: 2 }), undefined],
    ['stays where no other node takes it', nodes({ has: 1, tasks: 9 }, drained), undefined],
    ['stays on a paused node', nodes({ ...paused(1), tasks: 9 }, { has: 0, tasks: 0 }), undefined],
    ['does not run', nodes({ has: 0, tasks: 9 }, { has: 0, tasks: 0 }), undefined],
  ])('%s', (_title, before, to) => {
    expect(planSingle(before).moves.map((move) => move.to)).toEqual(to === undefined ? [] : [to]);
  });
});
