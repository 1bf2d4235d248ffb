/** What a Skinny phone makes of a description, and what is said for it: pure functions. */
import {
  type Cause,
  isSameKey as isSameMediaKey,
  type MediaDescription,
  type MediaKey,
  type MediaStream,
  readNetwork,
} from '@trustline/callcontrol';
import { generateMasterKey, keyFingerprint, type SdesSuiteName, sdesSuites } from '@trustline/keying';
import { type AudioFormat, commonFormat, describeFormats, digitsOf, packetTimeOf } from './audio-formats.ts';

/** What one phone can do. */
export interface PhoneMedia {
  /** In its order of preference; one at least. */
  readonly formats: readonly AudioFormat[];
  /** It can be told IPv6 addresses. */
  readonly takesIpv6: boolean;
  /** It takes and sends digits in its media (RFC 4733). */
  readonly telephoneEvents: boolean;
  /** SRTP suites, preferred first; none where it may have no keys. */
  readonly suites: readonly SdesSuiteName[];
}

/** The one audio stream that a phone has, as the other end described it. */
export interface ChosenStream {
  /** Its place in the description. */
  readonly at: number;
  readonly stream: MediaStream;
  readonly format: AudioFormat;
  readonly packetTime: number;
  /** The payload type of digits towards the other end. */
  readonly digits: number | undefined;
  /** What the other end sends with; undefined for RTP. */
  readonly key: MediaKey | undefined;
}

/** Where a phone receives. */
export interface MediaAddress {
  readonly address: string;
  readonly port: number;
}

/** Chooses the first stream that the phone can have; which security it is to have, call control has decided. */
export function chooseStream(
  description: MediaDescription,
  phone: PhoneMedia,
): ChosenStream | { readonly fault: Cause } {
  let fault: Cause = 'incompatible-destination';
  for (const [at, stream] of description.streams.entries()) {
    if (stream.type !== 'audio' || stream.port === 0 || !isCarried(stream.address, phone)) continue;
    const format = commonFormat(stream, phone.formats);
    if (format === undefined) continue;
    const isSecure = stream.keys.length > 0 || stream.transport === 'RTP/SAVP';
    const key = isSecure ? usableKey(stream, phone) : undefined;
    if (isSecure ? key === undefined : stream.transport !== 'RTP/AVP') {
      fault = 'not-acceptable-here';
      continue;
    }
    const digits = phone.telephoneEvents ? digitsOf(stream) : undefined;
    return { at, stream, format, packetTime: packetTimeOf(stream), digits, key };
  }
  return { fault };
}

/** Skinny has addresses and no names. The relay says none where it is at the address of the signalling. */
function isCarried(address: string, { takesIpv6 }: PhoneMedia): boolean {
  if (address === '') return true;
  return !address.includes('/') && readNetwork(address) !== undefined && (takesIpv6 || !address.includes(':'));
}

/** A key that fits the slots of Skinny's messages: one master key, without MKI or key derivation rate. */
function usableKey({ keys }: MediaStream, { suites }: PhoneMedia): MediaKey | undefined {
  return keys.find(
    (key) =>
      key.suite !== undefined &&
      suites.includes(key.suite.name) &&
      key.keys.length === 1 &&
      key.keys[0]?.mki === undefined &&
      key.sessionParameters.length === 0,
  );
}

/** An answer: the one stream, with the one key; all others refused. */
export function answerTo(
  offer: MediaDescription,
  chosen: ChosenStream,
  own: MediaAddress,
  key: MediaKey | undefined,
  holds: boolean,
): MediaDescription {
  const streams = offer.streams.map((stream, at): MediaStream => {
    if (at !== chosen.at) {
      return { ...stream, port: 0, keys: [], direction: 'inactive', attributes: [] };
    }
    return {
      type: 'audio',
      ...own,
      transport: stream.transport,
      direction: holds ? 'inactive' : mirrored[stream.direction],
      formats: describeFormats([chosen.format], chosen.digits),
      keys: key === undefined || chosen.key === undefined ? [] : [{ ...key, tag: chosen.key.tag }],
      attributes: [{ name: 'ptime', value: String(chosen.packetTime) }],
    };
  });
  return { streams, attributes: [] };
}

const mirrored = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' } as const;

/** An offer of all that the phone can do. */
export function offerOf(
  phone: PhoneMedia,
  own: MediaAddress,
  keys: readonly MediaKey[],
  direction: 'sendrecv' | 'inactive',
  digits: number,
): MediaDescription {
  const stream: MediaStream = {
    type: 'audio',
    ...own,
    transport: keys.length > 0 ? 'RTP/SAVP' : 'RTP/AVP',
    direction,
    formats: describeFormats(phone.formats, phone.telephoneEvents ? digits : undefined),
    keys,
    attributes: [{ name: 'ptime', value: '20' }],
  };
  return { streams: [stream], attributes: [] };
}

/** A fresh master key and salt, to send with under a suite. */
export function freshKey(random: (length: number) => Uint8Array, suiteName: SdesSuiteName, tag: number): MediaKey {
  return {
    kind: 'crypto',
    tag,
    suiteName,
    suite: sdesSuites[suiteName],
    keys: [{ material: generateMasterKey(random, suiteName), lifetime: undefined, mki: undefined }],
    sessionParameters: [],
  };
}

/** True when what flows under the two is the same, or neither has a key. */
export function isSameKey(one: MediaKey | undefined, other: MediaKey | undefined): boolean {
  return one === undefined || other === undefined ? one === other : isSameMediaKey(one, other);
}

/** A name of a key's one master key. */
export function fingerprintOf({ keys: [key] }: MediaKey): string | undefined {
  return key && keyFingerprint(key.material);
}
