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
 * (RFC 5626 §4.4.2, RFC 8489 §5 and §14.2); undefined for anything else. An IPv6 client gets no
 * mapped address to read, since only the answer itself keeps the flow.
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
  const attributes = isIPv4(remote.host) ? mappedAddress(remote) : new Uint8Array(0);
  return new ByteWriter(headerLength + attributes.byteLength)
    .u16(bindingSuccess)
    .u16(attributes.byteLength)
    .u32(magicCookie)
    .bytes(transaction)
    .bytes(attributes)
    .finish();
}

function mappedAddress({ host, port }: SipHostPort): Uint8Array {
  const address = host.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
  return new ByteWriter(12)
    .u16(xorMappedAddress)
    .u16(8)
    .u16(0x0001)
    .u16(port ^ (magicCookie >>> 16))
    .u32((address ^ magicCookie) >>> 0)
    .finish();
}
