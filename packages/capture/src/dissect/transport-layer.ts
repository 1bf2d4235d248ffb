import type { Dissection } from './dissection.ts';
import { byEtherType, etherTypes, looksLikeEthernet, type NextLayer } from './link-layer.ts';

const protocols = { ipv4: 4, tcp: 6, udp: 17, ipv6: 41, gre: 47, authenticationHeader: 51 } as const;
/** Assigned by IANA (RFC 7348 §8), and that of Linux before. */
const VXLAN_PORTS: readonly number[] = [4789, 8472];
/** `HEP3`. */
const HEP_MAGIC = 0x48455033;

export function transportLayer(packet: Dissection): NextLayer {
  switch (packet.protocol) {
    case protocols.udp:
      return userDatagram(packet);
    case protocols.tcp:
      return segment(packet);
    case protocols.ipv4:
    case protocols.ipv6:
      packet.encapsulations.push('IP in IP');
      return 'internet';
    case protocols.gre:
      return genericRouting(packet);
    case protocols.authenticationHeader:
      return authenticated(packet);
    default:
      packet.kind = 'ip';
      return 'done';
  }
}

function userDatagram(packet: Dissection): NextLayer {
  const { view, payloadAt: at } = packet;
  if (at + 8 > packet.end) return 'done';
  const length = view.getUint16(at + 4);
  // Zero for a jumbogram, or where a card was to fill it in: all there is (RFC 2675 §4).
  if (length !== 0 && length < 8) return 'done';
  if (at + length <= packet.end) packet.end = length === 0 ? packet.end : at + length;
  else if (!packet.isCut) return 'done'; // it claims more than its IP packet has
  packet.sourcePort = view.getUint16(at);
  packet.destinationPort = view.getUint16(at + 2);
  packet.payloadAt = at + 8;
  packet.kind = 'udp';
  const kept = packet.end - packet.payloadAt;
  if (kept >= 6 && view.getUint32(packet.payloadAt) === HEP_MAGIC) {
    if (view.getUint16(packet.payloadAt + 4) === kept) return 'hep';
  }
  return VXLAN_PORTS.includes(packet.destinationPort) && kept >= 22 ? extensibleLan(packet) : 'done';
}

/**
 * VXLAN (RFC 7348 §5): bit I is set, and a network of 24 bits. All other bits are ignored on receipt, as some use them (groups of
 * a policy, a next protocol); where one is set, only a frame of a type that is read tells it from something else at that port.
 */
function extensibleLan(packet: Dissection): NextLayer {
  const { view, payloadAt: at } = packet;
  if ((view.getUint8(at) & 0x08) === 0) return 'done';
  const isPlain = view.getUint32(at) === 0x08000000 && view.getUint8(at + 7) === 0;
  if (!isPlain && !looksLikeEthernet(packet, at + 8)) return 'done';
  packet.encapsulations.push('VXLAN');
  packet.tunnel = view.getUint32(at + 4) >>> 8;
  packet.kind = 'cut';
  packet.payloadAt = at + 8;
  return 'ethernet';
}

function segment(packet: Dissection): NextLayer {
  const { view, payloadAt: at } = packet;
  if (at + 20 > packet.end) return 'done';
  const headerLength = (view.getUint8(at + 12) >> 4) * 4;
  if (headerLength < 20 || at + headerLength > packet.end) return 'done';
  packet.sourcePort = view.getUint16(at);
  packet.destinationPort = view.getUint16(at + 2);
  packet.sequence = view.getUint32(at + 4);
  packet.acknowledgement = view.getUint32(at + 8);
  packet.tcpFlags = view.getUint8(at + 13);
  packet.payloadAt = at + headerLength;
  packet.kind = 'tcp';
  return 'done';
}

/** GRE (RFC 2784, RFC 2890), and what mirrors of switches put into it (ERSPAN, draft-foschiano-erspan). */
function genericRouting(packet: Dissection): NextLayer {
  const { view, payloadAt: at, end } = packet;
  if (at + 4 > end) return 'done';
  const flags = view.getUint16(at);
  const type = view.getUint16(at + 2);
  // Only version 0 carries packets; version 1 is PPTP, whose own header differs (RFC 2637 §4.1).
  if ((flags & 7) !== 0) {
    packet.kind = 'ip';
    return 'done';
  }
  const [hasChecksum, hasKey, hasSequence] = [(flags & 0x8000) !== 0, (flags & 0x2000) !== 0, (flags & 0x1000) !== 0];
  const next = at + 4 + (hasChecksum ? 4 : 0) + (hasKey ? 4 : 0) + (hasSequence ? 4 : 0);
  if (next > end) return 'done';
  packet.payloadAt = next;
  if (type === etherTypes.erspan || type === etherTypes.erspan3) return mirrored(packet, type, hasSequence);
  packet.encapsulations.push('GRE');
  if (hasKey) packet.tunnel = view.getUint32(next - (hasSequence ? 8 : 4));
  return type === etherTypes.transparentBridging ? 'ethernet' : byEtherType(type, packet, next);
}

function mirrored(packet: Dissection, type: number, hasSequence: boolean): NextLayer {
  packet.encapsulations.push('ERSPAN');
  // The first of the three has neither a sequence number nor a header of its own.
  if (type === etherTypes.erspan && !hasSequence) return 'ethernet';
  const { view, payloadAt: at, end } = packet;
  const shortest = type === etherTypes.erspan ? 8 : 12;
  if (at + shortest > end) return 'done';
  packet.tunnel = view.getUint16(at + 2) & 0x03ff;
  const hasSubheader = type === etherTypes.erspan3 && (view.getUint8(at + 11) & 1) === 1;
  packet.payloadAt = at + shortest + (hasSubheader ? 8 : 0);
  return 'ethernet';
}

/** RFC 4302 §2.2: its length counts 32-bit words, less two. It hides nothing. */
function authenticated(packet: Dissection): NextLayer {
  const { view, payloadAt: at } = packet;
  if (at + 12 > packet.end) return 'done';
  packet.encapsulations.push('authentication header');
  packet.protocol = view.getUint8(at);
  packet.payloadAt = at + 8 + 4 * view.getUint8(at + 1);
  return packet.payloadAt > packet.end ? 'done' : 'transport';
}
