import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  type ScryptOptions,
  scrypt,
  sign,
  verify,
} from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Redacted } from '@trustline/base';
import { type Certificate, readCertificate } from '../../certificate.ts';
import { visible } from '../../distinguished-name.ts';
import { decodeCertificatesPem, encodeCertificatesPem } from '../../pem.ts';
import { hashNameOf } from '../../token/digest-info.ts';
import { TokenError } from '../../token/error.ts';
import type { InitialisableToken, NewTokenKey, TokenAttestation, TokenDigest } from '../../token/security-token.ts';
import { readPrivateFile, writeFileAtomically } from '../files.ts';
import { generatePrivateKey } from '../private-key-file.ts';

const FORMAT = 'trustline-software-token';
const VERSION = 1;

/** scrypt (RFC 7914) at 128 MiB: some 0.4 s a guess. PINs are short, and a file counts no tries. */
const scryptCost = { N: 131_072, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;

const SALT_LENGTH = 16;
/** The length of an AES-256 key. */
const KEY_LENGTH = 32;
/** SP 800-38D §8.2.2: a random nonce of 96 bits; each file is encrypted once under its own salt and key. */
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** Shorter ones are tried out in no time by who has the file. */
const MIN_PIN_LENGTH = 6;

/** What anybody who can read the file may see; the key's encryption authenticates all of it. */
interface PublicPart {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly notice: string;
  readonly label: string;
  readonly serial: string;
  /** PEM. */
  readonly certificate: string;
}

interface TokenFile extends PublicPart {
  /** salt, nonce, tag and the encrypted PKCS#8 key, base64. */
  readonly key: string;
}

const notice = 'LAB SOFTWARE TOKEN: whoever has this file and its PIN signs trust lists.';

/** What a software token's file shows without its PIN. */
export interface SoftwareTokenListing {
  readonly label: string;
  readonly serial: string;
  readonly attestation: TokenAttestation;
  readonly certificate: Certificate;
}

/**
 * A software token for labs that is not there yet: its file is written, encrypted and whole, once its certificate is
 * stored.
 *
 * @throws {TokenError} token.already-initialised when the file exists, token.pin-refused for a PIN that is too short
 */
export function createSoftwareToken(path: string, label: string, pin: Redacted<string>): InitialisableToken {
  assertNoFile(path);
  if (pin.reveal().length < MIN_PIN_LENGTH) {
    throw new TokenError('token.pin-refused', `the PIN of a software token has at least ${MIN_PIN_LENGTH} characters`, {
      nextStep: 'Choose a longer one: a file counts no tries, so whoever copies it may try them all.',
    });
  }
  const serial = `LAB${randomBytes(6).toString('hex').toUpperCase()}`;
  return new SoftwareToken(path, { label, serial }, undefined, pin);
}

/**
 * Opens a software token. A wrong PIN is an error; tries are not counted, since a file cannot count them.
 *
 * @throws {TokenError} token.absent, token.pin-wrong, token.file-damaged
 * @throws {PkiError} pki.key-file-exposed when others can read the file
 */
export async function openSoftwareToken(path: string, pin: Redacted<string>): Promise<InitialisableToken> {
  const file = await readTokenFile(path);
  const { label, serial } = file;
  return new SoftwareToken(path, { label, serial }, await decryptKey(path, file, pin), pin, certificateOf(path, file));
}

/** Shows a software token without its PIN. @throws {TokenError} token.absent, token.file-damaged */
export async function readSoftwareToken(path: string): Promise<SoftwareTokenListing> {
  const file = await readTokenFile(path);
  const { label, serial } = file;
  return { label, serial, attestation: attestationOf(path, serial), certificate: certificateOf(path, file) };
}

class SoftwareToken implements InitialisableToken {
  readonly label: string;
  readonly serial: string;
  readonly attestation: TokenAttestation;
  readonly #path: string;
  /** PKCS#8 DER: octets that can be zeroed, as a key object cannot. */
  #key: Uint8Array | undefined;
  #pin: Redacted<string> | undefined;
  #certificate: Certificate | undefined;
  #closed = false;

  constructor(
    path: string,
    { label, serial }: { readonly label: string; readonly serial: string },
    key: Uint8Array | undefined,
    pin: Redacted<string>,
    certificate?: Certificate,
  ) {
    this.#path = path;
    this.label = label;
    this.serial = serial;
    this.attestation = attestationOf(path, serial);
    this.#key = key;
    this.#certificate = certificate;
    // The file of an opened token is never written again, so its PIN is not kept.
    this.#pin = certificate === undefined ? pin : undefined;
  }

  async certificates(): Promise<readonly Certificate[]> {
    this.#assertOpen();
    return this.#certificate === undefined ? [] : [this.#certificate];
  }

  async sign(certificate: Certificate, digest: TokenDigest, data: Uint8Array): Promise<Uint8Array> {
    this.#assertOpen();
    if (certificate.fingerprint !== this.#certificate?.fingerprint) {
      throw new TokenError('token.key-missing', `${this.#path} holds no key for ${certificate.subject}`, {
        nextStep: 'Name the token that this certificate was made for: trustline token list.',
      });
    }
    const signature = new Uint8Array(sign(hashNameOf(digest), data, this.#privateKey()));
    if (verify(hashNameOf(digest), data, certificate.publicKey, signature)) return signature;
    throw new TokenError('token.signature-wrong', `${this.#path} signed with another key than its certificate’s`, {
      nextStep: 'Do not use it for trust lists any more; use your other token.',
    });
  }

  async makeKey(): Promise<NewTokenKey> {
    this.#assertOpen();
    if (this.#certificate !== undefined) throw alreadyThere(this.#path);
    const made = await generatePrivateKey('RSA-2048');
    this.#key = new Uint8Array(made.export({ type: 'pkcs8', format: 'der' }));
    return {
      publicKey: createPublicKey(made),
      sign: async (digest, data) => {
        this.#assertOpen();
        return new Uint8Array(sign(hashNameOf(digest), data, this.#privateKey()));
      },
    };
  }

  async storeCertificate(certificate: Certificate): Promise<void> {
    this.#assertOpen();
    if (this.#pin === undefined) throw alreadyThere(this.#path);
    if (this.#key === undefined || !createPublicKey(this.#privateKey()).equals(certificate.publicKey)) {
      throw new TokenError('token.certificate-refused', `${certificate.subject} is not for the key of this token`);
    }
    const shown: PublicPart = {
      format: FORMAT,
      version: VERSION,
      notice,
      label: this.label,
      serial: this.serial,
      certificate: encodeCertificatesPem([certificate]),
    };
    const file: TokenFile = { ...shown, key: await encryptKey(shown, this.#key, this.#pin) };
    assertNoFile(this.#path);
    await writeFileAtomically(this.#path, `${JSON.stringify(file, undefined, 2)}\n`);
    this.#certificate = certificate;
    this.#pin = undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#key?.fill(0);
    this.#key = undefined;
    this.#pin = undefined;
  }

  #privateKey(): KeyObject {
    return createPrivateKey({
      key: Buffer.from(this.#key?.buffer ?? new ArrayBuffer(0)),
      type: 'pkcs8',
      format: 'der',
    });
  }

  #assertOpen(): void {
    if (this.#closed) throw new TokenError('token.closed', `${this.#path} was closed`);
  }
}

function attestationOf(path: string, serial: string): TokenAttestation {
  return {
    kind: 'software',
    lab: true,
    module: path,
    manufacturer: 'Trustline',
    model: 'software token',
    serial,
    firmware: '',
  };
}

function assertNoFile(path: string): void {
  if (existsSync(path)) throw alreadyThere(path);
}

function alreadyThere(path: string): TokenError {
  return new TokenError('token.already-initialised', `${path} is a token already and is not overwritten`, {
    nextStep: 'Name another file. Before you remove a token, see that no trust list needs it: trustline token show.',
  });
}

async function readTokenFile(path: string): Promise<TokenFile> {
  if (!existsSync(path)) {
    throw new TokenError('token.absent', `there is no software token at ${path}`, {
      nextStep: `Make it: trustline token init --software ${path}`,
    });
  }
  const text = await readPrivateFile(path);
  try {
    const file = JSON.parse(text) as Partial<Record<keyof TokenFile, unknown>>;
    const texts = [file.notice, file.label, file.serial, file.certificate, file.key];
    if (file.format === FORMAT && file.version === VERSION && texts.every((one) => typeof one === 'string')) {
      const read = file as TokenFile;
      if (visible(read.label) === read.label && visible(read.serial) === read.serial) return read;
    }
  } catch {
    // no JSON: said below; the text is not quoted
  }
  throw damaged(path);
}

function certificateOf(path: string, file: TokenFile): Certificate {
  try {
    const [der, ...more] = decodeCertificatesPem(file.certificate);
    if (der !== undefined && more.length === 0) return readCertificate(der);
  } catch {
    // said below
  }
  throw damaged(path);
}

function damaged(path: string): TokenError {
  return new TokenError('token.file-damaged', `${path} is no software token of this version, or was damaged`, {
    nextStep: 'Restore the file from a backup, or use your other token.',
  });
}

async function encryptKey(shown: PublicPart, key: Uint8Array, pin: Redacted<string>): Promise<string> {
  const salt = randomBytes(SALT_LENGTH);
  const nonce = randomBytes(NONCE_LENGTH);
  const derived = await derive(pin, salt);
  const cipher = createCipheriv('aes-256-gcm', derived, nonce);
  cipher.setAAD(authenticated(shown));
  const encrypted = Buffer.concat([cipher.update(key), cipher.final()]);
  derived.fill(0);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), encrypted]).toString('base64');
}

async function decryptKey(path: string, file: TokenFile, pin: Redacted<string>): Promise<Uint8Array> {
  const octets = Buffer.from(file.key, 'base64');
  const [nonceAt, tagAt, keyAt] = [SALT_LENGTH, SALT_LENGTH + NONCE_LENGTH, SALT_LENGTH + NONCE_LENGTH + TAG_LENGTH];
  if (octets.length <= keyAt) throw damaged(path);
  const derived = await derive(pin, octets.subarray(0, nonceAt));
  const decipher = createDecipheriv('aes-256-gcm', derived, octets.subarray(nonceAt, tagAt), {
    authTagLength: TAG_LENGTH,
  });
  decipher.setAAD(authenticated(file));
  decipher.setAuthTag(octets.subarray(tagAt, keyAt));
  try {
    const first = decipher.update(octets.subarray(keyAt));
    decipher.final(); // before a single octet is believed
    const key = Uint8Array.from(first);
    first.fill(0);
    return key;
  } catch {
    throw new TokenError('token.pin-wrong', `the PIN does not open ${path}, or the file was altered`, {
      nextStep: 'Try again with the right PIN. Tries are not counted: a file cannot count them.',
    });
  } finally {
    derived.fill(0);
  }
}

/** Every public field, in a fixed order. */
function authenticated({ format, version, notice: warning, label, serial, certificate }: PublicPart): Buffer {
  return Buffer.from(JSON.stringify([format, version, warning, label, serial, certificate]));
}

function derive(pin: Redacted<string>, salt: Uint8Array): Promise<Buffer> {
  const options: ScryptOptions = scryptCost;
  return new Promise((resolve, reject) => {
    // NFC: the same PIN typed on another keyboard.
    scrypt(pin.reveal().normalize('NFC'), salt, KEY_LENGTH, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
