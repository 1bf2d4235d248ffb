import { createDecipheriv, createHash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { digestNames, PADDING_TAG, rejectFile } from '../trust-list/tlv.ts';
import type { FileReject, HeaderLayout } from '../trust-list/types.ts';
import { unwrapKey } from './key-wrapping.ts';
import type { SignedFile } from './parse.ts';

const AES_KEY_LENGTH = 16;

export type DecryptedFile = { readonly ok: true; readonly plain: Uint8Array } | FileReject;

/**
 * Opens an encrypted file (`.enc.sgn`) with the phone's own key. Ask `verifySignedFile` first: only files that the
 * TFTP server signed should ever reach a private key. All that can go wrong has one answer.
 */
export function decryptSignedFile(
  { header: { encryption }, payload }: SignedFile,
  { headerLength }: Pick<HeaderLayout, 'headerLength'>,
  privateKey: KeyObject,
): DecryptedFile {
  const closed = () => rejectFile('decryption', headerLength, 'the file does not open with this key');
  if (encryption === undefined) return closed();
  const key = unwrapKey(encryption.wrappedKey, privateKey, AES_KEY_LENGTH);
  if (key === undefined) return closed();
  const decipher = createDecipheriv('aes-128-cbc', key, encryption.initializationVector).setAutoPadding(false);
  const padded = new Uint8Array(payload.byteLength);
  padded.set(decipher.update(payload)); // whole blocks, and no padding that it knows of: all is out at once
  decipher.final();
  key.fill(0);
  const plain = padded.slice(0, payload.byteLength - encryption.paddingLength);
  const hash = createHash(digestNames[encryption.hash]).update(plain).digest();
  const isPadded = padded.subarray(plain.byteLength).every((octet) => octet === PADDING_TAG);
  return timingSafeEqual(hash, encryption.plainHash) && isPadded ? { ok: true, plain } : closed();
}
