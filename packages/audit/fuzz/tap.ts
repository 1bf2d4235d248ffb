import { type CapturedPacket, encapsulateUdp, linkTypes } from '@trustline/capture';
import { nodeCrypto } from '@trustline/srtp/node';
import { Tap } from '../src/tap/tap.ts';

const PACKETS = 12;
const source = { address: '192.0.2.1', port: 40_000 };
const key = {
  profile: 'AES_CM_128_HMAC_SHA1_80',
  masterKey: new Uint8Array(16),
  masterSalt: new Uint8Array(14),
} as const;

/** Cuts the octets into datagrams that pass for RTP of one flow: whatever they then hold is heard without harm. */
export function fuzz(data: Uint8Array): void {
  const tap = new Tap({ keys: [key], crypto: nodeCrypto });
  const length = Math.ceil(data.byteLength / PACKETS);
  for (let index = 0; index < PACKETS; index++) {
    const payload = Uint8Array.of(
      0x80,
      0,
      0,
      index,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      1,
      ...data.subarray(index * length).subarray(0, length),
    );
    // The octets choose version, flags, payload type and timestamp; SSRC and order make it a flow.
    for (let at = 0; at < 8 && at + 12 < payload.length; at++) {
      if (at !== 2 && at !== 3) payload[at] = (payload[at] ?? 0) ^ (payload[at + 12] ?? 0);
    }
    const frame = encapsulateUdp({ source, destination: source, payload });
    tap.handle(packet(index, frame));
  }
  for (const flow of tap.heard()) {
    if (flow.packets > PACKETS || flow.opened.kind === 'with-key') throw new Error('more was heard than was there');
  }
}

function packet(index: number, data: Uint8Array): CapturedPacket {
  return {
    kind: 'packet',
    number: index + 1,
    interface: { linkType: linkTypes.ethernet, snapLength: 0, name: undefined },
    time: { microseconds: index, nanoseconds: 0 },
    data,
    originalLength: data.byteLength,
    direction: undefined,
    comment: undefined,
  };
}
