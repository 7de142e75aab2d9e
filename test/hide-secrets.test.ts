import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hideSecrets, SecretLines } from '../src/hide-secrets.ts';

// Put together here, so that no scanner takes this file for a leak.
const AWS = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');
const AWS_SECRET = ['wJalrXUtnFEMI/K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join('/');
const XOXB = ['xoxb', '123456789012', 'abcdefABCDEF'].join('-');
const JWT = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0In0', 'dozjgNryP4J3jVmNHl0w'].join('.');
const GITHUB = ['ghp', 'a1B2'.repeat(9)].join('_');
const STRIPE = ['sk', 'live', '4eC39HqLyjWDarjtT1zdp7dc'].join('_');
const JOIN = 'SWMTKN-1-3pu6hszjas19xyp7ghgosyx9k8atbfcr8p2is99znpy26u2lkl-1awxwuwd3z9j1z3puu7rcgdbx';
const BODY = 'MIIEowIBAAKCAQEAw7Zdfmece8iaB0kiTY8pCtiBtzbptJmP28nSWwtdjRu0f2GF';

/** What must not be left of the text, and, where it matters, what must be. */
const HIT: [text: string, secret: string, left?: string][] = [
  ['password=hunter2', 'hunter2', 'password='],
  ['DB_PASSWORD=hunter2', 'hunter2', 'DB_PASSWORD='],
  ['MYSQL_ROOT_PASSWORD="open sesame" started', 'sesame', 'started'],
  ["passphrase='it is'", 'it is'],
  ['connecting with user=web password=hunter2 host=db', 'hunter2', 'host=db'],
  ['{"user":"web","password":"hunter2","port":5432}', 'hunter2', '"port":5432'],
  ['{"clientSecret": "a\\"b c", "x": 1}', 'b c', '"x": 1'],
  ['{\\"password\\":\\"hunter2\\",\\"port\\":1}', 'hunter2', 'port'],
  ["{'token': 'abc'}", 'abc'],
  ['  password: hunter2', 'hunter2'],
  ['password: hunter2 # for now', 'hunter2'],
  ['login with password: hunter22 failed', 'hunter22'],
  ['secret => s3cret', 's3cret'],
  ['GET /login?user=web&token=abc123&page=2 200', 'abc123', '&page=2'],
  ['accessToken=abc', 'abc'],
  ['api_key=abc, next', 'abc', ', next'],
  ['X-Api-Key: 0123456789abcdef', '0123456789abcdef'],
  ['mysqld --password hunter2 --port 3306', 'hunter2', '--port 3306'],
  ['redis-cli --token=abc ping', 'abc', 'ping'],
  ['PWD=hunter2', 'hunter2'],
  ['Pwd=hunter2;Server=db', 'hunter2', 'Server=db'],
  ['Authorization: Bearer abc.def', 'abc.def', 'Authorization: Bearer'],
  ['authorization: Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
  ['{"Authorization":"Bearer abcdef"}', 'abcdef'],
  ['curl -H "Authorization: token abcdef" x', 'abcdef', ' x'],
  ['using bearer abcdefgh12345678', 'abcdefgh12345678'],
  ['Set-Cookie: sid=abcdef; Path=/', 'abcdef'],
  [`aws_access_key_id = ${AWS}`, AWS],
  [`found ${AWS} in the environment`, AWS, 'in the environment'],
  [`aws_secret_access_key=${AWS_SECRET}`, 'wJalrXUtnFEMI'],
  [`AWS_SECRET_ACCESS_KEY: ${AWS_SECRET}`, 'bPxRfiCY'],
  ['postgres://web:hunter2@db:5432/shop', 'hunter2', '@db:5432/shop'],
  ['dial redis://:hunter2@cache:6379: refused', 'hunter2', '@cache:6379: refused'],
  ['cloning https://a1b2c3d4e5f6a7b8c9d0@git.lan/x', 'a1b2c3d4', '@git.lan/x'],
  ['amqp://user:p%40ss@mq', 'p%40ss'],
  [`docker swarm join --token ${JOIN} 10.0.0.1:2377`, '3pu6hsz', '10.0.0.1:2377'],
  ['SWMKEY-1-abcdef', 'abcdef'],
  [`slack says ${XOXB} is revoked`, 'abcdefABCDEF', 'is revoked'],
  ['xapp-1-A0-123-abcdef0123456789', 'abcdef0123456789'],
  ['POST https://hooks.slack.com/services/T000/B000/XXXX1234', 'XXXX1234'],
  [`jwt ${JWT} accepted`, 'dozjgNryP4', 'accepted'],
  [GITHUB, 'a1B2'],
  [STRIPE, '4eC39Hq'],
  [`-----BEGIN RSA PRIVATE KEY-----\n${BODY}\n-----END RSA PRIVATE KEY-----\nready`, BODY, 'ready'],
  [`"-----BEGIN PRIVATE KEY-----\\n${BODY}\\n-----END PRIVATE KEY-----\\n" ready`, BODY, 'ready'],
  [`-----BEGIN OPENSSH PRIVATE KEY-----\n${BODY}`, BODY],
];

/** What people need to read, and is none. */
const SPARED: string[] = [
  'token expired',
  'invalid join token',
  'A valid join token is necessary to join this cluster',
  'password incorrect',
  'invalid password: must have at least eight characters',
  'password: required',
  'the password for user web is wrong',
  'token: null',
  'password=null',
  'max_tokens=4096 token_count=17',
  'tokens: 512',
  'token_type=bearer',
  'secret_name=websky_key',
  'POSTGRES_PASSWORD_FILE=/run/secrets/db',
  '--env PASSWORD=… --env MODE=… --replicas 2',
  'PWD=/var/www',
  'OLDPWD=/root',
  'pwd: /srv',
  'bearer of bad news',
  'a bearer certificate was presented',
  'WWW-Authenticate: Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
  'http://web:80/path@2x.png',
  'https://db.lan:5432/x?mail=a@b',
  'user@example.com logged in',
  'GET /users/me@host HTTP/1.1',
  'sha256:4bc453b53cb3d914b45f4b250294236adba2c0e09ff6f03793949e7e39fd4cc1',
  'No such image: my-apache2:latest',
  'no suitable node (scheduling constraints not satisfied on 4 nodes)',
  'loaded 3 secrets and 2 configs',
  'keyboard=us monkey=7',
  'private key file not found',
  'signature is invalid',
  'session 42 closed',
  '-----BEGIN CERTIFICATE-----',
  'task-scheduler-with-a-long-name-1 started',
  'AKIA is a prefix',
  '10.0.0.1 - - [23/Nov/2025:11:00:00 +0000] "GET / HTTP/1.1" 200 45',
  'x509: certificate signed by unknown authority',
  '',
];

describe('what looks like a secret', () => {
  test.each(HIT)('%s', (text, secret, left = '') => {
    const shown = hideSecrets(text);
    expect(shown).not.toContain(secret);
    expect(shown).toContain('[secret]');
    expect(shown).toContain(left);
    // Once is enough: what is hidden stays as it is.
    expect(hideSecrets(shown)).toBe(shown);
  });

  test.each(SPARED)('is not: %s', (text) => {
    expect(hideSecrets(text)).toBe(text);
  });

  test('is found wherever it stands', () => {
    const around = fc.string({ maxLength: 40 }).filter((text) => !/[\\"'=]/.test(text));
    fc.assert(
      fc.property(around, around, fc.constantFrom(...HIT), (before, after, [text, secret]) => {
        fc.pre(!`${before} ${after}`.includes(secret));
        expect(hideSecrets(`${before}\n${text}\n${after}`)).not.toContain(secret);
      }),
    );
  });

  test.each([
    ['one letter', 'a'.repeat(200_000)],
    ['keys without values', 'password'.repeat(20_000)],
    ['keys and blanks', 'token    '.repeat(20_000)],
    ['beginnings of keys', '-----BEGIN PRIVATE KEY-----'.repeat(5000)],
    ['beginnings of web tokens', 'eyJ'.repeat(50_000)],
    ['colons and slashes', 'a://:'.repeat(40_000)],
    ['quotes', 'token="'.repeat(20_000)],
  ])('takes no time to speak of in a flood of %s', (_what, text) => {
    const began = performance.now();
    hideSecrets(text);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe('a private key over several lines', () => {
  const key = ['-----BEGIN RSA PRIVATE KEY-----', BODY, BODY, 'AA==', '-----END RSA PRIVATE KEY-----'];

  test('is hidden from its beginning to its end', () => {
    expect(new SecretLines().take(['one', ...key, 'two'])).toEqual([
      'one',
      '-----BEGIN RSA PRIVATE KEY----- [secret]',
      '[secret]',
      '[secret]',
      '[secret]',
      '[secret]',
      'two',
    ]);
  });

  test.each([1, 2, 3])('is known by its end where the first %i lines are cut off', (cut) => {
    const shown = new SecretLines().take([...key.slice(cut), 'two']);
    expect(shown.join('\n')).not.toMatch(/MIIE|AA==/);
    expect(shown.at(-1)).toBe('two');
  });

  test('also when it comes piece by piece', () => {
    const filter = new SecretLines();
    const shown = key.flatMap((line) => filter.take([line]));
    expect(shown.join('\n')).not.toMatch(/MIIE|AA==/);
    expect(filter.take(['two'])).toEqual(['two']);
  });

  test('leaves other lines alone', () => {
    const lines = ['a', 'deadbeef', '', 'GET / 200'];
    expect(new SecretLines().take(lines)).toEqual(lines);
  });
});
