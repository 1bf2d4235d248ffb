import { Redacted } from '@trustline/base';
import { describe, expect, test } from 'vitest';
import { encodeMessage, type SccpMessage } from './codec.ts';
import { SccpError } from './error.ts';
import { type MediaEncryptionKeyInfo, noMediaEncryption } from './layout/key-info.ts';
import type { MessageOfKind } from './messages/catalogue.ts';
import { revealed } from './messages.fixture.ts';
import { callInfo, displayNotify, displayPriorityNotify, displayPrompt } from './server/forms.ts';
import { SessionPair } from './session-pair.fixture.ts';
import { CallSecurityStatus, CallState, CallType } from './values/calls.ts';
import { LampMode, RingDuration, RingMode } from './values/lamps-and-ringers.ts';
import { MediaPayloadType, MediaStatus } from './values/media.ts';
import { MediaEncryptionAlgorithm } from './values/media-encryption.ts';
import { SoftKeyEvent, SoftKeySet } from './values/soft-keys.ts';
import { DeviceStimulus } from './values/stimulus.ts';
import { DeviceTone, ToneOutputDirection } from './values/tones.ts';

const place = { lineInstance: 1, callReference: 7 };

function keyInfo(first: number): MediaEncryptionKeyInfo {
  return {
    algorithmID: MediaEncryptionAlgorithm.CCM_AES_CM_128_HMAC_SHA1_80,
    key: new Redacted(Uint8Array.from({ length: 16 }, (_, i) => first + i)),
    salt: new Redacted(Uint8Array.from({ length: 14 }, (_, i) => first + 100 + i)),
    isMKIPresent: 0,
    keyDerivationRate: 0,
  };
}

function openReceiveChannel(info: MediaEncryptionKeyInfo): MessageOfKind<'OpenReceiveChannel'> {
  return {
    kind: 'OpenReceiveChannel',
    conferenceId: 7,
    passThroughPartyId: 70,
    milliSecondPacketSize: 20,
    compressionType: MediaPayloadType.G711Alaw64k,
    qualifierIn: { ecValue: 0 },
    callReference: 7,
    mRxMediaEncryptionKeyInfo: info,
    RFC2833PayloadType: 101,
  };
}

function startTransmission(info: MediaEncryptionKeyInfo): MessageOfKind<'StartMediaTransmission'> {
  return {
    kind: 'StartMediaTransmission',
    conferenceId: 7,
    passThroughPartyId: 70,
    remoteIpAddr: '192.0.2.77',
    remotePortNumber: 20_000,
    milliSecondPacketSize: 20,
    compressionType: MediaPayloadType.G711Alaw64k,
    qualifierOut: { precedenceValue: 184, ssValue: 0, maxFramesPerPacket: 0 },
    callReference: 7,
    mTxMediaEncryptionKeyInfo: info,
  };
}

describe.each([3, 8, 11, 16, 17, 20, 22])('a call of a phone of version %i', (protocolVersion) => {
  test('begins off hook, with digits, and is heard with the keys that it was given', () => {
    const pair = new SessionPair({ protocolVersion }).registered();
    const { phone, server } = pair;
    phone.offHook(1);
    for (const digit of '09*#') phone.press(digit, 1, 7);
    phone.dial('4711', 2);
    phone.pressSoftKey(SoftKeyEvent.Hold, 1, 7);
    phone.pressButton(DeviceStimulus.SpeedDial, 3);
    pair.run();
    expect(pair.serverEvents).toEqual([
      { kind: 'off-hook', line: 1, callReference: 0 },
      { kind: 'digit', digit: '0', line: 1, callReference: 7 },
      { kind: 'digit', digit: '9', line: 1, callReference: 7 },
      { kind: 'digit', digit: '*', line: 1, callReference: 7 },
      { kind: 'digit', digit: '#', line: 1, callReference: 7 },
      { kind: 'enbloc', number: '4711', line: 2 },
      { kind: 'soft-key', softKey: SoftKeyEvent.Hold, line: 1, callReference: 7 },
      { kind: 'stimulus', stimulus: DeviceStimulus.SpeedDial, instance: 3, callReference: 0, status: 0 },
    ]);
    pair.serverEvents.length = 0;

    server.send(openReceiveChannel(keyInfo(1)));
    pair.run();
    expect(pair.phoneEvents).toMatchObject([
      {
        kind: 'open-receive-channel',
        stream: { passThroughPartyId: 70, payloadType: 2, telephoneEventPayloadType: 101 },
      },
    ]);
    expect(revealed(pair.phoneEvents)).toMatchObject([{ stream: { keyInfo: revealed(keyInfo(1)) } }]);
    phone.receiveChannelOpened(70, { address: '192.0.2.1', port: 24_000 });
    server.send(startTransmission(keyInfo(40)));
    pair.run();
    phone.transmissionStarted(70, { address: '192.0.2.1', port: 24_000 });
    pair.run();
    const stream = {
      passThroughPartyId: 70,
      callReference: 7,
      status: MediaStatus.Ok,
      address: '192.0.2.1',
      port: 24_000,
    };
    expect(pair.serverEvents).toEqual([
      { kind: 'receive-channel-opened', ...stream },
      { kind: 'transmission-started', ...stream },
    ]);
    expect(revealed(pair.phoneEvents.at(-1))).toMatchObject({
      kind: 'start-transmission',
      address: '192.0.2.77',
      port: 20_000,
      stream: { keyInfo: revealed(keyInfo(40)) },
    });
    server.send({ kind: 'CloseReceiveChannel', ...closing });
    server.send({ kind: 'StopMediaTransmission', ...closing });
    phone.onHook(1, 7);
    pair.run();
    expect(pair.phoneEvents.slice(-2).map(({ kind }) => kind)).toEqual(['close-receive-channel', 'stop-transmission']);
    expect(pair.serverEvents.at(-1)).toEqual({ kind: 'on-hook', line: 1, callReference: 7 });
    expect(server.statistics).toMatchObject({ malformed: 0, unknown: 0, outOfPlace: 0, strayAnswers: 0 });
    expect(phone.ignored).toBe(0);
  });

  test('is shown as the manager says: state, who, how secure, prompt, soft keys, lamp, ringer, tone', () => {
    const pair = new SessionPair({ protocolVersion }).registered();
    const { phone, server } = pair;
    server.send({ kind: 'CallState', callState: CallState.RingIn, ...place });
    const information = {
      ...place,
      callType: CallType.InBoundCall,
      callingPartyName: 'Zoë',
      callingParty: '1003',
      calledParty: '1001',
      callSecurityStatus: CallSecurityStatus.Encrypted,
    };
    server.send(callInfo(server.dialect, information));
    server.send(displayPrompt(server.dialect, { timeOutValue: 0, promptStatus: 'From Zoë', ...place }));
    server.send({ kind: 'SelectSoftKeys', ...place, softKeySetIndex: SoftKeySet.Connected, validKeyMask: 0xffff });
    server.send({ kind: 'SetRinger', ringMode: RingMode.InsideRing, ringDuration: RingDuration.NormalRing, ...place });
    server.send({ kind: 'SetLamp', stimulus: DeviceStimulus.Line, stimulusInstance: 1, lampMode: LampMode.Blink });
    server.send({
      kind: 'StartTone',
      tone: DeviceTone.InsideDialTone,
      tone_output_direction: ToneOutputDirection.User,
      ...place,
    });
    server.send({ kind: 'StopTone', ...place });
    server.send({ kind: 'SetSpeakerMode', speakerMode: 1 });
    server.send({ kind: 'SetMicroMode', micMode: 2 });
    server.send(displayNotify(server.dialect, 5, 'Parked at 800'));
    server.send(displayPriorityNotify(server.dialect, 0, 1, 'Do not disturb'));
    server.send({ kind: 'ClearPriNotify', priority: 1 });
    server.send({ kind: 'DialedNumber', dialedNumber: '1003', ...place });
    pair.run();
    expect(phone.calls.get(7)).toEqual({
      callReference: 7,
      line: 1,
      state: CallState.RingIn,
      securityStatus: CallSecurityStatus.Encrypted,
      type: CallType.InBoundCall,
      callingParty: '1003',
      callingPartyName: 'Zoë',
      calledParty: '1001',
      calledPartyName: '',
      prompt: 'From Zoë',
      softKeys: [SoftKeyEvent.EndCall, SoftKeyEvent.NewCall],
    });
    expect(pair.phoneEvents.filter(({ kind }) => kind !== 'call')).toMatchObject([
      { kind: 'prompt', text: 'From Zoë' },
      { kind: 'told', message: { kind: 'SelectSoftKeys' } },
      { kind: 'ringer', mode: RingMode.InsideRing },
      { kind: 'lamp', stimulus: DeviceStimulus.Line, instance: 1, mode: LampMode.Blink },
      { kind: 'tone', tone: DeviceTone.InsideDialTone },
      { kind: 'tone', tone: undefined },
      { kind: 'speaker', on: true },
      { kind: 'microphone', on: false },
      { kind: 'notice', text: 'Parked at 800', seconds: 5 },
      { kind: 'notice', text: 'Do not disturb' },
      { kind: 'notice', text: '' },
      { kind: 'told', message: { kind: 'DialedNumber', dialedNumber: '1003' } },
    ]);
    server.send({ kind: 'CallState', callState: CallState.OnHook, ...place });
    pair.run();
    expect(pair.phoneEvents.at(-1)).toMatchObject({ kind: 'call', call: { state: CallState.OnHook } });
    expect(phone.calls.size).toBe(0);
  });
});

const closing = { conferenceId: 7, passThroughPartyId: 70, callReference: 7, portHandlingFlag: 0 };

describe('streams', () => {
  test('a key is sent over TLS alone; a stream in the clear over any connection', () => {
    const pair = new SessionPair({}, { secure: false }).registered();
    expect(() => pair.server.send(openReceiveChannel(keyInfo(1)))).toThrow(/TLS/);
    expect(() => pair.server.send(startTransmission(keyInfo(1)))).toThrow(SccpError);
    const unused = { ...keyInfo(1), algorithmID: MediaEncryptionAlgorithm.NO_ENCRYPTION };
    expect(() => pair.server.send(openReceiveChannel(unused))).toThrow(/TLS/);
    pair.server.send(openReceiveChannel(noMediaEncryption));
    pair.run();
    expect(pair.phoneEvents.map(({ kind }) => kind)).toEqual(['open-receive-channel']);
  });

  test('an answer about a channel that was never opened is counted, and told to nobody', () => {
    const pair = new SessionPair().registered();
    const answer = { mediaReceptionStatus: 0, ipAddr: '198.51.100.9', portNumber: 6, passThroughPartyId: 70 };
    pair.inject(encodeMessage({ kind: 'OpenReceiveChannelAck', ...answer, callReference: 7 }, { version: 22 }));
    expect(pair.serverEvents).toEqual([]);
    expect(pair.server.statistics.strayAnswers).toBe(1);
    pair.server.send(openReceiveChannel(noMediaEncryption));
    pair.run();
    for (const callReference of [8, 7, 7]) {
      pair.inject(encodeMessage({ kind: 'OpenReceiveChannelAck', ...answer, callReference }, { version: 22 }));
    }
    expect(pair.serverEvents.map(({ kind }) => kind)).toEqual(['receive-channel-opened']);
    expect(pair.server.statistics.strayAnswers).toBe(3);
  });

  test('an answer that comes after the channel was closed is not believed', () => {
    const pair = new SessionPair().registered();
    pair.server.send(startTransmission(noMediaEncryption));
    pair.run();
    pair.server.send({ kind: 'StopMediaTransmission', ...closing });
    pair.phone.transmissionStarted(70, { address: '192.0.2.1', port: 4 });
    pair.run();
    expect(pair.serverEvents).toEqual([]);
    expect(pair.server.statistics.strayAnswers).toBe(1);
  });

  test('an answer without passThroughPartyId, as a 6901 gives it, is found by its call', () => {
    const pair = new SessionPair({ protocolVersion: 20 }).registered();
    pair.server.send(startTransmission(noMediaEncryption));
    pair.run();
    const dump =
      '340000001400000054010000000000000000000007000000000000000a01022c000000000000000000000000f42f0000000000000000000000000000';
    pair.inject(Buffer.from(dump, 'hex'));
    expect(pair.serverEvents).toMatchObject([
      { kind: 'transmission-started', passThroughPartyId: 70, callReference: 7, address: '10.1.2.44', port: 12_276 },
    ]);
    expect(pair.server.statistics.withUnreadOctets).toBe(1);
  });

  test('a phone that cannot says why, and may leave then; one with a channel may not', () => {
    const pair = new SessionPair().registered();
    pair.server.send(openReceiveChannel(noMediaEncryption));
    pair.run();
    pair.phone.unregister();
    pair.run();
    expect(pair.phoneEvents.at(-1)).toEqual({ kind: 'unregister-refused' });
    pair.phone.receiveChannelOpened(70, { status: MediaStatus.OutOfSockets });
    pair.run();
    expect(pair.serverEvents).toMatchObject([{ kind: 'receive-channel-opened', status: MediaStatus.OutOfSockets }]);
    pair.phone.unregister();
    pair.run();
    expect(pair.serverEvents.at(-1)).toEqual({ kind: 'ended', reason: 'unregistered' });
  });

  test('a phone answers about no stream that it was not asked for', () => {
    const pair = new SessionPair().registered();
    expect(pair.phone.receiveChannelOpened(70, { status: 1 })).toBe(false);
    expect(pair.phone.transmissionStarted(70, { status: 1 })).toBe(false);
    expect(pair.run().serverEvents).toEqual([]);
    expect(() => pair.phone.press('x')).toThrow(SccpError);
  });
});

describe('what no phone should do', () => {
  const send = (pair: SessionPair, message: SccpMessage, version = 22) =>
    pair.inject(encodeMessage(message, { version }));

  test('messages before a registration are counted; fifty are the end', () => {
    const pair = new SessionPair();
    for (let i = 0; i < 50; i++) send(pair, { kind: 'OffHook', ...place }, 3);
    expect(pair.server.statistics.outOfPlace).toBe(50);
    expect(pair.server.state).toBe('connected');
    send(pair, { kind: 'OffHook', ...place }, 3);
    expect(pair.serverEvents).toEqual([{ kind: 'ended', reason: 'bad-messages' }]);
  });

  test('messages of a manager, and unknown ones, are counted and change nothing', () => {
    const pair = new SessionPair().registered();
    send(pair, {
      kind: 'RegisterAck',
      keepAliveInterval: 1,
      dateTemplate: '',
      secondaryKeepAliveInterval: 1,
      maxProtocolVer: 3,
      unknown: 0,
      PhoneFeatures: 0,
    });
    send(pair, { kind: 'Unknown', messageId: 0x4242, body: new Redacted(new Uint8Array(8)) });
    pair.inject(
      Uint8Array.of(8, 0, 0, 0, 22, 0, 0, 0, 0x26, 0, 0, 0, 1, 0, 0, 0),
      Uint8Array.of(5, 0, 0, 0, 22, 0, 0, 0, 0x26, 0, 0, 0, 1),
    );
    expect(pair.serverEvents).toEqual([{ kind: 'soft-key', softKey: 1, line: 0, callReference: 0 }]);
    expect(pair.server.statistics).toMatchObject({ outOfPlace: 1, unknown: 1, malformed: 1 });
    expect(pair.server.state).toBe('registered');
  });

  test('a token asked for, or a registration, when it is no time for it', () => {
    const pair = new SessionPair().registered();
    send(pair, { kind: 'RegisterTokenReq', sid: { DeviceName: 'x' }, stationIpAddr: '192.0.2.1', deviceType: 1 });
    expect(pair.server.statistics.outOfPlace).toBe(1);
    expect(() => pair.server.grantToken()).toThrow(SccpError);
    expect(() => pair.server.reject('no')).toThrow(SccpError);
    expect(() => new SessionPair().server.send({ kind: 'ClearDisplay' })).toThrow(SccpError);
    expect(() => new SessionPair().phone.offHook()).toThrow(SccpError);
  });

  test('more digits than fingers press are dropped, and said once in ten seconds', () => {
    const pair = new SessionPair().registered();
    for (let i = 0; i < 100; i++) pair.phone.press('5');
    pair.run();
    expect(pair.serverEvents.filter(({ kind }) => kind === 'digit').length).toBe(40);
    expect(pair.serverEvents.filter(({ kind }) => kind === 'key-pad-flooded').length).toBe(1);
    expect(pair.server.statistics.droppedDigits).toBe(60);
    pair.pass(1_000);
    pair.phone.press('6');
    pair.run();
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'digit', digit: '6' });
  });

  test('a flood of messages is dropped, and ends the session if it goes on', () => {
    const pair = new SessionPair().registered();
    const keepAlive = encodeMessage({ kind: 'KeepAliveReq' }, { version: 22 });
    for (let i = 0; i < 1_000; i++) pair.inject(keepAlive);
    expect(pair.server.state).toBe('registered');
    expect(pair.server.statistics.dropped).toBeGreaterThan(600);
    for (let i = 0; i < 1_000; i++) pair.inject(keepAlive);
    expect(pair.serverEvents).toEqual([{ kind: 'ended', reason: 'flooding' }]);
  });

  test.each([0, 3, 2 ** 31])('a message of the length %i ends the session', (length) => {
    const pair = new SessionPair().registered();
    const header = new Uint8Array(12);
    new DataView(header.buffer).setUint32(0, length, true);
    pair.inject(header);
    expect(pair.serverEvents).toEqual([{ kind: 'ended', reason: 'bad-frame' }]);
    expect(pair.closed).toBe(true);
    pair.inject(encodeMessage({ kind: 'OffHook' }, { version: 22 }));
    expect(pair.serverEvents.length).toBe(1);
  });

  test('every message cut at every octet, on one session after the other, hurts nobody', () => {
    const whole = encodeMessage(
      { kind: 'SoftKeyEvent', softKeyEvent: 1, lineInstance: 1, callReference: 2 },
      { version: 22 },
    );
    for (let length = 0; length < whole.length - 12; length++) {
      const pair = new SessionPair().registered();
      const cut = new Uint8Array(whole.subarray(0, 12 + length));
      new DataView(cut.buffer).setUint32(0, 4 + length, true);
      pair.inject(cut, whole);
      expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'soft-key', softKey: 1, line: 1 });
    }
  });
});
