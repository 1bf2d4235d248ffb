import { Redacted } from '@trustline/base';
import type { H235Key } from '../generated/h235.types.ts';
import type { SrtpKeys } from '../generated/h235-srtp.types.ts';
import { schema } from '../schema.ts';

const KEY_LENGTH = 16;
const SALT_LENGTH = 14;

/**
 * How the keys stand in `EncryptionSync.h235Key`: `direct` is SrtpKeys alone, as OPAL has it [R]; `genericKeyMaterial` is
 * within V3KeySyncMaterial of an H235Key, as H.235.8 §8.2 says and nobody has been seen to do. Both are read.
 */
export type SrtpKeyForm = 'direct' | 'genericKeyMaterial';

/** The master key of one direction of AES_CM_128: 16 octets of key, 14 of salt. */
export interface SrtpMasterKey {
  readonly key: Redacted<Uint8Array>;
  readonly salt: Redacted<Uint8Array>;
}

export type SrtpKeyResult =
  | { readonly ok: true; readonly form: SrtpKeyForm; readonly masterKey: SrtpMasterKey }
  /** In words, without a part of the key. */
  | { readonly ok: false; readonly because: string };

const keysCodec = schema.codec<SrtpKeys>('H235-SRTP', 'SrtpKeys');
const h235KeyCodec = schema.codec<H235Key>('H235-SECURITY-MESSAGES', 'H235Key');

/** Writes the key for `EncryptionSync.h235Key`. */
export function encodeSrtpKey({ key, salt }: SrtpMasterKey, form: SrtpKeyForm): Redacted<Uint8Array> {
  const keys = keysCodec.encode([{ masterKey: key, masterSalt: salt }]);
  if (form === 'direct') return new Redacted(keys);
  const whole = h235KeyCodec.encode({
    kind: 'secureSharedSecret',
    value: { paramS: {}, genericKeyMaterial: new Redacted(keys) },
  });
  keys.fill(0);
  return new Redacted(whole);
}

/**
 * Reads `EncryptionSync.h235Key` in either form. Refused are several keys, for nothing says which is used when; a key with
 * a lifetime or an MKI, which change what is on the wire; and other lengths than those of AES_CM_128.
 */
export function decodeSrtpKey(h235Key: Redacted<Uint8Array>): SrtpKeyResult {
  const octets = h235Key.reveal();
  const material = genericKeyMaterialOf(octets);
  const form = material === undefined ? 'direct' : 'genericKeyMaterial';
  const source = material ?? octets;
  const decoded = keysCodec.decode(source);
  if (!decoded.ok || decoded.end !== source.byteLength)
    return { ok: false, because: 'the key is in no form of H.235.8' };
  const [first, ...others] = decoded.value;
  if (first === undefined || others.length > 0) return { ok: false, because: 'not one key, but none or several' };
  const { masterKey: key, masterSalt: salt, lifetime, mki } = first;
  if (lifetime !== undefined || mki !== undefined) return { ok: false, because: 'the key has a lifetime or an MKI' };
  if (key.reveal().byteLength !== KEY_LENGTH || salt.reveal().byteLength !== SALT_LENGTH) {
    return { ok: false, because: 'key or salt have not the length of AES_CM_128' };
  }
  return { ok: true, form, masterKey: { key, salt } };
}

/** A direct form begins with how many keys there are, so its first octet is below 0x80, where this CHOICE has its bit. */
function genericKeyMaterialOf(octets: Uint8Array): Uint8Array | undefined {
  if ((octets[0] ?? 0) < 0x80) return undefined;
  const decoded = h235KeyCodec.decode(octets);
  if (!decoded.ok || decoded.value.kind !== 'secureSharedSecret') return undefined;
  return decoded.value.value.genericKeyMaterial?.reveal();
}
