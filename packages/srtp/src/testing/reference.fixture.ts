/**
 * SRTP as the RFCs say it, with big integers, one step after another and no thought of speed: what the library is held
 * against. It shares no code with it.
 */
import { createCipheriv, createHmac } from 'node:crypto';
import type { SrtpContextOptions } from '../options.ts';

type ReferenceOptions = Omit<SrtpContextOptions, 'crypto' | 'masterKeys'> & {
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
  readonly mki?: Uint8Array;
};

interface Suite {
  readonly encryption: 'cm' | 'gcm' | 'f8' | 'null';
  readonly keyOctets: number;
  readonly saltOctets: number;
  readonly rtpTag: number;
  readonly rtcpTag: number;
}

/** RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §12. */
const suites: Readonly<Record<SrtpContextOptions['profile'], Suite>> = {
  AES_CM_128_HMAC_SHA1_80: { encryption: 'cm', keyOctets: 16, saltOctets: 14, rtpTag: 10, rtcpTag: 10 },
  AES_CM_128_HMAC_SHA1_32: { encryption: 'cm', keyOctets: 16, saltOctets: 14, rtpTag: 4, rtcpTag: 10 },
  AES_192_CM_HMAC_SHA1_80: { encryption: 'cm', keyOctets: 24, saltOctets: 14, rtpTag: 10, rtcpTag: 10 },
  AES_192_CM_HMAC_SHA1_32: { encryption: 'cm', keyOctets: 24, saltOctets: 14, rtpTag: 4, rtcpTag: 10 },
  AES_256_CM_HMAC_SHA1_80: { encryption: 'cm', keyOctets: 32, saltOctets: 14, rtpTag: 10, rtcpTag: 10 },
  AES_256_CM_HMAC_SHA1_32: { encryption: 'cm', keyOctets: 32, saltOctets: 14, rtpTag: 4, rtcpTag: 10 },
  AEAD_AES_128_GCM: { encryption: 'gcm', keyOctets: 16, saltOctets: 12, rtpTag: 16, rtcpTag: 16 },
  AEAD_AES_256_GCM: { encryption: 'gcm', keyOctets: 32, saltOctets: 12, rtpTag: 16, rtcpTag: 16 },
  F8_128_HMAC_SHA1_80: { encryption: 'f8', keyOctets: 16, saltOctets: 14, rtpTag: 10, rtcpTag: 10 },
  NULL_HMAC_SHA1_80: { encryption: 'null', keyOctets: 16, saltOctets: 14, rtpTag: 10, rtcpTag: 10 },
  NULL_HMAC_SHA1_32: { encryption: 'null', keyOctets: 16, saltOctets: 14, rtpTag: 4, rtcpTag: 10 },
};

function octetsOf(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');
}

function numberOf(octets: Uint8Array): bigint {
  return octets.byteLength === 0 ? 0n : BigInt(`0x${Buffer.from(octets).toString('hex')}`);
}

function xor(left: Uint8Array, right: Uint8Array): Buffer {
  return Buffer.from(left.map((octet, i) => octet ^ (right[i] as number)));
}

/** AES in counter mode from this counter block on: so many octets of keystream (RFC 3711 §4.1.1). */
function counterKeystream(key: Uint8Array, block: bigint, length: number): Buffer {
  return createCipheriv(`aes-${8 * key.byteLength}-ctr`, key, octetsOf(block, 16)).update(Buffer.alloc(length));
}

/** RFC 3711 §4.3: the session key of this label for the packet with this index. */
function sessionKey(options: ReferenceOptions, label: bigint, length: number, index: bigint, bits: bigint): Buffer {
  const rate = BigInt(options.keyDerivationRate ?? 0);
  const quotient = rate === 0n ? 0n : index / rate;
  const keyId = (label << (rate === 0n ? 48n : bits)) | quotient;
  const salt = numberOf(options.salt) << BigInt(8 * (14 - options.salt.byteLength));
  return counterKeystream(options.key, (keyId ^ salt) << 16n, length);
}

function f8Keystream(key: Uint8Array, salt: Uint8Array, iv: Uint8Array, length: number): Buffer {
  const encrypt = (with_: Uint8Array, block: Uint8Array) =>
    createCipheriv('aes-128-ecb', with_, null).setAutoPadding(false).update(block);
  const mask = Buffer.alloc(key.byteLength, 0x55);
  mask.set(salt);
  const start = encrypt(xor(key, mask), iv);
  const blocks: Buffer[] = [];
  let previous: Uint8Array = Buffer.alloc(16);
  for (let j = 0n; BigInt(16 * blocks.length) < length; j++) {
    previous = encrypt(key, xor(xor(start, octetsOf(j, 16)), previous));
    blocks.push(Buffer.from(previous));
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** An RTP packet taken apart. */
interface Parts {
  readonly fixed: Buffer;
  readonly csrc: Buffer;
  /** Profile and length; empty where there is no extension. */
  readonly extensionHeader: Buffer;
  readonly extension: Buffer;
  readonly payload: Buffer;
}

function takeApart(packet: Uint8Array): Parts {
  const bytes = Buffer.from(packet);
  const csrcEnd = 12 + 4 * ((bytes[0] as number) & 15);
  const extended = ((bytes[0] as number) & 16) !== 0;
  const extensionAt = extended ? csrcEnd + 4 : csrcEnd;
  const payloadAt = extended ? extensionAt + 4 * bytes.readUInt16BE(csrcEnd + 2) : extensionAt;
  return {
    fixed: bytes.subarray(0, 12),
    csrc: bytes.subarray(12, csrcEnd),
    extensionHeader: bytes.subarray(csrcEnd, extensionAt),
    extension: bytes.subarray(extensionAt, payloadAt),
    payload: bytes.subarray(payloadAt),
  };
}

/** RFC 6904 §4: the data of the elements named is XORed with the keystream at their place. */
function encryptExtension(options: ReferenceOptions, parts: Parts, ssrc: bigint, index: bigint): Buffer {
  const identifiers = new Set(options.encryptedHeaderExtensions);
  const result = Buffer.from(parts.extension);
  if (identifiers.size === 0 || result.byteLength === 0) return result;
  const key = sessionKey(options, 6n, suites[options.profile].keyOctets, index, 48n);
  const { saltOctets } = suites[options.profile];
  const salt = numberOf(sessionKey(options, 7n, saltOctets, index, 48n)) << BigInt(8 * (14 - saltOctets));
  const stream = counterKeystream(key, (salt << 16n) ^ (ssrc << 64n) ^ (index << 16n), result.byteLength);
  const oneByte = parts.extensionHeader.readUInt16BE(0) === 0xbede;
  if (!oneByte && parts.extensionHeader.readUInt16BE(0) >> 4 !== 0x100) return result;
  let at = 0;
  while (at < result.byteLength) {
    const identifier = oneByte ? (result[at] as number) >> 4 : (result[at] as number);
    if (identifier === 0) {
      at += 1;
      continue;
    }
    if (oneByte && identifier === 15) break;
    if (!oneByte && at + 1 >= result.byteLength) break;
    const length = oneByte ? ((result[at] as number) & 15) + 1 : (result[at + 1] as number);
    at += oneByte ? 1 : 2;
    for (let i = at; i < Math.min(at + length, result.byteLength); i++) {
      if (identifiers.has(identifier)) result[i] = (result[i] as number) ^ (stream[i] as number);
    }
    at += length;
  }
  return result;
}

/** The SRTP packet of this RTP packet at this 48-bit index. */
export function referenceProtect(options: ReferenceOptions, packet: Uint8Array, index: bigint): Buffer {
  const suite = suites[options.profile];
  const ssrc = numberOf(packet.subarray(8, 12));
  const rolloverCounter = octetsOf(index >> 16n, 4);
  const sequenceNumber = Number(index & 0xffffn);
  const parts = takeApart(packet);
  const cryptex = options.cryptex !== undefined && options.cryptex !== 'off' && mayHide(parts);
  const fixed = Buffer.from(parts.fixed);
  let header = parts.extensionHeader;
  if (cryptex && header.byteLength === 0) {
    header = Buffer.from('bede0000', 'hex');
    fixed[0] = (fixed[0] as number) | 16;
  }
  if (cryptex) {
    header = Buffer.concat([Buffer.from(header[0] === 0xbe ? 'c0de' : 'c2de', 'hex'), header.subarray(2)]);
  }
  const extension = encryptExtension(options, parts, ssrc, index);
  const clear = cryptex ? [fixed, header] : [fixed, parts.csrc, header, extension];
  const secret = Buffer.concat(cryptex ? [parts.csrc, extension, parts.payload] : [parts.payload]);
  const unencrypted = options.unencryptedRtp === true || suite.encryption === 'null';

  const cipherKey = sessionKey(options, 0n, suite.keyOctets, index, 48n);
  const cipherSalt = sessionKey(options, 2n, suite.saltOctets, index, 48n);
  const mki = Buffer.from(options.mki ?? []);
  if (suite.encryption === 'gcm') {
    const iv = octetsOf(numberOf(cipherSalt) ^ (ssrc << 48n) ^ index, 12);
    const associated = Buffer.concat(unencrypted ? [...clear, secret] : clear);
    const [text, tag] = galois(cipherKey, iv, associated, unencrypted ? Buffer.alloc(0) : secret);
    return Buffer.concat([assemble(unencrypted ? secret : text), tag, mki]);
  }
  const encrypted = unencrypted ? secret : xor(secret, keystream(secret.byteLength));
  const body = assemble(encrypted);
  const mac = createHmac('sha1', sessionKey(options, 1n, 20, index, 48n))
    .update(body)
    .update(rolloverCounter)
    .digest();
  return Buffer.concat([body, mki, tag(mac)]);

  function keystream(length: number): Buffer {
    if (suite.encryption === 'f8') {
      // RFC 3711 §4.1.2.2
      const iv = Buffer.concat([Buffer.alloc(1), Buffer.from(packet.subarray(1, 12)), rolloverCounter]);
      return f8Keystream(cipherKey, cipherSalt, iv, length);
    }
    return counterKeystream(cipherKey, (numberOf(cipherSalt) << 16n) ^ (ssrc << 64n) ^ (index << 16n), length);
  }

  /** The order of the wire: with cryptex the CSRC list was encrypted behind the extension's header. */
  function assemble(text: Buffer): Buffer {
    if (!cryptex) return Buffer.concat([...clear, text]);
    const csrc = text.subarray(0, parts.csrc.byteLength);
    return Buffer.concat([fixed, csrc, header, text.subarray(csrc.byteLength)]);
  }

  /** RFC 4771 §2 where the rollover counter is carried. */
  function tag(mac: Buffer): Buffer {
    const carriage = options.rolloverCounterCarriage;
    if (carriage === undefined) return options.unauthenticatedRtp ? Buffer.alloc(0) : mac.subarray(0, suite.rtpTag);
    const carries = sequenceNumber % carriage.rate === 0;
    if (carriage.mode === 3) return carries ? rolloverCounter : Buffer.alloc(0);
    if (carries) return Buffer.concat([rolloverCounter, mac.subarray(0, suite.rtpTag - 4)]);
    return carriage.mode === 2 ? mac.subarray(0, suite.rtpTag) : Buffer.alloc(0);
  }
}

function mayHide({ csrc, extensionHeader }: Parts): boolean {
  if (extensionHeader.byteLength === 0) return csrc.byteLength > 0;
  return ['bede', '1000'].includes(extensionHeader.toString('hex', 0, 2));
}

/** The SRTCP packet of this RTCP packet at this 31-bit index. */
export function referenceProtectRtcp(options: ReferenceOptions, packet: Uint8Array, index: bigint): Buffer {
  const suite = suites[options.profile];
  const bits = options.srtcpKeyDerivation === 'as-printed' ? 32n : 48n;
  const ssrc = numberOf(packet.subarray(4, 8));
  const unencrypted = options.unencryptedRtcp === true || suite.encryption === 'null';
  const word = octetsOf(index | (unencrypted ? 0n : 1n << 31n), 4);
  const cipherKey = sessionKey(options, 3n, suite.keyOctets, index, bits);
  const cipherSalt = sessionKey(options, 5n, suite.saltOctets, index, bits);
  const head = Buffer.from(packet.subarray(0, 8));
  const secret = Buffer.from(packet.subarray(8));
  const mki = Buffer.from(options.mki ?? []);
  if (suite.encryption === 'gcm') {
    const iv = octetsOf(numberOf(cipherSalt) ^ (ssrc << 48n) ^ index, 12);
    const associated = Buffer.concat(unencrypted ? [head, secret, word] : [head, word]);
    const [text, tag] = galois(cipherKey, iv, associated, unencrypted ? Buffer.alloc(0) : secret);
    return Buffer.concat([head, unencrypted ? secret : text, tag, word, mki]);
  }
  const iv = Buffer.concat([Buffer.alloc(4), word, head]); // RFC 3711 §4.1.2.3
  const stream =
    suite.encryption === 'f8'
      ? f8Keystream(cipherKey, cipherSalt, iv, secret.byteLength)
      : counterKeystream(cipherKey, (numberOf(cipherSalt) << 16n) ^ (ssrc << 64n) ^ (index << 16n), secret.byteLength);
  const body = Buffer.concat([head, unencrypted ? secret : xor(secret, stream), word]);
  const mac = createHmac('sha1', sessionKey(options, 4n, 20, index, bits))
    .update(body)
    .digest();
  return Buffer.concat([body, mki, mac.subarray(0, suite.rtcpTag)]);
}

function galois(key: Uint8Array, iv: Uint8Array, associated: Uint8Array, text: Uint8Array): [Buffer, Buffer] {
  const cipher = createCipheriv(key.byteLength === 32 ? 'aes-256-gcm' : 'aes-128-gcm', key, iv);
  cipher.setAAD(associated);
  const encrypted = cipher.update(text);
  cipher.final();
  return [encrypted, cipher.getAuthTag()];
}
