import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { type Field, fieldsOf, numberIn, pattern, textIn, Unsound } from './fields.ts';

/** A record, as far as it matters to who is believed. */
export interface CheckedRecord {
  readonly role: number;
  readonly certificate: X509Certificate | undefined;
}

export interface CheckedList {
  readonly fileName: string;
  /** Seconds since 1970; 0 where the file says none. */
  readonly timestamp: number;
  readonly signer: X509Certificate;
  readonly records: readonly CheckedRecord[];
}

export type ListCheck = ({ readonly sound: true } & CheckedList) | { readonly sound: false; readonly because: string };

const SAST = 0;

/** More than any cluster has. */
const MOST_RECORDS = 1000;

/**
 * Says whether a trust list is sound: every field in its place, every certificate as its record says, signed by a SAST
 * of the list. It asks nothing of `pki` and is there to contradict it.
 */
export function checkTrustList(octets: Uint8Array): ListCheck {
  try {
    return { sound: true, ...soundList(Buffer.from(octets)) };
  } catch (error) {
    if (error instanceof Unsound) return { sound: false, because: error.message };
    throw error;
  }
}

function soundList(file: Buffer): CheckedList {
  const header = soundHeader(file);
  const records: CheckedRecord[] = [];
  let next = header.length;
  while (next < file.length) {
    if (records.length >= MOST_RECORDS) throw new Unsound('too many records');
    if (file.length - next < 5 || file.readUInt8(next) !== 1 || file.readUInt16BE(next + 1) !== 2) {
      throw new Unsound(`no record begins at ${next}`);
    }
    const end = next + file.readUInt16BE(next + 3);
    if (end < next + 5 || end > file.length) throw new Unsound(`the record at ${next} ends at ${end}`);
    records.push(soundRecord([...fieldsOf(file, next + 5, end)]));
    next = end;
  }
  const signers = records
    .filter(({ role }) => role === SAST)
    .flatMap(({ certificate }) => certificate ?? [])
    .filter((certificate) => serialOf(certificate) === header.serial);
  const signer = signers.find((certificate) => made(certificate, header, file));
  if (signer === undefined) throw new Unsound('no SAST of the list made its signature');
  return { fileName: header.fileName, timestamp: header.timestamp, signer, records };
}

interface Header {
  readonly length: number;
  readonly fileName: string;
  readonly timestamp: number;
  readonly serial: bigint;
  readonly digest: string;
  readonly signature: Field;
}

/** What is not known may follow anything but SIGNATUREINFO (7), which SIGNATURE (12) follows at once. */
const other = '(?:<(?!(?:1|2|3|7|12|13|14|15|28)>)\\d+>)*';
const headerPattern = new RegExp(
  `^<1><2>${other}(?:<28>)?${other}<3>${other}<7><12>${other}<14>${other}(?:<15>)?${other}(?:<13>)*$`,
);

function soundHeader(file: Buffer): Header {
  if (file.length < 10 || file.readUInt8(0) !== 1 || file.readUInt16BE(1) !== 2) throw new Unsound('no VERSION');
  if (file.readUInt8(3) !== 1) throw new Unsound('not version 1');
  if (file.readUInt8(5) !== 2 || file.readUInt16BE(6) !== 2) throw new Unsound('no HEADERLENGTH');
  const length = file.readUInt16BE(8);
  if (length < 10 || length > file.length) throw new Unsound('HEADERLENGTH lies');
  const fields = [...fieldsOf(file, 0, length)];
  if (!headerPattern.test(pattern(fields))) throw new Unsound(`header fields ${pattern(fields)}`);
  if (fields.some(({ tag }) => tag === 16 || tag === 26 || tag === 27)) throw new Unsound('an encrypted list');
  const field = (tag: number) => fields.find((one) => one.tag === tag);
  const must = (tag: number) => field(tag) ?? fail(`no field ${tag}`);
  const signerVersion = field(28);
  if (signerVersion !== undefined) numberIn(signerVersion, 2);
  const parts = [...fieldsOf(file, must(3).start + 3, must(3).end)];
  const signer = new Map(parts.map((one) => [one.tag, one]));
  if (signer.size !== 3 || parts.length !== 3) throw new Unsound(`SIGNERID holds ${pattern(parts)}`);
  for (const tag of [4, 6]) textIn(signer.get(tag) ?? fail(`no field ${tag}`));
  const serial = signer.get(5) ?? fail('no serial number');
  // 7 {8 = digest, 9 {10 = 0 (RSA), 11 = size}}: always the same fifteen octets but for two values.
  const info = must(7).value.toString('hex');
  const [, digestCode = '', sizeCode = ''] = /^080001(0[123])0900080a0001000b0001(0[0123])$/.exec(info) ?? fail('7');
  const size = [64, 128, 256, 512][Number(sizeCode)];
  if (must(12).value.length !== size) throw new Unsound('the signature has another size');
  const timestamp = field(15);
  return {
    length,
    fileName: textIn(must(14)),
    timestamp: timestamp === undefined ? 0 : numberIn(timestamp, 4),
    serial: BigInt(`0x0${serial.value.toString('hex')}`),
    digest: ['', 'sha1', 'sha256', 'sha512'][Number(digestCode)] ?? fail('digest'),
    signature: must(12),
  };
}

function fail(because: string): never {
  throw new Unsound(because);
}

function soundRecord(fields: readonly Field[]): CheckedRecord {
  const known = fields.filter(({ tag }) => tag >= 1 && tag <= 13);
  const tags = known.map(({ tag }) => tag);
  if (tags.includes(1) || tags.includes(13) || new Set(tags).size !== tags.length) {
    throw new Unsound(`record fields ${pattern(fields)}`);
  }
  const field = (tag: number) => known.find((one) => one.tag === tag);
  for (const tag of [2, 3, 5]) {
    const text = field(tag);
    if (text !== undefined) textIn(text);
  }
  const role = numberIn(field(4) ?? fail('no FUNCTION'), 2);
  for (const [tag, octets] of [
    [10, 4],
    [12, 1],
  ] as const) {
    const number = field(tag);
    if (number !== undefined) numberIn(number, octets);
  }
  const der = field(9)?.value;
  if (der === undefined) return { role, certificate: undefined };
  const certificate = readable(der);
  const serial = field(6)?.value.toString('hex');
  if (serial !== undefined && BigInt(`0x0${serial}`) !== serialOf(certificate))
    throw new Unsound('another serial number');
  const key = field(7)?.value;
  if (key !== undefined && !keyOf(certificate).equals(key)) throw new Unsound('another public key');
  return { role, certificate };
}

function readable(der: Buffer): X509Certificate {
  try {
    const certificate = new X509Certificate(der);
    if (!certificate.raw.equals(der)) throw new Unsound('octets follow a certificate');
    keyOf(certificate);
    return certificate;
  } catch (error) {
    throw error instanceof Unsound ? error : new Unsound('a certificate cannot be read');
  }
}

/** Serial numbers are positive (RFC 5280 §4.1.2.2), and what a list says of one has no sign. */
function serialOf({ serialNumber }: X509Certificate): bigint {
  if (serialNumber.startsWith('-')) throw new Unsound('a negative serial number');
  return BigInt(`0x${serialNumber}`);
}

/** RSAPublicKey for RSA; for EC the point, which ends its SubjectPublicKeyInfo. */
function keyOf({ publicKey }: X509Certificate): Buffer {
  if (publicKey.asymmetricKeyType === 'rsa') return publicKey.export({ type: 'pkcs1', format: 'der' });
  if (publicKey.asymmetricKeyType !== 'ec') throw new Unsound(`a key of type ${publicKey.asymmetricKeyType}`);
  const point = { prime256v1: 65, secp384r1: 97, secp521r1: 133 };
  const length = point[publicKey.asymmetricKeyDetails?.namedCurve as keyof typeof point];
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(-length);
}

/** RSASSA-PKCS1-v1_5 over all of the file but the SIGNATURE, tag and length included. */
function made(certificate: X509Certificate, { signature, digest }: Header, file: Buffer): boolean {
  const key = createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }));
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < 1024 || bits / 8 !== signature.value.length) return false;
  const signed = Buffer.concat([file.subarray(0, signature.start), file.subarray(signature.end)]);
  return verify(digest, signed, key, signature.value);
}
