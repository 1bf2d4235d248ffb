import type { UsableCrypto } from '@trustline/keying';
import type { PlayoutPayload } from '@trustline/rtp';
import {
  attributeValues,
  type MediaDescription,
  type MediaDirection,
  mediaConnection,
  mediaDirection,
  type RtpMap,
  rtcpAddress,
  rtpMaps,
  type SessionDescription,
  type SipHostPort,
} from '@trustline/sip';
import type { AgreedMedia } from './call-media.ts';
import { COMFORT_NOISE_PAYLOAD_TYPE } from './codecs.ts';
import { directionKeys } from './own-keys.ts';

const LAST_PORT = 65_535;

/** The crypto lines of both directions, or `clear`, said. */
export type StreamKeys = 'clear' | { readonly send: UsableCrypto; readonly receive: UsableCrypto };

/** What the far end says of the stream. */
export interface Farside {
  readonly rtp: SipHostPort;
  readonly rtcp: SipHostPort;
  readonly direction: MediaDirection;
  readonly maps: readonly RtpMap[];
  /** Equal for descriptions that say the same. Holds keys: never shown. */
  readonly fingerprint: string;
}

export function farsideOf(session: SessionDescription, media: MediaDescription): Farside {
  const host = addressOf(mediaConnection(session, media)?.address);
  const rtcp = rtcpAddress(session, media);
  // RFC 3264 §8.4: an address of zeros is the hold of RFC 2543.
  const direction = host === '0.0.0.0' ? 'inactive' : mediaDirection(session, media);
  const keys = attributeValues(media.attributes, 'crypto').map((line) => line.split(/\s+/).slice(1).join(' '));
  return {
    rtp: { host, port: media.port },
    rtcp: { host: addressOf(rtcp.connection?.address), port: Math.min(rtcp.port, LAST_PORT) },
    direction,
    maps: rtpMaps(media),
    fingerprint: [host, media.port, media.protocol, direction, media.formats.join(), ...keys].join(' '),
  };
}

export interface AgreedAudioInput {
  /** Our own description of the stream: its numbers are what comes in. */
  readonly own: MediaDescription;
  readonly farside: Farside;
  readonly sends: boolean;
  readonly receives: boolean;
  readonly keys: StreamKeys;
}

/** What both descriptions together mean for the stream; undefined where no codec is in both, or a name for an address. */
export function agreedAudio({ own, farside, sends, receives, keys }: AgreedAudioInput): AgreedMedia | undefined {
  const ownMaps = rtpMaps(own);
  const codec = farside.maps.find((map) => nameOf(map) !== undefined && ownMaps.some(sameAs(map)));
  const name = codec === undefined ? undefined : nameOf(codec);
  if (codec === undefined || name === undefined) return undefined;
  // A name would be looked up by whoever sends, for every packet, at the far end's bidding.
  if (!isAddress(farside.rtp.host) || !isAddress(farside.rtcp.host)) return undefined;
  const payloadTypes = new Map<number, PlayoutPayload>([[COMFORT_NOISE_PAYLOAD_TYPE, 'comfort-noise']]);
  for (const map of ownMaps) {
    const known = nameOf(map);
    if (known !== undefined) payloadTypes.set(map.payloadType, known);
  }
  const received = ownMaps.find(isTelephoneEvent)?.payloadType;
  return {
    rtp: farside.rtp,
    rtcp: farside.rtcp,
    agreement: {
      codec: name,
      payloadType: codec.payloadType,
      telephoneEvents: {
        send: received === undefined ? undefined : farside.maps.find(isTelephoneEvent)?.payloadType,
        receive: received,
      },
      payloadTypes,
      sends,
      receives,
      protection: keys === 'clear' ? 'clear' : { send: directionKeys(keys.send), receive: directionKeys(keys.receive) },
    },
  };
}

export function isSending(direction: MediaDirection): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

export function isReceiving(direction: MediaDirection): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

function nameOf({ encoding, clockRate, channels }: RtpMap): 'PCMA' | 'PCMU' | undefined {
  if (clockRate !== 8_000 || channels !== 1) return undefined;
  const name = encoding.toUpperCase();
  return name === 'PCMA' || name === 'PCMU' ? name : undefined;
}

function isTelephoneEvent({ encoding, clockRate }: RtpMap): boolean {
  return encoding.toLowerCase() === 'telephone-event' && clockRate === 8_000;
}

function sameAs(map: RtpMap): (other: RtpMap) => boolean {
  return (other) => nameOf(other) === nameOf(map);
}

/** Without the TTL of a multicast address, which no phone has. */
function addressOf(connection: string | undefined): string {
  return (connection ?? '').split('/', 1)[0] ?? '';
}

function isAddress(host: string): boolean {
  return host.includes(':') ? /^[0-9a-f:.]+$/i.test(host) : /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}
