import { describe, expect, test } from 'vitest';
import { tooMany } from '../../../src/jobs/scale-forecast.ts';
import type { Forecast, Obstacle, ObstacleKind } from '../../../src/swarm/forecast.ts';

const line = (numbers: ReadonlyMap<string, number>, anyway: boolean) =>
  `scale ${[...numbers].map((one) => one.join('=')).join(' ')}${anyway ? ' --anyway' : ''}`;

function forecast(change: Partial<Forecast>): Forecast {
  return {
    service: 'websky',
    wanted: 12,
    now: 3,
    most: 6,
    obstacles: [],
    image: 'my-apache2:latest',
    open: [],
    ...change,
  };
}

const obstacle = (kind: ObstacleKind, what: string, room: number, ...nodes: string[]): Obstacle => ({
  kind,
  what,
  room,
  nodes,
});

test.each([
  ['fits', forecast({ most: 12 })],
  ['nothing limits it', forecast({ most: null })],
  ['it shrinks', forecast({ now: 20, most: 6 })],
  ['it stays', forecast({ now: 12, most: 6 })],
])('no refusal: %s', (_title, one) => {
  expect(tooMany([one], line)).toBeUndefined();
});

test('the largest number, why, and the ways out', () => {
  const refusal = tooMany(
    [
      forecast({
        obstacles: [
          obstacle('memory', '', 2, 'a', 'b', 'c'),
          obstacle('availability', 'drain', 0, 'd', 'e'),
          obstacle('constraint', 'node.labels.zone==a', 0, 'f'),
        ],
      }),
    ],
    line,
  );
  expect(refusal?.message).toBe(
    'websky cannot have 12 tasks: only 6 fit. 3 nodes have free memory for 2 tasks each (a, b, c); 2 nodes are drained (d, e); f does not meet the constraint node.labels.zone==a.',
  );
  expect(refusal?.hint).toContain('--anyway');
  expect(refusal?.remedies).toEqual([
    { label: 'Scale to 6', line: 'scale websky=6' },
    { label: 'Activate d', line: 'activate d' },
    { label: 'Label f zone=a', line: 'label f zone=a' },
    {
      label: 'Scale anyway',
      line: 'scale websky=12 --anyway',
      confirm: 'Only 6 tasks of websky fit. The others wait until there is room for them.',
    },
  ]);
});

test('where not one fits, the hint is what stands against it, and not a smaller number', () => {
  const refused = (...obstacles: Obstacle[]) =>
    tooMany([forecast({ wanted: 1, now: 0, most: 0, obstacles })], () => '');
  const label = refused(obstacle('constraint', 'node.labels.zone==a', 0, 'f', 'g'));
  expect(label?.hint).toBe(
    'Give a node the label zone=a, or leave the constraint out. With `--anyway` its tasks wait until a node can take them.',
  );
  expect(label?.remedies).toEqual([{ label: 'Label f zone=a', line: 'label f zone=a' }]);
  expect(
    refused(obstacle('constraint', 'node.hostname==x', 0, 'f'), obstacle('availability', 'drain', 0, 'd'))
      ?.hint,
  ).toContain('Correct the constraint node.hostname==x, or leave it out. Activate a node.');
  const again = tooMany([forecast({ wanted: 1, now: 0, most: 0 })], line);
  expect(again?.remedies.at(-1)?.confirm).toBe(
    'No task of websky fits. All wait until there is room for them.',
  );
});

test('several at once: those that fit keep their numbers', () => {
  const refusal = tooMany(
    [
      forecast({}),
      forecast({ service: 'api', wanted: 4, most: null }),
      forecast({ service: 'db', most: 1, now: 0 }),
    ],
    line,
  );
  expect(refusal?.message).toBe(
    'websky cannot have 12 tasks: only 6 fit. db cannot have 12 tasks: only 1 fits.',
  );
  expect(refusal?.remedies[0]).toEqual({
    label: 'Scale to what fits',
    line: 'scale websky=6 api=4 db=1',
  });
});

test('where no button can say it, none is offered; nor one for nothing or for what is there', () => {
  const labels = (one: Forecast, lineWith = line) =>
    tooMany([one], lineWith)?.remedies.map(({ label }) => label);
  expect(labels(forecast({}), () => '')).toEqual([]);
  expect(labels(forecast({ most: 0, now: 0 }))).toEqual(['Scale anyway']);
  expect(labels(forecast({ most: 3, now: 3 }))).toEqual(['Scale anyway']);
});

test('when all tasks are placed anew, also a number that is there already may not fit', () => {
  const one = forecast({ wanted: 3, most: 0 });
  expect(tooMany([one], () => '', { changed: true })?.message).toBe(
    'websky cannot have 3 tasks: no node can take one.',
  );
});

describe('every reason in words', () => {
  test.each<[Obstacle, string]>([
    [obstacle('state', 'down', 0, 'a'), 'a is down'],
    [obstacle('state', 'unknown', 0, 'a', 'b'), '2 nodes are unknown (a, b)'],
    [obstacle('availability', 'pause', 1, 'a'), 'a is paused and takes no new task'],
    [obstacle('platform', 'linux/aarch64', 0, 'a'), 'a is of another platform, linux/aarch64'],
    [
      obstacle('port', '8080/tcp', 1, 'a'),
      'The port 8080/tcp is published on the host itself, so a takes one task',
    ],
    [obstacle('port', '8080/tcp of proxy', 0, 'a'), 'On a the port 8080/tcp of proxy is taken'],
    [obstacle('max', '2', 2, 'a'), "a takes at most 2 by the service's own limit per node"],
    [
      obstacle('cpus', '', 0, 'a', 'b'),
      '2 nodes have not enough free processors for the reservation of one task (a, b)',
    ],
    [obstacle('memory', '', 1, 'a'), 'a has free memory for 1 task'],
    [
      obstacle('availability', 'drain', 0, 'a', 'b', 'c', 'd', 'e', 'f'),
      '6 nodes are drained (a, b, c and 3 more)',
    ],
  ])('%j', (one, words) => {
    expect(tooMany([forecast({ obstacles: [one] })], line)?.message).toBe(
      `websky cannot have 12 tasks: only 6 fit. ${words}.`,
    );
  });
});
