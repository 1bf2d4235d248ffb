import { ByteReader, hexadecimal } from '@trustline/base';

/** What extensions of a hello say, those that matter to a listener. Absent ones are empty or false. */
export interface HelloExtensions {
  readonly serverName: string | undefined;
  readonly applicationProtocols: readonly string[];
  /** Of a client all that it offers, of a server the one that it chose. */
  readonly versions: readonly number[];
  readonly groups: readonly number[];
  /** Groups with a share of the key; of a server the one that was chosen. */
  readonly keyShares: readonly number[];
  readonly sessionTicket: Uint8Array | undefined;
  readonly hasPreSharedKey: boolean;
  readonly earlyData: boolean;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly truncatedMac: boolean;
  readonly renegotiationInfo: boolean;
  readonly srtpProfiles: readonly number[];
  /** RFC 9146. */
  readonly connectionId: Uint8Array | undefined;
}

export interface ClientHello {
  readonly kind: 'client-hello';
  /** The highest of before TLS 1.3, which says its own by an extension. */
  readonly legacyVersion: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly suites: readonly number[];
  readonly compressions: readonly number[];
  readonly extensions: HelloExtensions;
}

export interface ServerHello {
  readonly kind: 'server-hello';
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly suite: number;
  readonly compression: number;
  /** It asks for another hello (RFC 8446 §4.1.3). */
  readonly isRetryRequest: boolean;
  readonly extensions: HelloExtensions;
}

const extensionTypes = {
  serverName: 0,
  supportedGroups: 10,
  useSrtp: 14,
  applicationProtocols: 16,
  truncatedMac: 4,
  encryptThenMac: 22,
  extendedMasterSecret: 23,
  sessionTicket: 35,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  keyShare: 51,
  connectionId: 54,
  renegotiationInfo: 0xff01,
} as const;

/** RFC 8446 §4.1.3: SHA-256 of "HelloRetryRequest". */
const retryRandom = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

const MOST_EXTENSIONS = 128;

/**
 * The body of a ClientHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), or of that of DTLS with its cookie (RFC 6347 §4.2.1).
 *
 * @throws {TrustlineError} base.short-input
 */
export function readClientHello(body: Uint8Array, isDtls: boolean): ClientHello {
  const reader = new ByteReader(body);
  const legacyVersion = reader.u16();
  const random = reader.take(32).slice();
  const sessionId = reader.take(reader.u8()).slice();
  if (isDtls) reader.skip(reader.u8());
  const suites = u16List(reader.take(reader.u16()));
  const compressions = [...reader.take(reader.u8())];
  const extensions = readExtensions(reader, 'client');
  return { kind: 'client-hello', legacyVersion, random, sessionId, suites, compressions, extensions };
}

/**
 * The body of a ServerHello.
 *
 * @throws {TrustlineError} base.short-input
 */
export function readServerHello(body: Uint8Array): ServerHello {
  const reader = new ByteReader(body);
  const legacyVersion = reader.u16();
  const random = reader.take(32).slice();
  const sessionId = reader.take(reader.u8()).slice();
  const suite = reader.u16();
  const compression = reader.u8();
  const extensions = readExtensions(reader, 'server');
  return {
    kind: 'server-hello',
    version: extensions.versions[0] ?? legacyVersion,
    random,
    sessionId,
    suite,
    compression,
    isRetryRequest: hexadecimal(random) === retryRandom,
    extensions,
  };
}

/**
 * The rest of a hello, or the body of EncryptedExtensions.
 *
 * @throws {TrustlineError} base.short-input
 */
export function readExtensions(reader: ByteReader, from: 'client' | 'server'): HelloExtensions {
  const found = new Map<number, ByteReader>();
  if (reader.remaining >= 2) {
    const list = new ByteReader(reader.take(reader.u16()));
    while (list.remaining > 0 && found.size < MOST_EXTENSIONS) {
      const type = list.u16();
      found.set(type, new ByteReader(list.take(list.u16())));
    }
  }
  const has = (type: number) => found.has(type);
  const lists = (type: number) => listIn(found.get(type), from);
  const isClient = from === 'client';
  return {
    serverName: isClient ? serverNameIn(found.get(extensionTypes.serverName)) : undefined,
    applicationProtocols: protocolsIn(found.get(extensionTypes.applicationProtocols)),
    versions: lists(extensionTypes.supportedVersions),
    groups: groupsIn(found.get(extensionTypes.supportedGroups)),
    keyShares: keySharesIn(found.get(extensionTypes.keyShare), isClient),
    sessionTicket: found.get(extensionTypes.sessionTicket)?.bytes.slice(),
    hasPreSharedKey: has(extensionTypes.preSharedKey),
    earlyData: has(extensionTypes.earlyData),
    extendedMasterSecret: has(extensionTypes.extendedMasterSecret),
    encryptThenMac: has(extensionTypes.encryptThenMac),
    truncatedMac: has(extensionTypes.truncatedMac),
    renegotiationInfo: has(extensionTypes.renegotiationInfo),
    srtpProfiles: groupsIn(found.get(extensionTypes.useSrtp)),
    connectionId: found.get(extensionTypes.connectionId)?.bytes.slice(1),
  };
}

/** RFC 6066 §3. */
function serverNameIn(reader: ByteReader | undefined): string | undefined {
  if (reader === undefined || reader.remaining < 5) return undefined;
  reader.skip(2);
  const type = reader.u8();
  const name = reader.take(reader.u16());
  return type === 0 ? printable(name) : undefined;
}

/** RFC 7301 §3.1. */
function protocolsIn(reader: ByteReader | undefined): readonly string[] {
  if (reader === undefined || reader.remaining < 2) return [];
  const list = new ByteReader(reader.take(reader.u16()));
  const protocols: string[] = [];
  while (list.remaining > 0) protocols.push(printable(list.take(list.u8())));
  return protocols;
}

/** RFC 8446 §4.2.1: a client's list has a length of one octet, a server's choice none. */
function listIn(reader: ByteReader | undefined, from: 'client' | 'server'): readonly number[] {
  if (reader === undefined) return [];
  return from === 'server' ? [reader.u16()] : u16List(reader.take(reader.u8()));
}

/** RFC 8422 §5.1.1; the profiles of use_srtp (RFC 5764 §4.1.1) have the same form. */
function groupsIn(reader: ByteReader | undefined): readonly number[] {
  return reader === undefined || reader.remaining < 2 ? [] : u16List(reader.take(reader.u16()));
}

/** RFC 8446 §4.2.8: of a retry request the group alone. */
function keySharesIn(reader: ByteReader | undefined, isClient: boolean): readonly number[] {
  if (reader === undefined) return [];
  if (!isClient) return [reader.u16()];
  const list = new ByteReader(reader.take(reader.u16()));
  const shares: number[] = [];
  while (list.remaining > 0) {
    shares.push(list.u16());
    list.skip(list.u16());
  }
  return shares;
}

function u16List(octets: Uint8Array): readonly number[] {
  const reader = new ByteReader(octets);
  const list: number[] = [];
  while (reader.remaining >= 2) list.push(reader.u16());
  return list;
}

/** What goes into reports: characters that a terminal might take for orders are shown by their numbers. */
function printable(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) {
    text += octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : `\\x${octet.toString(16).padStart(2, '0')}`;
  }
  return text;
}
