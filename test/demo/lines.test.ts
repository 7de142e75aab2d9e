import { describe, expect, it } from 'vitest';
import { LINE_HELP, parseLine, type Line } from '../../demo/lines.ts';

const UNDERSTOOD: [line: string, means: Line][] = [
  ['/swarm join fedora-03', { kind: 'command', user: 'alice', text: '/swarm join fedora-03' }],
  ['  /swarm scale websky 12  ', { kind: 'command', user: 'alice', text: '/swarm scale websky 12' }],
  ['/swarm', { kind: 'command', user: 'alice', text: '/swarm' }],
  ['/other thing', { kind: 'command', user: 'alice', text: '/other thing' }],
  ['/swarm two\nlines', { kind: 'command', user: 'alice', text: '/swarm two\nlines' }],
  ['bob: /swarm nodes', { kind: 'command', user: 'bob', text: '/swarm nodes' }],
  ['carol:/swarm nodes', { kind: 'command', user: 'carol', text: '/swarm nodes' }],
  ['/swarm scale bob: /x', { kind: 'command', user: 'alice', text: '/swarm scale bob: /x' }],
  ['bob clicks Approve', { kind: 'click', user: 'bob', label: 'Approve' }],
  ['carol clicks Leave and join again ', { kind: 'click', user: 'carol', label: 'Leave and join again' }],
  ['bob writes not today ', { kind: 'send', user: 'bob', text: 'not today' }],
  [
    'bob writes not today,\nperhaps tomorrow',
    { kind: 'send', user: 'bob', text: 'not today,\nperhaps tomorrow' },
  ],
  ['carol sends', { kind: 'send', user: 'carol', text: '' }],
  ['host fedora-04 dies', { kind: 'fault', host: 'fedora-04', what: 'dies' }],
  ['host fedora-04 engine-dies', { kind: 'fault', host: 'fedora-04', what: 'engine-dies' }],
  ['host fedora-04 cut-off', { kind: 'fault', host: 'fedora-04', what: 'cut-off' }],
  ['host fedora-04 comes-back', { kind: 'fault', host: 'fedora-04', what: 'comes-back' }],
  ['wait for 12 of 12 running', { kind: 'wait', text: '12 of 12 running' }],
  ['wait for bob: /swarm', { kind: 'wait', text: 'bob: /swarm' }],
];

const NOT_UNDERSTOOD = [
  '',
  '   ',
  'swarm nodes',
  '/',
  'dave: /swarm nodes',
  'Bob: /swarm nodes',
  'bob: nodes',
  'bob /swarm nodes',
  'bob clicks',
  'dave clicks Approve',
  'bob writes',
  'bob writes   ',
  'dave writes not today',
  'bob sends it',
  'host fedora-04',
  'host dies',
  'host fedora-04 explodes',
  'host fedora-04 dies now',
  'host fedora-04 fedora-05 dies',
  'wait',
  'wait for',
  'wait for   ',
  'Wait for it',
];

describe('a line of the demo', () => {
  it.each(UNDERSTOOD)('%j', (line, means) => {
    expect(parseLine(line)).toEqual(means);
  });

  it.each(NOT_UNDERSTOOD)('%j is answered with the whole language', (line) => {
    expect(() => parseLine(line)).toThrow(`"${line}" is not a line that the demo understands.\n${LINE_HELP}`);
  });
});
