import { concatenate, readHeader, writeHeader } from '../trust-list/header.ts';
import { breakRule, readOrReject } from '../trust-list/tlv.ts';
import type { FileReject, HeaderLayout, SignedHeader } from '../trust-list/types.ts';

/** A file with a signature in front: a phone configuration (`.sgn`, `.enc.sgn`), or firmware (`.loads`, `.sbn`). */
export interface SignedFile {
  readonly header: SignedHeader;
  /** The file itself, or its ciphertext where the header speaks of encryption. */
  readonly payload: Uint8Array;
}

export type ParsedSignedFile =
  | { readonly ok: true; readonly file: SignedFile; readonly layout: HeaderLayout }
  | FileReject;

const AES_BLOCK = 16;

/** Reads a signed file. Whatever the octets are, nothing is thrown; nothing is believed: see `verifySignedFile`. */
export function parseSignedFile(octets: Uint8Array): ParsedSignedFile {
  return readOrReject(octets, () => {
    const { header, layout } = readHeader(octets);
    const payload = octets.slice(layout.headerLength);
    // Version 2.0 announces encryption; a header of which one half says so and the other does not is neither.
    if ((header.version.major === 2) !== (header.encryption !== undefined)) {
      breakRule('encryption', 0, `version ${header.version.major} and the encryption of the file do not go together`);
    }
    if (header.encryption !== undefined && (payload.byteLength === 0 || payload.byteLength % AES_BLOCK !== 0)) {
      const message = `${payload.byteLength} octets of ciphertext are not whole blocks`;
      breakRule('encryption', layout.headerLength, message);
    }
    return { ok: true, file: { header, payload }, layout } as const;
  });
}

/**
 * The octets of a signed file: for one that was read, those it was read from.
 *
 * @throws {PkiError} pki.invalid-file-value for a value that no file can say
 */
export function serializeSignedFile({ header, payload }: SignedFile): Uint8Array {
  return concatenate(writeHeader(header), payload);
}
