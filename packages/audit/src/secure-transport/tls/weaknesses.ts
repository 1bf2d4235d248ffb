import type { PacketPlace } from '../../traffic/place.ts';
import type { SeenCertificate } from './certificate.ts';
import { isEphemeral, provesServer, signalsRenegotiationInfo } from './cipher-suites.ts';
import type { Handshake, TlsRole } from './handshake.ts';
import { isSmallCurve, versionName, versionNumbers } from './names.ts';

/** What is wrong with the settings of a connection. Codes are stable. */
export type WeaknessCode =
  | 'ssl-2'
  | 'ssl-3'
  | 'tls-1-0'
  | 'tls-1-1'
  | 'dtls-1-0'
  | 'null-cipher'
  | 'export-cipher'
  | 'anonymous-key-exchange'
  | 'des-cipher'
  | 'triple-des-cipher'
  | 'rc4-cipher'
  | 'rc2-cipher'
  | 'md5-mac'
  | 'cbc-with-sha-1'
  | 'no-forward-secrecy'
  | 'small-diffie-hellman-group'
  | 'small-curve'
  | 'compression'
  | 'no-secure-renegotiation'
  | 'no-extended-master-secret'
  | 'sha-1-handshake-signature'
  | 'early-data'
  | 'null-srtp-profile'
  | 'rsa-key-below-2048'
  | 'small-certificate-curve'
  | 'md5-certificate-signature'
  | 'sha-1-certificate-signature'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-self-signed'
  | 'certificate-name-mismatch'
  | 'certificate-not-readable';

export interface Weakness {
  readonly code: WeaknessCode;
  /** `severe`: an eavesdropper reads it, or could; `serious`: broken or forbidden today; `minor`: better avoided. */
  readonly grade: 'severe' | 'serious' | 'minor';
  /** What was seen, in a few words. */
  readonly detail: string;
  /** The packet that shows it. */
  readonly place: PacketPlace;
}

type Add = (code: WeaknessCode, grade: Weakness['grade'], detail: string, place: PacketPlace) => void;

/** NIST SP 800-131A. */
const SMALLEST_MODULUS_BITS = 2_048;

/** RSA with MD2, MD4 and MD5 (RFC 8017 appendix A.2.4), which the reader of certificates has no names for. */
const brokenSignatures: ReadonlySet<string> = new Set([2, 3, 4].map((arc) => `1.2.840.113549.1.1.${arc}`));

/** What is weak in what a handshake chose and showed. What a client merely offers is not. */
export function weaknessesOf(handshake: Handshake): readonly Weakness[] {
  const found: Weakness[] = [];
  const add: Add = (code, grade, detail, place) => {
    const isKnown = found.some((one) => one.code === code && one.detail === detail);
    if (!isKnown) found.push({ code, grade, detail, place });
  };
  addOfVersion(handshake, add);
  addOfSuite(handshake, add);
  addOfKeyExchange(handshake, add);
  addOfExtensions(handshake, add);
  for (const role of ['server', 'client'] as const) addOfChain(handshake, role, add);
  return found;
}

function addOfVersion({ serverHello, version }: Handshake, add: Add): void {
  if (serverHello === undefined || version === undefined) return;
  const codes: Readonly<Record<number, WeaknessCode>> = {
    [versionNumbers['SSL 2']]: 'ssl-2',
    [versionNumbers['SSL 3']]: 'ssl-3',
    [versionNumbers['TLS 1.0']]: 'tls-1-0',
    [versionNumbers['TLS 1.1']]: 'tls-1-1',
    [versionNumbers['DTLS 1.0']]: 'dtls-1-0',
    256: 'dtls-1-0',
  };
  const code = codes[version];
  if (code !== undefined) add(code, 'serious', versionName(version) ?? '', serverHello.place);
}

function addOfSuite({ serverHello, suite }: Handshake, add: Add): void {
  if (serverHello === undefined || suite === undefined) return;
  const { place } = serverHello;
  const { name, cipher, mac } = suite;
  if (suite.mode === 'none') add('null-cipher', 'severe', name, place);
  if (suite.isExport) add('export-cipher', 'severe', name, place);
  else if (/^DES_/.test(cipher)) add('des-cipher', 'severe', name, place);
  if (cipher.startsWith('3DES')) add('triple-des-cipher', 'serious', name, place);
  if (cipher.startsWith('RC4')) add('rc4-cipher', 'serious', name, place);
  if (cipher.startsWith('RC2')) add('rc2-cipher', 'serious', name, place);
  if (mac === 'MD5') add('md5-mac', 'serious', name, place);
  if (suite.mode === 'cbc' && mac === 'SHA') add('cbc-with-sha-1', 'minor', name, place);
  if (!provesServer(suite)) add('anonymous-key-exchange', 'severe', name, place);
  if (isEphemeral(suite) === false) add('no-forward-secrecy', 'serious', name, place);
  if (suite.isTls13 && serverHello.extensions.keyShares.length === 0) {
    add('no-forward-secrecy', 'serious', `${name}, resumed without a key exchange`, place);
  }
}

function addOfKeyExchange({ serverKeyExchange, version, suite }: Handshake, add: Add): void {
  if (serverKeyExchange === undefined) return;
  const { group, primeBits, signatureHash, place } = serverKeyExchange;
  if (primeBits !== undefined && primeBits < SMALLEST_MODULUS_BITS) {
    add('small-diffie-hellman-group', primeBits <= 1_024 ? 'serious' : 'minor', `${primeBits} bits`, place);
  }
  if (group !== undefined && isSmallCurve(group)) add('small-curve', 'serious', `group ${group}`, place);
  // Before TLS 1.2 there is no other, and the version is a weakness by itself.
  const is12 = version === versionNumbers['TLS 1.2'] || version === versionNumbers['DTLS 1.2'];
  if (is12 && suite !== undefined && provesServer(suite) && (signatureHash === 1 || signatureHash === 2)) {
    add('sha-1-handshake-signature', 'minor', signatureHash === 1 ? 'MD5' : 'SHA-1', place);
  }
}

function addOfExtensions(handshake: Handshake, add: Add): void {
  const { clientHello, serverHello, isTls13 } = handshake;
  if (serverHello === undefined) return;
  if (serverHello.compression !== 0) add('compression', 'serious', 'TLS compression (CRIME)', serverHello.place);
  if (isTls13) {
    const accepted = handshake.encryptedExtensions?.earlyData ?? clientHello?.extensions.earlyData;
    if (accepted === true && clientHello !== undefined) add('early-data', 'minor', '0-RTT', clientHello.place);
    return;
  }
  const { renegotiationInfo, extendedMasterSecret, srtpProfiles } = serverHello.extensions;
  // RFC 5764 §4.1.2: SRTP_NULL_HMAC_SHA1_80 and _32 leave the media as it is.
  if (srtpProfiles[0] === 5 || srtpProfiles[0] === 6) {
    add('null-srtp-profile', 'severe', 'SRTP without encryption', serverHello.place);
  }
  const isAsked = clientHello?.extensions.renegotiationInfo === true || signals(handshake);
  if (isAsked && !renegotiationInfo) add('no-secure-renegotiation', 'minor', 'RFC 5746', serverHello.place);
  if (clientHello?.extensions.extendedMasterSecret === true && !extendedMasterSecret) {
    add('no-extended-master-secret', 'minor', 'RFC 7627', serverHello.place);
  }
}

function signals({ clientHello }: Handshake): boolean {
  return clientHello !== undefined && signalsRenegotiationInfo(clientHello.suites);
}

function addOfChain(handshake: Handshake, role: TlsRole, add: Add): void {
  const chain = handshake.certificates[role] ?? [];
  for (const [at, seen] of chain.entries()) addOfCertificate(seen, role, at === 0, handshake.isDtls, add);
  const name = handshake.clientHello?.extensions.serverName;
  const [leaf] = chain;
  if (role !== 'server' || name === undefined || leaf?.certificate === undefined) return;
  const names = leaf.certificate.subjectNames.filter(({ kind }) => kind === 'dns').map(({ value }) => value);
  const known = names.length > 0 ? names : leaf.certificate.commonNames;
  if (!known.some((one) => isNamed(name, one))) {
    add('certificate-name-mismatch', 'minor', `for ${name}, asked by the client`, leaf.place);
  }
}

function addOfCertificate(seen: SeenCertificate, role: TlsRole, isLeaf: boolean, isDtls: boolean, add: Add): void {
  const { certificate, place } = seen;
  if (certificate === undefined) {
    add('certificate-not-readable', 'minor', `of the ${role}`, place);
    return;
  }
  const { subject, key, signatureHash, notBefore, notAfter } = certificate;
  const isOwn = certificate.subjectHash === certificate.issuerHash && certificate.signedBy(certificate);
  if (key.kind === 'RSA' && key.bits < SMALLEST_MODULUS_BITS) {
    add('rsa-key-below-2048', 'serious', `${key.bits} bits, ${subject}`, place);
  }
  if (key.kind === 'EC' && /1[0-9]{2}/.test(key.curve)) {
    add('small-certificate-curve', 'serious', `${key.curve}, ${subject}`, place);
  }
  // The signature of a root over itself proves nothing and is not looked at by anybody.
  if (!isOwn && brokenSignatures.has(signatureHash)) add('md5-certificate-signature', 'serious', subject, place);
  if (!isOwn && /^SHA-?1$/i.test(signatureHash)) add('sha-1-certificate-signature', 'serious', subject, place);
  // What DTLS proves stands in the signalling, by the fingerprint (RFC 5763 §5): such certificates are meant to be self-signed.
  if (isLeaf && isOwn && !isDtls) add('certificate-self-signed', 'minor', subject, place);
  const now = place.microseconds / 1_000;
  if (now === 0) return;
  if (now > notAfter) add('certificate-expired', 'serious', `${dayOf(notAfter)}, ${subject}`, place);
  if (now < notBefore) add('certificate-not-yet-valid', 'serious', `${dayOf(notBefore)}, ${subject}`, place);
}

/** RFC 6125 §6.4: a wildcard stands for one label, the first. */
function isNamed(name: string, pattern: string): boolean {
  const [wanted, given] = [name.toLowerCase(), pattern.toLowerCase()];
  if (wanted === given) return true;
  return given.startsWith('*.') && wanted.includes('.') && wanted.slice(wanted.indexOf('.')) === given.slice(1);
}

function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
