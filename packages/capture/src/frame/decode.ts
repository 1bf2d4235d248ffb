import { linkTypes } from '../item.ts';
import { addressText } from './address.ts';

export interface TransportAddress {
  readonly address: string;
  readonly port: number;
}

/** What a frame holds; for all but UDP, why there is no more to say. Views into the frame, not copies. */
export type DecodedFrame =
  | {
      readonly kind: 'udp';
      readonly source: TransportAddress;
      readonly destination: TransportAddress;
      readonly payload: Uint8Array;
    }
  /** IP, but not UDP: the protocol number says what. */
  | {
      readonly kind: 'ip';
      readonly protocol: number;
      readonly source: string;
      readonly destination: string;
      readonly payload: Uint8Array;
    }
  /** A part of a fragmented IP packet. */
  | { readonly kind: 'fragment'; readonly source: string; readonly destination: string }
  /** Neither IPv4 nor IPv6: ARP, spanning tree. */
  | { readonly kind: 'not-ip' }
  /** The capture kept too little of it, or it claims more than it has. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'unknown-link-type'; readonly linkType: number };

const ETHER_IPV4 = 0x0800;
const ETHER_IPV6 = 0x86dd;
/** 802.1Q, 802.1ad, and what was used before it. */
const ETHER_VLAN: readonly number[] = [0x8100, 0x88a8, 0x9100];
const MAXIMUM_VLAN_TAGS = 4;
const MAXIMUM_EXTENSION_HEADERS = 8;
const UDP = 17;

const TRUNCATED: DecodedFrame = { kind: 'truncated' };
const NOT_IP: DecodedFrame = { kind: 'not-ip' };

/** Takes a frame of the given link type apart down to UDP. */
export function decodeFrame(linkType: number, frame: Uint8Array): DecodedFrame {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  switch (linkType) {
    case linkTypes.ethernet:
      return ethernet(frame, view);
    case linkTypes.linuxCooked:
      return frame.byteLength < 16 ? TRUNCATED : byEtherType(view.getUint16(14), frame, view, 16);
    case linkTypes.linuxCooked2:
      return frame.byteLength < 20 ? TRUNCATED : byEtherType(view.getUint16(0), frame, view, 20);
    case linkTypes.null:
    case linkTypes.loop:
      // An address family, numbered differently by each system; the version of IP says as much.
      return internet(frame.subarray(4));
    case linkTypes.raw:
    case linkTypes.rawBsd:
    case linkTypes.rawOpenBsd:
    case linkTypes.ipv4:
    case linkTypes.ipv6:
      return internet(frame);
    default:
      return { kind: 'unknown-link-type', linkType };
  }
}

function ethernet(frame: Uint8Array, view: DataView): DecodedFrame {
  let at = 12;
  for (let tags = 0; tags <= MAXIMUM_VLAN_TAGS; tags++) {
    if (at + 2 > frame.byteLength) return TRUNCATED;
    const etherType = view.getUint16(at);
    if (!ETHER_VLAN.includes(etherType)) return byEtherType(etherType, frame, view, at + 2);
    at += 4;
  }
  return NOT_IP;
}

function byEtherType(etherType: number, frame: Uint8Array, view: DataView, at: number): DecodedFrame {
  // Linux cooked captures of a trunk keep the tag inside.
  if (ETHER_VLAN.includes(etherType)) {
    return at + 4 > frame.byteLength ? TRUNCATED : byEtherType(view.getUint16(at + 2), frame, view, at + 4);
  }
  return etherType === ETHER_IPV4 || etherType === ETHER_IPV6 ? internet(frame.subarray(at)) : NOT_IP;
}

function internet(packet: Uint8Array): DecodedFrame {
  const [first] = packet;
  if (first === undefined) return TRUNCATED;
  if (first >> 4 === 4) return ipv4(packet);
  return first >> 4 === 6 ? ipv6(packet) : NOT_IP;
}

function ipv4(packet: Uint8Array): DecodedFrame {
  if (packet.byteLength < 20) return TRUNCATED;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const headerLength = ((packet[0] ?? 0) & 0x0f) * 4;
  // Zero where the network card was to fill it in: then all there is.
  const totalLength = view.getUint16(2) || packet.byteLength;
  if (headerLength < 20 || totalLength < headerLength || packet.byteLength < headerLength) return TRUNCATED;
  const source = addressText(packet.subarray(12, 16));
  const destination = addressText(packet.subarray(16, 20));
  // More fragments, or an offset.
  if ((view.getUint16(6) & 0x3fff) !== 0) return { kind: 'fragment', source, destination };
  if (totalLength > packet.byteLength) return TRUNCATED;
  return transport(view.getUint8(9), packet.subarray(headerLength, totalLength), source, destination);
}

function ipv6(packet: Uint8Array): DecodedFrame {
  if (packet.byteLength < 40) return TRUNCATED;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const end = 40 + view.getUint16(4);
  const source = addressText(packet.subarray(8, 24));
  const destination = addressText(packet.subarray(24, 40));
  if (end > packet.byteLength) return TRUNCATED;
  let protocol = view.getUint8(6);
  let at = 40;
  for (let headers = 0; headers <= MAXIMUM_EXTENSION_HEADERS; headers++) {
    switch (protocol) {
      case 0: // hop-by-hop options
      case 43: // routing
      case 60: // destination options
        if (at + 8 > end) return TRUNCATED;
        protocol = view.getUint8(at);
        at += 8 + 8 * view.getUint8(at + 1);
        break;
      case 51: // authentication header, RFC 4302 §2.2: counts in 32-bit words, less two
        if (at + 8 > end) return TRUNCATED;
        protocol = view.getUint8(at);
        at += 8 + 4 * view.getUint8(at + 1);
        break;
      case 44: // fragment
        if (at + 8 > end) return TRUNCATED;
        if ((view.getUint16(at + 2) & 0xfff9) !== 0) return { kind: 'fragment', source, destination };
        protocol = view.getUint8(at); // an atomic fragment (RFC 6946): the whole packet
        at += 8;
        break;
      default:
        return at > end ? TRUNCATED : transport(protocol, packet.subarray(at, end), source, destination);
    }
  }
  return TRUNCATED;
}

function transport(protocol: number, payload: Uint8Array, source: string, destination: string): DecodedFrame {
  if (protocol !== UDP) return { kind: 'ip', protocol, source, destination, payload };
  if (payload.byteLength < 8) return TRUNCATED;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const length = view.getUint16(4);
  if (length < 8 || length > payload.byteLength) return TRUNCATED;
  return {
    kind: 'udp',
    source: { address: source, port: view.getUint16(0) },
    destination: { address: destination, port: view.getUint16(2) },
    payload: payload.subarray(8, length),
  };
}
