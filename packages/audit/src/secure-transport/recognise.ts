import type { Recognition } from '../signalling/reader.ts';

/** Of a record, with what protection adds (RFC 5246 §6.2.3). */
export const LARGEST_RECORD = 16_384 + 2_048;

export const RECORD_HEADER = 5;

const contentTypes = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23, heartbeat: 24 } as const;

/**
 * Whether the octets of one side of a connection, from some point where a record may begin, are TLS or SSL 3 (RFC 8446 §5.1), or
 * begin with a hello of SSL 2. A hello is enough; of a connection that was joined later, one record and the head of the next are.
 */
export function looksLikeTls(octets: Uint8Array): Recognition {
  const asSsl2 = looksLikeSsl2Hello(octets);
  if (asSsl2 === 'yes') return 'yes';
  const asRecord = looksLikeRecords(octets);
  return asRecord === 'no' ? asSsl2 : asRecord;
}

function looksLikeRecords(octets: Uint8Array): Recognition {
  if (!isRecordHeader(octets)) return 'no';
  if (octets.byteLength < RECORD_HEADER + 1) return 'more';
  const type = octets[0] ?? 0;
  const length = ((octets[3] ?? 0) << 8) | (octets[4] ?? 0);
  const first = octets[RECORD_HEADER] ?? 0;
  if (type === contentTypes.changeCipherSpec && length === 1) return first === 1 ? 'yes' : 'no';
  if (type === contentTypes.alert && length === 2) return first === 1 || first === 2 ? 'yes' : 'no';
  if (type === contentTypes.handshake && (first === 1 || first === 2)) {
    // A hello says its length and its version where everybody looks for them.
    if (octets.byteLength < RECORD_HEADER + 6) return 'more';
    return octets[6] === 0 && octets[9] === 3 ? 'yes' : 'no';
  }
  const next = octets.subarray(RECORD_HEADER + length);
  if (!isRecordHeader(next)) return 'no';
  return next.byteLength < RECORD_HEADER ? 'more' : 'yes';
}

/**
 * The same of a connection whose capture begins anywhere, perhaps within a record: whether a record and the head of another are
 * somewhere in what was seen of a side.
 */
export function looksLikeTlsWithin(octets: Uint8Array): Recognition {
  for (let at = 0; at + 2 * RECORD_HEADER <= octets.byteLength; at++) {
    const type = octets[at] ?? 0;
    if (type < contentTypes.changeCipherSpec || type > contentTypes.heartbeat) continue;
    const rest = octets.subarray(at);
    if (looksLikeRecords(rest) === 'yes') return 'yes';
  }
  return octets.byteLength < 2 * (RECORD_HEADER + LARGEST_RECORD) ? 'more' : 'no';
}

/** Whether these octets, as far as there are any, may be the head of a record. */
export function isRecordHeader(octets: Uint8Array): boolean {
  const [type = 22, major = 3, minor = 3, high, low] = octets;
  if (type < contentTypes.changeCipherSpec || type > contentTypes.heartbeat || major !== 3 || minor > 4) return false;
  if (high === undefined) return true;
  if (low === undefined) return high << 8 <= LARGEST_RECORD;
  const length = (high << 8) | low;
  return length <= LARGEST_RECORD && (length > 0 || type === contentTypes.applicationData);
}

/** A ClientHello in the form of SSL 2, which clients once sent to offer SSL 3 and TLS, too (RFC 5246 appendix E.2). */
function looksLikeSsl2Hello(octets: Uint8Array): Recognition {
  const [high = 0x80, , type = 1, major = 3, minor = 0] = octets;
  if ((high & 0x80) === 0 || type !== 1) return 'no';
  if (!(major === 3 && minor <= 3) && !(major === 0 && (octets.byteLength < 5 || minor === 2))) return 'no';
  if (octets.byteLength < 11) return 'more';
  const u16 = (at: number) => ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  const [suites, session, challenge] = [u16(5), u16(7), u16(9)];
  const isWhole = (u16(0) & 0x7fff) === 9 + suites + session + challenge;
  return isWhole && suites % 3 === 0 && challenge >= 16 && challenge <= 32 ? 'yes' : 'no';
}

/**
 * Whether a datagram is DTLS in its plain form (RFC 6347 §4.1): every record of it, to its end. `isExpected`: a handshake was seen
 * between the same ports, so what has the first octet of the short form of DTLS 1.3 is taken for it, as RFC 7983 has it.
 */
export function looksLikeDtls(datagram: Uint8Array, isExpected = false): Recognition {
  let at = 0;
  if (isExpected && datagram.byteLength >= 20 && (datagram[0] ?? 0) >> 5 === 1) return 'yes';
  if (datagram.byteLength < 13) return 'no';
  while (at < datagram.byteLength) {
    const type = datagram[at] ?? 0;
    // After a plain record (a ServerHello of DTLS 1.3) others may follow in the short form (RFC 9147 §4).
    if (at > 0 && type >> 5 === 1) return 'yes';
    if (at + 13 > datagram.byteLength) return 'no';
    if (type < 20 || type > 26 || !isDtlsVersion(datagram[at + 1] ?? 0, datagram[at + 2] ?? 0)) return 'no';
    const length = ((datagram[at + 11] ?? 0) << 8) | (datagram[at + 12] ?? 0);
    if (length > LARGEST_RECORD) return 'no';
    at += 13 + length;
  }
  return at === datagram.byteLength ? 'yes' : 'no';
}

/** 1.0, 1.2, 1.3, and what OpenSSL wrote before 1.0 was standard. */
function isDtlsVersion(major: number, minor: number): boolean {
  return (major === 0xfe && minor >= 0xfc) || (major === 1 && minor === 0);
}

/**
 * Whether a datagram, or the octets of a connection from their beginning, are STUN with its magic cookie (RFC 8489 §5).
 * `inStream`: more may follow the message.
 */
export function looksLikeStun(octets: Uint8Array, inStream = false): Recognition {
  const cookie = [0x21, 0x12, 0xa4, 0x42];
  if (((octets[0] ?? 0) & 0xc0) !== 0 || ((octets[3] ?? 0) & 3) !== 0) return 'no';
  for (const [at, octet] of cookie.entries()) {
    if (octets.byteLength > 4 + at && octets[4 + at] !== octet) return 'no';
  }
  if (octets.byteLength < 20) return inStream ? 'more' : 'no';
  const length = 20 + (((octets[2] ?? 0) << 8) | (octets[3] ?? 0));
  return inStream || length === octets.byteLength ? 'yes' : 'no';
}

/**
 * Whether a datagram may be ChannelData of TURN (RFC 8656 §12.4). Little tells it from other things: ask where STUN was seen
 * between the same two ends, or what it carries tells more.
 */
export function looksLikeChannelData(datagram: Uint8Array): Recognition {
  if (datagram.byteLength < 4) return 'no';
  const channel = ((datagram[0] ?? 0) << 8) | (datagram[1] ?? 0);
  const end = 4 + (((datagram[2] ?? 0) << 8) | (datagram[3] ?? 0));
  if (channel < 0x4000 || channel > 0x4fff) return 'no';
  // By UDP it may be padded to a multiple of four or not.
  return datagram.byteLength === end || datagram.byteLength === ((end + 3) & ~3) ? 'yes' : 'no';
}

/** Whether a datagram is IKE, version 1 or 2 (RFC 7296 §3.1), with or without the marker that ports of NAT traversal want. */
export function looksLikeIke(datagram: Uint8Array): Recognition {
  const octets = withoutNonEspMarker(datagram);
  if (octets.byteLength < 28) return 'no';
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const [version, exchange] = [octets[17] ?? 0, octets[18] ?? 0];
  if ((view.getUint32(0) === 0 && view.getUint32(4) === 0) || view.getUint32(24) !== octets.byteLength) return 'no';
  const isKnown = version === 0x10 ? exchange <= 6 || exchange === 32 || exchange === 33 : version >> 4 === 2;
  return isKnown && (version === 0x10 || (exchange >= 34 && exchange <= 44)) ? 'yes' : 'no';
}

/** IKE where ESP goes, too, has four octets of zero before it (RFC 3948 §2.2). */
export function withoutNonEspMarker(datagram: Uint8Array): Uint8Array {
  const [a, b, c, d] = datagram;
  return a === 0 && b === 0 && c === 0 && d === 0 ? datagram.subarray(4) : datagram;
}
