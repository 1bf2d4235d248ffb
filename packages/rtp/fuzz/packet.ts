import { parseRtpPacket, RtpHeaderView, serializeRtpPacket } from '../src/index.ts';

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
