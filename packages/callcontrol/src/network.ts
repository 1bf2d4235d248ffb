/** Networks as people write them: `10.2.0.0/16`, `2001:db8::/32`, or one address. */

/** The octets of an IPv4 or IPv6 address; undefined for anything else. */
function octetsOf(address: string): readonly number[] | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) {
    const octets = address.split('.').map(Number);
    return octets.every((octet) => octet <= 255) ? octets : undefined;
  }
  if (!/^[0-9a-f:]+$/i.test(address) || !address.includes(':')) return undefined;
  const [head = '', tail, more] = address.split('::');
  const groupsOf = (text: string) => (text === '' ? [] : text.split(':'));
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const missing = 8 - before.length - after.length;
  if (more !== undefined || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}

export interface Network {
  readonly octets: readonly number[];
  /** Bits that count. */
  readonly bits: number;
}

/** Reads a network; undefined where it is none. */
export function readNetwork(text: string): Network | undefined {
  const [address = '', length, more] = text.split('/');
  const octets = octetsOf(address);
  if (octets === undefined || more !== undefined) return undefined;
  const most = octets.length * 8;
  if (length === undefined) return { octets, bits: most };
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  return bits <= most ? { octets, bits } : undefined;
}

/** Whether an address lies in a network. */
export function isInNetwork(address: string, network: Network): boolean {
  const octets = octetsOf(address);
  if (octets === undefined || octets.length !== network.octets.length) return false;
  return octets.every((octet, at) => {
    const counted = Math.min(8, Math.max(0, network.bits - 8 * at));
    return octet >> (8 - counted) === (network.octets[at] ?? 0) >> (8 - counted);
  });
}
