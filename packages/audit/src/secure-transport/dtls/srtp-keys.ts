import { type SrtpProfileName, srtpProfiles } from '@trustline/srtp';
import type { PacketPlace } from '../../traffic/place.ts';
import type { Handshake } from '../tls/handshake.ts';
import { concatenated, prf } from '../tls/key-derivation.ts';
import type { SecretSource, TlsSecrets } from '../tls/secrets.ts';

/** Protection profiles of DTLS-SRTP by their codes (RFC 5764 §4.1.2, RFC 7714 §14.2). */
const profileNames: Readonly<Record<number, SrtpProfileName>> = {
  1: 'AES_CM_128_HMAC_SHA1_80',
  2: 'AES_CM_128_HMAC_SHA1_32',
  5: 'NULL_HMAC_SHA1_80',
  6: 'NULL_HMAC_SHA1_32',
  7: 'AEAD_AES_128_GCM',
  8: 'AEAD_AES_256_GCM',
};

/** Undefined for one that is not performed here: double encryption (RFC 8723), ARIA. */
export function srtpProfileName(code: number): SrtpProfileName | undefined {
  return profileNames[code];
}

export interface SrtpMasterKeys {
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
}

/** What opens the media of a DTLS association. */
export interface DtlsSrtpKeys {
  readonly profile: SrtpProfileName;
  /** Of what the client of the handshake sends. */
  readonly client: SrtpMasterKeys;
  readonly server: SrtpMasterKeys;
  readonly source: SecretSource;
  /** Of the server's hello, which chose the profile. */
  readonly place: PacketPlace;
}

/** The keys by the exporter (RFC 5764 §4.2) of DTLS 1.0 and 1.2; undefined where the master secret is not known. */
export function srtpKeysOf(handshake: Handshake, secrets: TlsSecrets): DtlsSrtpKeys | undefined {
  const { clientHello, serverHello, suite, version, isTls13 } = handshake;
  const profile = profileNames[serverHello?.extensions.srtpProfiles[0] ?? 0];
  if (clientHello === undefined || serverHello === undefined || profile === undefined) return undefined;
  if (suite === undefined || version === undefined || isTls13) return undefined;
  const master = secrets.master(handshake);
  if (master === undefined) return undefined;
  const { masterKeyLength, masterSaltLength } = srtpProfiles[profile];
  const seed = concatenated(clientHello.random, serverHello.random);
  const length = 2 * (masterKeyLength + masterSaltLength);
  const material = prf({ version, suite }, master.secret, 'EXTRACTOR-dtls_srtp', seed, length);
  let at = 0;
  const take = (octets: number) => {
    at += octets;
    return material.slice(at - octets, at);
  };
  const [clientKey, serverKey] = [take(masterKeyLength), take(masterKeyLength)];
  const [clientSalt, serverSalt] = [take(masterSaltLength), take(masterSaltLength)];
  return {
    profile,
    client: { masterKey: clientKey, masterSalt: clientSalt },
    server: { masterKey: serverKey, masterSalt: serverSalt },
    source: master.source,
    place: serverHello.place,
  };
}
