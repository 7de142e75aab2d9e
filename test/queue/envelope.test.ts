import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sign, verify, type Envelope } from '../../src/queue/envelope.ts';
import { Secret } from '../../src/secret.ts';
import { newEnvelope, secret } from './request.ts';

const signed = sign(newEnvelope('r1'), secret);
const content = JSON.parse(signed.text) as Envelope;
const sealedOf = ({ text }: { text: string }) => (JSON.parse(text) as { sealed: string }).sealed;
const withInputOf = (other: { text: string }) => signed.text.replace(sealedOf(signed), sealedOf(other));
const forged = (change: Partial<Envelope>) => ({
  ...signed,
  text: JSON.stringify({ ...content, ...change }),
});

describe('the signed envelope', () => {
  it('comes through JSON as it was signed, whatever the input', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        const data: unknown = JSON.parse(JSON.stringify(sign(newEnvelope('r1', { input }), secret)));
        expect(verify(data, secret)?.input).toEqual(JSON.parse(JSON.stringify(input)));
      }),
    );
  });

  it.each([
    ['another job', forged({ job: 'join' })],
    ['another input', { ...signed, text: withInputOf(sign(newEnvelope('r1', { input: 'x' }), secret)) }],
    ['another requester', forged({ requester: { id: 'U2', name: 'bob', team: 'T1' } })],
    ['a later expiry', forged({ expiresAt: content.expiresAt + 1 })],
    ['no signature', { text: signed.text }],
    ['an empty signature', { ...signed, signature: '' }],
    ['something else altogether', 'nodes'],
  ])('refuses %s', (_what, data) => {
    expect(verify(data, secret)).toBeUndefined();
  });

  it('shows nobody its input, not even that two are the same', () => {
    const input = { env: ['PASSWORD=open sesame'] };
    const texts = [1, 2].map(() => sign(newEnvelope('r1', { at: 1, expiresAt: 2, input }), secret).text);
    expect(texts[0]).not.toEqual(texts[1]);
    for (const text of texts) {
      expect(text).not.toContain('sesame');
      expect(Buffer.from(sealedOf({ text }), 'base64').toString('latin1')).not.toContain('sesame');
    }
  });

  it('refuses what another secret has signed', () => {
    const other = new Secret('another secret, of somebody else');
    expect(verify(sign(newEnvelope('r1'), other), secret)).toBeUndefined();
  });
});
