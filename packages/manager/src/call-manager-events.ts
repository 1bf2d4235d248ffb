import { type SecurityEvent, securityEvent } from '@trustline/evidence';
import type { CallManagerCoreOptions } from './call-manager-types.ts';
import { IsoTimes } from './iso-times.ts';
import { hostOf } from './legs/sip/authority.ts';
import type { GateNotice } from './legs/sip/gate.ts';
import { aboutScan, ScanWatch, turnedAway } from './scan-watch.ts';

/** What the call manager says to operators, with its date. That somebody may be looking for a way in is said once. */
export class CallManagerEvents {
  readonly #options: Pick<CallManagerCoreOptions, 'node' | 'wallTime'>;
  readonly #say: (event: SecurityEvent) => void;
  readonly #scans = new ScanWatch();
  /** When the input came that is being handled (monotonic): what comes of it is dated by it. */
  now = 0;
  readonly #times = new IsoTimes();

  constructor(options: Pick<CallManagerCoreOptions, 'node' | 'wallTime'>, say: (event: SecurityEvent) => void) {
    this.#options = options;
    this.#say = say;
  }

  notice({ kind, ...fields }: GateNotice): void {
    this.event(kind, fields);
    if (!turnedAway.has(kind)) return;
    const scan = this.#scans.failed(this.now, hostOf(fields.remoteAddress));
    if (scan !== undefined) this.event('scan-suspected', aboutScan(scan));
  }

  event(
    kind: GateNotice['kind'],
    fields: Omit<GateNotice, 'kind' | 'remoteAddress'> & { remoteAddress?: string },
  ): void {
    this.#say(securityEvent(kind, { at: this.isoTime(this.now), node: this.#options.node, ...fields }));
  }

  /** ISO 8601, of a monotonic moment. */
  isoTime(now: number): string {
    return this.#times.text(this.#options.wallTime(now));
  }
}
