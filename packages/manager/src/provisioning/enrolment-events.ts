import type { EventKind, SecurityEvent } from '@trustline/evidence';
import type { EnrolmentEvent, TvsEvent } from '@trustline/provisioning';

/** What an event says beside its kind. */
type EventFields = Pick<SecurityEvent, 'cause' | 'reason' | 'device' | 'remoteAddress'>;

/** A step at CAPF or at the Trust Verification Service, as the evidence tells it. */
export function provisioningEvent(
  event: EnrolmentEvent | (TvsEvent & { readonly address: string }),
): readonly [EventKind, EventFields] {
  const fields: EventFields = {
    cause: event.cause,
    reason: reasonOf(event),
    ...(event.device === undefined ? {} : { device: event.device }),
    ...(event.address === undefined ? {} : { remoteAddress: event.address }),
  };
  return [kindOf(event), fields];
}

function kindOf(event: EnrolmentEvent | TvsEvent): EventKind {
  switch (event.kind) {
    case 'vouched':
      return 'trust-vouched';
    case 'not-vouched':
      return 'trust-not-vouched';
    case 'operation-pending':
    case 'unlocked':
      return 'enrolment-pending';
    case 'operation-closed':
      return 'enrolment-closed';
    default:
      if (!('severity' in event)) return 'trust-not-vouched';
      if (event.severity === 'alarm') return 'enrolment-alarm';
      return event.severity === 'warning' ? 'enrolment-refused' : 'enrolment-step';
  }
}

function reasonOf(event: EnrolmentEvent | TvsEvent): string {
  if ('rule' in event && event.rule !== undefined) return event.rule;
  if ('end' in event && event.end !== undefined) return event.end;
  return event.kind;
}
