import type { Cause } from './causes.ts';

const registered = 'See which phones of the line, or which trunks, are registered: `trustline devices`.';
const watchIt = 'Watch what the device says: `trustline sip trace --device NAME`.';
const formats =
  'See which codecs the ends have; the media relay transcodes where `media.relay` and `media.transcoders` allow it.';
const keys =
  'See the security modes of both ends (`trustline devices`), or set `policy: prefer` where it may be clear (`calls.policy`, `dialPlan`).';

/** What an operator can do so that such a call is not refused the next time; the ordinary course of things has none. */
const steps: Readonly<Partial<Record<Cause, string>>> = {
  'unallocated-number': 'Numbers are lines (`trustline line list`) and patterns of the `dialPlan` in trustline.yaml.',
  'invalid-number-format': 'Numbers have digits, *, # and a leading +; see `dialPlan` in trustline.yaml.',
  'no-user-responding': watchIt,
  'subscriber-absent': registered,
  'exchange-routing-error':
    'See where lines are forwarded (`trustline line list`), and the translations of the `dialPlan`.',
  'destination-out-of-order': 'See why its connection was lost: `trustline events`.',
  'switching-equipment-congestion':
    'Raise what is exhausted: `limits.calls` and the ports of `media` in trustline.yaml.',
  'no-route-to-destination':
    'See whether the number is written as the far side wants it: `discardAccessCode` and `prefix` of the row.',
  'no-circuit-available':
    'See how many channels are in use: `trustline devices`; another trunk in the row takes what this one cannot.',
  'network-out-of-order': 'See which trunks and gateways are out, and since when: `trustline devices`.',
  'protection-gone': 'See what is missing, and what to do: `trustline ipsec explain`.',
  'service-unavailable':
    'New calls are taken again when the manager has started anew, or is less loaded: `trustline status`.',
  bandwidth: 'Raise `kilobits` of the location in trustline.yaml, if its line carries more.',
  'facility-not-subscribed':
    'Rights are given by `pickUpGroups`, `watchers` and `callingSearchSpaces` in trustline.yaml.',
  'outgoing-calls-barred':
    'Give a calling search space of the line that partition, if it is to have the right: `callingSearchSpaces` in trustline.yaml.',
  'security-required': keys,
  'security-forbidden': keys,
  'incompatible-destination': formats,
  'not-acceptable-here': formats,
  'timer-expired': watchIt,
  'protocol-error': watchIt,
  interworking: watchIt,
};

/** What an operator can do where IPsec to a gateway is not proven. */
export function nextStepWithoutProof(gateway: string): string {
  return `See what is missing, and what to do: \`trustline ipsec explain ${gateway}\`.`;
}

/**
 * The next step of an operator after a call was refused; what explains it is always one.
 *
 * @param unproven the gateway whose IPsec is not proven, where that is why
 */
export function nextStepAfterRefusal(cause: Cause, call: string, unproven?: string): string {
  const step = unproven === undefined ? steps[cause] : nextStepWithoutProof(unproven);
  const explained = `\`trustline call ${call.slice(0, 8)}\` says how it went.`;
  return step === undefined ? explained : `${step} ${explained}`;
}
