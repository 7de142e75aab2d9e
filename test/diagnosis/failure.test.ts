import { describe, expect, test } from 'vitest';
import { explained, factsOf, wordsOf } from '../../src/diagnosis/failure.ts';
import { UserError } from '../../src/errors.ts';
import { NoManager } from '../../src/swarm/no-manager.ts';
import { EngineRefusal } from '../../src/hosts/failures.ts';
import { createLog } from '../../src/log.ts';
import { explain } from '../../src/queue/run.ts';

const EXPIRED = 'x509: certificate has expired or is not yet valid';
const own = { label: 'Look', line: 'nodes' };

describe('the words of an error', () => {
  test('are those of the whole chain, each once, without what to do', () => {
    const root = new Error('dial tcp: no route to host');
    const between = new UserError('The join failed.', { hint: 'Open 2377/tcp.', cause: root });
    const outer = new UserError('The join failed.', { cause: between });
    expect(wordsOf(outer)).toBe('The join failed.\ndial tcp: no route to host');
    expect(wordsOf('only words')).toBe('only words');
    expect(wordsOf(undefined)).toBe('');
  });

  test('come to an end although an error causes itself', () => {
    const error = new Error('again');
    error.cause = error;
    expect(wordsOf(error)).toBe('again');
  });
});

describe('a failure is explained once', () => {
  const facts = { host: 'fedora-03', doing: 'join' };

  test('an engine’s bare refusal by the diagnosis', () => {
    const { message, hint, remedies } = explained(new EngineRefusal('fedora-03', 500, EXPIRED), facts);
    expect(message).toBe(`The engine on fedora-03 refused: ${EXPIRED}`);
    expect(hint).toMatch(/^The clocks of fedora-03 .* do not agree.*synchronisation.*\.$/);
    expect(remedies.map(({ line }) => line)).toEqual(['check fedora-03', 'join fedora-03']);
  });

  test('what has a hint keeps its words and gets the buttons', () => {
    const error = new UserError(`It did not join: ${EXPIRED}.`, { hint: 'Set the clock.' });
    expect(explained(error, facts)).toEqual({
      message: error.message,
      hint: 'Set the clock.',
      remedies: [
        { label: 'Check the host', line: 'check fedora-03' },
        { label: 'Join again', line: 'join fedora-03' },
      ],
    });
  });

  test('what has remedies is left as it is', () => {
    const error = new UserError(`It did not join: ${EXPIRED}.`, { remedies: [own] });
    expect(explained(error, facts)).toEqual({ message: error.message, hint: '', remedies: [own] });
  });

  test('what nobody knows is left as it is', () => {
    const error = new UserError('It rains.', { cause: new Error('clouds') });
    expect(explained(error, facts)).toEqual({ message: 'It rains.', hint: '', remedies: [] });
  });

  test.each([
    [{ service: 'websky' }, '`ps websky`'],
    [{ node: 'fedora-01' }, '`node fedora-01`'],
    [{}, '`status`'],
  ])('a change that had been sent when the managers were lost may still take effect: %j', (facts, where) => {
    const lost = (sent: boolean) => new NoManager('No leader.', { hint: 'Bring them back.', sent });
    const around = new UserError('It stopped.', { hint: 'Look.', cause: lost(true) });
    for (const error of [lost(true), around])
      expect(explained(error, facts).hint).toContain(
        `It may still take effect once the managers are back: look with ${where} then.`,
      );
    expect(explained(lost(false), facts).hint).toBe('Bring them back.');
  });
});

test.each([
  [{ hosts: ['fedora-03'], role: 'worker' }, { host: 'fedora-03' }],
  [{ hosts: ['fedora-03', 'fedora-04'] }, {}],
  [{ services: [{ name: 'websky', replicas: 3 }] }, { service: 'websky' }],
  [{ service: 'websky', node: null }, { service: 'websky' }],
  [{ node: 'fedora-03' }, { node: 'fedora-03' }],
  [
    { name: 'websky', image: 'my-apache2' },
    { target: 'websky', image: 'my-apache2' },
  ],
  [null, {}],
])('what a job was given is known: %j', (input, facts) => {
  expect(factsOf(input, 'join')).toEqual({ doing: 'join', ...facts });
});

describe('a failed job offers Retry', () => {
  const log = createLog('worker', 'silent');
  const retry = { label: 'Retry', line: 'retry ab12cd34' };
  const of = (error: unknown, acted = false) =>
    explain(error, { id: 'ab12cd34', title: 'join fedora-03', acted }, log).remedies ?? [];

  test.each([
    ['a call outside failed', new UserError('No answer.', { hint: 'Wait.', cause: new Error('timeout') })],
    ['the engine could not', new EngineRefusal('fedora-03', 503, 'The swarm does not have a leader.')],
    ['it is a bug', new TypeError('x is not a function')],
  ])('where %s', (_why, error) => {
    expect(of(error).filter(({ line }) => line === retry.line)).toEqual([retry]);
  });

  test('where it had begun to change something', () => {
    expect(of(new UserError('The other half did not go.'), true)).toEqual([retry]);
  });

  test.each([
    ['the words were refused', new UserError('No service is called nope.')],
    ['the engine calls it a mistake', new EngineRefusal('fedora-03', 400, 'invalid reference format')],
  ])('not where %s', (_why, error) => {
    expect(of(error)).toEqual([]);
  });

  test('behind its own ways out, and once', () => {
    const cause = new Error('update out of sequence');
    expect(of(new UserError('It was changed.', { hint: 'See who.', cause }))).toEqual([retry]);
    expect(of(new UserError('It was changed.', { remedies: [own], cause }))).toEqual([own, retry]);
  });
});
