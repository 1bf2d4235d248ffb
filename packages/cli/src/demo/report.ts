import type { SecurityLevel } from '@trustline/evidence';
import type { AuditorsView } from './auditor.ts';
import type { Attack, LegProof, Measurement, SceneProof } from './measurement.ts';
import { type DemoProtocol, type End, ends, otherEnd, phonePlans, type Sabotage } from './plan.ts';
import { accepted, type Check } from './verdict.ts';

/** The version of the shape of {@link DemoReport}. */
export const DEMO_SCHEMA = 1;

/** What `trustline demo --json` prints. Figures of both directions are combined by the worse of them. */
export interface DemoReport {
  readonly schema: typeof DEMO_SCHEMA;
  readonly node: string;
  readonly version: string;
  readonly protocol: DemoProtocol;
  readonly mode: 'encrypted' | 'clear';
  readonly sabotage: Sabotage | null;
  /** Whether every check holds. */
  readonly passed: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  /** The lowest that the manager said and that the phones showed. */
  readonly level: SecurityLevel;
  /** Of the direction in which the claim is weaker: a tap without keys is to be near 0, in a clear call near 1. */
  readonly tapCorrelation: number;
  /** Null in a clear call, which has no keys. */
  readonly keyedCorrelation: number | null;
  readonly digitsSent: string;
  /** Of the caller, then of the called end; empty when the tap saw none. */
  readonly digitsSeenByTap: string;
  readonly digitsReceived: string;
  readonly forgedSent: number;
  readonly forgedAccepted: number;
  readonly replayedSent: number;
  readonly replayedAccepted: number;
  /** Against the caller, then against the called end, with what their SRTP refused and why. */
  readonly attacks: { readonly forged: readonly Attack[]; readonly replayed: readonly Attack[] };
  /** In the capture, both ends together. */
  readonly packets: number;
  /** Absolute path. */
  readonly capture: string;
  /** Absolute path of the folder where everything was left. */
  readonly folder: string;
  readonly directions: readonly DirectionReport[];
  readonly legs: readonly (LegProof & { readonly end: End })[];
  /** Calls beside the first; none by SIP. */
  readonly scenes: readonly SceneProof[];
  /** What `trustline audit` says of the capture, and the path of its page. */
  readonly auditor: AuditorsView;
  readonly records: { readonly verified: boolean; readonly entries: number; readonly level: SecurityLevel | null };
  readonly checks: readonly Check[];
}

interface DirectionReport {
  /** Line of who speaks. */
  readonly from: string;
  readonly to: string;
  readonly secondsCompared: number;
  readonly tapCorrelation: number;
  readonly keyedCorrelation: number | null;
  readonly playedCorrelation: number;
  readonly digitsSent: string;
  readonly digitsSeenByTap: string;
  readonly digitsReceived: string;
}

export function reportOf(measurement: Measurement, checks: readonly Check[]): DemoReport {
  const { mode, withoutKeys, withKeys, forged, replayed, records } = measurement;
  const directions = ends.map((from) => directionReport(measurement, from));
  const sum = (count: (end: End) => number) => ends.reduce((total, end) => total + count(end), 0);
  return {
    schema: DEMO_SCHEMA,
    node: measurement.node,
    version: measurement.version,
    protocol: measurement.protocol,
    mode,
    sabotage: measurement.sabotage,
    passed: checks.every(({ holds }) => holds),
    startedAt: measurement.startedAt,
    seconds: measurement.seconds,
    level: lowestLevel(measurement),
    tapCorrelation:
      mode === 'encrypted'
        ? Math.max(...ends.map((end) => withoutKeys[end].highest))
        : Math.min(...ends.map((end) => withoutKeys[end].lowest)),
    keyedCorrelation: withKeys === undefined ? null : Math.min(...ends.map((end) => withKeys[end].lowest)),
    digitsSent: ends.map((end) => phonePlans[end].digits).join(''),
    digitsSeenByTap: ends.map((end) => withoutKeys[end].digits).join(''),
    digitsReceived: ends.map((end) => measurement.digitsReceived[end]).join(''),
    forgedSent: sum((end) => forged[end].sent),
    forgedAccepted: sum((end) => accepted(forged[end])),
    replayedSent: sum((end) => replayed[end].sent),
    replayedAccepted: sum((end) => accepted(replayed[end])),
    attacks: { forged: ends.map((end) => forged[end]), replayed: ends.map((end) => replayed[end]) },
    packets: measurement.packets,
    capture: measurement.capture,
    folder: measurement.folder,
    directions,
    legs: ends.map((end) => ({ end, ...measurement.legs[end] })),
    scenes: measurement.scenes,
    records: {
      verified: records.verdict.ok,
      entries: records.verdict.ok ? records.verdict.count : 0,
      level: records.level,
    },
    auditor: measurement.auditor,
    checks,
  };
}

function directionReport(measurement: Measurement, from: End): DirectionReport {
  const { mode, withoutKeys, withKeys, heardByOther, digitsReceived } = measurement;
  const tapped = withoutKeys[from];
  return {
    from: phonePlans[from].line,
    to: phonePlans[otherEnd(from)].line,
    secondsCompared: tapped.seconds,
    tapCorrelation: mode === 'encrypted' ? tapped.highest : tapped.lowest,
    keyedCorrelation: withKeys?.[from].lowest ?? null,
    playedCorrelation: heardByOther[from],
    digitsSent: phonePlans[from].digits,
    digitsSeenByTap: tapped.digits,
    digitsReceived: digitsReceived[from],
  };
}

function lowestLevel({ level, legs }: Measurement): SecurityLevel {
  const order: readonly SecurityLevel[] = ['non-secure', 'authenticated', 'encrypted'];
  const said = [level, ...ends.map((end) => legs[end].levelShown ?? 'non-secure')];
  return order.find((one) => said.includes(one)) ?? 'non-secure';
}
