import { expect, test } from 'vitest';
import type { CallSignallingMessage } from '../h225/call-signalling.ts';
import { setupMessage } from '../h225/machines/call-message.ts';
import { readSetup } from '../h225/machines/call-reading.ts';
import { ElementId } from '../q931/message-types.ts';
import { encodePartyNumber } from '../q931/party-number.ts';
import { type DiversionInformation, diversionApdu, readDiversion } from './diversion.ts';

const once: DiversionInformation = { count: 1, reason: 'cfb', divertingNumber: '1001' };
const identity = {
  endpointType: { gateway: {}, mc: false, undefinedNode: false },
  callIdentifier: new Uint8Array(16),
  conferenceId: new Uint8Array(16),
};

/** What is read of a Setup whose redirecting number or operations are changed. */
function read(change: (message: CallSignallingMessage) => CallSignallingMessage, diversion = once) {
  const parts = setupMessage(identity, { calledNumber: '2001', diversion }, {}, true);
  const message = change({ callReference: { value: 1, fromDestination: false, length: 2 }, ...parts });
  const body = message.userInformation?.['h323-uu-pdu']['h323-message-body'];
  if (body?.kind !== 'setup') throw new Error('no Setup');
  return readSetup(message, body.value).diversion;
}

function withoutOperations(message: CallSignallingMessage): CallSignallingMessage {
  const { userInformation } = message;
  if (userInformation === undefined) return message;
  const { h4501SupplementaryService: _, ...rest } = userInformation['h323-uu-pdu'];
  return { ...message, userInformation: { ...userInformation, 'h323-uu-pdu': rest } };
}

test.each<DiversionInformation>([
  once,
  { count: 15, reason: 'cfu', divertingNumber: '1002', original: { number: '1001', reason: 'cfnr' } },
  { count: 3, reason: 'unknown', divertingNumber: '' },
])('H.450.3: what divertingLegInformation2 says is read again: %j', (information) => {
  expect(readDiversion([diversionApdu(0, information)])).toEqual(information);
  expect(read((message) => message, information)).toEqual(information);
});

test.each([
  [1, 'cfb'],
  [2, 'cfnr'],
  [15, 'cfu'],
  [4, 'unknown'],
])('Q.951: the redirecting number is read where there is no operation; its reason %i is %s', (reason, named) => {
  const number = { typeOfNumber: 0, numberingPlan: 1, reason, digits: '7' };
  const other = (message: CallSignallingMessage) => ({
    ...withoutOperations(message),
    elements: [{ id: ElementId.RedirectingNumber, octets: encodePartyNumber(number), codeset: 0 }],
  });
  expect(read(other)).toEqual({ count: 1, reason: named, divertingNumber: '7' });
});

test('a redirecting number that is not to be shown, or operations that cannot be read, say nothing', () => {
  const presentation = { indicator: 1, screening: 3 };
  const number = { typeOfNumber: 0, numberingPlan: 1, presentation, reason: 1, digits: '7' };
  const hidden = (message: CallSignallingMessage) => ({
    ...withoutOperations(message),
    elements: [{ id: ElementId.RedirectingNumber, octets: encodePartyNumber(number), codeset: 0 }],
  });
  expect(read(hidden)).toBeUndefined();
  const apdu = diversionApdu(0, once);
  for (let length = 0; length < apdu.byteLength; length++)
    expect(readDiversion([apdu.subarray(0, length)])).toBeUndefined();
});
