/** What stands in the clear of an RTP packet, whether its payload is encrypted or not (RFC 3550 §5.1, RFC 3711 §3.1). */
export class PacketHeader {
  payloadType = 0;
  marker = false;
  sequenceNumber = 0;
  timestamp = 0;
  ssrc = 0;
  /** Where the payload begins, behind contributing sources and extension. */
  payloadAt = 0;
  /** Its last octet counts padding, if it is not encrypted. */
  isPadded = false;

  /** Reads it; false where the datagram can be neither RTP nor SRTP. Allocates nothing. */
  read(octets: Uint8Array): boolean {
    const length = octets.byteLength;
    if (length < FIXED) return false;
    const first = octets[0] as number;
    if (first >> 6 !== 2) return false;
    let at = FIXED + 4 * (first & 0x0f);
    if ((first & 0x10) !== 0) {
      if (at + 4 > length) return false;
      at += 4 + 4 * (((octets[at + 2] as number) << 8) | (octets[at + 3] as number));
    }
    if (at > length) return false;
    const second = octets[1] as number;
    this.marker = second >= 0x80;
    this.payloadType = second & 0x7f;
    this.sequenceNumber = ((octets[2] as number) << 8) | (octets[3] as number);
    this.timestamp = word(octets, 4);
    this.ssrc = word(octets, 8);
    this.payloadAt = at;
    this.isPadded = (first & 0x20) !== 0;
    return true;
  }

  /** Where the payload of a packet in the clear ends. */
  payloadEnd(octets: Uint8Array, length: number): number {
    if (!this.isPadded || length === 0) return length;
    const padding = octets[length - 1] as number;
    return padding === 0 || this.payloadAt + padding > length ? length : length - padding;
  }
}

const FIXED = 12;

function word(octets: Uint8Array, at: number): number {
  return (
    (((octets[at] as number) << 24) |
      ((octets[at + 1] as number) << 16) |
      ((octets[at + 2] as number) << 8) |
      (octets[at + 3] as number)) >>>
    0
  );
}
