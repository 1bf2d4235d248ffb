import { AeadOpener } from './aead-opener.ts';
import { CbcOpener } from './cbc-opener.ts';
import type { CipherSuite, SuiteHash } from './cipher-suites.ts';
import type { Handshake, TlsRole } from './handshake.ts';
import { concatenated, expandLabel, hashName, prf } from './key-derivation.ts';
import { versionNumbers } from './names.ts';
import { NullOpener } from './null-opener.ts';
import { cipherShape, type RecordOpener } from './record-opener.ts';

const macLengths: Readonly<Record<SuiteHash, number>> = { MD5: 16, SHA: 20, SHA256: 32, SHA384: 48, SM3: 32 };
const TRUNCATED_MAC = 10; // RFC 6066 §7

/** Whether the records of a suite can be opened here, with its keys or without. */
export function canBeOpened(suite: CipherSuite, version: number): boolean {
  return suite.mode === 'none' || (cipherShape(suite) !== undefined && version !== versionNumbers['SSL 3']);
}

/** A suite that encrypts nothing is read without any key. */
export function nullOpener({ suite, serverHello }: Handshake): RecordOpener | undefined {
  if (suite === undefined || suite.mode !== 'none') return undefined;
  if (suite.isTls13) return new NullOpener(macLengths[suite.hash], true);
  return new NullOpener(macLengthOf(suite, serverHello?.extensions.truncatedMac === true), false);
}

/** Opens what one side sends in TLS 1.0 to 1.2, by the master secret (RFC 5246 §6.3). */
export function openerFromMaster(handshake: Handshake, from: TlsRole, master: Uint8Array): RecordOpener | undefined {
  const { suite, version, clientHello, serverHello } = handshake;
  if (suite === undefined || version === undefined || clientHello === undefined || serverHello === undefined) {
    return undefined;
  }
  const shape = cipherShape(suite);
  if (shape === undefined || version === versionNumbers['SSL 3'] || suite.isTls13) return undefined;
  const macKeyLength = suite.mac === undefined ? 0 : macLengths[suite.mac];
  const lengths = [macKeyLength, shape.keyLength, shape.fixedIvLength];
  const total = 2 * lengths.reduce((sum, length) => sum + length, 0);
  const seed = concatenated(serverHello.random, clientHello.random);
  const block = prf({ version, suite }, master, 'key expansion', seed, total);
  // Of each kind first that of the client, then that of the server.
  const part = (kind: number) => {
    const length = lengths[kind] ?? 0;
    const at = 2 * lengths.slice(0, kind).reduce((sum, before) => sum + before, 0) + (from === 'client' ? 0 : length);
    return block.slice(at, at + length);
  };
  const keys = { mac: part(0), key: part(1), iv: part(2) };
  if (suite.mode === 'aead') return new AeadOpener(shape, keys, false);
  return new CbcOpener(shape, keys, {
    hash: hashName(suite.mac ?? 'SHA'),
    macLength: macLengthOf(suite, serverHello.extensions.truncatedMac),
    hasImplicitIv: version === versionNumbers['TLS 1.0'],
    encryptThenMac: serverHello.extensions.encryptThenMac,
  });
}

/** Opens what one side sends in TLS 1.3, by a traffic secret (RFC 8446 §7.3). */
export function openerFromTrafficSecret(suite: CipherSuite, secret: Uint8Array): RecordOpener | undefined {
  const shape = cipherShape(suite);
  if (shape === undefined || !suite.isTls13) return undefined;
  const derive = (label: string, length: number) =>
    expandLabel(hashName(suite.hash), secret, label, new Uint8Array(0), length);
  const keys = { mac: new Uint8Array(0), key: derive('key', shape.keyLength), iv: derive('iv', shape.fixedIvLength) };
  return new AeadOpener(shape, keys, true);
}

function macLengthOf({ mac }: CipherSuite, isTruncated: boolean): number {
  if (mac === undefined) return 0;
  return isTruncated ? TRUNCATED_MAC : macLengths[mac];
}
