import { describe, expect, test } from 'vitest';
import { expectPlainAnswer, thrownBy } from './plain-answer.ts';
import { read } from './reading.ts';

const drain = { nodes: ['fedora-03'], timeoutMs: 300_000, keepCapacity: false };
const leave = { hosts: ['fedora-03'], force: false, timeoutMs: 300_000 };
const labels = (wanted: Record<string, string | null>) => ({ node: 'fedora-03', labels: wanted });

const TAKEN: [line: string, command: string, input: object][] = [
  ['drain fedora-03', 'drain', drain],
  ['drain fedora-[01-02],x', 'drain', { ...drain, nodes: ['fedora-01', 'fedora-02', 'x'] }],
  ['drain fedora-03 FEDORA-03', 'drain', drain],
  [
    'drain fedora-03 --keep-capacity --timeout 10m',
    'drain',
    { ...drain, timeoutMs: 600_000, keepCapacity: true },
  ],
  ['node update --availability drain fedora-03', 'drain', drain],
  ['node update fedora-03 --availability=drain', 'drain', drain],
  ['pause fedora-03', 'pause', { nodes: ['fedora-03'], availability: 'pause' }],
  ['node update --availability pause fedora-03', 'pause', { nodes: ['fedora-03'], availability: 'pause' }],
  ['activate fedora-03', 'activate', { nodes: ['fedora-03'], availability: 'active' }],
  [
    'node update fedora-03 --availability active',
    'activate',
    { nodes: ['fedora-03'], availability: 'active' },
  ],
  ['promote a b', 'promote', { nodes: ['a', 'b'], role: 'manager' }],
  ['node update --role manager a', 'promote', { nodes: ['a'], role: 'manager' }],
  ['node demote a', 'demote', { nodes: ['a'], role: 'worker' }],
  ['node update --role=worker a', 'demote', { nodes: ['a'], role: 'worker' }],
  ['leave fedora-03', 'leave', leave],
  ['swarm leave fedora-03 --force', 'leave', { ...leave, force: true }],
  ['node rm k5bpi6ih0jbhmd3xq9rzvfo1e', 'node rm', { nodes: ['k5bpi6ih0jbhmd3xq9rzvfo1e'] }],
  ['node remove fedora-03', 'node rm', { nodes: ['fedora-03'] }],
  ['node fedora-03', 'node', { node: 'fedora-03' }],
  ['node inspect fedora-03', 'node', { node: 'fedora-03' }],
  ['label fedora-03 zone=a', 'label', labels({ zone: 'a' })],
  [
    'label fedora-03 zone=a=b "rack=row 3" empty=',
    'label',
    labels({ zone: 'a=b', rack: 'row 3', empty: '' }),
  ],
  ['label fedora-03 zone- --rm rack', 'label', labels({ zone: null, rack: null })],
  [
    'node update --label-add zone=a --label-add disk=ssd --label-rm rack fedora-03',
    'label',
    labels({ zone: 'a', disk: 'ssd', rack: null }),
  ],
  ['label fedora-03 __proto__=a', 'label', labels(JSON.parse('{"__proto__":"a"}') as Record<string, string>)],
];

const REFUSED: [line: string, message: string, hint: string][] = [
  ['drain', '"drain" needs one or more nodes by name or ID', 'Usage: `/swarm drain NODE...'],
  ['drain ,', 'That names no node.', 'web-[01-40]'],
  ['drain ../etc', '"../etc" cannot be the name or ID of a node.', 'letters, digits'],
  ['drain web-[03-01]', 'The range "web-[03-01]" runs backwards.', 'smaller number'],
  ['drain fedora-03 --force', '"drain" has no option "--force".', 'Usage: `/swarm drain'],
  [
    'node update --availability off fedora-03',
    '"label" has no option "--availability".',
    'Usage: `/swarm label',
  ],
  ['leave mainframe', 'No host is called "mainframe".', 'swarm.yaml'],
  ['node rm', '"node rm" needs one or more nodes', 'Usage: `/swarm node rm NODE...'],
  ['label fedora-03', 'Which label shall be changed?', 'zone=a'],
  ['label fedora-03 zone', '"zone" is not KEY=VALUE.', 'zone-'],
  ['label fedora-03 =a', '"=a" is not KEY=VALUE.', 'zone=a'],
  ['label fedora-03 -', '"-" is not KEY=VALUE.', 'zone=a'],
  ['label fedora-03 "a b=c"', '"a b" cannot be the name of a label.', 'without blanks'],
  ['label fedora-03 zone=a zone-', 'The label "zone" is named twice.', 'once'],
  [`label fedora-03 zone=${'x'.repeat(1001)}`, 'The value of a label is too long.', '1000'],
];

describe('lines about nodes that are taken', () => {
  test.each(TAKEN)('%s', (line, command, input) => {
    expect(read(line)).toMatchObject({ command });
    expect(read(line).input).toEqual(input);
  });
});

describe('lines about nodes that are refused', () => {
  test.each(REFUSED)('%s', (line, message, hint) => {
    const error = thrownBy(() => read(line));
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
    expectPlainAnswer(error);
  });
});
