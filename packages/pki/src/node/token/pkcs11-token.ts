import { type KeyObject, verify } from 'node:crypto';
import type { Redacted } from '@trustline/base';
import type { Handle, PKCS11 } from 'pkcs11js';
import type { Certificate } from '../../certificate.ts';
import { encodeDigestInfo, hashNameOf } from '../../token/digest-info.ts';
import { TokenError } from '../../token/error.ts';
import { assertPinMayBeTried, wrongPin } from '../../token/pkcs11-rules.ts';
import type { InitialisableToken, NewTokenKey, TokenAttestation, TokenDigest } from '../../token/security-token.ts';
import { isTokenCertificate } from '../../token/token-name.ts';
import { acquireModule, answerOf, calling, pkcs11Library } from './pkcs11-module.ts';
import { createKeyPair, findUncertifiedKey, storeCertificateObject, type TokenKey } from './pkcs11-objects.ts';
import { certificateObjects, findObjects, readTokenInfo, slotsWithTokens } from './pkcs11-slots.ts';

/** Which token of which module. Without a serial number or label the module must show exactly one. */
export interface Pkcs11Selection {
  readonly module: string;
  /** A serial number or a label. */
  readonly token?: string | undefined;
}

/** An RSA-2048 signature. */
const SIGNATURE_LENGTH = 256;

/**
 * Opens a token with its PIN. The PIN is given to it once: a wrong one is an error with the token's own warning, and
 * is never tried again. On the final try it is given only when `useFinalTry` says that its owner knows.
 *
 * @throws {TokenError} token.absent, token.ambiguous, token.not-formatted, token.pin-wrong, token.pin-final-try,
 *   token.pin-locked, token.removed, token.in-use, token.module-missing, token.module-failed, token.library-missing
 */
export async function openPkcs11Token(
  selection: Pkcs11Selection,
  pin: Redacted<string>,
  { useFinalTry = false }: { readonly useFinalTry?: boolean } = {},
): Promise<InitialisableToken> {
  const { module } = selection;
  const { pkcs11, release } = acquireModule(module);
  try {
    const { slot, info } = await selectToken(pkcs11, selection);
    const name = nameOf(info);
    assertPinMayBeTried(name, info.pin, useFinalTry);
    const session = await login(pkcs11, module, slot, name, pin);
    return new Pkcs11Token(pkcs11, session, info, release);
  } catch (error) {
    release();
    throw error;
  }
}

async function selectToken(pkcs11: PKCS11, { module, token }: Pkcs11Selection) {
  const slots = await slotsWithTokens(pkcs11, module);
  const all = await calling(module, 'its tokens were looked at', () =>
    slots.map((slot) => ({ slot, info: readTokenInfo(pkcs11, module, slot) })),
  );
  const formatted = all.filter(({ info }) => info.formatted);
  const found = formatted.filter(({ info }) => token === undefined || [info.serial, info.label].includes(token));
  const [first, ...others] = found;
  if (first === undefined) {
    const wanted = token === undefined ? 'no formatted token' : `no token with the serial number or label ${token}`;
    const there = formatted.map(({ info }) => nameOf(info)).join(', ');
    throw new TokenError('token.absent', `${module} shows ${wanted}${there === '' ? '' : `, but ${there}`}`, {
      nextStep: 'Put the token in. A new one is formatted and given a PIN with its maker’s tool first.',
    });
  }
  if (others.length > 0) {
    const names = found.map(({ info }) => nameOf(info)).join(', ');
    throw new TokenError('token.ambiguous', `${module} shows ${found.length} tokens: ${names}`, {
      nextStep: 'Name one by its serial number: --token SERIAL',
    });
  }
  return first;
}

function nameOf({ label, serial }: { readonly label: string; readonly serial: string }): string {
  return `token ${label === '' ? serial : `"${label}" (${serial})`}`;
}

async function login(
  pkcs11: PKCS11,
  module: string,
  slot: Handle,
  name: string,
  pin: Redacted<string>,
): Promise<Handle> {
  const { CKF_RW_SESSION, CKF_SERIAL_SESSION, CKU_USER } = pkcs11Library();
  const session = await calling(name, 'it was opened', () =>
    pkcs11.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION),
  );
  try {
    await calling(name, 'its PIN was given', () => {
      try {
        pkcs11.C_Login(session, CKU_USER, pin.reveal());
      } catch (error) {
        const answer = answerOf(error);
        if (!pinAnswers.has(answer)) throw error;
        const after = readTokenInfo(pkcs11, module, slot).pin;
        throw wrongPin(name, answer === 'CKR_PIN_LOCKED' ? { ...after, locked: true } : after);
      }
    });
    return session;
  } catch (error) {
    quietly(() => pkcs11.C_CloseSession(session));
    throw error;
  }
}

/** CKR_PIN_LEN_RANGE: SoftHSM answers a PIN that is too short or too long so, without counting it. */
const pinAnswers: ReadonlySet<string> = new Set(['CKR_PIN_INCORRECT', 'CKR_PIN_LEN_RANGE', 'CKR_PIN_LOCKED']);

class Pkcs11Token implements InitialisableToken {
  readonly label: string;
  readonly serial: string;
  readonly attestation: TokenAttestation;
  readonly #name: string;
  readonly #pkcs11: PKCS11;
  readonly #session: Handle;
  readonly #release: () => void;
  #madeKey: TokenKey | undefined;
  #closed = false;
  /** A session signs one thing at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    pkcs11: PKCS11,
    session: Handle,
    info: { readonly label: string; readonly serial: string; readonly attestation: TokenAttestation },
    release: () => void,
  ) {
    this.#pkcs11 = pkcs11;
    this.#session = session;
    this.#release = release;
    this.label = info.label;
    this.serial = info.serial;
    this.attestation = info.attestation;
    this.#name = nameOf(info);
  }

  async certificates(): Promise<readonly Certificate[]> {
    return this.#calling('its certificates were read', () =>
      certificateObjects(this.#pkcs11, this.#session).map(({ certificate }) => certificate),
    );
  }

  async sign(certificate: Certificate, digest: TokenDigest, data: Uint8Array): Promise<Uint8Array> {
    return this.#calling('it signed', async () => {
      const key = this.#privateKeyFor(certificate);
      if (key === undefined) {
        throw new TokenError('token.key-missing', `${this.#name} holds no key for ${certificate.subject}`, {
          nextStep: 'Name the token that this certificate was made for: trustline token list.',
        });
      }
      return this.#signBy(key, certificate.publicKey, digest, data);
    });
  }

  async makeKey(): Promise<NewTokenKey> {
    return this.#calling('its key was made', async () => {
      const earlier = certificateObjects(this.#pkcs11, this.#session).find(({ certificate }) =>
        isTokenCertificate(certificate),
      );
      if (earlier !== undefined) {
        throw new TokenError('token.already-initialised', `${this.#name} has ${earlier.certificate.subject} already`, {
          nextStep:
            'Use it as it is: trustline token show. A new start is made with its maker’s tool, by formatting it.',
        });
      }
      const key = findUncertifiedKey(this.#pkcs11, this.#session) ?? (await createKeyPair(this.#pkcs11, this.#session));
      this.#madeKey = key;
      return {
        publicKey: key.publicKey,
        sign: (digest: TokenDigest, data: Uint8Array) =>
          this.#calling('it signed', () => this.#signBy(key.privateKey, key.publicKey, digest, data)),
      };
    });
  }

  async storeCertificate(certificate: Certificate): Promise<void> {
    await this.#calling('its certificate was stored', () => {
      const key = this.#madeKey;
      if (key === undefined || !key.publicKey.equals(certificate.publicKey)) {
        throw new TokenError('token.certificate-refused', `${certificate.subject} is not for the key of this token`);
      }
      storeCertificateObject(this.#pkcs11, this.#session, certificate, key.id);
      this.#madeKey = undefined;
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    quietly(() => this.#pkcs11.C_Logout(this.#session));
    quietly(() => this.#pkcs11.C_CloseSession(this.#session));
    this.#release();
  }

  /** The key that shares its CKA_ID with the certificate (PKCS#11 v2.40 §4.6.3). */
  #privateKeyFor(certificate: Certificate): Handle | undefined {
    const { CKA_CLASS, CKA_ID, CKA_KEY_TYPE, CKK_RSA, CKO_PRIVATE_KEY } = pkcs11Library();
    const stored = certificateObjects(this.#pkcs11, this.#session).find(
      (one) => one.certificate.fingerprint === certificate.fingerprint,
    );
    if (stored === undefined) return undefined;
    const [key] = findObjects(this.#pkcs11, this.#session, [
      { type: CKA_CLASS, value: CKO_PRIVATE_KEY },
      { type: CKA_KEY_TYPE, value: CKK_RSA },
      { type: CKA_ID, value: Buffer.from(stored.id) },
    ]);
    return key;
  }

  async #signBy(key: Handle, publicKey: KeyObject, digest: TokenDigest, data: Uint8Array): Promise<Uint8Array> {
    const { CKM_RSA_PKCS } = pkcs11Library();
    this.#pkcs11.C_SignInit(this.#session, { mechanism: CKM_RSA_PKCS }, key);
    const toSign = Buffer.from(encodeDigestInfo(digest, data));
    const signature = new Uint8Array(
      await this.#pkcs11.C_SignAsync(this.#session, toSign, Buffer.alloc(SIGNATURE_LENGTH)),
    );
    if (verify(hashNameOf(digest), data, publicKey, signature)) return signature;
    throw new TokenError('token.signature-wrong', `${this.#name} signed with another key than its certificate’s`, {
      nextStep: 'Do not use it for trust lists any more; use your other token.',
    });
  }

  /** One call after the other, each with what it was doing in its error. */
  #calling<T>(doing: string, call: () => T | Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new TokenError('token.closed', `${this.#name} was closed`));
    const result = this.#last.then(() => calling(this.#name, doing, call));
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** Ends what a pulled token has ended already. */
function quietly(end: () => void): void {
  try {
    end();
  } catch {
    // nothing is left to end
  }
}
