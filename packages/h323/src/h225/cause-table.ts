import type { ReleaseCompleteReason } from '../generated/h225.types.ts';

/** The kinds of ReleaseCompleteReason that hold nothing more. */
export type ReleaseReason = Exclude<
  ReleaseCompleteReason['kind'],
  '...' | 'nonStandardReason' | 'replaceWithConferenceInvite' | 'securityError'
>;

interface Row {
  /** Q.850 §2.2.7, in words. */
  readonly words: string;
  /** The name that call control has for it. */
  readonly cause: string;
  /** The reason of ReleaseComplete that says it (H.225.0 table 5, read from right to left). */
  readonly reason: ReleaseReason;
  /** The final response to an INVITE (RFC 3398 §7.2.4.1, RFC 4497 §8.4.4). */
  readonly sip: number;
}

/**
 * Why a call ended, by its Q.850 value: how call control, H.225.0 and SIP say it. Values that are not here are said as
 * those of their class (`rowOf`). Neither 16 nor 31 has a response in RFC 3398 that fits a caller who waits: 480.
 */
const rows: Readonly<Record<number, Row>> = {
  1: row('the number is not allocated', 'unallocated-number', 'undefinedReason', 404),
  2: row('no route to the transit network', 'no-route-to-destination', 'unreachableDestination', 404),
  3: row('no route to the destination', 'no-route-to-destination', 'unreachableDestination', 404),
  16: row('normal clearing', 'normal-clearing', 'destinationRejection', 480),
  17: row('busy', 'user-busy', 'inConf', 486),
  18: row('the called does not respond', 'no-user-responding', 'undefinedReason', 408),
  19: row('no answer', 'no-answer', 'undefinedReason', 480),
  20: row('the called is absent', 'subscriber-absent', 'calledPartyNotRegistered', 480),
  21: row('rejected', 'call-rejected', 'destinationRejection', 403),
  22: row('the number has changed', 'unallocated-number', 'undefinedReason', 410),
  25: row('the number leads round in a circle', 'exchange-routing-error', 'hopCountExceeded', 483),
  26: row('answered elsewhere', 'answered-elsewhere', 'destinationRejection', 404),
  27: row('the destination is out of order', 'destination-out-of-order', 'unreachableDestination', 502),
  28: row('the number has a wrong format or is incomplete', 'invalid-number-format', 'badFormatAddress', 484),
  29: row('the facility is rejected', 'facility-not-subscribed', 'neededFeatureNotSupported', 501),
  31: row('normal, unspecified', 'normal-clearing', 'undefinedReason', 480),
  34: row('no channel is free', 'no-circuit-available', 'noBandwidth', 503),
  38: row('the network is out of order', 'network-out-of-order', 'unreachableGatekeeper', 503),
  41: row('a temporary failure', 'temporary-failure', 'adaptiveBusy', 503),
  42: row('congestion', 'switching-equipment-congestion', 'gatewayResources', 503),
  44: row('the channel is not available', 'requested-circuit-unavailable', 'gatewayResources', 503),
  47: row('no resources', 'resource-unavailable', 'gatekeeperResources', 503),
  49: row('no bandwidth', 'bandwidth', 'noBandwidth', 503),
  50: row('the facility is not subscribed', 'facility-not-subscribed', 'noPermission', 403),
  52: row('outgoing calls are barred', 'outgoing-calls-barred', 'noPermission', 403),
  55: row('incoming calls are barred', 'outgoing-calls-barred', 'noPermission', 403),
  57: row('the protection that was asked for is not allowed', 'security-required', 'securityDenied', 403),
  58: row('the bearer is not available now', 'resource-unavailable', 'gatewayResources', 503),
  63: row('the service is not available', 'service-unavailable', 'gatewayResources', 503),
  65: row('the bearer is not implemented', 'not-acceptable-here', 'neededFeatureNotSupported', 488),
  79: row('the service is not implemented', 'interworking', 'neededFeatureNotSupported', 501),
  81: row('there is no such call', 'unknown-call', 'undefinedReason', 500),
  86: row('there is no such call any more', 'unknown-call', 'undefinedReason', 500),
  87: row('not in the closed user group', 'call-rejected', 'noPermission', 403),
  88: row('the destination is incompatible', 'incompatible-destination', 'invalidRevision', 503),
  95: row('the message is not valid', 'protocol-error', 'undefinedReason', 500),
  102: row('a timer ran out', 'timer-expired', 'undefinedReason', 504),
  111: row('the protocol was broken', 'protocol-error', 'undefinedReason', 500),
  127: row('the networks could not work together', 'interworking', 'undefinedReason', 500),
};

/** H.225.0 table 5. The last two are not in it: a circle of routing and an unknown conference are said as Q.850 has them. */
const valueOfReason: Readonly<Record<Exclude<ReleaseCompleteReason['kind'], '...'>, number>> = {
  noBandwidth: 34,
  gatekeeperResources: 47,
  unreachableDestination: 3,
  destinationRejection: 16,
  invalidRevision: 88,
  noPermission: 127,
  unreachableGatekeeper: 38,
  gatewayResources: 42,
  badFormatAddress: 28,
  adaptiveBusy: 41,
  inConf: 17,
  undefinedReason: 31,
  facilityCallDeflection: 16,
  securityDenied: 31,
  calledPartyNotRegistered: 20,
  callerNotRegistered: 31,
  newConnectionNeeded: 47,
  nonStandardReason: 127,
  replaceWithConferenceInvite: 31,
  genericDataReason: 31,
  neededFeatureNotSupported: 31,
  tunnelledSignallingRejected: 127,
  securityError: 31,
  hopCountExceeded: 25,
  invalidCID: 86,
};

/** RFC 3398 §8.2.6.1; responses that are not here are those of their class, and the end of a call for which none fits is 127. */
const valueOfSip: Readonly<Record<number, number>> = {
  400: 41,
  401: 21,
  402: 21,
  403: 21,
  404: 1,
  405: 63,
  406: 79,
  407: 21,
  408: 102,
  410: 22,
  413: 127,
  414: 127,
  415: 79,
  416: 127,
  420: 127,
  421: 127,
  423: 127,
  480: 18,
  481: 41,
  482: 25,
  483: 25,
  484: 28,
  485: 1,
  486: 17,
  487: 16,
  488: 65,
  500: 41,
  501: 79,
  502: 38,
  503: 41,
  504: 102,
  505: 127,
  513: 127,
  600: 17,
  603: 21,
  604: 1,
  606: 65,
};

/** The Q.850 values of the table. */
export const knownCauseValues: readonly number[] = Object.keys(rows).map(Number);

/** Words for an operator. */
export function wordsOfCause(value: number): string {
  return rowOf(value).words;
}

/** The name that call control has for it. */
export function callControlCauseOf(value: number): string {
  return rowOf(value).cause;
}

/** The reason for a ReleaseComplete, which also has the cause itself. */
export function reasonOfCause(value: number): ReleaseReason {
  return rowOf(value).reason;
}

/** What a peer meant that sent only a reason. */
export function causeOfReason(reason: ReleaseCompleteReason): number {
  return reason.kind === '...' ? 31 : valueOfReason[reason.kind];
}

/** The final response to an INVITE. A rejection by the called itself, which its location 0 says, is 603 (RFC 3398 §7.2.4.1). */
export function sipStatusOfCause(value: number, location?: number): number {
  return value === 21 && location === 0 ? 603 : rowOf(value).sip;
}

/** The cause for a final response from 300 on. */
export function causeOfSipStatus(status: number): number {
  if (status < 400) return 23;
  return valueOfSip[status] ?? (status < 500 ? 127 : status < 600 ? 41 : 21);
}

/** Q.850 §2.1: what is not known is treated as the last of its class (31, 47, 63, 79, 95, 111, 127). */
function rowOf(value: number): Row {
  const known = rows[value];
  if (known !== undefined) return known;
  const last = value < 32 ? 31 : value | 15;
  return rows[last] ?? (rows[127] as Row);
}

function row(words: string, cause: string, reason: ReleaseReason, sip: number): Row {
  return { words, cause, reason, sip };
}
