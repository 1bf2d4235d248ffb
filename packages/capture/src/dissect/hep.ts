import type { Dissection } from './dissection.ts';
import type { NextLayer } from './link-layer.ts';

const chunk = {
  protocol: 2,
  sourceVersion4: 3,
  destinationVersion4: 4,
  sourceVersion6: 5,
  destinationVersion6: 6,
  sourcePort: 7,
  destinationPort: 8,
  payload: 15,
} as const;

/**
 * HEP version 3, by which capture agents send what they saw to a collector: chunks of vendor(2), type(2), length(2) and value,
 * with the addresses and ports of the packet, and what it held. Vendor 0 has types that all know.
 */
export function homerEncapsulation(packet: Dissection): NextLayer {
  const { view, end } = packet;
  let at = packet.payloadAt + 6;
  packet.encapsulations.push('HEP');
  packet.kind = 'cut';
  let [payloadAt, payloadEnd, addresses] = [0, 0, 0];
  while (at + 6 <= end) {
    const length = view.getUint16(at + 4);
    if (length < 6 || at + length > end) return 'done';
    const [value, valueLength] = [at + 6, length - 6];
    if (view.getUint16(at) === 0) {
      switch (view.getUint16(at + 2)) {
        case chunk.protocol:
          if (valueLength === 1) packet.protocol = view.getUint8(value);
          break;
        case chunk.sourceVersion4:
        case chunk.sourceVersion6:
          packet.sourceAt = value;
          packet.addressLength = valueLength;
          addresses++;
          break;
        case chunk.destinationVersion4:
        case chunk.destinationVersion6:
          packet.destinationAt = value;
          if (valueLength === packet.addressLength) addresses++;
          break;
        case chunk.sourcePort:
          if (valueLength === 2) packet.sourcePort = view.getUint16(value);
          break;
        case chunk.destinationPort:
          if (valueLength === 2) packet.destinationPort = view.getUint16(value);
          break;
        case chunk.payload:
          [payloadAt, payloadEnd] = [value, value + valueLength];
      }
    }
    at += length;
  }
  const isAddress = packet.addressLength === 4 || packet.addressLength === 16;
  if (payloadAt === 0 || addresses !== 2 || !isAddress) return 'done';
  packet.payloadAt = payloadAt;
  packet.end = payloadEnd;
  // What came by a stream comes whole, message by message, without sequence numbers: it is as if it came in a datagram.
  packet.kind = 'udp';
  return 'done';
}
