import { type ServiceControlAction, serializeServiceControl } from '@trustline/provisioning';
import { headerValue, type SipFlow, type SipMessage, type SipRequest } from '@trustline/sip';
import { SeededRandom } from '@trustline/testing';
import { expect, test } from 'vitest';
import type { PhoneOutput } from './outputs.ts';
import { PhoneCore } from './phone-core.ts';

const [local, remote] = [
  { host: '192.0.2.9', port: 40_000 },
  { host: '192.0.2.1', port: 5061 },
];
const flow: SipFlow = { id: 'own', transport: 'tls', local, remote };

/** A phone that has sent its REGISTER down its own connection. */
function registering() {
  const phone = new PhoneCore({
    line: '1001',
    server: { host: 'cm.example', port: 5061 },
    random: new SeededRandom(1).bytes,
  });
  const outputs = () => {
    const all: PhoneOutput[] = [];
    for (let output = phone.poll(); output !== undefined; output = phone.poll()) all.push(output);
    return all;
  };
  phone.connected(0, flow);
  const register = outputs().find((output) => output.kind === 'transmit')?.message;
  if (register === undefined) throw new Error('it registers');
  /** What the phone answers, and what it says to whoever runs it. */
  const notify = (body: Uint8Array, event = 'service-control', over = flow) => {
    phone.receive(1, over, notification(event, body, over));
    const said = outputs();
    const answer = said.find((output) => output.kind === 'transmit')?.message;
    return {
      status: answer?.kind === 'response' ? answer.status : undefined,
      told: said.find((output) => output.kind === 'service-control')?.action,
    };
  };
  return { callId: headerValue(register, 'Call-ID') ?? '', notify };
}

function notification(event: string, body: Uint8Array, { transport }: SipFlow): SipMessage {
  const headers: SipRequest['headers'] = [
    { name: 'Via', value: `SIP/2.0/${transport.toUpperCase()} 192.0.2.1:5061;branch=z9hG4bKn` },
    { name: 'Max-Forwards', value: '70' },
    { name: 'From', value: '<sip:trustline>;tag=m' },
    { name: 'To', value: '<sip:1001@192.0.2.9>' },
    { name: 'Call-ID', value: 'n' },
    { name: 'CSeq', value: '1 NOTIFY' },
    { name: 'Event', value: event },
    { name: 'Content-Type', value: 'text/plain' },
  ];
  return { kind: 'request', method: 'NOTIFY', uri: 'sip:1001@192.0.2.9', headers, body };
}

test.each(['reset', 'restart'] as const)('who took its REGISTER may tell the phone to %s', (action) => {
  const { callId, notify } = registering();
  expect(notify(serializeServiceControl({ action, registerCallId: callId }))).toEqual({ status: 200, told: action });
});

test.each<[string, number, ServiceControlAction | 'nothing', string, string]>([
  ['does not know the Call-ID of its REGISTER', 400, 'reset', 'service-control', 'another'],
  ['says nothing that it understands', 400, 'nothing', 'service-control', ''],
  ['wants another event', 489, 'reset', 'check-sync', ''],
])('who %s is answered %i and not obeyed', (_, status, action, event, other) => {
  const { callId, notify } = registering();
  const body =
    action === 'nothing'
      ? new TextEncoder().encode('please')
      : serializeServiceControl({ action, registerCallId: other === '' ? callId : other });
  expect(notify(body, event)).toEqual({ status, told: undefined });
});

test('who comes by another connection is refused, whatever he knows', () => {
  const { callId, notify } = registering();
  const stranger = { ...flow, id: 'strange', remote: { host: '198.51.100.1', port: 5060 } };
  const body = serializeServiceControl({ action: 'reset', registerCallId: callId });
  expect(notify(body, 'service-control', stranger)).toEqual({ status: 403, told: undefined });
});
