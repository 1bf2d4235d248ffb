import {
  breakRule,
  byTag,
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
import type { TrustRecord } from './types.ts';

/** Record tags, by the names that `show ctl` of CUCM prints. */
export const recordTags = {
  recordLength: 1,
  dnsName: 2,
  subject: 3,
  role: 4,
  issuer: 5,
  serialNumber: 6,
  publicKey: 7,
  signature: 8,
  certificate: 9,
  ipAddress: 10,
  certificateHash: 11,
  hashAlgorithm: 12,
} as const;

const knownRecordTags = new Set<number>(Object.values(recordTags));

/** The octets of RECORDLENGTH itself, which it counts in. */
const LENGTH_FIELD = 5;

/** Reads the record at `offset`; `BrokenRule` is thrown for all that is wrong. */
export function readRecord(octets: Uint8Array, offset: number) {
  const cursor = new TlvCursor(octets, offset);
  if (cursor.peek() !== recordTags.recordLength) {
    breakRule('record-length', offset, `a record begins with field ${cursor.peek()} instead of RECORDLENGTH`);
  }
  const length = numberOf(cursor.next(), 2);
  if (length < LENGTH_FIELD || length > octets.byteLength - offset) {
    breakRule(
      'record-length',
      offset,
      `a record of ${length} octets does not fit the ${octets.byteLength - offset} left`,
    );
  }
  const end = offset + length;
  const fields = fieldsWithin(octets, offset + LENGTH_FIELD, end);
  const known = byTag(fields, knownRecordTags);
  const second = fields.find(({ tag }) => tag === recordTags.recordLength);
  if (second !== undefined) breakRule('duplicate-tag', second.offset, 'RECORDLENGTH occurs a second time');
  return {
    end,
    record: recordOf(known, fields, offset),
    layout: { offset, fields: new Map(fields.map((field) => [field.tag, field.offset])) },
  };
}

function recordOf(known: ReadonlyMap<number, Tlv>, fields: readonly Tlv[], offset: number): TrustRecord {
  const read = <Value>(tag: number, decode: (field: Tlv) => Value): Value | undefined => {
    const field = known.get(tag);
    return field === undefined ? undefined : decode(field);
  };
  const octetsOf = ({ value }: Tlv) => value;
  return {
    role: numberOf(required(known, recordTags.role, 'FUNCTION', offset), 2),
    dnsName: read(recordTags.dnsName, textOf),
    subject: read(recordTags.subject, textOf),
    issuer: read(recordTags.issuer, textOf),
    serialNumber: read(recordTags.serialNumber, hexOf),
    publicKey: read(recordTags.publicKey, octetsOf),
    signature: read(recordTags.signature, octetsOf),
    certificate: read(recordTags.certificate, octetsOf),
    ipAddress: read(recordTags.ipAddress, addressOf),
    certificateHash: read(recordTags.certificateHash, octetsOf),
    hashAlgorithm: read(recordTags.hashAlgorithm, (field) => numberOf(field, 1)),
    tags: fields.map(({ tag }) => tag),
    unknown: unknownOf(fields, knownRecordTags),
  };
}

function addressOf({ offset, value }: Tlv): string {
  if (value.byteLength !== 4)
    breakRule('field-length', offset, `an address has ${value.byteLength} octets instead of 4`);
  return value.join('.');
}

/** One record as octets, RECORDLENGTH first. */
export function writeRecord(record: TrustRecord): Uint8Array {
  const fields = new TlvWriter();
  let unknownAt = 0;
  for (const tag of record.tags) {
    if (knownRecordTags.has(tag)) writeField(fields, record, tag);
    else {
      const field = record.unknown[unknownAt];
      if (field?.tag !== tag) invalid('the unknown fields of a record are not those that its order names');
      unknownAt += 1;
      fields.field(tag, field.value);
    }
  }
  if (unknownAt !== record.unknown.length) invalid('a record has unknown fields that its order does not name');
  return new TlvWriter()
    .number(recordTags.recordLength, fields.length + LENGTH_FIELD, 2)
    .bytes(fields.finish())
    .finish();
}

function writeField(writer: TlvWriter, record: TrustRecord, tag: number): void {
  const present = <Value>(value: Value | undefined): Value =>
    value ?? invalid(`field ${tag} of a record is named but not there`);
  switch (tag) {
    case recordTags.dnsName:
      writer.text(tag, present(record.dnsName));
      return;
    case recordTags.subject:
      writer.text(tag, present(record.subject));
      return;
    case recordTags.role:
      writer.number(tag, record.role, 2);
      return;
    case recordTags.issuer:
      writer.text(tag, present(record.issuer));
      return;
    case recordTags.serialNumber:
      writer.hex(tag, present(record.serialNumber));
      return;
    case recordTags.publicKey:
      writer.field(tag, present(record.publicKey));
      return;
    case recordTags.signature:
      writer.field(tag, present(record.signature));
      return;
    case recordTags.certificate:
      writer.field(tag, present(record.certificate));
      return;
    case recordTags.ipAddress:
      writer.field(tag, addressOctets(present(record.ipAddress)));
      return;
    case recordTags.certificateHash:
      writer.field(tag, present(record.certificateHash));
      return;
    case recordTags.hashAlgorithm:
      writer.number(tag, present(record.hashAlgorithm), 1);
      return;
    default:
      invalid(`field ${tag} has no place within a record`);
  }
}

function addressOctets(address: string): Uint8Array {
  const parts = address.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    invalid(`"${address}" is not a dotted IPv4 address`);
  }
  return Uint8Array.from(parts, Number);
}
