import { isIPv4 } from 'node:net';
import { ByteReader, ByteWriter } from '@trustline/base';
import type { SipHostPort } from '../flow.ts';

const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const magicCookie = 0x2112a442;
const xorMappedAddress = 0x0020;
const headerLength = 20;

/**
 * The answer to a STUN Binding request, which is how SIP clients keep a UDP flow alive through a NAT
 * (RFC 5626 §4.4.2, RFC 8489 §5 and §14.2); undefined for anything else.
 */
export function stunBindingResponse(datagram: Uint8Array, remote: SipHostPort): Uint8Array | undefined {
  if (datagram.byteLength < headerLength) return undefined;
  const reader = new ByteReader(datagram);
  const type = reader.u16();
  const length = reader.u16();
  if (type !== bindingRequest || reader.u32() !== magicCookie || length !== datagram.byteLength - headerLength) {
    return undefined;
  }
  const transaction = reader.take(12);
  const attributes = mappedAddress(remote, transaction);
  return new ByteWriter(headerLength + attributes.byteLength)
    .u16(bindingSuccess)
    .u16(attributes.byteLength)
    .u32(magicCookie)
    .bytes(transaction)
    .bytes(attributes)
    .finish();
}

/** A Binding request, whose answer says that the way to the far end is there still, and where we are seen. */
export function stunBindingRequest(transaction: Uint8Array): Uint8Array {
  return new ByteWriter(headerLength).u16(bindingRequest).u16(0).u32(magicCookie).bytes(transaction).finish();
}

/** Whether a datagram answers a Binding request. */
export function isStunBindingResponse(datagram: Uint8Array): boolean {
  if (datagram.byteLength < headerLength) return false;
  const reader = new ByteReader(datagram);
  const [type, length, cookie] = [reader.u16(), reader.u16(), reader.u32()];
  return type === bindingSuccess && cookie === magicCookie && length === datagram.byteLength - headerLength;
}

/**
 * The address at which the far end sees us, as octets that are the same for the same address; undefined where the answer
 * is to another request, or says none.
 */
export function mappedAddressIn(datagram: Uint8Array, transaction: Uint8Array): Uint8Array | undefined {
  if (!isStunBindingResponse(datagram)) return undefined;
  const reader = new ByteReader(datagram.subarray(8));
  if (!reader.take(12).every((octet, at) => octet === transaction[at])) return undefined;
  const mask = new ByteWriter(18)
    .u16(magicCookie >>> 16)
    .u32(magicCookie)
    .bytes(transaction)
    .finish();
  while (reader.remaining >= 4) {
    const [type, length] = [reader.u16(), reader.u16()];
    const padded = length + ((4 - (length % 4)) % 4);
    if (padded > reader.remaining) return undefined;
    const value = reader.take(padded);
    // Family, then port and address, masked.
    if (type === xorMappedAddress) {
      return value.subarray(2, length).map((octet, at) => octet ^ (mask[at] ?? 0));
    }
  }
  return undefined;
}

/** XOR-MAPPED-ADDRESS (RFC 8489 §14.2): the address is masked by the cookie, and of IPv6 the rest by the transaction. */
function mappedAddress({ host, port }: SipHostPort, transaction: Uint8Array): Uint8Array {
  const address = isIPv4(host) ? Uint8Array.from(host.split('.'), Number) : octetsOfIPv6(host);
  const mask = new ByteWriter(16).u32(magicCookie).bytes(transaction).finish();
  return new ByteWriter(8 + address.byteLength)
    .u16(xorMappedAddress)
    .u16(4 + address.byteLength)
    .u16(address.byteLength === 4 ? 0x0001 : 0x0002)
    .u16(port ^ (magicCookie >>> 16))
    .bytes(address.map((octet, at) => octet ^ (mask[at] ?? 0)))
    .finish();
}

function octetsOfIPv6(host: string): Uint8Array {
  const [before = '', after] = (host.split('%')[0] ?? '').split('::');
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'));
  const [front, back] = [groups(before), groups(after)];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  const values = [...front, ...zeros, ...back].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(values.flatMap((value) => [value >>> 8, value & 255]));
}
