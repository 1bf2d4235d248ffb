/**
 * Why a call, a leg or an offer was refused or ended: one neutral vocabulary. Each cause carries its
 * ITU-T Q.850 value, which H.323 and ISDN write as it is and which SIP carries in `Reason: Q.850;cause=`
 * (RFC 3326); a leg maps it to its own protocol's answer.
 *
 * `glare`, `not-acceptable-here`, `protection-gone` and `interrupted` have no Q.850 value of their own and use the nearest.
 */
const causeTable = {
  'unallocated-number': { q850: 1, text: 'no line or route has this number' },
  'no-route-to-destination': { q850: 3, text: 'the network there has no way to this number' },
  'normal-clearing': { q850: 16, text: 'the call was hung up' },
  'user-busy': { q850: 17, text: 'every line is busy' },
  'no-user-responding': { q850: 18, text: 'the phone did not react' },
  'no-answer': { q850: 19, text: 'nobody answered' },
  'subscriber-absent': { q850: 20, text: 'no phone of this line is registered' },
  'call-rejected': { q850: 21, text: 'the call was rejected' },
  'exchange-routing-error': { q850: 25, text: 'the number leads round in a circle' },
  'destination-out-of-order': { q850: 27, text: 'the connection to the device was lost' },
  'invalid-number-format': { q850: 28, text: 'the number is incomplete or not a number' },
  'no-circuit-available': { q850: 34, text: 'every channel is taken' },
  'network-out-of-order': { q850: 38, text: 'the network behind it is out of order, or it is not reached' },
  'protection-gone': { q850: 38, text: 'what protects the signalling to the far end did not come back' },
  'temporary-failure': { q850: 41, text: 'a temporary failure' },
  'switching-equipment-congestion': { q850: 42, text: 'the call manager has as many calls as it may hold' },
  'requested-circuit-unavailable': { q850: 44, text: 'the channel that was asked for is not there' },
  'resource-unavailable': { q850: 47, text: 'something that the call needs is used up' },
  'service-unavailable': { q850: 63, text: 'the call manager takes no new calls now' },
  bandwidth: { q850: 49, text: 'there is no bandwidth left between the two places' },
  'facility-not-subscribed': { q850: 50, text: 'this line has no right to that' },
  'outgoing-calls-barred': { q850: 52, text: 'the calling line has no right to this number' },
  'unknown-call': { q850: 86, text: 'there is no such call any more' },
  'security-required': { q850: 57, text: 'the route requires encryption, which this call does not have' },
  'security-forbidden': { q850: 57, text: 'encryption is not allowed here' },
  'security-lost': { q850: 57, text: 'the call would have lost its encryption' },
  'key-reused': { q850: 57, text: 'a media key of another call was offered again' },
  'incompatible-destination': { q850: 88, text: 'the ends have no media in common' },
  'not-acceptable-here': { q850: 88, text: 'the offered media are not acceptable here' },
  glare: { q850: 41, text: 'both ends offered at once' },
  'timer-expired': { q850: 102, text: 'an answer came too late' },
  'protocol-error': { q850: 111, text: 'the far end broke its protocol' },
  interworking: { q850: 127, text: 'one end needs an extension of its protocol that is not there at the other' },
  interrupted: { q850: 41, text: 'the call manager stopped' },
  'answered-elsewhere': { q850: 26, text: 'another phone took the call' },
  transferred: { q850: 16, text: 'the call was transferred' },
  cancelled: { q850: 16, text: 'the caller gave up' },
} as const;

/** The name of a cause; stable, and what events, records and snapshots show. */
export type Cause = keyof typeof causeTable;

export const causes: readonly Cause[] = Object.keys(causeTable) as Cause[];

/** The value of ITU-T Q.850 §2.2.7 that stands for a cause on the wire. */
export function q850(cause: Cause): number {
  return causeTable[cause].q850;
}

/** A cause in words that an operator understands; never holds anything about a person. */
export function causeText(cause: Cause): string {
  return causeTable[cause].text;
}

/** Values of Q.850 that mean the same here as another one. */
const others: Readonly<Record<number, Cause>> = {
  2: 'no-route-to-destination', // to the transit network
  6: 'requested-circuit-unavailable', // the channel is not acceptable
  22: 'unallocated-number', // the number has changed
  29: 'facility-not-subscribed',
  53: 'outgoing-calls-barred',
  54: 'outgoing-calls-barred',
  55: 'outgoing-calls-barred',
  58: 'resource-unavailable', // the bearer is not there now
  81: 'unknown-call',
  87: 'call-rejected', // not of the closed user group
};

/** By the first three of its seven bits, what stands for the class of a value (Q.850 §2.2.5). */
const ofClass = [
  'normal-clearing',
  'normal-clearing',
  'resource-unavailable',
  'service-unavailable',
  'interworking',
  'protocol-error',
  'protocol-error',
  'interworking',
] as const satisfies readonly Cause[];

/** The cause nearest to a Q.850 value that a peer sent; one that is not known is read as its class. */
export function causeOfQ850(value: number): Cause {
  const exact = causes.find((cause) => causeTable[cause].q850 === value);
  return exact ?? others[value] ?? ofClass[(value >> 4) & 7] ?? 'temporary-failure';
}
