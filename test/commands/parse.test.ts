import { describe, expect, test } from 'vitest';
import { expectPlainAnswer, thrownBy } from './plain-answer.ts';
import { read } from './reading.ts';

const join = {
  hosts: ['fedora-03'],
  role: 'worker',
  drained: false,
  labels: {},
  again: false,
  anyway: false,
};
const websky = (replicas: number) => ({
  services: [{ name: 'websky', replicas }],
  anyway: false,
  deadlineMs: 120_000,
});

const list = { words: [], filters: {}, page: 1 };

const TAKEN: [line: string, command: string, input: object][] = [
  ['join fedora-03', 'join', join],
  ['JOIN Fedora-03', 'join', join],
  ['swarm join fedora-03', 'join', join],
  ['join fedora-03 FEDORA-03', 'join', join],
  ['join fedora-[03-04]', 'join', { ...join, hosts: ['fedora-03', 'fedora-04'] }],
  ['join --manager fedora-03', 'join', { ...join, role: 'manager' }],
  ['join fedora-03 --Drained', 'join', { ...join, drained: true }],
  ['join fedora-03 --drained=false', 'join', join],
  ['join fedora-03 --label zone=a --label=x=y=z', 'join', { ...join, labels: { zone: 'a', x: 'y=z' } }],
  ['join fedora-03 --label "rack=row 3"', 'join', { ...join, labels: { rack: 'row 3' } }],
  ['scale websky 12', 'scale', websky(12)],
  ['scale websky=12', 'scale', websky(12)],
  ['scale websky 0', 'scale', websky(0)],
  ['scale websky 1000', 'scale', websky(1000)],
  ['service scale websky=12', 'scale', websky(12)],
  ['Service Scale websky=12', 'scale', websky(12)],
  ['scale websky 12 --timeout 90s', 'scale', { ...websky(12), deadlineMs: 90_000 }],
  ['scale \u2014timeout 2h websky 12', 'scale', { ...websky(12), deadlineMs: 7_200_000 }],
  [
    'scale a=1 b 2 c=3',
    'scale',
    {
      services: [
        { name: 'a', replicas: 1 },
        { name: 'b', replicas: 2 },
        { name: 'c', replicas: 3 },
      ],
      anyway: false,
      deadlineMs: 120_000,
    },
  ],
  ['info fedora-03', 'info', { host: 'fedora-03' }],
  ['docker info fedora-03', 'info', { host: 'fedora-03' }],
  ['nodes', 'nodes', list],
  ['node ls', 'nodes', list],
  ['nodes down fedora', 'nodes', { ...list, words: ['down', 'fedora'] }],
  ['nodes --filter role=worker --page 2', 'nodes', { ...list, filters: { role: ['worker'] }, page: 2 }],
  ['service ls', 'services', list],
  ['ps websky', 'ps', { ...list, name: 'websky', node: null, all: false }],
  [
    'service ps websky failed --node fedora-01 --all',
    'ps',
    { ...list, name: 'websky', words: ['failed'], node: 'fedora-01', all: true },
  ],
];

const REFUSED: [line: string, message: string, hint: string][] = [
  // No verb, unknown verb.
  ['', 'What shall the swarm do?', '"/swarm help"'],
  ['scael websky 12', 'There is no command "scael".', 'Did you mean "/swarm scale"?'],
  ['node', '"node" needs the name or ID of a node.', 'Usage: `/swarm node NODE`,'],
  ['reboot', 'There is no command "reboot".', '"/swarm help" lists all of them.'],
  ['$(reboot)', 'There is no command "$(reboot)".', '"/swarm help" lists all of them.'],
  ['😀', 'There is no command "😀".', ''],
  // Words missing, words too many.
  [
    'join',
    '"join" needs one or more hosts of the inventory, also as web-[01-40].',
    'Usage: `/swarm join HOST...',
  ],
  ['scale', '"scale" needs a service and its number of replicas', 'for example: `/swarm scale websky 12`'],
  ['ps', 'Whose tasks shall be listed?', 'ps websky'],
  ['info fedora-01 fedora-02', 'There is a word too many: "fedora-02".', 'Usage: `/swarm info HOST`,'],
  [
    'service websky on fedora-01',
    'There are words too many: "on fedora-01".',
    'Usage: `/swarm service SERVICE',
  ],
  // Hosts.
  ['info fedora-3', 'No host is called "fedora-3".', 'Did you mean fedora-03'],
  ['info mainframe', 'No host is called "mainframe".', 'swarm.yaml'],
  ['info `reboot`', 'No host is called "`reboot`".', 'swarm.yaml'],
  ['info ""', 'No host is called "".', ''],
  ['join ,', 'That names no host.', 'web-[01-40]'],
  ['join ""', 'That names no host.', 'web-[01-40]'],
  ['join web-[39-41]', 'No host is called "web-41".', 'Did you mean'],
  ['join web-[01-', 'is not a range of hosts.', 'web-[01-40]'],
  // Numbers.
  ['scale websky', 'How many replicas shall "websky" have?', 'scale websky 12'],
  ['scale websky twelve', '"twelve" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky -1', '"-1" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky \u22121', '"-1" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky 1.5', '"1.5" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky 1e9', '"1e9" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky ١٢', '"١٢" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky=', '"" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky 1001', '"1001" is more than the limit of 1000 replicas.', 'limits.replicas'],
  [`scale websky ${'9'.repeat(400)}`, 'is more than the limit of 1000 replicas.', 'limits.replicas'],
  ['scale 12 websky', '"websky" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky=3 websky=4', '"websky" is named twice.', 'once'],
  ['scale websky; 3', '"websky;" cannot be the name of a service.', 'letters, digits'],
  ['scale ../etc 3', '"../etc" cannot be the name of a service.', 'letters, digits'],
  ['scale 😀 3', '"😀" cannot be the name of a service.', 'letters, digits'],
  [
    `scale ${Array.from({ length: 21 }, (_, at) => `s${at}=1`).join(' ')}`,
    'That names more than 20 services.',
    'several commands',
  ],
  // Options.
  ['join fedora-03 --force', '"join" has no option "--force".', 'Usage: `/swarm join'],
  ['join fedora-03 --manager=no', '--manager takes no value.', 'Usage: `/swarm join'],
  ['scale websky 12 --timeout', '--timeout needs a value.', 'Usage: `/swarm scale'],
  ['scale websky 12 --timeout soon', '"soon" is not a span of time.', '90s, 5m or 2h'],
  ['scale websky 12 --timeout 25h', '"25h" is not a span of time.', '90s, 5m or 2h'],
  ['scale websky 12 --timeout 0s', '"0s" is not a span of time.', '90s, 5m or 2h'],
  ['scale websky 12 --timeout 1m --timeout 2m', '--timeout is given twice.', 'Usage: `/swarm scale'],
  ['ps websky --node a --node b', '--node is given twice.', 'Usage: `/swarm ps'],
  ['ps websky --node a/b', '"a/b" cannot be a node.', 'letters, digits'],
  ['join fedora-03 --label zone', '"zone" is not KEY=VALUE.', 'zone=a'],
  ['join fedora-03 --label =a', '"=a" is not KEY=VALUE.', 'zone=a'],
  // References as Slack writes them.
  ['info <@U1|alice>', 'No host is called "alice".', 'swarm.yaml'],
  ['info <!channel>', 'No host is called "@channel".', 'swarm.yaml'],
  ['scale <http://web.io|web.io>/x 3', '"web.io/x" cannot be the name of a service.', 'letters, digits'],
];

describe('lines that are taken', () => {
  test.each(TAKEN)('%s', (line, command, input) => {
    expect(read(line)).toMatchObject({ command, input });
    expect(read(line).input).toEqual(input);
  });

  test("the title is what was asked, in the bot's own spelling", () => {
    expect(read('service  scale websky=12').title).toBe('scale websky=12');
    expect(read('join fedora-03 --label "rack=row 3"').title).toBe('join fedora-03 --label "rack=row 3"');
  });
});

describe('lines that are refused', () => {
  for (const [line, message, hint] of REFUSED) {
    test(`"${line.slice(0, 60)}"`, () => {
      const error = thrownBy(() => read(line));
      expect(error.message).toContain(message);
      expect(error.hint).toContain(hint);
      expectPlainAnswer(error);
    });
  }
});
