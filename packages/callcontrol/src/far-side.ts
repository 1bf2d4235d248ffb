/** Where a call leaves what can be proved: at a trunk or gateway, whose far side is somebody else's. */
import type { CallRecordLeg } from '@trustline/evidence';
import { type Call, type Leg, otherLeg } from './call.ts';

/** The trunk or gateway at the other end of somebody's call. */
export interface FarSide extends NonNullable<CallRecordLeg['demarcation']> {
  readonly device: string;
}

/** Longer names of ports are cut. */
const longestPort = 32;

/** A gateway has named the port that it takes the call by; it is told to people, so that what no name has is left out. */
export function notePort(leg: Leg, port: string | undefined): void {
  const said = port?.replace(/[^\x21-\x7e]/g, '').slice(0, longestPort);
  if (said !== undefined && said !== '' && leg.kind !== 'phone') leg.port = said;
}

export function demarcationOf({ kind, port }: Leg): Pick<CallRecordLeg, 'demarcation'> {
  if (kind === 'phone') return {};
  return { demarcation: { kind, ...(port === undefined ? {} : { port }) } };
}

/** What somebody who is in a call with a trunk or gateway is shown of it; undefined where the other end is a phone. */
export function farSideOf(call: Call, leg: Leg): FarSide | undefined {
  const other = otherLeg(call, leg);
  const { demarcation } = other === undefined ? {} : demarcationOf(other);
  return other === undefined || demarcation === undefined ? undefined : { ...demarcation, device: other.device };
}
