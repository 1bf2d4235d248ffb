import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A file in which some secrets have to be: the key of an operator in its key file, say. */
export interface SecretPlace {
  readonly file: RegExp;
  /** Which secrets, by what they are called. */
  readonly mayHold: RegExp;
}

/** What was said and written, and what must stand nowhere in it. */
export class SecretScan {
  /** By where it was said. */
  readonly said = new Map<string, string>();
  /** Every spelling, by what it is. */
  readonly #secrets = new Map<string, readonly string[]>();

  get size(): number {
    return this.#secrets.size;
  }

  say(where: string, text: string): void {
    this.said.set(where, (this.said.get(where) ?? '') + text);
  }

  /** A password, a PIN, digits: as it is, and as its octets are spelt. */
  plant(what: string, ...texts: readonly string[]): void {
    this.#plant(
      what,
      texts.flatMap((text) => [text, ...spellings(Buffer.from(text))]),
    );
  }

  plantOctets(what: string, ...octets: readonly Uint8Array[]): void {
    this.#plant(what, octets.flatMap(spellings));
  }

  /** Its numbers, and the lines of its PEM, which are what Base64 of the whole key is made of. */
  plantKey(what: string, key: KeyObject): void {
    const { d, p, q } = key.export({ format: 'jwk' });
    const parts = [d, p, q].filter((part) => part !== undefined).map((part) => Buffer.from(part, 'base64url'));
    this.#plant(what, [...parts.flatMap(spellings), ...privateLinesOf(key)]);
  }

  /** Every private key of a file: in PEM, or in the memory of a phone; how many there were. */
  plantKeysOf(what: string, text: string, passphrase?: string): number {
    const pems = text.match(/-----BEGIN (?<kind>[A-Z ]*PRIVATE KEY)-----[^-]+-----END \k<kind>-----/g) ?? [];
    const stored = [...text.matchAll(/"privateKey": ?"(?<octets>[^"]+)"/g)].map((match) => match.groups?.['octets']);
    const keys = [
      ...pems.map((key) => createPrivateKey(passphrase === undefined ? key : { key, passphrase })),
      ...stored.map((octets = '') =>
        createPrivateKey({ key: Buffer.from(octets, 'base64'), format: 'der', type: 'pkcs8' }),
      ),
    ];
    for (const [at, key] of keys.entries()) this.plantKey(`${what} (${at + 1})`, key);
    return keys.length;
  }

  /** What was said and holds one after all: `the log holds an SDES key`. */
  leaks(): readonly string[] {
    return [...this.said].flatMap(([where, text]) => this.#heldBy(text).map((what) => `${where} holds ${what}`));
  }

  /**
   * The files under a folder that hold one after all.
   *
   * @param places where some have to be
   */
  leaksInFiles(folder: string, places: readonly SecretPlace[]): readonly string[] {
    return filesUnder(folder).flatMap((path) => {
      const name = relative(folder, path);
      const may = places.filter(({ file }) => file.test(name));
      return this.#heldBy(readFileSync(path, 'latin1'))
        .filter((what) => !may.some(({ mayHold }) => mayHold.test(what)))
        .map((what) => `${name} holds ${what}`);
    });
  }

  #heldBy(text: string): readonly string[] {
    const lower = text.toLowerCase();
    return [...this.#secrets].flatMap(([what, needles]) => (needles.some((one) => lower.includes(one)) ? [what] : []));
  }

  #plant(what: string, needles: readonly string[]): void {
    this.#secrets.set(
      what,
      needles.map((needle) => needle.toLowerCase()),
    );
  }
}

/** Every file under a folder, by its path. */
export function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** The lines of its PEM (PKCS#8) that hold something private: an RSA key begins, and another ends, with what is public. */
function privateLinesOf(key: KeyObject): readonly string[] {
  const lines = String(key.export({ format: 'pem', type: 'pkcs8' }))
    .trim()
    .split('\n')
    .slice(1, -1);
  return key.asymmetricKeyType === 'rsa' ? lines.slice(lines.length / 2, -1) : lines.slice(0, 2);
}

/** Octets in every spelling in which they might slip out. */
function spellings(octets: Uint8Array): readonly string[] {
  const bytes = Buffer.from(octets);
  return [
    bytes.toString('latin1'),
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    [...bytes].join(','),
  ];
}
