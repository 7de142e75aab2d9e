/** What each command is about: what a policy limits, and the audit names. */
import { describe, expect, test } from 'vitest';
import { findCommand } from '../../src/commands/find.ts';
import { commands } from '../../src/commands/index.ts';
import { splitWords } from '../../src/commands/words.ts';
import { facts } from './reading.ts';

/** `host fedora-03`, `the swarm`; a line that only shows what it would do begins with `shows`. */
function about(line: string): string[] {
  const { command, rest } = findCommand(splitWords(line), commands, '/swarm');
  if (command.kind !== 'job') throw new Error(`${line} is answered at once.`);
  const { input } = command.parse(rest, facts);
  const targets = command
    .targets(input)
    .map(({ kind, name }) => (kind === 'swarm' ? 'the swarm' : `${kind} ${name}`));
  return command.shows(input) ? ['shows', ...targets] : targets;
}

const jobs = commands.filter((command) => command.kind === 'job');

describe.each(jobs.map((command) => [command.name, command] as const))('%s', (_name, command) => {
  test.each(command.examples)('says what it is about: %s', (example) => {
    const targets = about(example);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets)
      expect(target).toMatch(/^(shows|the swarm|(host|node|service|stack) [\w.-]+)$/);
    // Help goes by it before anything is asked.
    expect(command.swarmWide && !targets.includes('the swarm')).toBe(false);
    // What can be asked without an approval, and without the right to change, is only of commands that change.
    expect(targets.includes('shows') && command.risk === 'read').toBe(false);
  });
});

test.each([
  ['join fedora-03', ['host fedora-03']],
  ['join web-[01-03]', ['host web-01', 'host web-02', 'host web-03']],
  // Who the managers are is about all of it.
  ['join fedora-03 --manager', ['host fedora-03', 'the swarm']],
  ['promote fedora-03', ['node fedora-03', 'the swarm']],
  ['node update --role manager fedora-03', ['node fedora-03', 'the swarm']],
  ['demote fedora-03 fedora-04', ['node fedora-03', 'node fedora-04', 'the swarm']],
  ['rotate worker', ['the swarm']],
  ['leave fedora-03', ['host fedora-03']],
  ['drain fedora-03,fedora-04', ['node fedora-03', 'node fedora-04']],
  ['node update --availability drain fedora-03', ['node fedora-03']],
  ['label fedora-03 zone=a', ['node fedora-03']],
  ['node rm k5bpi6ih0jbhmd3xq9rzvfo1e', ['node k5bpi6ih0jbhmd3xq9rzvfo1e']],
  ['scale websky=12 api=3', ['service websky', 'service api']],
  ['service scale websky=12', ['service websky']],
  ['create websky my-apache2:latest', ['service websky']],
  ['service create --name websky my-apache2:latest', ['service websky']],
  ['update websky --image my-apache2:2', ['service websky']],
  ['rm websky api', ['service websky', 'service api']],
  ['rebalance websky', ['service websky']],
  ['rebalance', ['shows', 'the swarm']],
  ['prune fedora-03', ['shows', 'host fedora-03']],
  ['prune fedora-03 --apply', ['host fedora-03']],
  ['ports fedora-03', ['shows', 'host fedora-03']],
  ['ports fedora-03 --for fedora-04 --apply', ['host fedora-03']],
  ['stack rm shop', ['stack shop']],
  ['stack deploy shop https://git.example.com/shop.yml', ['stack shop']],
  // Nobody knows yet which stack: who is limited to some cannot guess.
  ['stack apply ab12cd34', ['the swarm']],
  ['logs websky.3', ['service websky']],
  ['logs websky.3.k5bpi6ih0jbhmd3xq9rzvfo1e --node fedora-03', ['service websky', 'node fedora-03']],
  ['ps websky --node fedora-03', ['service websky', 'node fedora-03']],
  ['map', ['the swarm']],
  ['map websky', ['service websky']],
  ['nodes', ['the swarm']],
  ['status', ['the swarm']],
])('"%s" is about %j', (line, expected) => {
  expect(about(line)).toEqual(expected);
});

test('a plan of a stack is about the stack when it is carried out', () => {
  const { command } = findCommand(['stack', 'apply'], commands, '/swarm');
  if (command.kind !== 'job' || !command.follows) throw new Error('It follows nothing.');
  const plan = { stack: 'shop', digest: '', basis: {}, services: [] };
  const { input } = command.follows.input(
    { plan: 'ab12cd34', planned: null },
    { command: 'stack deploy', title: 'stack deploy shop', input: plan, result: plan },
  );
  expect(command.targets(input)).toEqual([{ kind: 'stack', name: 'shop' }]);
});

test('commands about an earlier request are decided by what that was about', () => {
  const onRequest = commands.filter((command) => command.kind === 'answer' && command.onRequest);
  expect(onRequest.map(({ name }) => name).toSorted()).toEqual(['approve', 'cancel', 'deny', 'retry']);
  // Every other answer changes nothing by itself.
  const others = commands.filter((command) => command.kind === 'answer' && !command.onRequest);
  expect(others.filter(({ risk }) => risk !== 'read')).toEqual([]);
});

test('those that are always about the swarm as a whole say so', () => {
  const always = jobs.filter(({ examples }) =>
    examples.every((example) => about(example).includes('the swarm') && !about(example).includes('shows')),
  );
  // A plan's stack is known only from its ID.
  const known = always.filter((command) => !command.follows);
  expect(jobs.filter(({ swarmWide }) => swarmWide)).toEqual(known);
});
