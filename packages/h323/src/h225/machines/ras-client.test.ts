import { describe, expect, test } from 'vitest';
import { capturedMessages } from '../../captured.fixture.ts';
import type * as H225 from '../../generated/h225.types.ts';
import { type MediaAddress, transportAddress } from '../../h245/audio-format.ts';
import { rasCodec } from '../ras.ts';
import { type RasCall, RasClient, type RasEvent } from './ras-client.ts';

const gatekeeper: MediaAddress = { host: Uint8Array.of(10, 99, 0, 9), port: 1719 };
const stranger: MediaAddress = { host: Uint8Array.of(10, 99, 0, 66), port: 1719 };
const call: RasCall = {
  callReference: 7,
  callIdentifier: new Uint8Array(16).fill(1),
  conferenceId: new Uint8Array(16).fill(2),
  answer: false,
  calling: [{ kind: 'dialedDigits', value: '1000' }],
  called: [{ kind: 'dialedDigits', value: '2000' }],
};

class Endpoint {
  readonly events: RasEvent[] = [];
  readonly client: RasClient;

  constructor(options: { readonly gatekeeper?: MediaAddress } = { gatekeeper }) {
    this.client = new RasClient({
      endpointType: { gateway: {}, mc: false, undefinedNode: false },
      vendor: { vendor: { t35CountryCode: 9, t35Extension: 0, manufacturerCode: 61 } },
      aliases: [{ kind: 'h323-ID', value: 'gw1' }],
      callSignalAddress: { host: Uint8Array.of(10, 99, 0, 1), port: 1720 },
      rasAddress: { host: Uint8Array.of(10, 99, 0, 1), port: 1719 },
      firstRequest: 65_534,
      ...options,
    });
  }

  /** What it sends, as a gatekeeper reads it. */
  sent(): H225.RasMessage[] {
    const sent: H225.RasMessage[] = [];
    for (let output = this.client.poll(); output !== undefined; output = this.client.poll()) {
      if (output.kind === 'event') {
        this.events.push(output.event);
        continue;
      }
      const result = rasCodec.decode(rasCodec.encode(output.message));
      if (!result.ok) throw result.error;
      sent.push(result.value);
    }
    return sent;
  }

  receive(message: H225.RasMessage, now = 0, from = gatekeeper): void {
    const result = rasCodec.decode(rasCodec.encode(message));
    if (!result.ok) throw result.error;
    this.client.receive(now, result.value, from);
  }

  /** The number of the one request that it sends. */
  asks(kind: H225.RasMessage['kind']): number {
    const [message, ...others] = this.sent();
    expect([message?.kind, others]).toEqual([kind, []]);
    return numberOf(message);
  }

  register(timeToLive?: number): void {
    this.client.start(0);
    this.receive(confirmGatekeeper(this.asks('gatekeeperRequest')));
    this.receive(confirmRegistration(this.asks('registrationRequest'), timeToLive));
    this.sent();
  }
}

function numberOf(message: H225.RasMessage | undefined): number {
  if (message === undefined || !('value' in message) || !('requestSeqNum' in message.value))
    throw new Error('no request');
  return message.value.requestSeqNum;
}

const confirmGatekeeper = (requestSeqNum: number): H225.RasMessage => ({
  kind: 'gatekeeperConfirm',
  value: {
    requestSeqNum,
    protocolIdentifier: '0.0.8.2250.0.4',
    rasAddress: transportAddress(gatekeeper),
    gatekeeperIdentifier: 'GK',
  },
});
const confirmRegistration = (requestSeqNum: number, timeToLive?: number): H225.RasMessage => ({
  kind: 'registrationConfirm',
  value: {
    requestSeqNum,
    protocolIdentifier: '0.0.8.2250.0.4',
    callSignalAddress: [],
    endpointIdentifier: '1_ep',
    ...(timeToLive === undefined ? {} : { timeToLive }),
  },
});
const confirmAdmission = (
  requestSeqNum: number,
  model: 'direct' | 'gatekeeperRouted',
  irrFrequency?: number,
): H225.RasMessage => ({
  kind: 'admissionConfirm',
  value: {
    requestSeqNum,
    bandWidth: 1280,
    callModel: { kind: model },
    destCallSignalAddress: transportAddress({ host: Uint8Array.of(10, 99, 0, 2), port: 1720 }),
    ...(irrFrequency === undefined ? {} : { irrFrequency }),
  },
});

describe('H.225.0 §7.7: registration', () => {
  test('a gatekeeper is found by multicast, registered with and kept; numbers go round', () => {
    const endpoint = new Endpoint({});
    endpoint.client.start(0);
    const first = endpoint.client.poll();
    expect(first).toMatchObject({ kind: 'send', to: 'multicast' });
    endpoint.receive(confirmGatekeeper(65_534));
    endpoint.receive(confirmRegistration(endpoint.asks('registrationRequest'), 60));
    expect([endpoint.sent(), endpoint.events]).toEqual([[], [{ kind: 'registered', endpointIdentifier: '1_ep' }]]);
    endpoint.client.handleTimeout(30_000);
    const [keepAlive] = endpoint.sent();
    expect(keepAlive).toMatchObject({
      value: { keepAlive: true, endpointIdentifier: '1_ep', gatekeeperIdentifier: 'GK', requestSeqNum: 1 },
    });
    endpoint.receive(confirmRegistration(1, 60), 30_000);
    expect([endpoint.client.registered, endpoint.client.nextDeadline()]).toEqual([true, 60_000]);
  });

  test('what is not answered is sent again as it was, and given up after three times; then it begins anew', () => {
    const endpoint = new Endpoint();
    endpoint.client.start(0);
    const first = endpoint.sent();
    for (const at of [3_000, 6_000]) {
      endpoint.client.handleTimeout(at);
      expect(endpoint.sent()).toEqual(first);
    }
    endpoint.client.handleTimeout(9_000);
    expect([endpoint.sent(), endpoint.events]).toEqual([
      [],
      [{ kind: 'unregistered', because: 'the gatekeeper does not answer' }],
    ]);
    endpoint.client.handleTimeout(39_000);
    expect(endpoint.asks('gatekeeperRequest')).toBe(65_535);
  });

  test('H.225.0 §7.16: a gatekeeper that needs longer is waited for', () => {
    const endpoint = new Endpoint();
    endpoint.client.start(0);
    const requestSeqNum = endpoint.asks('gatekeeperRequest');
    endpoint.receive({ kind: 'requestInProgress', value: { requestSeqNum, delay: 10_000 } }, 1_000);
    expect(endpoint.client.nextDeadline()).toBe(11_000);
  });

  test.each([
    ['fullRegistrationRequired', 'registrationRequest'],
    ['discoveryRequired', 'gatekeeperRequest'],
  ] as const)('a keep-alive refused with %s is followed by %s', (reason, next) => {
    const endpoint = new Endpoint();
    endpoint.register(60);
    endpoint.client.handleTimeout(30_000);
    const requestSeqNum = endpoint.asks('registrationRequest');
    const value = { requestSeqNum, protocolIdentifier: '0.0.8.2250.0.4', rejectReason: { kind: reason } } as const;
    endpoint.receive({ kind: 'registrationReject', value }, 30_000);
    expect(endpoint.sent().map(({ kind }) => kind)).toEqual([next]);
  });

  test('refusals and an unregistration by the gatekeeper are told, and it begins anew; our own ends', () => {
    const endpoint = new Endpoint();
    endpoint.client.start(0);
    const value = { requestSeqNum: endpoint.asks('gatekeeperRequest'), protocolIdentifier: '0.0.8.2250.0.4' };
    endpoint.receive({ kind: 'gatekeeperReject', value: { ...value, rejectReason: { kind: 'terminalExcluded' } } });
    const other = new Endpoint();
    other.register();
    other.receive({
      kind: 'unregistrationRequest',
      value: { requestSeqNum: 5, callSignalAddress: [], reason: { kind: 'maintenance' } },
    });
    expect(other.sent()).toEqual([{ kind: 'unregistrationConfirm', value: { requestSeqNum: 5 } }]);
    endpoint.sent();
    expect([endpoint.events.at(-1)?.kind, other.events.at(-1)?.kind, other.client.nextDeadline()]).toEqual([
      'unregistered',
      'unregistered',
      30_000,
    ]);
    const third = new Endpoint();
    third.register();
    third.client.stop(0);
    const requestSeqNum = third.asks('unregistrationRequest');
    third.receive({ kind: 'unregistrationConfirm', value: { requestSeqNum } });
    expect(third.client.nextDeadline()).toBeUndefined();
  });
});

describe('H.225.0 §7.11: admission', () => {
  test.each(['direct', 'gatekeeperRouted'] as const)('a call is admitted %s, reported, and disengaged', (model) => {
    const endpoint = new Endpoint();
    endpoint.register();
    endpoint.client.admit(0, call);
    const [request] = endpoint.sent();
    expect(request).toMatchObject({
      value: { endpointIdentifier: '1_ep', answerCall: false, callReferenceValue: 7, bandWidth: 1280 },
    });
    endpoint.receive(confirmAdmission(numberOf(request), model, 20));
    endpoint.sent();
    expect(endpoint.events.at(-1)).toMatchObject({
      kind: 'admitted',
      routed: model !== 'direct',
      destination: { port: 1720 },
    });
    endpoint.client.handleTimeout(20_000);
    expect(endpoint.sent()).toMatchObject([
      { kind: 'infoRequestResponse', value: { unsolicited: true, perCallInfo: [{ callReferenceValue: 7 }] } },
    ]);
    for (const callReferenceValue of [0, 7, 8])
      endpoint.receive({ kind: 'infoRequest', value: { requestSeqNum: 9, callReferenceValue } });
    expect(
      endpoint.sent().map((message) => message.kind === 'infoRequestResponse' && message.value.perCallInfo?.length),
    ).toEqual([1, 1, 0]);
    endpoint.client.disengage(20_000, call.callIdentifier);
    const requestSeqNum = endpoint.asks('disengageRequest');
    endpoint.receive({ kind: 'disengageConfirm', value: { requestSeqNum } });
    endpoint.client.disengage(20_000, call.callIdentifier);
    expect([endpoint.sent(), endpoint.client.nextDeadline()]).toEqual([[], undefined]);
  });

  test('a refusal, a silence and a gatekeeper that is not there refuse the call', () => {
    const endpoint = new Endpoint();
    endpoint.client.admit(0, call);
    endpoint.sent();
    endpoint.register();
    endpoint.client.admit(0, call);
    const requestSeqNum = endpoint.asks('admissionRequest');
    endpoint.receive({
      kind: 'admissionReject',
      value: { requestSeqNum, rejectReason: { kind: 'calledPartyNotRegistered' } },
    });
    endpoint.client.admit(0, call);
    for (const at of [3_000, 6_000, 9_000]) endpoint.client.handleTimeout(at);
    endpoint.sent();
    expect(endpoint.events.flatMap((event) => (event.kind === 'refused' ? [event.because] : []))).toEqual([
      'not registered with a gatekeeper',
      'calledPartyNotRegistered',
      'the gatekeeper does not answer',
    ]);
  });

  test('the gatekeeper drops a call: it is told once and confirmed every time', () => {
    const endpoint = new Endpoint();
    endpoint.register();
    endpoint.client.admit(0, call);
    endpoint.receive(confirmAdmission(endpoint.asks('admissionRequest'), 'direct'));
    const drop: H225.RasMessage = {
      kind: 'disengageRequest',
      value: {
        requestSeqNum: 77,
        endpointIdentifier: '1_ep',
        conferenceID: call.conferenceId,
        callReferenceValue: 7,
        disengageReason: { kind: 'forcedDrop' },
        callIdentifier: { guid: call.callIdentifier },
      },
    };
    endpoint.receive(drop);
    endpoint.receive(drop);
    expect(endpoint.sent().map(({ kind }) => kind)).toEqual(['disengageConfirm', 'disengageConfirm']);
    expect(endpoint.events.filter(({ kind }) => kind === 'dropped')).toHaveLength(1);
  });

  test('strangers, and answers to what was not asked, are dropped', () => {
    const endpoint = new Endpoint();
    endpoint.client.start(0);
    const requestSeqNum = endpoint.asks('gatekeeperRequest');
    endpoint.receive(confirmRegistration(requestSeqNum, 60));
    endpoint.receive(confirmGatekeeper(requestSeqNum));
    endpoint.sent();
    endpoint.receive(confirmRegistration(requestSeqNum + 1, 60), 0, stranger);
    endpoint.receive(confirmAdmission(999, 'direct'));
    expect([endpoint.client.registered, endpoint.client.dropped, endpoint.sent()]).toEqual([false, 3, []]);
  });
});

test('GnuGk’s answers of the capture register, admit, disengage and unregister ours', () => {
  const endpoint = new Endpoint();
  const seen: string[] = [];
  const answers = capturedMessages().flatMap(({ kind, octets }) => {
    const result = kind === 'ras' ? rasCodec.decode(octets) : undefined;
    return result?.ok ? [result.value] : [];
  });
  const answer = (kind: H225.RasMessage['kind'], requestSeqNum: number) => {
    const found = answers.find((one) => one.kind === kind);
    if (found === undefined || !('value' in found)) throw new Error(`no ${kind} in the captures`);
    // Ours has its own numbers, and takes GnuGk's address from its GatekeeperConfirm.
    endpoint.client.receive(
      0,
      { ...found, value: { ...found.value, requestSeqNum } } as H225.RasMessage,
      host(answers),
    );
    seen.push(kind);
  };
  endpoint.client.start(0);
  answer('gatekeeperConfirm', endpoint.asks('gatekeeperRequest'));
  answer('registrationConfirm', endpoint.asks('registrationRequest'));
  endpoint.client.admit(0, call);
  answer('admissionConfirm', endpoint.asks('admissionRequest'));
  endpoint.client.disengage(0, call.callIdentifier);
  answer('disengageConfirm', endpoint.asks('disengageRequest'));
  endpoint.client.stop(0);
  answer('unregistrationConfirm', endpoint.asks('unregistrationRequest'));
  expect(endpoint.events.map(({ kind }) => kind)).toEqual(['registered', 'admitted']);
  expect([seen.length, endpoint.client.dropped]).toEqual([5, 0]);
});

function host(answers: readonly H225.RasMessage[]): MediaAddress {
  const confirm = answers.find(({ kind }) => kind === 'gatekeeperConfirm');
  if (confirm?.kind !== 'gatekeeperConfirm' || confirm.value.rasAddress.kind !== 'ipAddress')
    throw new Error('no gatekeeper');
  return { host: confirm.value.rasAddress.value.ip, port: confirm.value.rasAddress.value.port };
}
