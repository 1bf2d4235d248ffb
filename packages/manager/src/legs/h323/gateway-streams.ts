/** What H.323 makes of a description, and what is said for a gateway: pure functions. */
import { Redacted } from '@trustline/base';
import {
  type Cause,
  isSameKey,
  type MediaDescription,
  type MediaFormat,
  type MediaKey,
  type MediaStream,
} from '@trustline/callcontrol';
import {
  type AudioFormat,
  type HostPort,
  type MediaAddress,
  octetsOfAddress,
  type SrtpMasterKey,
  type SrtpSuite,
} from '@trustline/h323';
import { sdesSuites } from '@trustline/keying';
import { digitsOf, packetTimeOf } from '../sccp/audio-formats.ts';

interface KnownFormat {
  readonly name: AudioFormat['name'];
  readonly encoding: string;
  readonly payloadType: number;
  /** Milliseconds of a frame (H.245 §B.2.2.6). */
  readonly frame: number;
}

/** H.245's names beside those of RFC 3551; the first name of an encoding is the one that is said for it. */
const known: readonly KnownFormat[] = [
  { name: 'g711Ulaw64k', encoding: 'PCMU', payloadType: 0, frame: 1 },
  { name: 'g711Alaw64k', encoding: 'PCMA', payloadType: 8, frame: 1 },
  { name: 'g722-64k', encoding: 'G722', payloadType: 9, frame: 1 },
  { name: 'g729', encoding: 'G729', payloadType: 18, frame: 10 },
  { name: 'g729AnnexA', encoding: 'G729', payloadType: 18, frame: 10 },
];

const CLOCK_RATE = 8_000;
const KEY_LENGTH = 16;

/** The one audio stream that a gateway has, as the other end described it. */
export interface ChosenStream {
  /** Its place in the description. */
  readonly at: number;
  readonly stream: MediaStream;
  /** Where the other end receives; undefined where the relay does, at our own address. */
  readonly address: string | undefined;
  readonly formats: readonly AudioFormat[];
  /** The keys that the other end may send with, by suite; none for RTP. */
  readonly keys: ReadonlyMap<SrtpSuite, MediaKey>;
  /** The payload type of digits towards the other end. */
  readonly digits: number | undefined;
}

/** What a gateway can have of a description. */
export interface GatewayMediaLimits {
  readonly codecs: readonly AudioFormat['name'][];
  readonly suites: readonly SrtpSuite[];
}

/** Chooses the first stream that a gateway can have; which security it is to have, call control has decided. */
export function chooseStream(
  description: MediaDescription,
  { codecs, suites }: GatewayMediaLimits,
): ChosenStream | { readonly fault: Cause } {
  let fault: Cause = 'incompatible-destination';
  for (const [at, stream] of description.streams.entries()) {
    if (stream.type !== 'audio' || stream.port === 0) continue;
    const address = stream.address === '' ? undefined : stream.address;
    if (address !== undefined && octetsOfAddress({ address, port: stream.port }) === undefined) continue;
    const formats = formatsOf(stream, codecs);
    if (formats.length === 0) continue;
    const isSecure = stream.keys.length > 0 || stream.transport === 'RTP/SAVP';
    const keys = isSecure ? usableKeys(stream.keys, suites) : new Map<SrtpSuite, MediaKey>();
    if (isSecure ? keys.size === 0 : stream.transport !== 'RTP/AVP') {
      fault = 'not-acceptable-here';
      continue;
    }
    return { at, stream, address, formats, keys, digits: digitsOf(stream) };
  }
  return { fault };
}

/** The formats of a stream that H.245 has a name for and the gateway may use, in the order of the stream. */
function formatsOf(stream: MediaStream, codecs: readonly AudioFormat['name'][]): readonly AudioFormat[] {
  const milliseconds = packetTimeOf(stream);
  return stream.formats.flatMap(({ encoding, payloadType }) => {
    // Without SRTP and without fast start nothing tells a gateway another payload type than the static one.
    const named = known.filter(
      (one) =>
        one.payloadType === payloadType && (encoding === '' || one.encoding.toLowerCase() === encoding.toLowerCase()),
    );
    return named
      .filter(({ name }) => codecs.includes(name))
      .map(({ name, frame }) => ({ name, frames: Math.max(1, Math.round(milliseconds / frame)) }));
  });
}

/** One master key, without what H.235.8 has no words for: MKI, lifetime, key derivation rate. */
function usableKeys(keys: readonly MediaKey[], suites: readonly SrtpSuite[]): ReadonlyMap<SrtpSuite, MediaKey> {
  const usable = new Map<SrtpSuite, MediaKey>();
  for (const key of keys) {
    const suite = suites.find((name) => name === key.suite?.name);
    const isPlain = key.keys.length === 1 && key.keys[0]?.mki === undefined && key.sessionParameters.length === 0;
    if (suite !== undefined && isPlain && !usable.has(suite)) usable.set(suite, key);
  }
  return usable;
}

/** All formats of a gateway, for a call in which nobody has offered yet: 20 ms in a packet. */
export function allFormats(codecs: readonly AudioFormat['name'][]): readonly AudioFormat[] {
  return codecs.flatMap((name) => {
    const format = known.find((one) => one.name === name);
    return format === undefined ? [] : [{ name, frames: 20 / format.frame }];
  });
}

/** The static payload type of a format (RFC 3551 §6). */
export function payloadTypeOf({ name }: AudioFormat): number {
  return known.find((one) => one.name === name)?.payloadType ?? 0;
}

/** A key of call control as H.235.8 has it. */
export function h235Key(key: MediaKey): SrtpMasterKey {
  const octets = key.keys[0].material.reveal();
  return {
    key: new Redacted(octets.slice(0, KEY_LENGTH)),
    salt: new Redacted(octets.slice(KEY_LENGTH)),
  };
}

/** A key of H.235.8 as call control has it. */
export function mediaKey({ key, salt }: SrtpMasterKey, suiteName: SrtpSuite, tag: number): MediaKey {
  const material = new Redacted(Uint8Array.of(...key.reveal(), ...salt.reveal()));
  const keys = [{ material, lifetime: undefined, mki: undefined }] as const;
  return { kind: 'crypto', tag, suiteName, suite: sdesSuites[suiteName], keys, sessionParameters: [] };
}

/** What a gateway has of its media. */
export interface GatewayStream {
  /** Where it receives. */
  readonly at: HostPort;
  readonly format: AudioFormat;
  /** In which it receives that. */
  readonly payloadType: number;
  readonly digits: number | undefined;
  /** What it sends with, and under which suite; undefined for RTP. */
  readonly key: { readonly suite: SrtpSuite; readonly key: SrtpMasterKey } | undefined;
  /** What it receives with, where the key of the receiver protects. */
  readonly receivesWith?: { readonly suite: SrtpSuite; readonly key: SrtpMasterKey };
  /** Perhaps it sends with that and receives with `key`. */
  readonly mayBeSwapped: boolean;
  readonly receives: boolean;
  readonly sends: boolean;
}

/** An answer for a gateway: the one stream, with the one key; all others refused. */
export function answerTo(offer: MediaDescription, chosen: ChosenStream, own: GatewayStream): MediaDescription {
  const streams = offer.streams.map((stream, at): MediaStream => {
    if (at !== chosen.at) return { ...stream, port: 0, keys: [], direction: 'inactive', attributes: [] };
    const { key } = own;
    const tag = key === undefined ? 1 : (chosen.keys.get(key.suite)?.tag ?? 1);
    return {
      ...streamOf(own, tag),
      transport: stream.transport,
      direction: directionOf(
        own.sends && (stream.direction === 'sendrecv' || stream.direction === 'recvonly'),
        own.receives && (stream.direction === 'sendrecv' || stream.direction === 'sendonly'),
      ),
    };
  });
  return { streams, attributes: [] };
}

/** An offer of what a gateway has. */
export function offerOf(own: GatewayStream): MediaDescription {
  return { streams: [streamOf(own, 1)], attributes: [] };
}

function streamOf(own: GatewayStream, tag: number): MediaStream {
  const { at, format, payloadType, digits, key, receivesWith, mayBeSwapped, receives, sends } = own;
  const named = known.find(({ name }) => name === format.name);
  const formats: MediaFormat[] = [
    { payloadType, encoding: named?.encoding ?? '', clockRate: CLOCK_RATE, channels: 1 },
    ...(digits === undefined
      ? []
      : [{ payloadType: digits, encoding: 'telephone-event', clockRate: CLOCK_RATE, channels: 1, parameters: '0-15' }]),
  ];
  return {
    type: 'audio',
    ...at,
    transport: key === undefined ? 'RTP/AVP' : 'RTP/SAVP',
    direction: directionOf(sends, receives),
    formats,
    keys: key === undefined ? [] : [mediaKey(key.key, key.suite, tag)],
    ...(receivesWith === undefined ? {} : { receivesWith: mediaKey(receivesWith.key, receivesWith.suite, tag) }),
    ...(receivesWith !== undefined && mayBeSwapped ? { mayBeSwapped } : {}),
    attributes: [{ name: 'ptime', value: String(format.frames * (named?.frame ?? 1)) }],
  };
}

function directionOf(sends: boolean, receives: boolean): MediaStream['direction'] {
  if (sends) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}

/** Whether the other end sends with the same keys. */
export function haveSameKeys(one: ChosenStream, other: ChosenStream): boolean {
  if (one.keys.size !== other.keys.size) return false;
  return [...one.keys].every(([suite, key]) => {
    const same = other.keys.get(suite);
    return same !== undefined && isSameKey(key, same);
  });
}

/** An address of the other end as H.245 writes it. */
export function receivesAt({ address, stream }: ChosenStream, ownAddress: string): MediaAddress | undefined {
  return octetsOfAddress({ address: address ?? ownAddress, port: stream.port });
}
