import { describe, expect, test } from 'vitest';
import { addressIn, freeNetwork } from '../../lab/address.ts';

describe('the address range of a lab', () => {
  test('is the first /24 that no route and no other lab touches', () => {
    expect(freeNetwork(['default', '192.168.2.0/24'])).toBe('10.213.0.0/24');
    expect(freeNetwork(['10.213.0.0/24', '10.213.1.77', '10.213.3.0/24'])).toBe('10.213.2.0/24');
    expect(freeNetwork(['10.213.0.0/23', '10.213.2.128/25'])).toBe('10.213.3.0/24');
  });

  test('is looked for elsewhere when a wider route covers the first pool', () => {
    expect(freeNetwork(['10.0.0.0/8'])).toBe('198.18.0.0/24');
  });

  test('is refused, with what to do, when every pool is covered', () => {
    expect(() => freeNetwork(['10.0.0.0/8', '198.18.0.0/15'])).toThrow(/npm run lab -- down/);
  });

  test('numbers the machine first, then hosts, and ends at 254', () => {
    expect(addressIn('10.213.7.0/24', 1)).toBe('10.213.7.1');
    expect(addressIn('10.213.7.0/24', 254)).toBe('10.213.7.254');
    expect(() => addressIn('10.213.7.0/24', 255)).toThrow('at most 253 hosts');
  });
});
