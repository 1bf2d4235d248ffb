import { encryptionOf, writeEncryption } from './encryption-info.ts';
import {
  breakRule,
  byTag,
  digestCodes,
  digestOf,
  fieldsWithin,
  hexOf,
  invalid,
  numberOf,
  required,
  type Tlv,
  TlvCursor,
  TlvWriter,
  textOf,
  unknownOf,
} from './tlv.ts';
import type { FormatVersion, HeaderLayout, ListDigest, SignedHeader, SignerIdentity } from './types.ts';

/** Header tags, by the names that `show ctl` of CUCM prints (its spelling put right). */
export const headerTags = {
  version: 1,
  headerLength: 2,
  signerVersion: 28,
  signerId: 3,
  signerName: 4,
  serialNumber: 5,
  issuerName: 6,
  signatureInfo: 7,
  digestAlgorithm: 8,
  signatureAlgorithmInfo: 9,
  signatureAlgorithm: 10,
  signatureModulus: 11,
  signature: 12,
  fileName: 14,
  timestamp: 15,
  encryptionInfo: 16,
  plainHashAlgorithm: 26,
  plainHash: 27,
} as const;

/** The order of all files that were seen. It is insisted on, for the SIGNATURE is not signed and could wander. */
const headerOrder: readonly number[] = [
  headerTags.version,
  headerTags.headerLength,
  headerTags.signerVersion,
  headerTags.signerId,
  headerTags.signatureInfo,
  headerTags.signature,
  headerTags.fileName,
  headerTags.timestamp,
  headerTags.encryptionInfo,
  headerTags.plainHashAlgorithm,
  headerTags.plainHash,
];
const knownHeaderTags = new Set(headerOrder);
const knownSignerTags = new Set<number>([headerTags.signerName, headerTags.serialNumber, headerTags.issuerName]);

/** RSASSA-PKCS1-v1_5, the only algorithm seen. */
const RSA = 0;

/** SIGNATUREMODULUS is an index here: octets of a signature by RSA keys of 512, 1024, 2048 and 4096 bits. */
const signatureLengths: readonly number[] = [64, 128, 256, 512];

/** True when the format can carry a signature of this length. */
export function isSignatureLength(length: number): boolean {
  return signatureLengths.includes(length);
}

/** Headers are filled up to a multiple of this. */
const HEADER_ALIGNMENT = 4;

/** Reads the header at the start of a file; `BrokenRule` is thrown for all that is wrong. */
export function readHeader(octets: Uint8Array): { readonly header: SignedHeader; readonly layout: HeaderLayout } {
  const { fields, padding, headerLength } = headerFields(octets);
  const known = byTag(fields, knownHeaderTags);
  checkOrder(fields);
  const signatureInfo = required(known, headerTags.signatureInfo, 'SIGNATUREINFO', headerLength);
  const signature = required(known, headerTags.signature, 'SIGNATURE', headerLength);
  const timestamp = known.get(headerTags.timestamp);
  const signerVersion = known.get(headerTags.signerVersion);
  const signerField = required(known, headerTags.signerId, 'SIGNERID', headerLength);
  const { signer, signerTags } = signerOf(octets, signerField);
  const header: SignedHeader = {
    version: versionOf(required(known, headerTags.version, 'VERSION', headerLength)),
    signerVersion: signerVersion === undefined ? undefined : versionOf(signerVersion),
    signer,
    signerTags,
    digest: signatureInfoOf(octets, signatureInfo, signature),
    signature: signature.value,
    fileName: textOf(required(known, headerTags.fileName, 'FILENAME', headerLength)),
    timestamp: timestamp === undefined ? undefined : numberOf(timestamp, 4),
    encryption: encryptionOf(octets, known, headerLength),
    tags: fields.map(({ tag }) => tag),
    unknown: unknownOf(fields, knownHeaderTags),
    padding,
  };
  return {
    header,
    layout: {
      fields: new Map(fields.map(({ tag, offset }) => [tag, offset])),
      signature: { offset: signature.offset, length: 3 + signature.value.byteLength },
      headerLength,
    },
  };
}

/** The top-level fields. Their end is said by HEADERLENGTH, which is therefore read before the rest. */
function headerFields(octets: Uint8Array) {
  const cursor = new TlvCursor(octets);
  if (cursor.peek() !== headerTags.version) breakRule('version', 0, 'the file does not begin with VERSION');
  const version = cursor.next();
  const { major } = versionOf(version);
  if (major !== 1 && major !== 2) breakRule('version', 0, `version ${major} is unknown`);
  if (cursor.peek() !== headerTags.headerLength) {
    breakRule('header-length', cursor.offset, 'HEADERLENGTH does not come second');
  }
  const lengthField = cursor.next();
  const headerLength = numberOf(lengthField, 2);
  if (headerLength < cursor.offset || headerLength > octets.byteLength) {
    breakRule('header-length', lengthField.offset, `a header of ${headerLength} octets does not fit the file`);
  }
  const fields: Tlv[] = [version, lengthField];
  const rest = new TlvCursor(octets, cursor.offset, headerLength);
  let padding = 0;
  while (!rest.atEnd) {
    padding = rest.padding();
    if (rest.atEnd) break;
    if (padding > 0) breakRule('padding', rest.offset, 'a field follows the padding of the header');
    fields.push(rest.next());
  }
  return { fields, padding, headerLength };
}

function checkOrder(fields: readonly Tlv[]): void {
  let last = -1;
  for (const [at, { tag, offset }] of fields.entries()) {
    const place = headerOrder.indexOf(tag);
    if (place >= 0 && place < last) breakRule('tag-order', offset, `field ${tag} comes after its place`);
    if (place >= 0) last = place;
    // Nothing, not even what is unknown, may stand between: the SIGNATURE has one possible place, then.
    if (tag === headerTags.signature && fields[at - 1]?.tag !== headerTags.signatureInfo) {
      breakRule('tag-order', offset, 'SIGNATURE does not follow SIGNATUREINFO');
    }
  }
}

function versionOf(field: Tlv): FormatVersion {
  const both = numberOf(field, 2);
  return { major: Math.floor(both / 256), minor: both % 256 };
}

function signerOf(octets: Uint8Array, container: Tlv): { signer: SignerIdentity; signerTags: readonly number[] } {
  const start = container.offset + 3;
  const fields = fieldsWithin(octets, start, start + container.value.byteLength);
  const stranger = fields.find(({ tag }) => !knownSignerTags.has(tag));
  if (stranger !== undefined) breakRule('tag-order', stranger.offset, `field ${stranger.tag} has no place in SIGNERID`);
  const known = byTag(fields, knownSignerTags);
  return {
    signer: {
      name: textOf(required(known, headerTags.signerName, 'SIGNERNAME', container.offset)),
      serialNumber: hexOf(required(known, headerTags.serialNumber, 'SERIALNUMBER', container.offset)),
      issuer: textOf(required(known, headerTags.issuerName, 'CANAME', container.offset)),
    },
    signerTags: fields.map(({ tag }) => tag),
  };
}

/** SIGNATUREINFO is always 8, 9 {10, 11}: nothing else has been seen, and nothing else is taken. */
function signatureInfoOf(octets: Uint8Array, container: Tlv, signature: Tlv): ListDigest {
  const start = container.offset + 3;
  const [digest, info, ...others] = fieldsWithin(octets, start, start + container.value.byteLength);
  if (
    digest?.tag !== headerTags.digestAlgorithm ||
    info?.tag !== headerTags.signatureAlgorithmInfo ||
    others.length > 0
  ) {
    return breakRule('tag-order', container.offset, 'SIGNATUREINFO does not hold fields 8 and 9');
  }
  const inner = info.offset + 3;
  const [algorithm, modulus, ...rest] = fieldsWithin(octets, inner, inner + info.value.byteLength);
  if (
    algorithm?.tag !== headerTags.signatureAlgorithm ||
    modulus?.tag !== headerTags.signatureModulus ||
    rest.length > 0
  ) {
    return breakRule('tag-order', info.offset, 'SIGNATUREALGOINFO does not hold fields 10 and 11');
  }
  const code = numberOf(algorithm, 1);
  if (code !== RSA) breakRule('signature-algorithm', algorithm.offset, `signature algorithm ${code} is unknown`);
  const expected = signatureLengths[numberOf(modulus, 1)];
  if (expected === undefined) breakRule('signature-algorithm', modulus.offset, 'the size of the modulus is unknown');
  if (signature.value.byteLength !== expected) {
    const message = `the signature has ${signature.value.byteLength} octets instead of ${expected}`;
    breakRule('signature-algorithm', signature.offset, message);
  }
  return digestOf(digest);
}

/** The octets that the signature covers: the whole file without the SIGNATURE field, tag and length included. */
export function signedOctets(file: Uint8Array, { signature: { offset, length } }: HeaderLayout): Uint8Array {
  return concatenate(file.subarray(0, offset), file.subarray(offset + length));
}

export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  const writer = new TlvWriter();
  for (const part of parts) writer.bytes(part);
  return writer.finish();
}

/** The header as octets, the length of it worked out. */
export function writeHeader(header: SignedHeader): Uint8Array {
  const fields = new TlvWriter();
  let unknownAt = 0;
  let lengthAt: number | undefined;
  for (const tag of header.tags) {
    if (tag === headerTags.headerLength) lengthAt = fields.length + 3;
    if (knownHeaderTags.has(tag)) writeField(fields, header, tag);
    else {
      const field = header.unknown[unknownAt];
      if (field?.tag !== tag) invalid(`the unknown fields of the header are not those that its order names`);
      unknownAt += 1;
      fields.field(tag, field.value);
    }
  }
  if (unknownAt !== header.unknown.length || lengthAt === undefined) {
    invalid('the fields of the header are not those that its order names');
  }
  const written = fields.padding(header.padding).finish();
  new DataView(written.buffer).setUint16(lengthAt, written.byteLength);
  return written;
}

function writeField(writer: TlvWriter, header: SignedHeader, tag: number): void {
  switch (tag) {
    case headerTags.version:
      writeVersion(writer, tag, header.version);
      return;
    case headerTags.headerLength:
      writer.number(tag, 0, 2); // filled in at the end
      return;
    case headerTags.signerVersion:
      writeVersion(writer, tag, header.signerVersion ?? invalid('the signer version is named but not there'));
      return;
    case headerTags.signerId:
      writer.field(tag, writeSigner(header));
      return;
    case headerTags.signatureInfo:
      writer.field(tag, writeSignatureInfo(header));
      return;
    case headerTags.signature:
      writer.field(tag, header.signature);
      return;
    case headerTags.fileName:
      writer.text(tag, header.fileName);
      return;
    case headerTags.timestamp:
      writer.number(tag, header.timestamp ?? invalid('the timestamp is named but not there'), 4);
      return;
    default:
      writeEncryption(writer, header.encryption ?? invalid('the encryption is named but not there'), tag);
  }
}

function writeVersion(writer: TlvWriter, tag: number, { major, minor }: FormatVersion): void {
  writer.number(tag, major * 256 + minor, 2);
}

function writeSigner({ signer, signerTags }: SignedHeader): Uint8Array {
  const writer = new TlvWriter();
  for (const tag of signerTags) {
    if (tag === headerTags.signerName) writer.text(tag, signer.name);
    else if (tag === headerTags.serialNumber) writer.hex(tag, signer.serialNumber);
    else if (tag === headerTags.issuerName) writer.text(tag, signer.issuer);
    else invalid(`field ${tag} has no place in SIGNERID`);
  }
  return writer.finish();
}

function writeSignatureInfo({ digest, signature }: SignedHeader): Uint8Array {
  const modulus = signatureLengths.indexOf(signature.byteLength);
  if (modulus < 0) invalid(`a signature of ${signature.byteLength} octets has no place in a file`);
  const algorithm = new TlvWriter()
    .number(headerTags.signatureAlgorithm, RSA, 1)
    .number(headerTags.signatureModulus, modulus, 1)
    .finish();
  return new TlvWriter()
    .number(headerTags.digestAlgorithm, digestCodes[digest], 1)
    .field(headerTags.signatureAlgorithmInfo, algorithm)
    .finish();
}

/** What a maker of a file says of its header; the rest follows from it. */
export interface HeaderRequest {
  readonly version: FormatVersion;
  readonly signerVersion: FormatVersion | undefined;
  readonly signer: SignerIdentity;
  readonly digest: ListDigest;
  readonly signatureLength: number;
  readonly fileName: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly encryption: SignedHeader['encryption'];
}

/** A header in the order of CUCM with zeros for a signature, filled up to its alignment. */
export function unsignedHeader({ signatureLength, ...request }: HeaderRequest): SignedHeader {
  const present = headerOrder.filter(
    (tag) =>
      (tag !== headerTags.signerVersion || request.signerVersion !== undefined) &&
      (headerOrder.indexOf(tag) < headerOrder.indexOf(headerTags.encryptionInfo) || request.encryption !== undefined),
  );
  const header: SignedHeader = {
    ...request,
    signerTags: [headerTags.signerName, headerTags.serialNumber, headerTags.issuerName],
    signature: new Uint8Array(signatureLength),
    tags: present,
    unknown: [],
    padding: 0,
  };
  const length = writeHeader(header).byteLength;
  return { ...header, padding: (HEADER_ALIGNMENT - (length % HEADER_ALIGNMENT)) % HEADER_ALIGNMENT };
}
