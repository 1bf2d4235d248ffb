import { verify } from 'node:crypto';
import type { Redacted } from '@trustline/base';
import { afterEach, describe, expect, test } from 'vitest';
import { judgeOfferedList } from '../trust-list/acceptance.ts';
import { buildTrustList } from '../trust-list/build.ts';
import { nothingHeld } from '../trust-list/held.ts';
import { signFile } from '../trust-list/sign.ts';
import { hashNameOf } from './digest-info.ts';
import { TokenError } from './error.ts';
import { initialiseToken, type TokenCertificateIssuer } from './initialise-token.ts';
import type { InitialisableToken, SecurityToken } from './security-token.ts';
import { isLabTokenCertificate, tokenNameOf } from './token-name.ts';

/** A kind of security token to be tested; every test gets a token of its own. */
export interface SecurityTokenSetup {
  /** A formatted token that has no key yet. */
  newToken(): Promise<{
    /** Opens it for the first time. */
    create(): Promise<InitialisableToken>;
    open(pin: Redacted<string>): Promise<InitialisableToken>;
    readonly pin: Redacted<string>;
    readonly wrongPin: Redacted<string>;
  }>;
  /** Issues certificates as a cluster does. */
  readonly issue: TokenCertificateIssuer;
  /** The certificates of another authority or token, in DER: none is for a key of a token. */
  readonly otherCertificate: () => Promise<{ readonly certificate: Uint8Array; readonly issuer: Uint8Array }>;
  readonly lab: boolean;
}

/** What every security token keeps to: run it over each implementation. */
export function describeSecurityToken(name: string, setup: () => SecurityTokenSetup): void {
  describe(`${name} keeps to the contract of security tokens`, () => {
    const opened: SecurityToken[] = [];
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((token) => token.close()));
    });

    function opening<Token extends SecurityToken>(token: Token): Token {
      opened.push(token);
      return token;
    }

    async function ready() {
      const place = await setup().newToken();
      const token = opening(await place.create());
      return { place, token, certificate: await initialiseToken(token, setup().issue) };
    }

    test('its certificate names it, is on it, and tells a lab’s token from others', async () => {
      const { token, certificate } = await ready();
      expect(token.serial).not.toBe('');
      expect(token.attestation).toMatchObject({ serial: token.serial, lab: setup().lab });
      expect(certificate.commonNames).toEqual([tokenNameOf(token.serial)]);
      expect(certificate.key).toEqual({ kind: 'RSA', bits: 2048 });
      expect(isLabTokenCertificate(certificate)).toBe(setup().lab);
      expect((await token.certificates()).map(({ fingerprint }) => fingerprint)).toEqual([certificate.fingerprint]);
    });

    test.each(['SHA-1', 'SHA-512'] as const)('RFC 8017 §8.2: it signs over %s, whatever the length', async (digest) => {
      const { token, certificate } = await ready();
      for (const length of [0, 1, 4_947, 300_000]) {
        const data = new Uint8Array(length).fill(0x5a);
        const signature = await token.sign(certificate, digest, data);
        expect(signature).toHaveLength(256);
        expect(verify(hashNameOf(digest), data, certificate.publicKey, signature)).toBe(true);
        expect(
          verify(hashNameOf(digest), Uint8Array.of(...data.subarray(0, 9), 1), certificate.publicKey, signature),
        ).toBe(false);
      }
    });

    test('a trust list that it signs is one that phones take', async () => {
      const { token, certificate: signer } = await ready();
      const records = [{ role: 'SAST', dnsName: '', certificate: signer }] as const;
      for (const digest of ['SHA-1', 'SHA-512'] as const) {
        const list = buildTrustList({ kind: 'CTL', timestamp: 1_800_000_000, digest, signer, records });
        const octets = await signFile(list, (hash, data) => token.sign(signer, hash, data));
        const offered = { kind: 'CTL', requestedName: 'CTLFile.tlv', octets } as const;
        expect(judgeOfferedList(nothingHeld, offered, { now: signer.notBefore })).toMatchObject({ accepted: true });
      }
    });

    test('signatures that are asked for at the same time are all right', async () => {
      const { token, certificate } = await ready();
      const texts = [1, 2, 3, 4].map((octet) => Uint8Array.of(octet));
      const signatures = await Promise.all(texts.map((data) => token.sign(certificate, 'SHA-512', data)));
      for (const [index, signature] of signatures.entries()) {
        expect(verify('sha512', texts[index] ?? new Uint8Array(), certificate.publicKey, signature)).toBe(true);
      }
    });

    test('closed and opened again it has the same key, and a key is never made over another', async () => {
      const { place, token, certificate } = await ready();
      await expect(initialiseToken(token, setup().issue)).rejects.toMatchObject({ code: 'token.already-initialised' });
      await token.close();
      const again = opening(await place.open(place.pin));
      expect(again.serial).toBe(token.serial);
      const [kept] = await again.certificates();
      expect(kept?.fingerprint).toBe(certificate.fingerprint);
      const signature = await again.sign(certificate, 'SHA-512', Uint8Array.of(1));
      expect(verify('sha512', Uint8Array.of(1), certificate.publicKey, signature)).toBe(true);
      await expect(initialiseToken(again, setup().issue)).rejects.toMatchObject({ code: 'token.already-initialised' });
    });

    test('a certificate for another key is not stored, and the initialisation can be repeated', async () => {
      const place = await setup().newToken();
      const token = opening(await place.create());
      await expect(initialiseToken(token, setup().otherCertificate)).rejects.toMatchObject({
        code: 'token.certificate-refused',
      });
      expect(await token.certificates()).toEqual([]);
      await initialiseToken(token, setup().issue);
      expect(await token.certificates()).toHaveLength(1);
    });

    test('without the key of a certificate it says so', async () => {
      const { token } = await ready();
      const other = await ready();
      await expect(token.sign(other.certificate, 'SHA-512', new Uint8Array())).rejects.toMatchObject({
        code: 'token.key-missing',
      });
    });

    test('a wrong PIN opens nothing, and no PIN is in any error', async () => {
      const { place, token } = await ready();
      await token.close();
      const failure: unknown = await place.open(place.wrongPin).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'token.pin-wrong', nextStep: expect.stringMatching(/./) });
      const told = failure instanceof TokenError ? [failure.stack, failure.cause, JSON.stringify(failure)].join() : '';
      for (const pin of [place.pin, place.wrongPin]) expect(told).not.toContain(pin.reveal());
      opening(await place.open(place.pin));
    });

    test('closed it does nothing more', async () => {
      const { token, certificate } = await ready();
      await token.close();
      await token.close();
      await expect(token.sign(certificate, 'SHA-1', new Uint8Array())).rejects.toMatchObject({ code: 'token.closed' });
      await expect(token.certificates()).rejects.toMatchObject({ code: 'token.closed' });
    });
  });
}
