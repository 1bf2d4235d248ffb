import { describe, expect, test } from 'vitest';
import { EndpointCalls } from '../../endpoint/endpoint-calls.ts';
import { decodeCause } from '../../q931/cause.ts';
import { elementOf } from '../../q931/message.ts';
import { ElementId, MessageType } from '../../q931/message-types.ts';
import { decodeCallSignalling } from '../call-signalling.ts';
import { carry, identity, Side } from './pair.fixture.ts';

/** Elements: a display, a User-user that says it has 80 octets, one that is not of H.225.0, and one whose ASN.1 ends. */
const cutDisplay = [0x28, 9, 0x41];
const cutUserUser = [0x7e, 0, 80, 5, 0x20];
const otherUserUser = [0x7e, 0, 2, 4, 0x41];
const endedUserUser = [0x7e, 0, 3, 5, 0x20, 0x80];

const { ReleaseComplete, Status } = MessageType;

function read(octets: Uint8Array) {
  const result = decodeCallSignalling(octets);
  if (!result.ok) throw result.error;
  const { type, callReference } = result.message;
  const cause = elementOf(result.message, ElementId.Cause);
  const state = elementOf(result.message, ElementId.CallState)?.[0];
  return { type, callReference, cause: cause && decodeCause(cause)?.value, ...(state === undefined ? {} : { state }) };
}

/** What a side says that has no call. */
function answersTo(octets: readonly number[]) {
  const side = new Side();
  side.receive(Uint8Array.from(octets));
  const answers = side.sent().map(read);
  expect([side.events, side.connection.size]).toEqual([[], 0]);
  return answers;
}

describe('Q.931 §5.8: errors of messages for no call', () => {
  test.each([
    ['§5.8.1 another protocol discriminator', [9, 2, 0, 9, 5]],
    ['§5.8.2 too short for a type', [8, 2, 0, 9]],
    ['§5.8.3.1 bits 5 to 8 of the length are not zero', [8, 0x12, 0, 9, 5]],
    ['§5.8.3.1 a call reference of three octets', [8, 3, 0, 0, 9, 5]],
    ['the dummy call reference', [8, 0, 5, ...endedUserUser]],
    ['§5.8.3.2 c ReleaseComplete', [8, 2, 0, 9, 0x5a]],
    ['§5.8.3.2 c ReleaseComplete that is cut', [8, 2, 0, 9, 0x5a, ...cutUserUser]],
    ['§5.8.3.2 d a Setup from who has not chosen the reference', [8, 2, 0x80, 9, 5, ...cutUserUser]],
    ['§5.8.3.2 f Status of the global reference', [8, 2, 0, 0, 0x7d, 0x14, 1, 10]],
    ['§5.8.11 Status of the null state', [8, 2, 0, 9, 0x7d, 0x14, 1, 0]],
  ])('%s is ignored', (_, octets) => {
    expect(answersTo(octets)).toEqual([]);
  });

  test.each([
    ['§5.8.6.1 a Setup without User-user', [8, 2, 0, 9, 5], 96],
    ['§5.8.6.1 a Setup that is cut before its User-user', [8, 2, 0, 9, 5, ...cutDisplay], 96],
    ['§5.8.6.2 a Setup whose User-user is longer than the message', [8, 2, 0, 9, 5, ...cutUserUser], 100],
    ['§5.8.6.2 a Setup with half of the length of its User-user', [8, 2, 0, 9, 5, 0x7e, 0], 100],
    ['§5.8.6.2 a Setup whose User-user is not of H.225.0', [8, 2, 0, 9, 5, ...otherUserUser], 100],
    ['§5.8.6.2 a Setup whose UUIE cannot be decoded', [8, 2, 0, 9, 5, ...endedUserUser], 100],
    ['§5.8.3.2 a Connect', [8, 2, 0, 9, 7], 81],
    ['§5.8.3.2 a Connect that is cut', [8, 2, 0, 9, 7, ...cutUserUser], 81],
    ['§5.8.3.2 b Release', [8, 2, 0, 9, 0x4d], 81],
    ['§5.8.3.2 an unknown message', [8, 2, 0, 9, 0x33], 81],
    ['§5.8.11 Status of a state in which there is a call', [8, 2, 0, 9, 0x7d, 0x14, 1, 10], 101],
  ])('%s is released, by its reference and with the other flag', (_, octets, cause) => {
    const callReference = { value: 9, fromDestination: true, length: 2 };
    expect(answersTo(octets)).toEqual([{ type: ReleaseComplete, callReference, cause }]);
    const flagged = octets.with(2, 0x80);
    if (octets[4] === MessageType.Setup) return;
    expect(answersTo(flagged)).toMatchObject([{ callReference: { value: 9, fromDestination: false } }]);
  });

  test.each([
    ['§5.8.10 a Status Enquiry for no call', [8, 2, 0, 9, 0x75], 9, 30],
    ['§5.8.10 one that is cut', [8, 2, 0, 9, 0x75, ...cutUserUser], 9, 30],
    ['§5.8.3.2 f a Connect of the global reference', [8, 2, 0, 0, 7], 0, 81],
  ])('%s is answered by Status of the null state', (_, octets, value, cause) => {
    const callReference = { value, fromDestination: true, length: 2 };
    expect(answersTo(octets)).toEqual([{ type: Status, callReference, cause, state: 0 }]);
  });
});

describe('Q.931 §5.8: errors in a call', () => {
  function proceeding() {
    const [caller, called] = [new Side(), new Side()];
    const out = caller.connection.call(identity(1));
    out.setup(0, { calledNumber: '2000' });
    carry(caller, called);
    called.events[0]?.call.proceed();
    carry(caller, called);
    return { caller, out };
  }

  test.each([
    ['§5.8.4 an unknown message', [0x33], 97],
    ['§5.8.6.1 a Connect that is cut before its User-user', [7, ...cutDisplay], 96],
    ['§5.8.6.2 a Connect whose User-user is longer than the message', [7, ...cutUserUser], 100],
    ['§5.8.6.2 an Alerting whose UUIE cannot be decoded', [1, ...endedUserUser], 100],
    ['§5.8.10 a Status Enquiry', [0x75], 30],
  ])('%s is answered by Status, and the call is as it was', (_, message, cause) => {
    const { caller, out } = proceeding();
    caller.receive(Uint8Array.of(8, 2, 0x80, 20, ...message));
    const callReference = { value: 20, fromDestination: false, length: 2 };
    expect(caller.sent().map(read)).toEqual([{ type: Status, callReference, cause, state: 3 }]);
    expect([out.state, caller.kinds()]).toEqual(['outgoing-call-proceeding', ['proceeding']]);
  });

  test.each([
    ['a ReleaseComplete whose User-user is longer than the message', [0x5a, 8, 2, 0x80, 0x91, ...cutUserUser], 17],
    ['a ReleaseComplete whose UUIE cannot be decoded', [0x5a, 8, 2, 0x80, 0xa2, ...endedUserUser], 34],
    ['a ReleaseComplete whose cause is cut', [0x5a, 8, 2, 0x80], 31],
  ])('§5.8.6: %s ends the call all the same', (_, message, cause) => {
    const { caller } = proceeding();
    caller.receive(Uint8Array.of(8, 2, 0x80, 20, ...message));
    expect([caller.sent(), caller.connection.size]).toEqual([[], 0]);
    expect(caller.events.at(-1)).toMatchObject({ kind: 'released', cause, by: 'peer' });
  });

  test.each([
    ['Disconnect', 0x45],
    ['Release', 0x4d],
  ])('§5.8.4: a %s, which H.225.0 has not, ends the call and is answered by ReleaseComplete', (_, type) => {
    const { caller } = proceeding();
    caller.receive(Uint8Array.of(8, 2, 0x80, 20, type, 8, 2, 0x80, 0x91));
    expect(caller.sent().map(read)).toMatchObject([{ type: ReleaseComplete, cause: 17 }]);
    expect(caller.events.at(-1)).toMatchObject({ kind: 'released', cause: 17, by: 'peer' });
    expect(caller.connection.size).toBe(0);
  });

  test.each([
    ['a Setup that is cut', [5, ...cutUserUser]],
    ['a Status that is cut', [0x7d, ...cutUserUser]],
    ['a Connect Acknowledge', [0x0f]],
  ])('%s is ignored', (_, message) => {
    const { caller, out } = proceeding();
    caller.receive(Uint8Array.of(8, 2, 0x80, 20, ...message));
    expect([caller.sent(), out.state, caller.kinds()]).toEqual([[], 'outgoing-call-proceeding', ['proceeding']]);
  });
});

test('a Setup that cannot be read is refused at once, and the call on the same connection stays', () => {
  const calls = new EndpointCalls({
    identity: () => identity(0x55),
    drawCallReference: () => 1,
    admit: () => ({ refuse: 17 }),
    listenForH245: () => undefined,
    stopListeningForH245: () => undefined,
  });
  const here = { address: '192.0.2.1', port: 1720 };
  calls.accepted(0, 'in1', { local: here, remote: { address: '192.0.2.10', port: 40_000 } });
  const outputs = () => Array.from({ length: 4 }, () => calls.poll()).filter((output) => output !== undefined);
  calls.received(0, 'in1', Uint8Array.of(8, 2, 0x12, 0x34, 5, ...cutUserUser));
  const [answer, ...others] = outputs();
  if (answer?.kind !== 'send') throw new Error('nothing was answered');
  expect(read(answer.payload)).toEqual({
    type: ReleaseComplete,
    callReference: { value: 0x1234, fromDestination: true, length: 2 },
    cause: 100,
  });
  expect(others).toEqual([]);
});

test('an unreadable Setup between the messages of a call on the same connection does not touch it', () => {
  const [caller, called] = [new Side(), new Side()];
  const out = caller.connection.call(identity(1));
  out.setup(0, { calledNumber: '2000' });
  carry(caller, called);
  called.receive(Uint8Array.of(8, 2, 0, 77, 5, ...cutUserUser));
  expect(called.sent().map(read)).toMatchObject([{ type: ReleaseComplete, callReference: { value: 77 }, cause: 100 }]);
  called.events[0]?.call.connect();
  carry(caller, called);
  expect(out.state).toBe('active');
});
