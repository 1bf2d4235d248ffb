import { type CapturedPacket, encapsulateUdp, linkTypes, type TransportAddress } from '@trustline/capture';
import { encodeALaw, serializeRtpPacket, TelephoneEventSender } from '@trustline/rtp';
import { createSrtpSender, type SrtpCryptoProvider } from '@trustline/srtp';

const FRAME = 160;

export interface LineOptions {
  readonly speech: Int16Array;
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  /** Pressed after the speech, as event numbers. */
  readonly digits: readonly number[];
  /** Absent: in the clear. */
  readonly srtp?: { readonly crypto: SrtpCryptoProvider; readonly key: Uint8Array; readonly salt: Uint8Array };
  /** Frames from this one on are sent in the clear, whatever `srtp` says. */
  readonly clearFrom?: number;
}

/** The datagrams of one direction of a call: speech, then digits, in A-law. */
export function datagramsOf({ speech, digits, srtp, clearFrom = Number.POSITIVE_INFINITY }: LineOptions): Uint8Array[] {
  const sender =
    srtp &&
    createSrtpSender({
      profile: 'AES_CM_128_HMAC_SHA1_80',
      crypto: srtp.crypto,
      masterKeys: [{ key: srtp.key, salt: srtp.salt }],
    });
  const events = new TelephoneEventSender({ clockRate: 8_000 });
  const datagrams: Uint8Array[] = [];
  const frames = Math.ceil(speech.length / FRAME) + (digits.length > 0 ? 25 * digits.length : 0);
  for (let index = 0; index < frames; index += 1) {
    if (index === Math.ceil(speech.length / FRAME)) for (const event of digits) events.enqueue({ event });
    const event = events.next(index * FRAME);
    const audio = new Uint8Array(FRAME);
    const frame = new Int16Array(FRAME);
    frame.set(speech.subarray(index * FRAME, (index + 1) * FRAME));
    encodeALaw(frame, audio);
    const packet = serializeRtpPacket({
      marker: event?.marker ?? index === 0,
      payloadType: event === undefined ? 8 : 101,
      sequenceNumber: 500 + index,
      timestamp: event?.timestamp ?? index * FRAME,
      ssrc: 0x1234,
      csrcs: [],
      extension: undefined,
      payload: event?.payload ?? audio,
      paddingLength: 0,
    });
    const out = new Uint8Array(packet.length + 32);
    const isProtected = sender !== undefined && index < clearFrom;
    datagrams.push(isProtected ? out.slice(0, sender.protect(packet, out)) : packet);
  }
  return datagrams;
}

/** The same as captured at one interface. */
export function capturedAt(name: string, datagrams: readonly Uint8Array[], options: LineOptions): CapturedPacket[] {
  return datagrams.map((payload, index) => {
    const data = encapsulateUdp({ source: options.source, destination: options.destination, payload });
    return {
      kind: 'packet',
      number: index + 1,
      interface: { linkType: linkTypes.ethernet, snapLength: 0, name },
      time: { microseconds: index * 20_000, nanoseconds: 0 },
      data,
      originalLength: data.length,
      direction: undefined,
      comment: undefined,
    };
  });
}
