import { Redacted } from '@trustline/base';
import { SccpError } from '../error.ts';
import { MediaEncryptionAlgorithm } from '../values/media-encryption.ts';
import type { BodyReader } from './body-reader.ts';
import type { BodyWriter } from './body-writer.ts';
import { type Field, type FieldCondition, fieldBase, type PresenceOf } from './field.ts';

/**
 * How a stream is protected: `algorithmID u32 | keylen u16 | saltlen u16 | key[16] | salt[16] | isMKIPresent u32 |
 * keyDerivationRate u32`, 48 octets. [C2: WS, CHSCCP; R: the total lengths of messages]
 * Keys are shorter than their places or fill them; `keylen` and `saltlen` are the lengths of `key` and `salt`.
 */
export interface MediaEncryptionKeyInfo {
  /** A value of `MediaEncryptionAlgorithm`. */
  readonly algorithmID: number;
  /** The master key, at most 16 octets. AES-CM takes 16. [I: RFC 3711 §8.2] */
  readonly key: Redacted<Uint8Array>;
  /** The master salt, at most 16 octets. AES-CM takes 14. [I: RFC 3711 §8.2] */
  readonly salt: Redacted<Uint8Array>;
  /** 1 where packets carry a master key identifier, which nothing here says the value of. */
  readonly isMKIPresent: number;
  /** Packets between two derivations of session keys (RFC 3711 §4.3.1); 0 derives once. */
  readonly keyDerivationRate: number;
}

/** The places of key and salt are this large. */
export const KEY_PLACE = 16;
const LENGTH = 4 + 2 + 2 + KEY_PLACE + KEY_PLACE + 4 + 4;

/** What is sent for a stream in the clear. [R: dumps of CUCM 7 in CHSCCP are zero throughout] */
export const noMediaEncryption: MediaEncryptionKeyInfo = {
  algorithmID: MediaEncryptionAlgorithm.NO_ENCRYPTION,
  key: new Redacted(new Uint8Array(0)),
  salt: new Redacted(new Uint8Array(0)),
  isMKIPresent: 0,
  keyDerivationRate: 0,
};

/** The keys of a stream. What is read never prints, and no half of it is kept when a message is cut. */
export function keyInfo<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  condition?: Condition,
): Field<Name, MediaEncryptionKeyInfo, PresenceOf<Condition>> {
  return {
    ...fieldBase(name, condition as Condition),
    secret: true,
    form: { kind: 'key-info' },
    absent: noMediaEncryption,
    least: () => LENGTH,
    read: readKeyInfo,
    write: writeKeyInfo,
  };
}

function readKeyInfo(reader: BodyReader): MediaEncryptionKeyInfo {
  const algorithmID = reader.u32();
  const keyLength = reader.u16();
  const saltLength = reader.u16();
  if (keyLength > KEY_PLACE || saltLength > KEY_PLACE) {
    throw new SccpError('sccp.key-length', `keys have at most ${KEY_PLACE} octets`, { offset: reader.offset - 4 });
  }
  const key = reader.copy(keyLength);
  reader.skip(KEY_PLACE - keyLength);
  const salt = reader.copy(saltLength);
  reader.skip(KEY_PLACE - saltLength);
  return {
    algorithmID,
    key: new Redacted(key),
    salt: new Redacted(salt),
    isMKIPresent: reader.u32(),
    keyDerivationRate: reader.u32(),
  };
}

function writeKeyInfo(writer: BodyWriter, value: MediaEncryptionKeyInfo): void {
  const key = value.key.reveal();
  const salt = value.salt.reveal();
  if (key.byteLength > KEY_PLACE || salt.byteLength > KEY_PLACE) {
    throw new SccpError('sccp.key-length', `a key or a salt is longer than ${KEY_PLACE} octets`);
  }
  writer.u32(value.algorithmID);
  writer.u16(key.byteLength);
  writer.u16(salt.byteLength);
  writer.bytes(key);
  writer.zeros(KEY_PLACE - key.byteLength);
  writer.bytes(salt);
  writer.zeros(KEY_PLACE - salt.byteLength);
  writer.u32(value.isMKIPresent);
  writer.u32(value.keyDerivationRate);
}
