import { parseRtpPacket, RtpHeaderView, serializeRtpPacket } from '../src/index.ts';

/** A plain packet, and one with CSRC, extension and padding. */
export function corpus(): Uint8Array[] {
  const plain = {
    marker: true,
    payloadType: 8,
    sequenceNumber: 65_535,
    timestamp: 0xffff_ff00,
    ssrc: 0xcafe_babe,
    csrcs: [],
    extension: undefined,
    payload: new Uint8Array(160).fill(0xd5),
    paddingLength: 0,
  };
  const extension = { profile: 0xbede, data: Uint8Array.of(0x10, 1, 0, 0) };
  return [plain, { ...plain, csrcs: [1, 2], extension, paddingLength: 4 }].map(serializeRtpPacket);
}

/** Parser and view agree on every input, and what is read is written as it was, padding octets aside. */
export function fuzz(data: Uint8Array): void {
  const view = new RtpHeaderView();
  const rejection = view.read(data);
  const packet = parseRtpPacket(data);
  if (typeof packet === 'string') {
    if (packet !== rejection) throw new Error(`the parser says ${packet}, the view ${rejection}`);
    return;
  }
  if (rejection !== undefined || packet.payload.byteLength !== view.payloadLength) throw new Error('the two disagree');
  const written = serializeRtpPacket(packet);
  const compared = data.byteLength - Math.max(0, packet.paddingLength - 1) - (packet.paddingLength > 0 ? 1 : 0);
  if (written.byteLength !== data.byteLength) throw new Error('the length changed');
  for (let i = 0; i < compared; i++) if (written[i] !== data[i]) throw new Error(`octet ${i} changed`);
}
