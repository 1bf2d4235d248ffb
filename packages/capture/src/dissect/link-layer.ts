import { linkTypes } from '../item.ts';
import type { Dissection } from './dissection.ts';

/** What comes next, at `dissection.payloadAt`; `end` is where it stops. */
export type NextLayer = 'ethernet' | 'internet' | 'transport' | 'hep' | 'mpls' | 'done';

export const etherTypes = {
  ipv4: 0x0800,
  ipv6: 0x86dd,
  transparentBridging: 0x6558,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoeSession: 0x8864,
  erspan: 0x88be,
  erspan3: 0x22eb,
} as const;

/** 802.1Q, 802.1ad, and what was used before it. */
const isVlan = (etherType: number) => etherType === 0x8100 || etherType === 0x88a8 || etherType === 0x9100;

const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;
const PPP_MPLS = 0x0281;

/** The first layer of a frame, by the link type of its interface (https://www.tcpdump.org/linktypes.html). */
export function linkLayer(linkType: number, packet: Dissection): NextLayer {
  const { view, end, payloadAt: at } = packet;
  switch (linkType) {
    case linkTypes.ethernet:
      return 'ethernet';
    case linkTypes.linuxCooked:
      return end < at + 16 ? 'done' : byEtherType(view.getUint16(at + 14), packet, at + 16);
    case linkTypes.linuxCooked2:
      return end < at + 20 ? 'done' : byEtherType(view.getUint16(at), packet, at + 20);
    case linkTypes.null:
    case linkTypes.loop:
      // An address family, numbered differently by each system; the version of IP says as much.
      packet.payloadAt = at + 4;
      return 'internet';
    case linkTypes.ppp:
      return pointToPoint(packet, end >= at + 2 && view.getUint16(at) === 0xff03 ? at + 2 : at);
    case linkTypes.pppHdlc:
      return pointToPoint(packet, at + 2);
    case linkTypes.pppoe:
      return overEthernet(packet, at);
    case linkTypes.raw:
    case linkTypes.rawBsd:
    case linkTypes.rawOpenBsd:
    case linkTypes.ipv4:
    case linkTypes.ipv6:
      return 'internet';
    default:
      packet.kind = 'unknown-link-type';
      return 'done';
  }
}

export function ethernet(packet: Dissection): NextLayer {
  const at = packet.payloadAt + 12;
  if (at + 2 > packet.end) return 'done';
  return byEtherType(packet.view.getUint16(at), packet, at + 2);
}

/** What an EtherType says of the octets from `from` on. */
export function byEtherType(first: number, packet: Dissection, from: number): NextLayer {
  const { view, end } = packet;
  let etherType = first;
  let at = from;
  while (isVlan(etherType)) {
    if (at + 4 > end) return 'done';
    // Twelve bits each; of two tags both count.
    packet.tunnel = (packet.tunnel << 12) | (view.getUint16(at) & 0x0fff);
    packet.encapsulations.push('VLAN');
    etherType = view.getUint16(at + 2);
    at += 4;
  }
  // A length in place of a type: 802.2, where SNAP names the type (RFC 1042).
  if (etherType < 0x0600 && at + 8 <= end && view.getUint32(at) >>> 8 === 0xaaaa03) {
    etherType = view.getUint16(at + 6);
    at += 8;
  }
  packet.payloadAt = at;
  switch (etherType) {
    case etherTypes.ipv4:
    case etherTypes.ipv6:
      return 'internet';
    case etherTypes.mpls:
    case etherTypes.mplsMulticast:
      return 'mpls';
    case etherTypes.pppoeSession:
      return overEthernet(packet, at);
    default:
      packet.kind = 'not-ip';
      return 'done';
  }
}

/** PPPoE (RFC 2516 §4): six octets, then PPP without its own address and control. */
function overEthernet(packet: Dissection, at: number): NextLayer {
  if (at + 8 > packet.end) return 'done';
  packet.encapsulations.push('PPPoE');
  return pointToPoint(packet, at + 6);
}

function pointToPoint(packet: Dissection, at: number): NextLayer {
  if (at + 2 > packet.end) return 'done';
  // One octet where the field is compressed (RFC 1661 §6.5): its last bit is set.
  const isShort = (packet.view.getUint8(at) & 1) === 1;
  const protocol = isShort ? packet.view.getUint8(at) : packet.view.getUint16(at);
  packet.payloadAt = at + (isShort ? 1 : 2);
  if (protocol === PPP_IPV4 || protocol === PPP_IPV6) return 'internet';
  if (protocol === PPP_MPLS) return 'mpls';
  packet.kind = 'not-ip';
  return 'done';
}

/** Labels down to the bottom of the stack (RFC 3032 §2.1); what is below says itself whether it is IP or Ethernet. */
export function multiprotocolLabels(packet: Dissection): NextLayer {
  const { view, end } = packet;
  let at = packet.payloadAt;
  packet.encapsulations.push('MPLS');
  for (;;) {
    if (at + 4 > end) return 'done';
    const entry = view.getUint32(at);
    packet.tunnel = entry >>> 12;
    at += 4;
    if ((entry & 0x100) !== 0) break;
  }
  if (at >= end) return 'done';
  packet.payloadAt = at;
  const version = view.getUint8(at) >> 4;
  if (version === 4 || version === 6) return 'internet';
  // A pseudowire begins with a control word whose first four bits are zero (RFC 4385 §3), or has none (RFC 4448).
  if (version === 0 && looksLikeEthernet(packet, at + 4)) packet.payloadAt = at + 4;
  return 'ethernet';
}

/** Whether a frame of Ethernet that holds IP, or a VLAN, may stand there. */
export function looksLikeEthernet({ view, end }: Dissection, at: number): boolean {
  if (at + 14 > end) return false;
  const etherType = view.getUint16(at + 12);
  return etherType === etherTypes.ipv4 || etherType === etherTypes.ipv6 || isVlan(etherType);
}
