/** Messages of other stacks that no capture shows: each is answered as the Recommendations say, and the call is as it was. */
import { Redacted } from '@trustline/base';
import { describe, expect, test } from 'vitest';
import type * as H245 from '../generated/h245.types.ts';
import { decodeCallSignalling, encodeCallSignalling } from '../h225/call-signalling.ts';
import {
  facilityMessage,
  informationMessage,
  notifyMessage,
  releaseMessage,
  stageMessage,
  statusEnquiryMessage,
} from '../h225/machines/call-message.ts';
import { identity } from '../h225/machines/pair.fixture.ts';
import { decodeH245, h245Codec } from '../h245/messages.ts';
import { MessageType } from '../q931/message-types.ts';
import { converse, Party } from './pair.fixture.ts';

type Message = H245.MultimediaSystemControlMessage;
type Parts = ReturnType<typeof stageMessage>;

function answered(tunnelling: boolean) {
  const [caller, called] = [new Party(1, true, { tunnelling }), new Party(2, true, { tunnelling })];
  caller.place();
  converse(caller, called);
  called.call.proceed(0);
  called.call.alert(0);
  called.call.connect(0);
  converse(caller, called);
  return { caller, called };
}

function ringing() {
  const [caller, called] = [new Party(1, true), new Party(2, true)];
  caller.place();
  converse(caller, called);
  called.call.alert(0);
  converse(caller, called);
  return caller;
}

/** What a party says of H.245, by whichever way. */
function saysOfControl(party: Party, now = 0): Message[] {
  return party.sent(now).flatMap(({ by, octets }) => {
    if (by !== 'signalling') return decodeH245(octets).messages;
    const read = decodeCallSignalling(octets);
    const control = read.ok ? (read.message.userInformation?.['h323-uu-pdu'].h245Control?.reveal() ?? []) : [];
    return control.flatMap((one) => decodeH245(one).messages);
  });
}

function names(messages: readonly Message[]): string[] {
  return messages.map((message) => ('value' in message ? message.value.kind : message.kind));
}

/** Of the call that the caller made, as its peer would send it. */
function says(party: Party, parts: Parts, now = 0): void {
  const callReference = { value: 1, fromDestination: true, length: 2 } as const;
  party.receive(now, 'signalling', encodeCallSignalling({ ...parts, callReference }));
}

const request = (value: H245.RequestMessage): Message => ({ kind: 'request', value });
const command = (value: H245.CommandMessage): Message => ({ kind: 'command', value });
const input = (value: H245.UserInputIndication): Message => ({
  kind: 'indication',
  value: { kind: 'userInput', value },
});
const nonStandard = { nonStandardIdentifier: { kind: 'object', value: '0.1.2' }, data: Uint8Array.of(1, 2) } as const;
const opens = (dataType: H245.DataType, sessionID: number): Message =>
  request({
    kind: 'openLogicalChannel',
    value: {
      forwardLogicalChannelNumber: 77,
      forwardLogicalChannelParameters: {
        dataType,
        multiplexParameters: { kind: 'h2250LogicalChannelParameters', value: { sessionID } },
      },
    },
  });
const mu = (frames: number) =>
  ({ kind: 'receiveAudioCapability', value: { kind: 'g711Ulaw64k', value: frames } }) as const;
const capabilities = (sequenceNumber: number, capability: H245.Capability): Message =>
  request({
    kind: 'terminalCapabilitySet',
    value: {
      sequenceNumber,
      protocolIdentifier: '0.0.8.245.0.3',
      capabilityTable: [{ capabilityTableEntryNumber: 1, capability }],
    },
  });

describe.each([
  ['tunnelled', true],
  ['separate', false],
])('H.245 %s in a call that stands', (_, tunnelling) => {
  test.each<[string, Message, string[]]>([
    [
      'a maintenance loop',
      request({ kind: 'maintenanceLoopRequest', value: { type: { kind: 'systemLoop' } } }),
      ['maintenanceLoopReject'],
    ],
    [
      'a round trip',
      request({ kind: 'roundTripDelayRequest', value: { sequenceNumber: 9 } }),
      ['roundTripDelayResponse'],
    ],
    [
      'a mode that is none of ours',
      request({
        kind: 'requestMode',
        value: { sequenceNumber: 3, requestedModes: [[{ type: { kind: 'nonStandard', value: nonStandard } }]] },
      }),
      ['requestModeReject'],
    ],
    [
      'a channel of something that is not standard',
      opens({ kind: 'nonStandard', value: nonStandard }, 1),
      ['openLogicalChannelReject'],
    ],
    [
      'a channel of video',
      opens({ kind: 'videoData', value: { kind: 'nonStandard', value: nonStandard } }, 2),
      ['openLogicalChannelReject'],
    ],
    ['a channel of nothing', opens({ kind: 'nullData' }, 3), ['openLogicalChannelReject']],
    [
      'a request of a conference',
      request({ kind: 'conferenceRequest', value: { kind: 'terminalListRequest' } }),
      ['functionNotUnderstood'],
    ],
    [
      'a request of its own',
      request({ kind: 'nonStandard', value: { nonStandardData: nonStandard } }),
      ['functionNotUnderstood'],
    ],
    [
      'a determination of master and slave once more',
      request({ kind: 'masterSlaveDetermination', value: { terminalType: 50, statusDeterminationNumber: 1 } }),
      ['masterSlaveDeterminationAck'],
    ],
    ['capabilities of the number 0, with 30 ms', capabilities(0, mu(30)), ['terminalCapabilitySetAck']],
    [
      'a picture that is wanted anew',
      command({
        kind: 'miscellaneousCommand',
        value: { logicalChannelNumber: 1, type: { kind: 'videoFastUpdatePicture' } },
      }),
      [],
    ],
    [
      'a flow that is to be less',
      command({
        kind: 'flowControlCommand',
        value: { scope: { kind: 'wholeMultiplex' }, restriction: { kind: 'noRestriction' } },
      }),
      [],
    ],
    ['a command of its own', command({ kind: 'nonStandard', value: { nonStandardData: nonStandard } }), []],
    ['that it supports keys', input({ kind: 'userInputSupportIndication', value: { kind: 'basicString' } }), []],
    ['a key that lasted longer', input({ kind: 'signalUpdate', value: { duration: 200 } }), []],
  ])('%s', (_, message, answers) => {
    const { caller } = answered(tunnelling);
    const before = caller.events.length;
    caller.call.h245Received(0, h245Codec.encode(message));
    expect(names(saysOfControl(caller))).toEqual(answers);
    expect(caller.events.slice(before)).toEqual([]);
  });

  test.each<[string, Message, string]>([
    ['letters', input({ kind: 'alphanumeric', value: '12#' }), '12#'],
    ['letters of the extended form', input({ kind: 'extendedAlphanumeric', value: { alphanumeric: '7' } }), '7'],
    ['a signal', input({ kind: 'signal', value: { signalType: '*' } }), '*'],
  ])('keys as %s', (_, message, digits) => {
    const { caller } = answered(tunnelling);
    caller.call.h245Received(0, h245Codec.encode(message));
    saysOfControl(caller);
    expect(caller.events.at(-1)).toMatchObject({ kind: 'digits', digits });
  });

  test('H.323 §8.5: who ends H.245 first is answered so, and has two seconds to say why it releases', () => {
    for (const cause of [17, undefined]) {
      const { caller } = answered(tunnelling);
      caller.call.h245Received(
        0,
        h245Codec.encode(command({ kind: 'endSessionCommand', value: { kind: 'disconnect' } })),
      );
      expect(names(saysOfControl(caller))).toEqual(['endSessionCommand']);
      expect(caller.call.nextDeadline()).toBe(2_000);
      if (cause === undefined) caller.call.handleTimeout(2_000);
      else says(caller, releaseMessage(undefined, cause, {}, false));
      const last = caller.sent(2_000).at(-1);
      const ending = last === undefined ? undefined : decodeCallSignalling(last.octets);
      expect(caller.events.at(-1)).toMatchObject({ kind: 'released', cause: cause ?? 16 });
      // It is released by us, where the peer does not.
      expect(ending?.ok ? ending.message.type : undefined).toBe(
        cause === undefined ? MessageType.ReleaseComplete : undefined,
      );
      expect(caller.connection.size).toBe(0);
    }
  });
});

const loop = h245Codec.encode(request({ kind: 'roundTripDelayRequest', value: { sequenceNumber: 5 } }));
const attached = { h245Control: new Redacted([loop, loop]) };
const other = identity(1);

describe('call signalling that comes late, twice or at all', () => {
  test.each<[string, Parts]>([
    ['Call Proceeding', stageMessage('callProceeding', other, {}, attached, true)],
    ['Progress', stageMessage('progress', other, { inBand: true }, attached, true)],
    ['Alerting', stageMessage('alerting', other, {}, attached, true)],
    ['a second Connect', stageMessage('connect', other, {}, attached, true)],
    ['Facility without a reason', facilityMessage(other, undefined, attached, true)],
    ['Facility that only carries H.245', facilityMessage(other, 'transportedInformation', attached, true)],
    ['Notify', notifyMessage(other, 0, attached, true)],
    ['Information without a key', informationMessage(other, '', 'called-number', attached, true)],
  ])('the H.245 in %s after the answer is read, each of its messages', (_, parts) => {
    const { caller } = answered(true);
    const before = caller.events.length;
    says(caller, parts);
    expect(names(saysOfControl(caller))).toEqual(['roundTripDelayResponse', 'roundTripDelayResponse']);
    expect(caller.events.slice(before)).toEqual([]);
  });

  test('Progress before Alerting, and Call Proceeding after it', () => {
    const caller = new Party(1, true);
    caller.place();
    caller.sent(0);
    says(caller, stageMessage('progress', other, { inBand: true }, {}, true));
    says(caller, stageMessage('alerting', other, {}, {}, true));
    says(caller, stageMessage('callProceeding', other, {}, {}, true));
    says(caller, stageMessage('connect', other, {}, {}, true));
    caller.sent(0);
    expect(caller.kinds().slice(0, 4)).toEqual(['progress', 'alerting', 'proceeding', 'connected']);
  });

  test('a Status Enquiry is answered by the state, whatever it is', () => {
    const caller = ringing();
    says(caller, statusEnquiryMessage(other, true));
    const [status] = caller.sent(0).map(({ octets }) => decodeCallSignalling(octets));
    expect(status?.ok ? status.message.type : undefined).toBe(MessageType.Status);
  });

  test('an address for H.245 in Connect alone is connected to', () => {
    const [caller, called] = [new Party(1, true, { tunnelling: false }), new Party(2, true, { tunnelling: false })];
    caller.place();
    converse(caller, called);
    const h245Address = { kind: 'ipAddress', value: { ip: Uint8Array.of(10, 0, 0, 2), port: 3_000 } } as const;
    says(caller, stageMessage('alerting', other, {}, {}, false));
    says(caller, stageMessage('connect', other, {}, { h245Address }, false));
    caller.sent(0);
    expect(caller.wantsH245).toBe(true);
  });

  test.each(['callForwarded', 'routeCallToMC', 'routeCallToGatekeeper'] as const)(
    'H.225.0 §7.4.1: a Facility %s before the answer ends the call at once, so that another way is taken; later it does nothing',
    (kind) => {
      const elsewhere = facilityMessage(other, 'startH245', {}, true);
      const pdu = elsewhere.userInformation?.['h323-uu-pdu'];
      const body = pdu?.['h323-message-body'];
      if (pdu === undefined || body?.kind !== 'facility') throw new Error('no Facility');
      const value = { ...body.value, reason: { kind } };
      const parts = {
        ...elsewhere,
        userInformation: { 'h323-uu-pdu': { ...pdu, 'h323-message-body': { kind: 'facility', value } as const } },
      };
      const caller = ringing();
      says(caller, parts);
      caller.sent(0);
      expect(caller.events.at(-1)).toEqual({ kind: 'released', cause: 3, by: 'us', because: 'sent-elsewhere' });
      const { caller: talking } = answered(true);
      says(talking, parts);
      talking.sent(0);
      expect(talking.kinds()).not.toContain('released');
    },
  );
});
