import {
  createCipheriv,
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  scryptSync,
} from 'node:crypto';
import { promisify } from 'node:util';
import { Redacted } from '@trustline/base';
import { Integer, ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import { PkiError } from '../error.ts';
import { encodePem } from '../pem.ts';
import type { KeyType } from '../profiles.ts';
import { readPrivateFile, writeFileAtomically } from './files.ts';

const generate = promisify(generateKeyPair);

/** Makes a private key; its public half is derived from it. RSA-2048 takes about 50 ms, in the thread pool. */
export async function generatePrivateKey(type: KeyType | 'Ed25519'): Promise<KeyObject> {
  switch (type) {
    case 'RSA-2048':
      return (await generate('rsa', { modulusLength: 2048 })).privateKey;
    case 'EC-P-256':
      return (await generate('ec', { namedCurve: 'prime256v1' })).privateKey;
    case 'Ed25519':
      return (await generate('ed25519')).privateKey;
  }
}

/** Writes a key as PKCS#8 PEM with mode 0600, encrypted when there is a passphrase. */
export async function writePrivateKey(
  path: string,
  key: KeyObject,
  passphrase: Redacted<string> | undefined,
): Promise<void> {
  const pem = passphrase === undefined ? privateKeyPem(key).reveal() : encryptPrivateKey(key, passphrase);
  await writeFileAtomically(path, pem);
}

/** A key as unencrypted PKCS#8 PEM, for TLS contexts and for handing out. */
export function privateKeyPem(key: KeyObject): Redacted<string> {
  return new Redacted(String(key.export({ type: 'pkcs8', format: 'pem' })));
}

/**
 * Reads a key file, if its mode keeps others out.
 *
 * @throws {PkiError} pki.key-file-exposed, pki.key-file-unreadable, pki.passphrase-needed, pki.passphrase-wrong
 */
export async function readPrivateKey(path: string, passphrase: Redacted<string> | undefined): Promise<KeyObject> {
  const pem = await readPrivateFile(path);
  const isEncrypted = pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----');
  if (isEncrypted && passphrase === undefined) {
    throw new PkiError('pki.passphrase-needed', `${path} is encrypted and no passphrase was given`, {
      nextStep: 'Give it in the variable TRUSTLINE_PASSPHRASE, or name its file as identity.passphraseFile.',
    });
  }
  try {
    return createPrivateKey(
      isEncrypted && passphrase !== undefined ? { key: pem, passphrase: passphrase.reveal() } : pem,
    );
  } catch {
    // The cause is not kept: OpenSSL's errors may quote what they were given.
    if (isEncrypted) {
      throw new PkiError('pki.passphrase-wrong', `the passphrase does not open ${path}`, {
        nextStep: 'Give the passphrase that was in use when the cluster was made.',
      });
    }
    throw new PkiError('pki.key-file-unreadable', `${path} holds no private key in PKCS#8 PEM`, {
      nextStep: 'Restore the file from a backup.',
    });
  }
}

/** scrypt (RFC 7914) at 16 MiB and five passes: some 0.2 s for each guess, and within OpenSSL's memory limit. */
const scryptCost = { N: 16_384, r: 8, p: 5 } as const;

const KEY_LENGTH = 32;

const oid = {
  pbes2: '1.2.840.113549.1.5.13',
  scrypt: '1.3.6.1.4.1.11591.4.11',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
} as const;

/**
 * EncryptedPrivateKeyInfo (RFC 5208 §6) by PBES2 (RFC 8018 §6.2) with scrypt and AES-256-CBC. Written here because
 * `KeyObject.export` derives its key with 2,048 rounds of PBKDF2, too few for a passphrase. OpenSSL reads it back.
 */
function encryptPrivateKey(key: KeyObject, passphrase: Redacted<string>): string {
  const salt = randomBytes(16);
  const initializationVector = randomBytes(16);
  const derived = scryptSync(passphrase.reveal(), salt, KEY_LENGTH, { ...scryptCost, maxmem: 64 * 1024 * 1024 });
  const plain = key.export({ type: 'pkcs8', format: 'der' });
  const cipher = createCipheriv('aes-256-cbc', derived, initializationVector);
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  derived.fill(0);
  plain.fill(0);
  const derivation = sequence(
    new ObjectIdentifier({ value: oid.scrypt }),
    sequence(
      octets(salt),
      new Integer({ value: scryptCost.N }),
      new Integer({ value: scryptCost.r }),
      new Integer({ value: scryptCost.p }),
    ),
  );
  const encryption = sequence(new ObjectIdentifier({ value: oid.aes256Cbc }), octets(initializationVector));
  const algorithm = sequence(new ObjectIdentifier({ value: oid.pbes2 }), sequence(derivation, encryption));
  const info = sequence(algorithm, octets(encrypted));
  return encodePem('ENCRYPTED PRIVATE KEY', new Uint8Array(info.toBER()));
}

function sequence(...value: (Sequence | ObjectIdentifier | OctetString | Integer)[]): Sequence {
  return new Sequence({ value });
}

function octets(value: Uint8Array): OctetString {
  return new OctetString({ valueHex: Uint8Array.from(value).buffer });
}
