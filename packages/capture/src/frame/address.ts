/** IP addresses between text and octets: IPv4 in dotted form, IPv6 as RFC 5952 writes it. */
import { TrustlineError } from '@trustline/base';

/** Where a datagram or segment comes from or goes to. */
export interface TransportAddress {
  readonly address: string;
  readonly port: number;
}

export function addressText(octets: Uint8Array): string {
  return octets.byteLength === 4 ? octets.join('.') : ipv6Text(octets);
}

/**
 * Four octets for IPv4, sixteen for IPv6.
 *
 * @throws {TrustlineError} capture.not-an-address
 */
export function addressOctets(address: string): Uint8Array {
  const octets = address.includes(':') ? ipv6Octets(address) : ipv4Octets(address);
  if (octets === undefined) throw new TrustlineError('capture.not-an-address', `"${address}" is not an IP address.`);
  return octets;
}

function ipv6Text(octets: Uint8Array): string {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index));
  // RFC 5952 §4.2: the longest run of at least two zero groups is shortened, the first of equals.
  let [start, length] = [0, 1];
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (to < 8 && groups[to] === 0) to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return length < 2 ? hex(0, 8) : `${hex(0, start)}::${hex(start + length, 8)}`;
}

function ipv4Octets(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    return undefined;
  }
  return Uint8Array.from(parts, Number);
}

function ipv6Octets(text: string): Uint8Array | undefined {
  const halves = text.split('::').map(ipv6Groups);
  const [left, right] = halves;
  if (left === undefined || halves.length > 2 || (halves.length === 2 && right === undefined)) return undefined;
  const given = left.length + (right?.length ?? 0);
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const octets = new Uint8Array(16);
  const view = new DataView(octets.buffer);
  for (const [index, group] of left.entries()) view.setUint16(2 * index, group);
  for (const [index, group] of (right ?? []).entries()) view.setUint16(2 * (index + 8 - (right?.length ?? 0)), group);
  return octets;
}

function ipv6Groups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    // An IPv4 address may stand for the last two groups (RFC 4291 §2.2).
    const embedded = index === parts.length - 1 ? ipv4Octets(part) : undefined;
    if (embedded === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = embedded;
    groups.push(a * 256 + b, c * 256 + d);
  }
  return groups;
}
