import { parameterValue, parseNameAddr, type SipFlow } from '@trustline/sip';
import type { Registration } from '../device-directory.ts';
import { addressOf } from '../legs/sip/authority.ts';
import { contactOfBinding } from '../legs/sip/registrar.ts';
import type { Clock } from './parts.ts';
import type { StoredRegistration } from './store/registrations.ts';

/** A binding as a row: bindings live on the monotonic clock, the store on the wall's. */
export function toStored(
  { device, line, binding }: Registration,
  flow: SipFlow | undefined,
  clock: Clock,
): StoredRegistration {
  return {
    line,
    device,
    contact: contactOfBinding(binding),
    callId: binding.callId,
    sequence: binding.sequence,
    path: binding.path,
    transport: flow?.transport ?? 'tls',
    remoteAddress: flow === undefined ? '' : addressOf(flow),
    registeredAt: clock.now(),
    expiresAt: Math.round(clock.now() + (binding.expiresAt - clock.monotonic())),
  };
}

/** A row as a binding; none where its Contact cannot be read. */
export function fromStored(stored: StoredRegistration, clock: Clock): readonly Registration[] {
  const contact = parseNameAddr(stored.contact);
  if (contact === undefined) return [];
  const instance = parameterValue(contact.parameters, '+sip.instance');
  const registrationId = Number(parameterValue(contact.parameters, 'reg-id') ?? Number.NaN);
  const binding = {
    ...contact,
    callId: stored.callId,
    sequence: stored.sequence,
    path: stored.path,
    expiresAt: clock.monotonic() + (stored.expiresAt - clock.now()),
    instance,
    registrationId: instance === undefined || Number.isNaN(registrationId) ? undefined : registrationId,
  };
  return [{ device: stored.device, line: stored.line, binding }];
}
