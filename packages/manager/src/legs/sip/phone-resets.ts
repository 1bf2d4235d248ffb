import { hexadecimal } from '@trustline/base';
import type { SipFlow, SipRequest } from '@trustline/sip';
import type { DeviceDirectory } from '../../device-directory.ts';
import { serviceControlRequest } from './service-control.ts';

export interface ResetPorts {
  /** The host of our SIP identity. */
  readonly realm: string;
  readonly contactOf: (flow: SipFlow) => string;
  readonly random: (length: number) => Uint8Array;
}

/** The NOTIFY that tells each of these phones to boot again, one for each that is reached, whatever the number of its lines. */
export function resetRequests(
  directory: DeviceDirectory,
  devices: readonly string[],
  { realm, contactOf, random }: ResetPorts,
): readonly { readonly flow: SipFlow; readonly request: SipRequest }[] {
  const wanted = new Set(devices);
  return directory.newestRegistrations().flatMap(({ device, line, binding }) => {
    const reached = wanted.delete(device) ? directory.reach(device, line) : undefined;
    if (reached === undefined) return [];
    const { flow, requestUri, route } = reached;
    const request = serviceControlRequest({
      action: 'reset',
      registerCallId: binding.callId,
      requestUri,
      route,
      from: `<sip:${realm}>`,
      contact: contactOf(flow),
      callId: hexadecimal(random(16)),
      tag: hexadecimal(random(8)),
    });
    return [{ flow, request }];
  });
}
