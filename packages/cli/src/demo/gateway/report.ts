import type { SecurityLevel } from '@trustline/evidence';
import { DEMO_SCHEMA, type DemoReport } from '../report.ts';
import type { Check } from '../verdict.ts';
import type { GatewayMeasurement } from './measurement.ts';
import type { GatewayScene } from './plan.ts';

/** What is the same in every report of a demo, with null for what a run with a gateway does not measure. */
type Shared = { readonly [Key in keyof DemoReport]: DemoReport[Key] | null };

/** What `trustline demo --gateway --json` prints. What was not measured is null. */
export interface GatewayDemoReport extends Omit<Shared, 'mode' | 'checks' | 'passed' | 'records'> {
  readonly mode: GatewayScene;
  readonly passed: boolean;
  /** Whether IPsec to the gateway was proven when the call was placed. */
  readonly ipsecProven: boolean;
  /** Keys of the call that were found on the wire to the gateway; null where the wire was not captured. */
  readonly keysOnWire: number | null;
  /** Where security ended, by the signed record; null for a call that was refused. */
  readonly demarcation: string | null;
  readonly answered: boolean;
  /** Why the call ended, as the phone was told. */
  readonly reason: string;
  /** The level that the phone showed. */
  readonly levelShown: SecurityLevel | null;
  readonly suite: string | null;
  /** Likeness of what came back from the public network to what was said. */
  readonly heardBackCorrelation: number | null;
  /** Octets of signalling that somebody between manager and gateway could read; null where it went by IPsec. */
  readonly signallingOverheard: number | null;
  /** Packets on the wire between the two; null where it was not captured. */
  readonly wire: GatewayMeasurement['wire'];
  readonly records: { readonly verified: boolean; readonly entries: number; readonly level: SecurityLevel | null };
  readonly checks: readonly Check[];
}

export function gatewayReportOf(measurement: GatewayMeasurement, checks: readonly Check[]): GatewayDemoReport {
  const { scene, tap, tapWithKeys, records, keys } = measurement;
  return {
    schema: DEMO_SCHEMA,
    node: measurement.node,
    version: measurement.version,
    protocol: measurement.protocol,
    mode: scene,
    sabotage: null,
    passed: checks.every(({ holds }) => holds),
    startedAt: measurement.startedAt,
    seconds: measurement.seconds,
    level: measurement.level,
    levelShown: measurement.levelShown,
    suite: measurement.suite,
    ipsecProven: measurement.ipsecProven,
    keysOnWire: keysOnWire(measurement),
    demarcation: measurement.demarcation,
    answered: measurement.answered,
    reason: measurement.reason,
    tapCorrelation: tap === undefined ? null : scene === 'protected' ? tap.highest : tap.lowest,
    keyedCorrelation: tapWithKeys?.lowest ?? null,
    heardBackCorrelation: measurement.heardBack ?? null,
    signallingOverheard: measurement.signallingOverheard ?? null,
    wire: measurement.wire,
    digitsSent: null,
    digitsSeenByTap: null,
    digitsReceived: null,
    forgedSent: null,
    forgedAccepted: null,
    replayedSent: null,
    replayedAccepted: null,
    attacks: null,
    packets: measurement.packets,
    capture: measurement.capture,
    folder: measurement.folder,
    directions: null,
    legs: null,
    scenes: null,
    records: {
      verified: records.verdict.ok,
      entries: records.verdict.ok ? records.verdict.count : 0,
      level: records.level,
    },
    auditor: measurement.auditor ?? null,
    checks,
  };

  function keysOnWire({ signallingOverheard }: GatewayMeasurement): number | null {
    if (keys !== undefined) return Math.max(keys.found, keys.named);
    return signallingOverheard === 0 ? 0 : null;
  }
}
