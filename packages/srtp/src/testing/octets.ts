/** Octets of a hexadecimal text. */
export function octets(hexadecimal: string): Uint8Array {
  return Uint8Array.from(hexadecimal.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** A plain RTP packet whose payload tells its sequence number. */
export function rtpPacket(ssrc: number, sequenceNumber: number, payloadLength = 20): Uint8Array {
  const packet = new Uint8Array(12 + payloadLength);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x80);
  view.setUint16(2, sequenceNumber & 0xffff);
  view.setUint32(4, sequenceNumber * 160);
  view.setUint32(8, ssrc);
  for (let i = 12; i < packet.length; i++) packet[i] = sequenceNumber + i;
  return packet;
}

/** An empty receiver report. */
export function rtcpPacket(ssrc: number): Uint8Array {
  const packet = octets('80c9000100000000');
  new DataView(packet.buffer).setUint32(4, ssrc);
  return packet;
}

export const masterKey = {
  key: octets('e1f97a0d3e018be0d64fa32c06de4139'),
  salt: octets('0ec675ad498afeebb6960b3aabe6'),
};
