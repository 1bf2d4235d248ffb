import { ByteWriter, TrustlineError } from '@trustline/base';
import { addressOctets, type TransportAddress } from './address.ts';

export interface UdpDatagram {
  /** Addresses of the same family. */
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  readonly payload: Uint8Array;
  /** Six octets each; by default locally administered ones made of the IP addresses, so that ends are told apart. */
  readonly sourceMac?: Uint8Array;
  readonly destinationMac?: Uint8Array;
}

const HOP_LIMIT = 64;
const UDP = 17;
const MAXIMUM_UDP_LENGTH = 0xffff;

/**
 * The Ethernet frame in which a datagram would have travelled, with its checksums: for a capture of what a socket
 * sent and received, made without root.
 *
 * @throws {TrustlineError} capture.not-an-address, capture.mixed-families, capture.packet-too-large
 */
export function encapsulateUdp(datagram: UdpDatagram): Uint8Array {
  const source = addressOctets(datagram.source.address);
  const destination = addressOctets(datagram.destination.address);
  if (source.byteLength !== destination.byteLength) {
    throw new TrustlineError('capture.mixed-families', 'A datagram has two IPv4 or two IPv6 addresses.');
  }
  const isIpv4 = source.byteLength === 4;
  const udpLength = 8 + datagram.payload.byteLength;
  if (udpLength > MAXIMUM_UDP_LENGTH - (isIpv4 ? 20 : 0)) {
    throw new TrustlineError(
      'capture.packet-too-large',
      `${datagram.payload.byteLength} octets do not fit a datagram.`,
    );
  }
  const frame = new ByteWriter(14 + 40 + udpLength)
    .bytes(datagram.destinationMac ?? macOf(destination))
    .bytes(datagram.sourceMac ?? macOf(source))
    .u16(isIpv4 ? 0x0800 : 0x86dd);
  if (isIpv4) frame.bytes(ipv4Header(source, destination, udpLength));
  else frame.u32(0x6000_0000).u16(udpLength).u8(UDP).u8(HOP_LIMIT).bytes(source).bytes(destination);

  const udp = new ByteWriter(udpLength).u16(datagram.source.port).u16(datagram.destination.port).u16(udpLength).u16(0);
  udp.bytes(datagram.payload);
  // The pseudo header of RFC 768 and of RFC 8200 §8.1 sum to the same: addresses, protocol, length.
  const sum = addWords(addWords(addWords(UDP + udpLength, source), destination), udp.finish());
  udp.setU16(6, checksum(sum) || 0xffff); // zero would say that there is none
  return frame.bytes(udp.finish()).finish();
}

function ipv4Header(source: Uint8Array, destination: Uint8Array, udpLength: number): Uint8Array {
  const header = new ByteWriter(20).u16(0x4500).u16(20 + udpLength);
  // May not be fragmented, and so needs no identification (RFC 6864 §4.1).
  header.u16(0).u16(0x4000).u8(HOP_LIMIT).u8(UDP).u16(0).bytes(source).bytes(destination);
  return header.setU16(10, checksum(addWords(0, header.finish()))).finish();
}

function macOf(address: Uint8Array): Uint8Array {
  return Uint8Array.of(0x02, 0x00, ...address.subarray(-4));
}

/** Adds 16-bit words; a last odd octet counts as if followed by zero (RFC 1071). */
function addWords(sum: number, octets: Uint8Array): number {
  for (let at = 0; at < octets.byteLength; at += 2) sum += (octets[at] ?? 0) * 256 + (octets[at + 1] ?? 0);
  return sum;
}

function checksum(sum: number): number {
  while (sum > 0xffff) sum = (sum % 0x1_0000) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}
