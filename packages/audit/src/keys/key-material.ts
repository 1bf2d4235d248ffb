import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type CryptoAttribute, parseCryptoAttribute, sdesSuites } from '@trustline/keying';
import { KeyLog } from './key-log.ts';

/** What a line, or a PEM block of several, turned out to be. */
export type KeyMaterialKind = 'key-log' | 'rsa-private-key' | 'sdes' | 'certificate';

/** Why a line is of no use: words without anything of its content. */
export type KeyMaterialRefusal = 'not understood' | 'encrypted private key' | 'private key that is not RSA';

export interface KeyMaterialReport {
  /** Lines that were read, by kind; a PEM block counts once. */
  readonly read: Readonly<Record<KeyMaterialKind, number>>;
  /** The first thousand of what was not, by the number of its line from 1: never by its content. */
  readonly refused: readonly { readonly line: number; readonly why: KeyMaterialRefusal }[];
  readonly refusedLines: number;
}

const MOST_REFUSALS_TOLD = 1_000;
const MOST_PRIVATE_KEYS = 64;
const MOST_SDES_LINES = 10_000;
/** Of a PEM block: one of RSA with 16,384 bits has about 200. */
const MOST_PEM_LINES = 500;

/**
 * What an auditor gives to open what was captured: key log lines (`SSLKEYLOGFILE`), RSA private keys in PEM, SDES lines
 * (`a=crypto:…`, `AES_CM_128_HMAC_SHA1_80 inline:…`, or `inline:…` alone). One file may hold all of them.
 */
export class KeyMaterial {
  readonly keyLog = new KeyLog();
  readonly #privateKeys: KeyObject[] = [];
  readonly #sdes: CryptoAttribute[] = [];

  get privateKeys(): readonly KeyObject[] {
    return this.#privateKeys;
  }

  /** Of a line without a suite, one for each suite whose key has its length. */
  get sdes(): readonly CryptoAttribute[] {
    return this.#sdes;
  }

  /** Takes the text of one file. */
  add(text: string): KeyMaterialReport {
    const read: Record<KeyMaterialKind, number> = { 'key-log': 0, 'rsa-private-key': 0, sdes: 0, certificate: 0 };
    const refused: { line: number; why: KeyMaterialRefusal }[] = [];
    let refusedLines = 0;
    const lines = text.split(/\r\n|\r|\n/);
    for (let at = 0; at < lines.length; at++) {
      const line = lines[at] ?? '';
      const first = at + 1;
      const block = pemBlock(lines, at);
      if (block !== undefined) at += block.length - 1;
      const kind = block === undefined ? this.#line(line) : this.#pem(block);
      if (kind === 'comment') continue;
      if (isRefusal(kind)) {
        refusedLines++;
        if (refused.length < MOST_REFUSALS_TOLD) refused.push({ line: first, why: kind });
      } else {
        read[kind]++;
      }
    }
    return { read, refused, refusedLines };
  }

  #line(line: string): KeyMaterialKind | KeyMaterialRefusal | 'comment' {
    const sdes = cryptoAttributesIn(line.trim());
    if (sdes !== undefined) {
      if (sdes.length === 0 || this.#sdes.length + sdes.length > MOST_SDES_LINES) return 'not understood';
      this.#sdes.push(...sdes);
      return 'sdes';
    }
    const kind = this.keyLog.add(line);
    if (kind === 'comment') return kind;
    return kind === 'not-understood' ? 'not understood' : 'key-log';
  }

  #pem(block: readonly string[]): KeyMaterialKind | KeyMaterialRefusal {
    const begin = block[0] ?? '';
    if (/BEGIN (TRUSTED )?CERTIFICATE-/.test(begin)) return 'certificate';
    if (!/BEGIN ([A-Z]+ )?PRIVATE KEY-/.test(begin)) return 'not understood';
    if (/BEGIN ENCRYPTED/.test(begin) || block.some((line) => /^Proc-Type:.*ENCRYPTED/.test(line))) {
      return 'encrypted private key';
    }
    const key = privateKeyIn(block.join('\n'));
    if (key === undefined || this.#privateKeys.length >= MOST_PRIVATE_KEYS) return 'not understood';
    if (key.asymmetricKeyType !== 'rsa') return 'private key that is not RSA';
    this.#privateKeys.push(key);
    return 'rsa-private-key';
  }
}

function isRefusal(kind: KeyMaterialKind | KeyMaterialRefusal): kind is KeyMaterialRefusal {
  return kind === 'not understood' || kind === 'encrypted private key' || kind === 'private key that is not RSA';
}

/** The lines of the PEM block that begins here, as far as it goes; undefined where none does. */
function pemBlock(lines: readonly string[], at: number): readonly string[] | undefined {
  const name = /^-----BEGIN ([A-Z0-9 ]+)-----\s*$/.exec(lines[at] ?? '')?.[1];
  if (name === undefined) return undefined;
  const block = lines.slice(at, at + MOST_PEM_LINES);
  const end = block.findIndex((line) => line.trimEnd() === `-----END ${name}-----`);
  return block.slice(0, end < 0 ? 1 : end + 1);
}

function privateKeyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** Undefined for a line that does not look like one of SDES; none where it does and holds no key that could be used. */
function cryptoAttributesIn(line: string): readonly CryptoAttribute[] | undefined {
  const value = /^(?:a=)?crypto:(.*)$/i.exec(line)?.[1];
  if (value !== undefined) return usable([value]);
  if (/^\w+[ \t]+inline:/i.test(line)) return usable([/^\d+[ \t]/.test(line) ? line : `1 ${line}`]);
  if (/^\d+[ \t]+\w+[ \t]+inline:/i.test(line)) return usable([line]);
  if (/^inline:/i.test(line)) return usable(Object.keys(sdesSuites).map((suite) => `1 ${suite} ${line}`));
  return undefined;
}

function usable(values: readonly string[]): readonly CryptoAttribute[] {
  const attributes: CryptoAttribute[] = [];
  for (const value of values) {
    const attribute = parseCryptoAttribute(value);
    if (attribute.kind === 'crypto' && attribute.suite !== undefined) attributes.push(attribute);
  }
  return attributes;
}
