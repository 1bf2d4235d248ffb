import { addressOctets, type CapturedPacket, linkTypes, type TransportAddress } from '@trustline/capture';

export const flags = { fin: 1, syn: 2, reset: 4, acknowledge: 16 } as const;

export interface Segment {
  readonly from: TransportAddress;
  readonly to: TransportAddress;
  readonly sequence: number;
  readonly acknowledgement?: number;
  readonly flags?: number;
  readonly text?: string;
  /** Instead of a text. */
  readonly octets?: Uint8Array;
}

/** Raw IPv4 with TCP; its checksums are wrong, as those of captures often are. */
export function tcpPacket({
  from,
  to,
  sequence,
  acknowledgement,
  flags: given = 0,
  text = '',
  octets,
}: Segment): Uint8Array {
  const payload = octets ?? new TextEncoder().encode(text);
  const packet = new Uint8Array(40 + payload.byteLength);
  const view = new DataView(packet.buffer);
  packet[0] = 0x45;
  view.setUint16(2, packet.byteLength);
  packet[9] = 6;
  packet.set(addressOctets(from.address), 12);
  packet.set(addressOctets(to.address), 16);
  view.setUint16(20, from.port);
  view.setUint16(22, to.port);
  view.setUint32(24, sequence);
  view.setUint32(28, acknowledgement ?? 0);
  packet[32] = 0x50;
  packet[33] = given | (acknowledgement === undefined ? 0 : flags.acknowledge);
  packet.set(payload, 40);
  return packet;
}

/** Packets of one interface, a millisecond apart. */
export function captured(packets: readonly Uint8Array[], linkType: number = linkTypes.raw): readonly CapturedPacket[] {
  const shown = { linkType, snapLength: 0, name: undefined };
  return packets.map((data, at) => ({
    kind: 'packet',
    number: at + 1,
    interface: shown,
    time: { microseconds: 1_000 * at, nanoseconds: 0 },
    data,
    originalLength: data.byteLength,
    direction: undefined,
    comment: undefined,
  }));
}
