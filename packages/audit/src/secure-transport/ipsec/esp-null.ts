/** How ESP without encryption is laid out: octets before the packet within, and of the integrity check behind it. */
export interface NullLayout {
  /** 8 for AES-GMAC (RFC 4543), else none. */
  readonly ivLength: number;
  readonly checkLength: number;
}

export interface NullPacket {
  readonly layout: NullLayout;
  /** The protocol of what is within (IANA). */
  readonly protocol: number;
  /** A view. */
  readonly payload: Uint8Array;
  /** A checksum told, not lengths alone. */
  readonly isCertain: boolean;
}

const ESP_HEADER = 8;

/** RFC 5879 §8.1: the commonest first. */
const layouts: readonly NullLayout[] = [
  { ivLength: 0, checkLength: 12 },
  { ivLength: 0, checkLength: 16 },
  { ivLength: 8, checkLength: 16 },
  { ivLength: 0, checkLength: 24 },
  { ivLength: 0, checkLength: 32 },
  { ivLength: 0, checkLength: 20 },
  { ivLength: 0, checkLength: 0 },
];

/** The packet that lies unencrypted within ESP, by the layout that is known or any that fits; undefined where none does. */
export function innerPacketOf(
  esp: Uint8Array,
  known: NullLayout | undefined,
  source: Uint8Array,
  destination: Uint8Array,
): NullPacket | undefined {
  for (const layout of known === undefined ? layouts : [known]) {
    const end = esp.byteLength - layout.checkLength;
    const start = ESP_HEADER + layout.ivLength;
    if (end - start < 2) continue;
    const paddingLength = esp[end - 2] ?? 0;
    const protocol = esp[end - 1] ?? 0;
    const payloadEnd = end - 2 - paddingLength;
    if (payloadEnd < start || !isPadding(esp.subarray(payloadEnd, end - 2))) continue;
    const payload = esp.subarray(start, payloadEnd);
    const check = checks[protocol]?.(payload, source, destination);
    if (check !== undefined) return { layout, protocol, payload, isCertain: check === 'certain' };
  }
  return undefined;
}

/** RFC 4303 §2.4: 1, 2, 3 and so on. */
function isPadding(padding: Uint8Array): boolean {
  return padding.every((octet, at) => octet === at + 1);
}

type Check = (payload: Uint8Array, source: Uint8Array, destination: Uint8Array) => 'certain' | 'likely' | undefined;

/** By the protocol of what is within: IPv4, TCP, UDP, IPv6. */
const checks: Readonly<Record<number, Check>> = {
  4: (packet) => {
    const headerLength = 4 * ((packet[0] ?? 0) & 15);
    const isIpv4 = (packet[0] ?? 0) >> 4 === 4 && headerLength >= 20 && u16(packet, 2) === packet.byteLength;
    if (!isIpv4 || headerLength > packet.byteLength) return undefined;
    return sum(packet.subarray(0, headerLength), 0) === 0xffff ? 'certain' : undefined;
  },
  6: (segment, source, destination) => {
    const offset = 4 * ((segment[12] ?? 0) >> 4);
    if (offset < 20 || offset > segment.byteLength) return undefined;
    return transportSum(segment, 6, source, destination) === 0xffff ? 'likely' : undefined;
  },
  17: (datagram) => (datagram.byteLength >= 8 && u16(datagram, 4) === datagram.byteLength ? 'likely' : undefined),
  41: (packet) =>
    (packet[0] ?? 0) >> 4 === 6 && packet.byteLength >= 40 && u16(packet, 4) === packet.byteLength - 40
      ? 'likely'
      : undefined,
};

/** RFC 9293 §3.1, with the pseudo-header of either version of IP: its numbers add up the same. */
function transportSum(octets: Uint8Array, protocol: number, source: Uint8Array, destination: Uint8Array): number {
  return sum(octets, sum(source, 0) + sum(destination, 0) + protocol + octets.byteLength);
}

/** The sum of ones' complement (RFC 1071); a checksum within makes it all ones. */
function sum(octets: Uint8Array, from: number): number {
  let total = from;
  for (let at = 0; at < octets.byteLength; at += 2) total += u16(octets, at);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return total;
}

function u16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}
