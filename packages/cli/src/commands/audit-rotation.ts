import { closeSync, copyFileSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditReport, auditPageParts } from '@trustline/audit';
import { jsonParts } from './audit-report.ts';

const REPORT_MILLISECONDS = 60_000;
/** Reports that are kept beside the last: an hour of them. */
const MOST_REPORTS = 60;

/**
 * Reports of what is listened to, in a folder: `audit-00.json` to `audit-59.json` in turn, and the last one as `audit.json` and
 * `audit.html`. Its owner alone may read them.
 */
export class ReportRotation {
  readonly #folder: string | undefined;
  #at = 0;
  #writtenAt: number;

  /**
   * @param folder made where it is not there; nothing is written without one
   * @param now milliseconds
   */
  constructor(folder: string | undefined, now: number) {
    this.#folder = folder;
    this.#writtenAt = now;
    if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** The last report, in the forms in which it was written; none without a folder. */
  get files(): readonly string[] {
    return this.#folder === undefined ? [] : ['audit.html', 'audit.json'].map((name) => join(this.#folder ?? '', name));
  }

  /** Writes the report where it is time for one. */
  offer(report: () => AuditReport, now: number): void {
    if (this.#folder !== undefined && now - this.#writtenAt >= REPORT_MILLISECONDS) this.write(report(), now);
  }

  write(report: AuditReport, now: number): void {
    if (this.#folder === undefined) return;
    this.#writtenAt = now;
    const number = String(this.#at % MOST_REPORTS).padStart(2, '0');
    this.#at++;
    const numbered = this.#put(`audit-${number}.json`, jsonParts(report));
    const last = join(this.#folder, 'audit.json');
    copyFileSync(numbered, `${last}.new`);
    renameSync(`${last}.new`, last);
    this.#put('audit.html', auditPageParts(report));
  }

  /** Whole or not at all: who reads it meanwhile has the one before. */
  #put(name: string, parts: Iterable<string>): string {
    const file = join(this.#folder ?? '', name);
    const opened = openSync(`${file}.new`, 'w', 0o600);
    try {
      for (const part of parts) writeFileSync(opened, part);
    } finally {
      closeSync(opened);
    }
    renameSync(`${file}.new`, file);
    return file;
  }
}
