import { readFile, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Certificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import type { IssuedRole } from '../profiles.ts';
import { appendFlushed, flushDirectory } from './files.ts';

const LEDGER_FILE = 'issued.jsonl';

/** One certificate that the cluster's authorities issued to somebody else. */
export interface IssuedCertificate {
  readonly role: IssuedRole;
  /** The device or operator. */
  readonly holder: string;
  readonly issuerHash: string;
  readonly serialNumber: string;
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Everything ever issued, a line each, on the disk before the certificate leaves the house: so it can be revoked. */
export class IssuedLedger {
  readonly #path: string;
  #length = 0;
  readonly #serials = new Set<string>();
  readonly #byHolder = new Map<string, IssuedCertificate[]>();

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws {PkiError} pki.store-damaged */
  static async open(directory: string): Promise<IssuedLedger> {
    const ledger = new IssuedLedger(join(directory, LEDGER_FILE));
    const text = await readFile(ledger.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    // A last line without its end was being written when the power went; its certificate never left.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    ledger.#length = Buffer.byteLength(whole);
    if (whole.length < text.length) await truncate(ledger.#path, ledger.#length);
    for (const [index, line] of whole.split('\n').entries()) {
      if (line !== '') ledger.#remember(parseLine(ledger.#path, index + 1, line));
    }
    return ledger;
  }

  /**
   * Writes a certificate down. Let it out of the house only once this has resolved.
   *
   * @throws {PkiError} pki.refused-result when its issuer has used its serial number before; pki.write-failed
   */
  async add(role: IssuedRole, holder: string, certificate: Certificate): Promise<void> {
    const { issuerHash, serialNumber, fingerprint, notBefore, notAfter } = certificate;
    if (this.#serials.has(serialKey(certificate))) {
      throw new PkiError('pki.refused-result', `serial number ${serialNumber} was issued before`, {
        nextStep: "Two random numbers of 127 bits were the same: check the machine's random number generator.",
      });
    }
    const entry = { role, holder, issuerHash, serialNumber, fingerprint, notBefore, notAfter };
    const line = `${JSON.stringify(entry)}\n`;
    try {
      await appendFlushed(this.#path, line);
      // The name of a new file is not on the disk until its folder is.
      if (this.#length === 0) await flushDirectory(dirname(this.#path));
    } catch (error) {
      await truncate(this.#path, this.#length).catch(() => undefined); // half a line would spoil the next
      throw error;
    }
    this.#length += Buffer.byteLength(line);
    this.#remember(entry);
  }

  issuedTo(holder: string): readonly IssuedCertificate[] {
    return this.#byHolder.get(holder) ?? [];
  }

  /** Oldest first for each holder. */
  all(): readonly IssuedCertificate[] {
    return [...this.#byHolder.values()].flat();
  }

  #remember(entry: IssuedCertificate): void {
    this.#serials.add(serialKey(entry));
    const earlier = this.#byHolder.get(entry.holder);
    if (earlier === undefined) this.#byHolder.set(entry.holder, [entry]);
    else earlier.push(entry);
  }
}

/** RFC 5280 §4.1.2.2: issuer and serial number name one certificate. */
function serialKey({ issuerHash, serialNumber }: Pick<IssuedCertificate, 'issuerHash' | 'serialNumber'>): string {
  return `${issuerHash} ${serialNumber}`;
}

function parseLine(path: string, number: number, line: string): IssuedCertificate {
  try {
    const entry = JSON.parse(line);
    const texts = [entry.role, entry.holder, entry.issuerHash, entry.serialNumber, entry.fingerprint];
    if (texts.every((text) => typeof text === 'string')) return entry;
  } catch {
    // no JSON: reported below
  }
  throw new PkiError('pki.store-damaged', `${path}: line ${number} is no entry of the ledger`, {
    nextStep: 'Restore the file from a backup; certificates that it forgets could not be revoked.',
  });
}
