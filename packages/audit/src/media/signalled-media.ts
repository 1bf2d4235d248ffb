import type { TransportAddress } from '@trustline/capture';
import type { MediaDescription } from '../model/leg.ts';
import type { DescribedMedia } from './key-book.ts';
import { namedCodec, type PayloadCodec } from './payload-codec.ts';

/** What signalling says of a stream, as far as it was read. */
export interface SignalledMedia {
  /** Nothing is to be encrypted, by all that both ends said last. */
  readonly isClear: boolean;
  /** Both ends that were heard said last that it is SRTP. */
  readonly isSecure: boolean;
  /** All suites that both ends named last encrypt nothing. */
  readonly isNullCipher: boolean;
  /** `RTP/AVP` */
  readonly profile: string;
  readonly codecs: ReadonlyMap<number, PayloadCodec>;
}

/** Descriptions that fit the stream, the latest first; undefined where there are none. */
export function signalledMedia(
  described: readonly DescribedMedia[],
  destination: TransportAddress,
): SignalledMedia | undefined {
  const leg = described[0]?.leg;
  if (leg === undefined) return undefined;
  const latest = latestOfEnds(described.filter((one) => one.leg === leg).map(({ description }) => description));
  const [first] = latest;
  if (first === undefined) return undefined;
  return {
    isClear: latest.every(isClear),
    isSecure: latest.every(isSecure),
    isNullCipher: latest.every(({ suites }) => suites.length > 0 && suites.every((suite) => /^NULL_/i.test(suite))),
    profile: first.profile,
    codecs: codecsOf(described, destination),
  };
}

function latestOfEnds(descriptions: readonly MediaDescription[]): readonly MediaDescription[] {
  return (['caller', 'called'] as const).flatMap((end) => descriptions.find((one) => one.end === end) ?? []);
}

function isClear({ profile, keying }: MediaDescription): boolean {
  return !isSecureProfile(profile) && keying.every((one) => one === 'none');
}

function isSecure({ profile, keying }: MediaDescription): boolean {
  // H.235.6 encrypts as no SRTP does.
  if (keying.includes('h235.6')) return false;
  return isSecureProfile(profile) || (keying.length > 0 && !keying.includes('none'));
}

function isSecureProfile(profile: string): boolean {
  return /SAVPF?$|DTLS/.test(profile.toUpperCase());
}

/** Who receives says what its payload types mean; where that was not read, the other end's are most likely the same. */
function codecsOf(
  described: readonly DescribedMedia[],
  { address, port }: TransportAddress,
): ReadonlyMap<number, PayloadCodec> {
  const codecs = new Map<number, PayloadCodec>();
  const receivesThere = ({ description: { receives } }: DescribedMedia) =>
    receives.port === port && receives.address === address;
  const ordered = [...described.filter(receivesThere), ...described.filter((one) => !receivesThere(one))];
  for (const { description } of ordered) {
    for (const { payloadType, name, clockRate } of description.codecs) {
      if (!codecs.has(payloadType)) codecs.set(payloadType, namedCodec(name, clockRate));
    }
  }
  return codecs;
}
