import {
  SERVICE_CONTROL_EVENT,
  SERVICE_CONTROL_TYPE,
  type ServiceControl,
  serializeServiceControl,
} from '@trustline/provisioning';
import { formatCSeq, type SipRequest } from '@trustline/sip';

/** Where a phone is told to, and by whom. */
export interface ServiceControlRequest extends ServiceControl {
  /** The phone's Contact. */
  readonly requestUri: string;
  readonly route: readonly string[];
  /** Of ours, without a tag. */
  readonly from: string;
  readonly contact: string;
  /** Unguessable, new for each. */
  readonly callId: string;
  readonly tag: string;
}

/** The NOTIFY that has a phone fetch its files again. */
export function serviceControlRequest(wanted: ServiceControlRequest): SipRequest {
  const { requestUri, route, from, contact, callId, tag } = wanted;
  return {
    kind: 'request',
    method: 'NOTIFY',
    uri: requestUri,
    headers: [
      { name: 'Max-Forwards', value: '70' },
      ...route.map((value) => ({ name: 'Route', value })),
      { name: 'From', value: `${from};tag=${tag}` },
      { name: 'To', value: `<${requestUri}>` },
      { name: 'Call-ID', value: callId },
      { name: 'CSeq', value: formatCSeq({ sequence: 1, method: 'NOTIFY' }) },
      { name: 'Contact', value: contact },
      { name: 'Event', value: SERVICE_CONTROL_EVENT },
      { name: 'Subscription-State', value: 'active' },
      { name: 'Content-Type', value: SERVICE_CONTROL_TYPE },
    ],
    body: serializeServiceControl(wanted),
  };
}
