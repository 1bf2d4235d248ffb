import { nodeCrypto } from '@trustline/srtp/node';
import { MediaStreams } from '../src/media/media-streams.ts';
import { datagramsOf, encodings, flowOf, keyOf, senderOf, speech, srtcp } from '../src/media/streams.fixture.ts';
import { Observations } from '../src/model/observations.ts';

const MOST_HELD = 20_000;
const HEADER = 12;
const key = keyOf('AES_CM_128_HMAC_SHA1_80');
const codecs = [
  { payloadType: 101, name: 'telephone-event', clockRate: 8_000 },
  { payloadType: 102, name: 'L16', clockRate: 16_000 },
  { payloadType: 103, name: 'iLBC', clockRate: 8_000 },
];

/** Datagrams one after the other, each with its length before it. */
export function corpus(): Uint8Array[] {
  const payloads = encodings.pcmu(speech).slice(0, 20);
  const sent = [
    datagramsOf({ payloads }),
    datagramsOf({ payloads, sender: senderOf(key) }),
    [
      ...datagramsOf({ payloads: payloads.slice(0, 8), payloadType: 101 }),
      ...srtcp(3, senderOf(key)),
      ...srtcp(2, undefined),
    ],
  ];
  return sent.map((datagrams) => Uint8Array.from(datagrams.flatMap((one) => [one.byteLength, ...one])));
}

/** Cuts the octets into datagrams of one flow, most of which pass for RTP of one stream, with a key and codecs in the midst of them. */
export function fuzz(data: Uint8Array): void {
  const observations = new Observations();
  const media = new MediaStreams({ observations, crypto: nodeCrypto, limits: { streams: 8, heldOctets: MOST_HELD } });
  const watch = media.watch(flowOf());
  let number = 0;
  for (let at = 0; at < data.byteLength; number++) {
    const length = data[at] ?? 0;
    const datagram = data.slice(at + 1, at + 1 + length);
    if (datagram.byteLength >= HEADER && (length & 3) !== 0) {
      datagram.set([0x80 | ((datagram[0] ?? 0) & 0x3f)], 0);
      datagram.set([number >> 8, number], 2);
      datagram.set([0, 0, 0, 1], 8);
    }
    at += 1 + length;
    const place = { number: number + 1, microseconds: 20_000 * number };
    watch.datagram(datagram, place, (length & 0x41) === 0x41);
    if (number !== 8) continue;
    const leg = observations.leg('sip', 'a call', place);
    if (leg === undefined) continue;
    const { destination: receives } = flowOf();
    const said = { place, end: 'called', kind: 'audio', receives, profile: 'RTP/SAVP', direction: 'sendrecv' } as const;
    observations.describe(leg, { ...said, codecs, keying: ['sdes'], keys: [key], suites: [] });
  }
  for (const { packets, clearPackets, openedPackets, closedPackets, digits } of media.streams()) {
    if (clearPackets + openedPackets + closedPackets > packets) throw new Error('more was heard than was there');
    if (digits.some((one) => one.digits.length > packets)) throw new Error('more digits than packets');
  }
  media.close();
}
