import { cipherSuiteNames } from './cipher-suite-names.ts';

export type SuiteHash = 'MD5' | 'SHA' | 'SHA256' | 'SHA384' | 'SM3';

/** What the name of a cipher suite says of it. */
export interface CipherSuite {
  readonly code: number;
  /** As IANA has it: `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`. */
  readonly name: string;
  /** `RSA`, `ECDHE_RSA`, `DH_anon`, `PSK`…; undefined for suites of TLS 1.3, which choose it apart. */
  readonly keyExchange: string | undefined;
  /** `AES_128_CBC`, `AES_256_GCM`, `NULL`, `DES40_CBC`… */
  readonly cipher: string;
  readonly mode: 'none' | 'stream' | 'cbc' | 'aead';
  /** Of records; undefined where the cipher authenticates by itself, or nothing does. */
  readonly mac: SuiteHash | undefined;
  /** Of the key derivation of TLS 1.2 and later. */
  readonly hash: SuiteHash;
  readonly isExport: boolean;
  readonly isTls13: boolean;
}

/** Values that stand in the list of a client and are no suites (RFC 5746 §3.3, RFC 7507). */
const signallingValues = { renegotiationInfo: 0x00ff, fallback: 0x5600 } as const;

/** The suite of a code; undefined for one that is not known, or that is none. */
export function cipherSuite(code: number): CipherSuite | undefined {
  const name = cipherSuiteNames[code];
  if (name === undefined || isSignallingValue(code)) return undefined;
  const [, keyExchange, rest = ''] = /^(?:TLS|SSL)_(?:(.+)_WITH_)?(.+)$/.exec(name) ?? [];
  const [, cipher = rest, hash] = /^(.+?)_(MD5|SHA|SHA256|SHA384|SM3)$/.exec(rest) ?? [];
  const mode = modeOf(cipher);
  return {
    code,
    name,
    keyExchange,
    cipher,
    mode,
    mac: mode === 'aead' ? undefined : (hash as SuiteHash | undefined),
    // RFC 5246 §5: SHA-256 unless the suite says otherwise; one that names SHA or MD5 means its MAC alone.
    hash: hash === 'SHA384' || hash === 'SM3' ? hash : 'SHA256',
    isExport: /EXPORT/.test(name) || /40|_56/.test(cipher),
    isTls13: keyExchange === undefined,
  };
}

/** `TLS_AES_128_GCM_SHA256`; of a suite that is not known its code. */
export function cipherSuiteName(code: number): string {
  return cipherSuiteNames[code] ?? `suite 0x${code.toString(16).padStart(4, '0')}`;
}

export function isSignallingValue(code: number): boolean {
  return code === signallingValues.renegotiationInfo || code === signallingValues.fallback;
}

/** Whether a client says by its list of suites what others say by an extension (RFC 5746 §3.3). */
export function signalsRenegotiationInfo(suites: readonly number[]): boolean {
  return suites.includes(signallingValues.renegotiationInfo);
}

/** Whether the keys of a connection cannot be had from the server's long-term key later; undefined for suites of TLS 1.3. */
export function isEphemeral({ keyExchange, isTls13 }: CipherSuite): boolean | undefined {
  if (isTls13) return undefined;
  // The anonymous ones are ephemeral, too; SRP's keys do not follow from the password (RFC 5054 §3.3).
  return /^(DHE|ECDHE|DH_anon|ECDH_anon|PSK_DHE|SRP|ECJPAKE)/.test(keyExchange ?? '');
}

/** Whether the suite makes the server prove who it is. */
export function provesServer({ keyExchange }: CipherSuite): boolean {
  return keyExchange === undefined || !/anon|^NULL$/.test(keyExchange);
}

function modeOf(cipher: string): CipherSuite['mode'] {
  if (/^(NULL|SHA256|SHA384)/.test(cipher)) return 'none';
  if (/GCM|CCM|POLY1305/.test(cipher)) return 'aead';
  return /^RC4/.test(cipher) ? 'stream' : 'cbc';
}
