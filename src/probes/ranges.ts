/** Ranges of IPv4 addresses, as CIDR. Pure. */

/** First and last address of a range as numbers; a single address is a range of one. Undefined when it is none. */
export function rangeOf(cidr: string): [first: number, last: number] | undefined {
  const [address = '', bits = '32'] = cidr.split('/');
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255))
    return undefined;
  const size = 2 ** (32 - Number(bits));
  if (!(size >= 1)) return undefined;
  const value = parts.reduce((sum, part) => sum * 256 + part, 0);
  const first = value - (value % size);
  return [first, first + size - 1];
}

export function overlaps(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  return a !== undefined && b !== undefined && a[0] <= b[1] && b[0] <= a[1];
}

export function contains(outer: string, inner: string): boolean {
  const [a, b] = [rangeOf(outer), rangeOf(inner)];
  return a !== undefined && b !== undefined && a[0] <= b[0] && b[1] <= a[1];
}

/** The network that an address with its prefix lies in: `10.0.0.7/24` gives `10.0.0.0/24`. */
export function networkOf(cidr: string): string {
  const [first] = rangeOf(cidr) ?? [0];
  const address = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
  return `${address}/${cidr.split('/')[1] ?? '32'}`;
}
