import { ByteReader } from '@trustline/base';
import { addressText, type TransportAddress } from '@trustline/capture';

const HEADER = 20;
const MAGIC_COOKIE = 0x2112a442;
/** Attributes of one message that are looked at. */
const MOST_ATTRIBUTES = 64;

export type StunClass = 'request' | 'indication' | 'success' | 'error';

const methodNames: Readonly<Record<number, string>> = {
  1: 'Binding',
  3: 'Allocate',
  4: 'Refresh',
  6: 'Send',
  7: 'Data',
  8: 'CreatePermission',
  9: 'ChannelBind',
  10: 'Connect',
  11: 'ConnectionBind',
  12: 'ConnectionAttempt',
};

const attributes = {
  mappedAddress: 0x0001,
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  channelNumber: 0x000c,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  messageIntegritySha256: 0x001c,
  passwordAlgorithm: 0x001d,
  userhash: 0x001e,
  xorMappedAddress: 0x0020,
  software: 0x8022,
} as const;

/**
 * What proves that the sender knows a password, and lets it be guessed offline: the code over the message up to itself, whose
 * length field then says where it ends (RFC 8489 §14.5). The key is the hash of user, realm and password (§9.2.2) where there is a
 * realm; else it is the password, which ICE draws at random.
 */
export interface StunCredential {
  readonly kind: 'long-term' | 'short-term';
  readonly username: string;
  readonly realm: string | undefined;
  readonly nonce: string | undefined;
  /** How the key is made of the password (§18.5.1). */
  readonly passwordAlgorithm: 'MD5' | 'SHA-256';
  readonly mac: 'HMAC-SHA1' | 'HMAC-SHA256';
  readonly covered: Uint8Array;
  readonly code: Uint8Array;
}

/** A message of STUN or TURN (RFC 8489 §5, RFC 8656). */
export interface StunMessage {
  readonly kind: 'stun';
  readonly class: StunClass;
  /** `Binding`, `Allocate`; of one that is not known its number. */
  readonly method: string;
  readonly transaction: Uint8Array;
  readonly mappedAddress: TransportAddress | undefined;
  readonly relayedAddress: TransportAddress | undefined;
  readonly peerAddress: TransportAddress | undefined;
  readonly username: string | undefined;
  readonly realm: string | undefined;
  readonly software: string | undefined;
  readonly errorCode: number | undefined;
  readonly channel: number | undefined;
  /** What a relay carries for its client, of Send and Data. A view. */
  readonly data: Uint8Array | undefined;
  readonly credential: StunCredential | undefined;
}

/** ChannelData (RFC 8656 §12.4): what a relay carries, in its short form. `payload` is a view. */
export interface ChannelData {
  readonly kind: 'channel-data';
  readonly channel: number;
  readonly payload: Uint8Array;
}

/** Reads one message of STUN; undefined for what is none. Octets behind its end are not looked at. */
export function readStunMessage(octets: Uint8Array): StunMessage | undefined {
  if (octets.byteLength < HEADER) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const type = view.getUint16(0);
  const end = HEADER + view.getUint16(2);
  const isStun = type >> 14 === 0 && end % 4 === 0 && end <= octets.byteLength && view.getUint32(4) === MAGIC_COOKIE;
  if (!isStun) return undefined;
  const found = attributesOf(octets.subarray(0, end));
  if (found === undefined) return undefined;
  const transaction = octets.slice(8, HEADER);
  const text = (attribute: number) => textOf(found.get(attribute)?.value);
  const address = (attribute: number) => addressOf(found.get(attribute)?.value, transaction, true);
  const error = found.get(attributes.errorCode)?.value;
  const channel = found.get(attributes.channelNumber)?.value;
  return {
    kind: 'stun',
    class: (['request', 'indication', 'success', 'error'] as const)[((type >> 7) & 2) | ((type >> 4) & 1)] ?? 'request',
    method: methodName((type & 0x0f) | ((type >> 1) & 0x70) | ((type >> 2) & 0xf80)),
    transaction,
    mappedAddress:
      address(attributes.xorMappedAddress) ?? addressOf(found.get(attributes.mappedAddress)?.value, transaction, false),
    relayedAddress: address(attributes.xorRelayedAddress),
    peerAddress: address(attributes.xorPeerAddress),
    username: text(attributes.username),
    realm: text(attributes.realm),
    software: text(attributes.software),
    errorCode: error === undefined || error.byteLength < 4 ? undefined : (error[2] ?? 0) * 100 + (error[3] ?? 0),
    channel: channel === undefined || channel.byteLength < 2 ? undefined : ((channel[0] ?? 0) << 8) | (channel[1] ?? 0),
    data: found.get(attributes.data)?.value,
    credential: credentialOf(octets, found),
  };
}

/** Reads ChannelData; undefined for what is none. */
export function readChannelData(octets: Uint8Array): ChannelData | undefined {
  if (octets.byteLength < 4) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const channel = view.getUint16(0);
  const end = 4 + view.getUint16(2);
  if (channel < 0x4000 || channel > 0x4fff || end > octets.byteLength) return undefined;
  return { kind: 'channel-data', channel, payload: octets.subarray(4, end) };
}

interface Attribute {
  readonly at: number;
  readonly value: Uint8Array;
}

/** The first of each type counts (RFC 8489 §14); undefined where one is cut. */
function attributesOf(message: Uint8Array): ReadonlyMap<number, Attribute> | undefined {
  const found = new Map<number, Attribute>();
  const reader = new ByteReader(message);
  reader.skip(HEADER);
  while (reader.remaining >= 4 && found.size < MOST_ATTRIBUTES) {
    const at = reader.offset;
    const type = reader.u16();
    const length = reader.u16();
    if (length > reader.remaining) return undefined;
    const value = reader.take(length);
    reader.skip(Math.min(reader.remaining, -length & 3));
    if (!found.has(type)) found.set(type, { at, value });
  }
  return found;
}

function methodName(method: number): string {
  return methodNames[method] ?? `method ${method}`;
}

/** RFC 8489 §14.1, §14.2. */
function addressOf(
  value: Uint8Array | undefined,
  transaction: Uint8Array,
  isMasked: boolean,
): TransportAddress | undefined {
  if (value === undefined || (value.byteLength !== 8 && value.byteLength !== 20)) return undefined;
  const mask = Uint8Array.of(0x21, 0x12, 0xa4, 0x42, ...transaction);
  const clear = value.slice();
  if (isMasked) {
    for (let at = 2; at < 4; at++) clear[at] = (clear[at] ?? 0) ^ (mask[at - 2] ?? 0);
    for (let at = 4; at < clear.byteLength; at++) clear[at] = (clear[at] ?? 0) ^ (mask[at - 4] ?? 0);
  }
  return { address: addressText(clear.subarray(4)), port: ((clear[2] ?? 0) << 8) | (clear[3] ?? 0) };
}

function credentialOf(octets: Uint8Array, found: ReadonlyMap<number, Attribute>): StunCredential | undefined {
  const username = textOf(found.get(attributes.username)?.value);
  const stronger = found.get(attributes.messageIntegritySha256);
  const integrity = stronger ?? found.get(attributes.messageIntegrity);
  if (username === undefined || integrity === undefined) return undefined;
  const covered = octets.slice(0, integrity.at);
  new DataView(covered.buffer).setUint16(2, integrity.at + 4 + integrity.value.byteLength - HEADER);
  const realm = textOf(found.get(attributes.realm)?.value);
  const algorithm = found.get(attributes.passwordAlgorithm)?.value;
  return {
    kind: realm === undefined ? 'short-term' : 'long-term',
    username,
    realm,
    nonce: textOf(found.get(attributes.nonce)?.value),
    passwordAlgorithm: algorithm?.[1] === 2 ? 'SHA-256' : 'MD5',
    mac: stronger === undefined ? 'HMAC-SHA1' : 'HMAC-SHA256',
    covered,
    code: integrity.value.slice(),
  };
}

/** Characters that a terminal might take for orders are left out. */
function textOf(value: Uint8Array | undefined): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return value === undefined ? undefined : new TextDecoder().decode(value).replace(/[\u0000-\u001f\u007f-\u009f]/g, '');
}
