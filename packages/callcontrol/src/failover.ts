/**
 * What a trunk or gateway means by a refusal: whether the next of the list is asked, and whether this one is set aside.
 *
 * The rule: the next is asked where the equipment, the way to it or the network behind it could not take the call, for then another
 * may; never where it was the called, or his number, for the next would ring him again or say the same. A value stands where
 * Q.850 §2.2.7 has its meaning; SIP's answers come to it as RFC 3398 §8.2.6.1 maps them (500 and 503: 41, 502: 38,
 * 504: 102; a Reason header goes before). A far end that says nothing at all is 102.
 */
import type { Cause } from './causes.ts';

/**
 * `called`: the called, his number or what he may, and the caller hears it. `call`: this call cannot be taken here and now, the
 * next is asked. `trunk`: so, and no call will be, until a probe says otherwise.
 */
export type Verdict = 'called' | 'call' | 'trunk';

const verdicts: Readonly<Record<Cause, Verdict>> = {
  // Class 0 and 1, normal events: somebody has decided so. Of them only a missing way (2, 3) is the network's own, and
  // a channel that two took at once (6) has its own name below.
  'unallocated-number': 'called', // 1, 22
  'no-route-to-destination': 'call',
  'normal-clearing': 'called', // 16, 31
  'user-busy': 'called', // 17
  'no-user-responding': 'called', // 18: the called was asked and is silent, unlike 102
  'no-answer': 'called', // 19: he has been rung
  'subscriber-absent': 'called', // 20
  'call-rejected': 'called', // 21
  'exchange-routing-error': 'called', // 25: another way would lead round the same circle
  'answered-elsewhere': 'called', // 26
  'destination-out-of-order': 'called', // 27: "the interface to the destination": the line of the called, by whichever way
  'invalid-number-format': 'called', // 28
  transferred: 'called',
  cancelled: 'called',
  // Class 2, resources: what is full or failing is on the way, not at the called.
  'no-circuit-available': 'call', // 34: full, and well
  'network-out-of-order': 'trunk', // 38: "likely to last a relatively long period of time"
  'protection-gone': 'trunk', // 38, too
  'temporary-failure': 'call', // 41: "not likely to last"
  'switching-equipment-congestion': 'call', // 42
  'requested-circuit-unavailable': 'call', // 44
  'resource-unavailable': 'call', // 47, 46, 58
  bandwidth: 'call', // 49: another may be at another place
  glare: 'called',
  interrupted: 'call',
  // Class 3, service not there: 63 is the equipment's ("service or option not available"); 50 to 57 are rights.
  'service-unavailable': 'trunk', // 63
  'facility-not-subscribed': 'called', // 50
  'outgoing-calls-barred': 'called', // 52 to 55
  'security-required': 'called', // 57: what the far end demands is demanded of the caller
  'security-forbidden': 'called',
  'security-lost': 'called',
  'key-reused': 'called',
  // Class 5: 88 is the called's equipment.
  'unknown-call': 'called',
  'incompatible-destination': 'called',
  'not-acceptable-here': 'called',
  // Class 6: of these only the timer says that nobody was there; after the others the called may have been rung.
  'timer-expired': 'trunk', // 102
  'protocol-error': 'called', // 111
  interworking: 'called', // 127: nobody knows what happened beyond
};

export function verdictOn(cause: Cause): Verdict {
  return verdicts[cause];
}
