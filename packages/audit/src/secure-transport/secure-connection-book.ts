import type { ReportSecureConnection } from '../model/report.ts';

/** Secure connections of one report; further ones are counted. */
export const MOST_SECURE_CONNECTIONS = 20_000;

interface Entry {
  report: ((number: number) => ReportSecureConnection) | ReportSecureConnection;
  readonly isOver: () => boolean;
}

/** Secure connections by their numbers in the report, from 1. One that is over is kept as the report has it. */
export class SecureConnectionBook {
  readonly #entries: Entry[] = [];
  /** The first that may be open still. */
  #open = 0;
  notKept = 0;

  /** `report`: asked when the report is made, or once `isOver`. Returns its number. */
  add(report: (number: number) => ReportSecureConnection, isOver: () => boolean): number {
    if (this.#entries.length >= MOST_SECURE_CONNECTIONS) {
      this.notKept++;
      return 0;
    }
    this.#close();
    this.#entries.push({ report, isOver });
    return this.#entries.length;
  }

  reports(): readonly ReportSecureConnection[] {
    return this.#entries.map(({ report }, at) => (typeof report === 'function' ? report(at + 1) : report));
  }

  /** What those that are over have read is let go. */
  #close(): void {
    if (this.#entries.length % CLOSED_TOGETHER !== 0) return;
    for (let at = this.#open; at < this.#entries.length; at++) {
      const entry = this.#entries[at];
      if (entry === undefined || typeof entry.report !== 'function' || !entry.isOver()) continue;
      entry.report = entry.report(at + 1);
    }
    while (typeof this.#entries[this.#open]?.report === 'object') this.#open++;
  }
}

const CLOSED_TOGETHER = 64;
