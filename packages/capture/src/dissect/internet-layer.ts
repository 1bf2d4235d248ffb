import type { Dissection } from './dissection.ts';
import type { NextLayer } from './link-layer.ts';

const MAXIMUM_EXTENSION_HEADERS = 8;

export function internetLayer(packet: Dissection): NextLayer {
  if (packet.payloadAt >= packet.end) return 'done';
  const version = packet.view.getUint8(packet.payloadAt) >> 4;
  if (version === 4) return version4(packet);
  if (version === 6) return version6(packet);
  packet.kind = 'not-ip';
  return 'done';
}

/** RFC 791 §3.1. */
function version4(packet: Dissection): NextLayer {
  const { view, payloadAt: at } = packet;
  const kept = packet.end - at;
  if (kept < 20) return 'done';
  const headerLength = (view.getUint8(at) & 0x0f) * 4;
  // Zero where the network card was to fill it in: then all there is.
  const totalLength = view.getUint16(at + 2) || kept;
  if (headerLength < 20 || totalLength < headerLength || kept < headerLength) return 'done';
  packet.addressLength = 4;
  packet.sourceAt = at + 12;
  packet.destinationAt = at + 16;
  packet.protocol = view.getUint8(at + 9);
  packet.payloadAt = at + headerLength;
  endsAt(packet, at + totalLength);
  const fragment = view.getUint16(at + 6);
  if ((fragment & 0x3fff) === 0) return 'transport';
  packet.fragmentIdentification = view.getUint16(at + 4);
  return fragmentOf(packet, (fragment & 0x1fff) * 8, (fragment & 0x2000) !== 0);
}

/** RFC 8200 §3, §4. */
function version6(packet: Dissection): NextLayer {
  const { view, payloadAt: start } = packet;
  if (packet.end - start < 40) return 'done';
  packet.addressLength = 16;
  packet.sourceAt = start + 8;
  packet.destinationAt = start + 24;
  endsAt(packet, start + 40 + view.getUint16(start + 4));
  packet.protocol = view.getUint8(start + 6);
  packet.payloadAt = start + 40;
  for (let headers = 0; headers <= MAXIMUM_EXTENSION_HEADERS; headers++) {
    const at = packet.payloadAt;
    const { protocol } = packet;
    if (protocol === 44) {
      if (at + 8 > packet.end) return 'done';
      packet.protocol = view.getUint8(at);
      packet.payloadAt = at + 8;
      const fragment = view.getUint16(at + 2);
      if ((fragment & 0xfff9) === 0) continue; // an atomic fragment (RFC 6946): the whole packet
      packet.fragmentIdentification = view.getUint32(at + 4);
      return fragmentOf(packet, fragment & 0xfff8, (fragment & 1) !== 0);
    }
    // Hop-by-hop options, routing, destination options, and the authentication header, which counts in smaller units.
    if (protocol !== 0 && protocol !== 43 && protocol !== 60 && protocol !== 51) return 'transport';
    if (at + 8 > packet.end) return 'done';
    if (protocol === 51) packet.encapsulations.push('authentication header');
    packet.protocol = view.getUint8(at);
    packet.payloadAt = at + 8 + (protocol === 51 ? 4 : 8) * view.getUint8(at + 1);
    if (packet.payloadAt > packet.end) return 'done';
  }
  return 'done';
}

/** Frames are padded, and captures cut them. */
function endsAt(packet: Dissection, end: number): void {
  if (end > packet.end) packet.isCut = true;
  else packet.end = end;
}

function fragmentOf(packet: Dissection, offset: number, moreFragments: boolean): NextLayer {
  packet.kind = 'fragment';
  packet.fragmentOffset = offset;
  packet.moreFragments = moreFragments;
  return 'done';
}
