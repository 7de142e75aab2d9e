import { describe, expect, test } from 'vitest';
import { dialOutcome } from '../../src/hosts/dial-outcome.ts';
import { engineFailure, socketFailure, tooOld } from '../../src/hosts/engine-failures.ts';
import { EngineRefusal, HostFailure } from '../../src/hosts/failures.ts';
import { joinOutcome, leftAlready } from '../../src/hosts/join-outcome.ts';
import { connectFailure, fileFailure, keyFailure } from '../../src/hosts/ssh-failures.ts';
import { anyHost } from './settings.ts';

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);
const caught = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (thrown) {
    return thrown;
  }
};

describe('connecting', () => {
  test.each([
    [
      error('connect ECONNREFUSED', { code: 'ECONNREFUSED', level: 'client-socket' }),
      'refuses SSH connections',
    ],
    [
      error('connect ETIMEDOUT', { code: 'ETIMEDOUT', level: 'client-socket' }),
      'does not answer at 10.0.0.1:22',
    ],
    [
      error('connect EHOSTUNREACH', { code: 'EHOSTUNREACH', level: 'client-socket' }),
      'no route to fedora-01',
    ],
    [error('connect ENETUNREACH', { code: 'ENETUNREACH', level: 'client-socket' }), 'has no network'],
    [error('getaddrinfo', { code: 'ENOTFOUND', level: 'client-socket' }), 'is not known to the name server'],
    [error('getaddrinfo', { code: 'EAI_AGAIN', level: 'client-socket' }), 'name server did not answer'],
    [error('Timed out while waiting for handshake', { level: 'client-timeout' }), 'does not answer at'],
    [error('something else'), 'failed: something else'],
  ])('%s says what happened and what to check', (thrown, words) => {
    const failure = connectFailure(anyHost, thrown, false);
    expect(failure).toMatchObject({ kind: 'unreachable', host: 'fedora-01', cause: thrown });
    expect(failure.message).toContain(words);
    expect(failure.hint).toMatch(/^[A-Z].*\.$/);
  });

  test('a timeout after TCP stood blames sshd, not the network', () => {
    const timeout = error('Timed out while waiting for handshake', { level: 'client-timeout' });
    expect(connectFailure(anyHost, timeout, true).message).toContain('its sshd does not answer');
  });

  test('a refused login names the user and the key file', () => {
    const refused = error('All configured authentication methods failed', { level: 'client-authentication' });
    const failure = connectFailure(anyHost, refused, true);
    expect(failure.kind).toBe('login');
    expect(failure.message).toContain('refused to let root log in with the key id.');
  });

  test.each([
    ['ENOENT', 'does not exist'],
    ['EACCES', 'may not be read'],
    ['EISDIR', 'cannot be read (EISDIR)'],
  ])('a file with %s', (code, words) => {
    expect(
      fileFailure(anyHost, { kind: 'private key', path: '/keys/id' }, error('', { code })).message,
    ).toContain(words);
    const known = fileFailure(
      anyHost,
      { kind: 'known_hosts', path: '/keys/known_hosts' },
      error('', { code }),
    );
    expect(known.kind).toBe('host-key');
    expect(known.message).toContain(words);
  });

  test.each([
    ['Encrypted private OpenSSH key detected, but no passphrase given', 'passphrase'],
    ['', 'is a public key'],
    ['Unsupported key format', 'Unsupported key format'],
  ])('a key file that is %j', (reason, words) => {
    expect(keyFailure(anyHost, reason).message).toContain(words);
  });
});

describe('the way to the engine', () => {
  test.each([
    ['Got permission denied while trying to connect to the Docker daemon socket', 1, 'root may not use'],
    ['bash: line 1: docker: command not found', 127, 'no docker command to go around'],
    ['sh: 1: docker: not found', 127, 'no docker command to go around'],
    ['Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?', 1, 'does not answer'],
    ['dial unix /x: connect: no such file or directory', 1, 'does not answer'],
    ["docker: 'dial-stdio' is not a docker command.", 1, 'too old to stand in'],
    ['weird', 3, 'cannot be opened: weird'],
    ['', undefined, 'cannot be opened.'],
  ])('%j', (stderr, code, words) => {
    const failure = socketFailure(anyHost, { kind: 'command', code, stderr });
    expect(failure.kind).toBe('socket');
    expect(failure.message).toContain(words);
    expect(failure.hint).not.toBe('');
  });

  test.each([
    ['1.11.2', true],
    ['1.9', true],
    ['0.12.0', true],
    ['1.12.0', false],
    ['1.13.1', false],
    ['17.06.0-ce', false],
    ['20.10.24+dfsg1', false],
    ['dev', false],
  ])('engine %s is too old: %s', (version, old) => {
    expect(tooOld(anyHost, version) !== undefined).toBe(old);
  });

  test("an engine's error keeps its status and words, without any token", () => {
    const thrown = error('(HTTP code 500) server error - no ', {
      statusCode: 500,
      json: { message: 'bad token SWMTKN-1-secret-part given' },
    });
    const failure = engineFailure(anyHost, thrown);
    expect(failure).toBeInstanceOf(EngineRefusal);
    expect(failure).toMatchObject({ status: 500, text: 'bad token SWMTKN-[secret] given' });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('secret-part');
    expect(String((failure as EngineRefusal).cause)).not.toContain('secret-part');
  });

  test('an answer that breaks off may be asked for again; a bug stays a bug', () => {
    expect(engineFailure(anyHost, error('socket hang up', { code: 'ECONNRESET' }))).toMatchObject({
      broke: true,
    });
    expect(engineFailure(anyHost, new TypeError('x is undefined'))).toBeUndefined();
  });
});

describe('joining', () => {
  const said = (text: string) => new EngineRefusal('fedora-01', 500, text);

  test('a timeout is no failure: the engine goes on trying', () => {
    const text =
      'Timeout was reached before node joined. The attempt to join the swarm will continue in the background. Use the "docker info" command to see the current swarm status of your node.';
    expect(joinOutcome(said(text))).toEqual({ kind: 'pending', text });
    expect(joinOutcome(said('Timeout reached before node was joined.')).kind).toBe('pending');
  });

  test('being in a swarm already is told apart', () => {
    const text =
      'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.';
    expect(joinOutcome(said(text))).toEqual({ kind: 'already', text });
  });

  test.each([
    ['invalid join token', 'not valid'],
    [
      'rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster',
      'not valid',
    ],
    ['remote CA does not match fingerprint. Expected: abc', 'another swarm'],
    ['x509: certificate has expired or is not yet valid', 'clock'],
    [
      "can't initialize raft node: rpc error: code = Unknown desc = could not connect to prospective new cluster member using its advertised address",
      'cannot reach it',
    ],
    [
      'could not choose an IP address to advertise since this system has multiple addresses',
      'several addresses',
    ],
    ['--live-restore daemon configuration is incompatible with swarm mode', 'live-restore'],
    ['--firewall-backend=nftables is incompatible with swarm mode', 'nftables'],
    [
      'rpc error: code = Unavailable desc = connection error: desc = "transport: dial tcp 10.0.0.1:2377: connect: no route to host"',
      'cannot reach the managers',
    ],
    ['rpc error: code = Unknown desc = The swarm does not have a leader.', 'no leader'],
    ['an unheard-of thing', 'Its engine says'],
  ])('%s is explained, in the words of the engine as well', (text, words) => {
    const thrown = caught(() => joinOutcome(said(text)));
    expect(thrown).toBeInstanceOf(EngineRefusal);
    const refusal = thrown as EngineRefusal;
    expect(refusal.message).toContain(words);
    expect(refusal.message).toContain(text);
    expect(refusal.hint).not.toBe('');
    expect((refusal.cause as Error).message).toBe(text);
  });

  test('leaving a swarm that it is not in is success; a manager is told to be demoted', () => {
    leftAlready(said('This node is not part of a swarm'));
    const manager = said(
      'You are attempting to leave the swarm on a node that is participating as a manager. Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message.',
    );
    expect(caught(() => leftAlready(manager))).toMatchObject({
      hint: expect.stringContaining('Demote') as string,
    });
    expect(caught(() => leftAlready(said('context deadline exceeded')))).toMatchObject({
      message: expect.stringContaining('too few managers') as string,
    });
  });
});

describe('dialling', () => {
  const refused = (description: string, reason = 2) =>
    error(`(SSH) Channel open failure: ${description}`, { reason });

  test.each([
    ['Connection refused', { kind: 'refused' }],
    ['Connection timed out', { kind: 'unreachable', reason: 'no answer' }],
    ['No route to host', { kind: 'unreachable', reason: 'no route to host' }],
    ['Network is unreachable', { kind: 'unreachable', reason: 'network is unreachable' }],
    ['Name or service not known', { kind: 'unreachable', reason: 'the name is not known there' }],
    ['something new', { kind: 'unreachable', reason: 'something new' }],
  ])('%s', (description, outcome) => {
    expect(dialOutcome(anyHost, refused(description))).toEqual(outcome);
  });

  test('a sshd that forbids dialling says nothing about the port', () => {
    const thrown = caught(() => dialOutcome(anyHost, refused('open failed', 1)));
    expect(thrown).toBeInstanceOf(HostFailure);
    expect(thrown).toMatchObject({ kind: 'forbidden' });
  });
});
