/** Calls that were taken up again by a manager that started anew: what is known of their media, and what is not. */
import type { CallRecord, CallRecordLeg } from '@trustline/evidence';
import type { Leg } from './call.ts';

/** What the ends of a call that was taken up again had before. */
export type RecoveredLeg = Pick<CallRecordLeg, 'keying' | 'suite' | 'level'>;

/** That a call was taken up again, and what its record says of the time before. */
export interface Recovered extends Pick<CallRecord, 'conference'> {
  /** ISO 8601. */
  readonly at: string;
}

/** Of an end that was taken up again and has agreed on nothing since, nobody here knows what it sends. */
export function isMediaUnknown(leg: Leg): boolean {
  return leg.recovered !== undefined && leg.media === undefined;
}

/** What an end is told that wants what needs the media to be known. */
export const unknownMediaWarning =
  'The call manager has started anew during this call: hold it and resume it, then try again';
