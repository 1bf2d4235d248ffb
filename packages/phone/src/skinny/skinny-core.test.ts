import {
  BusyLampStatus,
  ButtonType,
  featureStatus,
  MediaEncryptionAlgorithm,
  MediaStatus,
  SoftKeyEvent,
} from '@trustline/sccp';
import { describe, expect, test } from 'vitest';
import { keyInfo, SkinnyPair } from './skinny-pair.fixture.ts';

const endpoint = { address: '192.0.2.1', port: 40_000 };
const key = (name: keyof typeof SoftKeyEvent, reference: number) => `soft-key ${SoftKeyEvent[name]} of ${reference}`;
const kinds = (pair: SkinnyPair) => pair.outputs.map(({ kind }) => kind);

describe('registration', () => {
  test('registers, learns its lines, and leaves', () => {
    const pair = new SkinnyPair().registered();
    expect(pair.phone.isRegistered).toBe(true);
    expect(pair.server.device).toMatchObject({ name: 'SEP001122334455' });
    expect(kinds(pair)).toEqual(['connect', 'registered', 'keys']);
    pair.phone.stop(pair.now);
    pair.run();
    expect(kinds(pair).slice(2)).toEqual(expect.arrayContaining(['unregistered', 'close']));
    expect(pair.pass(600_000).outputs.filter(({ kind }) => kind === 'connect')).toHaveLength(1);
  });

  test('a line that the phone has not: it says so, and does not go on trying', () => {
    const pair = new SkinnyPair({ line: '9999' }).registered();
    expect(pair.outputs).toContainEqual(
      expect.objectContaining({ kind: 'registration-failed', cause: 'no-such-line' }),
    );
    expect(pair.pass(600_000).outputs.filter(({ kind }) => kind === 'connect')).toHaveLength(1);
  });

  test('refused by the manager: in its words, and tried again later and later', () => {
    const pair = new SkinnyPair().refusing().registered();
    const failed = { kind: 'registration-failed', cause: 'rejected', reason: 'who are you?' };
    expect(pair.outputs).toContainEqual(expect.objectContaining(failed));
    expect(pair.phone.isRegistered).toBe(false);
    pair.pass(1_000).connect();
    const tries = () => pair.outputs.filter(({ kind }) => kind === 'connect').length;
    expect(tries()).toBe(2);
    expect(pair.pass(1_500) && tries()).toBe(2);
    expect(pair.pass(500) && tries()).toBe(3);
  });

  test('a connection that is lost ends the calls, as the manager does, and is opened again', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.talking();
    pair.phone.connectionLost(pair.now);
    pair.run();
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'unreachable', by: 'remote' });
    expect(() => pair.phone.place(pair.now, '2001', endpoint)).toThrow('not registered');
    pair.pass(1_000).connect();
    expect(pair.phone.isRegistered).toBe(true);
  });

  test('a connection that is closed before a word: so it is said', () => {
    const pair = new SkinnyPair();
    pair.phone.start(0);
    pair.phone.connected(0, { address: '192.0.2.1', isProtected: true });
    pair.phone.connectionLost(0);
    pair.run();
    expect(pair.outputs).toContainEqual(expect.objectContaining({ kind: 'registration-failed', cause: 'closed' }));
  });

  test('tells what its keys are for, and then what changes behind a lamp', () => {
    const pair = new SkinnyPair({}, true, {
      buttons: [
        { type: ButtonType.Line, instance: 1 },
        { type: ButtonType.BusyLampFieldSpeeddial, instance: 1 },
        { type: ButtonType.Undefined, instance: 0 },
        { type: ButtonType.SpeedDial, instance: 2 },
        { type: ButtonType.ServiceURL, instance: 1 },
      ],
      speedDials: [
        { number: '2001', label: 'Bob' },
        { number: '2002', label: 'Carol' },
      ],
      features: [{ type: ButtonType.BusyLampFieldSpeeddial, label: 'Bob', status: BusyLampStatus.Idle }],
      services: [{ url: 'http://192.0.2.9/menu', label: 'Menu' }],
    }).registered();
    const told = () => pair.outputs.flatMap((output) => (output.kind === 'keys' ? [output.keys] : []));
    expect(told()).toMatchObject([
      [
        { key: 1, use: 'line', number: '1001' },
        { key: 2, use: 'busy-lamp', label: 'Bob', lamp: 'idle' },
        { key: 4, use: 'speed-dial', label: 'Carol', number: '2002' },
        { key: 5, use: 'page', label: 'Menu' },
      ],
    ]);
    const feature = { featureIndex: 1, featureID: ButtonType.BusyLampFieldSpeeddial, featureTextLabel: 'Bob' };
    for (const status of [BusyLampStatus.Alerting, BusyLampStatus.Alerting, BusyLampStatus.InUse]) {
      pair.server.send(featureStatus(pair.server.dialect, { ...feature, featureStatus: status }));
      pair.run();
    }
    expect(told().slice(1)).toMatchObject([[{ key: 2, lamp: 'rings' }], [{ key: 2, lamp: 'in-use' }]]);
  });

  test('is told to boot again', () => {
    const pair = new SkinnyPair().registered();
    pair.server.reset(1);
    pair.run();
    expect(pair.outputs).toContainEqual({ kind: 'service-control', action: 'reset' });
  });
});

describe('calls', () => {
  test('out: dials the number, receives and sends with the keys of each direction, shows the lock', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.talking();
    expect(pair.did()).toEqual(['enbloc 2001', 'receive-channel-opened', 'transmission-started']);
    expect(pair.events(call).map(({ kind }) => kind)).toEqual([
      'ringing',
      'established',
      'media',
      'level', // nothing before there is a voice
      'media',
    ]);
    const media = pair.last(call, 'media')?.media;
    expect(media).toMatchObject({
      rtp: { host: '192.0.2.2', port: 50_000 },
      rtcp: { port: 50_001 },
      agreement: { codec: 'PCMA', payloadType: 8, sends: true, receives: true },
    });
    const protection = media?.agreement.protection;
    if (protection === undefined || protection === 'clear') throw new Error('it is not protected');
    expect(protection.receive?.masterKeys[0]?.key).toEqual(new Uint8Array(16).fill(1));
    expect(protection.send?.masterKeys[0]?.key).toEqual(new Uint8Array(16).fill(2));
    expect(protection.send?.profile).toBe('AES_CM_128_HMAC_SHA1_80');
    expect(pair.last(call, 'level')?.level).toBe('encrypted');
    pair.info(1, 'NotAuthenticated');
    expect(pair.last(call, 'level')?.level).toBe('non-secure');
  });

  test('the level is said once it is known: what the manager shows before there is a voice is not yet that of the call', () => {
    const begin = () => {
      const pair = new SkinnyPair().registered();
      const call = pair.phone.place(pair.now, '2001', endpoint);
      pair.run().state(1, 'OffHook').info(1, 'NotAuthenticated').state(1, 'RingOut').info(1, 'Authenticated');
      pair.state(1, 'Connected').openChannel(1, 10, keyInfo(2, 1)).transmit(1, 11, keyInfo(2, 2));
      const levels = () => pair.events(call).flatMap((event) => (event.kind === 'level' ? [event.level] : []));
      return { pair, levels };
    };
    const encrypted = begin();
    encrypted.pair.info(1, 'Encrypted').pass(5_000);
    expect(encrypted.levels()).toEqual(['encrypted']);
    // The other leg of a relayed call may be worth less, and the manager has said so before: it says nothing more.
    const relayed = begin();
    expect(relayed.levels()).toEqual([]);
    relayed.pair.pass(1_000);
    expect(relayed.levels()).toEqual(['authenticated']);
  });

  test('the manager’s words tell more than its three states do', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair.run().state(1, 'OffHook').state(1, 'Proceed').state(1, 'Congestion').prompt(1, 'Not registered');
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'no-answer', reason: 'Not registered' });
  });

  test('a suite that Skinny has no place for is refused at once, with those that it has', () => {
    expect(() => new SkinnyPair({ suites: ['AEAD_AES_256_GCM'] })).toThrow(
      expect.objectContaining({
        code: 'phone.suite-not-carried',
        nextStep: expect.stringContaining('AES_CM_128_HMAC_SHA1_32, AES_CM_128_HMAC_SHA1_80, AEAD_AES_128_GCM'),
      }),
    );
  });

  test('off hook, then digit by digit', () => {
    const pair = new SkinnyPair({ dials: 'digits' }).registered();
    pair.phone.place(pair.now, '2*1', endpoint);
    expect(pair.run().did()).toEqual(['off-hook']);
    pair.state(1, 'OffHook');
    expect(pair.did()).toEqual(['digit 2 of 1', 'digit * of 1', 'digit 1 of 1']);
  });

  test('in: rings when it is known who calls, is answered, and the caller hangs up', () => {
    const pair = new SkinnyPair().registered();
    pair.state(7, 'RingIn');
    expect(kinds(pair)).not.toContain('incoming');
    pair.info(7, 'Encrypted', 'InBoundCall');
    const incoming = pair.outputs.find((output) => output.kind === 'incoming');
    expect(incoming).toMatchObject({ number: '2001', displayName: 'Bob' });
    const call = incoming?.call ?? '';
    expect(pair.phone.answer(pair.now, call, endpoint)).toBe(true);
    expect(pair.run().did()).toEqual([key('Answer', 7)]);
    pair.state(7, 'Connected').openChannel(7, 70, keyInfo(1, 5)).state(7, 'OnHook');
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'completed', by: 'remote' });
  });

  test('refused: what the manager says of it afterwards is no new call', () => {
    const pair = new SkinnyPair().registered();
    pair.state(7, 'RingIn').info(7, 'Encrypted', 'InBoundCall');
    const call = pair.outputs.find((output) => output.kind === 'incoming')?.call ?? '';
    pair.phone.hangUp(pair.now, call);
    expect(pair.run().did()).toEqual([key('EndCall', 7)]);
    pair.info(7, 'Encrypted', 'InBoundCall').state(7, 'OnHook');
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'refused', by: 'local' });
    expect(pair.outputs.filter(({ kind }) => kind === 'incoming')).toHaveLength(1);
    pair.state(7, 'RingIn').info(7, 'Encrypted', 'InBoundCall');
    expect(pair.outputs.filter(({ kind }) => kind === 'incoming')).toHaveLength(2);
  });

  test.each([
    ['Busy', 'busy'],
    ['InvalidNumber', 'no-such-number'],
    ['Congestion', 'failed'],
  ] as const)('%s ends it as %s, in the manager’s words, and goes on hook', (state, ending) => {
    const pair = new SkinnyPair().registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair.run().state(1, 'OffHook').state(1, 'Proceed').prompt(1, 'To 2001').state(1, state).prompt(1, 'It is so');
    expect(pair.last(call, 'ended')).toMatchObject({ ending, by: 'remote', reason: 'It is so' });
    expect(pair.did()).toContain(key('EndCall', 1));
  });

  test('a manager that does not begin the call: it is given up', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair.run().pass(10_000);
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'unreachable' });
  });

  test('given up before the manager has begun it: it is ended as soon as there is one', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair.phone.hangUp(pair.now, call);
    pair.run().did();
    pair.state(1, 'OffHook');
    expect(pair.did()).toEqual([key('EndCall', 1)]);
  });

  test('hold closes both streams, and resume opens them with other keys', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.talking();
    pair.did();
    pair.phone.hold(pair.now, call, true);
    expect(pair.run().did()).toEqual([key('Hold', 1)]);
    pair.state(1, 'Hold').closeChannel(1, 10).stopTransmission(1, 11);
    expect(pair.last(call, 'hold')).toMatchObject({ local: true });
    expect(pair.last(call, 'media')?.media).toBeUndefined();
    pair.phone.hold(pair.now, call, false);
    expect(pair.run().did()).toEqual([key('Resume', 1)]);
    pair.state(1, 'Connected').openChannel(1, 12, keyInfo(2, 3)).transmit(1, 13, keyInfo(2, 4));
    expect(pair.last(call, 'hold')).toMatchObject({ local: false });
    expect(pair.last(call, 'media')?.media?.agreement).toMatchObject({ sends: true, receives: true });
  });

  test('a blind transfer: the other is called, and joined as soon as it rings there', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.talking();
    pair.did();
    expect(pair.phone.transfer(pair.now, call, '2002')).toBe(true);
    expect(pair.run().did()).toEqual([key('Transfer', 1)]);
    pair.state(1, 'Hold').state(2, 'OffHook');
    expect(pair.did()).toEqual(['enbloc 2002']);
    pair.state(2, 'Proceed').state(2, 'RingOut');
    expect(pair.did()).toEqual([key('Transfer', 2)]);
    pair.state(2, 'OnHook').state(1, 'OnHook');
    expect(pair.last(call, 'transfer')).toMatchObject({ state: 'done' });
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'completed' });
  });

  test('a blind transfer to somebody who is busy: the call goes on', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.talking();
    pair.phone.transfer(pair.now, call, '2002');
    pair.run().state(1, 'Hold').state(2, 'OffHook').state(2, 'Busy').did();
    pair.prompt(2, 'Busy');
    expect(pair.did()).toEqual([key('EndCall', 2), key('Resume', 1)]);
    expect(pair.last(call, 'transfer')).toMatchObject({ state: 'failed', reason: 'Busy' });
    expect(pair.last(call, 'ended')).toBeUndefined();
  });

  test('an attended transfer: a call for that is placed, and joined when it is wished', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.talking();
    pair.did();
    const other = pair.phone.place(pair.now, '2002', { ...endpoint, port: 40_002 }, call);
    expect(pair.run().did()).toEqual([key('Transfer', 1)]);
    pair.state(1, 'Hold').state(2, 'OffHook').state(2, 'RingOut').state(2, 'Connected');
    expect(pair.did()).toEqual(['enbloc 2002']);
    expect(pair.phone.join(pair.now, call, other)).toBe(true);
    expect(pair.run().did()).toEqual([key('Transfer', 2)]);
    pair.state(1, 'OnHook').state(2, 'OnHook');
    expect(pair.last(call, 'transfer')).toMatchObject({ state: 'done' });
  });

  test('a call that was placed for nothing of the kind cannot be joined', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.talking(1, 1);
    const other = pair.talking(2, 3);
    expect(pair.phone.join(pair.now, call, other)).toBe(false);
  });

  test('digits beside the media, both ways', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.talking();
    pair.did();
    expect(pair.phone.press(pair.now, call, '1x')).toBe(false);
    expect(pair.phone.press(pair.now, call, '1#')).toBe(true);
    expect(pair.run().did()).toEqual(['digit 1 of 1', 'digit # of 1']);
    pair.server.send({ kind: 'StartTone', tone: 10, tone_output_direction: 0, lineInstance: 1, callReference: 1 });
    pair.run();
    expect(pair.last(call, 'digit')?.digit).toBe('0');
  });
});

describe('messages that come together', () => {
  test('a stream that is begun and stopped in one segment is not answered, and not sent', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.talking();
    pair.did();
    pair.atOnce(() => {
      pair.transmit(1, 13, keyInfo(2, 7)).stopTransmission(1, 13);
      pair.openChannel(1, 12, keyInfo(2, 8)).closeChannel(1, 12);
    });
    expect(pair.did()).toEqual([]);
    expect(pair.last(call, 'media')?.media).toBeUndefined();
  });

  test('a call that fails before octets that are no Skinny: the phone does not speak into a session that is over', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair.run().state(1, 'OffHook');
    pair.state(1, 'Busy');
    pair.phone.receive(pair.now, new Uint8Array(16).fill(0xff));
    pair.run();
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'unreachable' });
    expect(pair.phone.hangUp(pair.now, call)).toBe(false);
  });
});

test('what a key pad has not cannot be dialled', () => {
  const pair = new SkinnyPair().registered();
  for (const number of ['', 'anna', '1'.repeat(25)]) {
    const call = pair.phone.place(pair.now, number, endpoint);
    expect(pair.run().last(call, 'ended')).toMatchObject({ ending: 'no-such-number', by: 'local' });
  }
  expect(pair.did()).toEqual([]);
});

describe('protection', () => {
  /** What the manager was told about its last stream. */
  const answered = (pair: SkinnyPair) =>
    pair.pressed.findLast(({ kind }) => kind === 'receive-channel-opened' || kind === 'transmission-started');

  test('`require`: a stream without keys is refused, and the call is ended', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair.run().state(1, 'OffHook').state(1, 'Connected').openChannel(1, 10);
    expect(answered(pair)).toMatchObject({ status: MediaStatus.EncoderOrDecoderFailed });
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'refused-for-security' });
    expect(pair.last(call, 'media')).toBeUndefined();
  });

  test('`prefer`: a stream without keys is taken, and the open lock is shown', () => {
    const pair = new SkinnyPair({ security: 'prefer' }).registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair.run().state(1, 'OffHook').state(1, 'Connected').info(1, 'NotAuthenticated').openChannel(1, 10).transmit(1, 11);
    expect(pair.last(call, 'media')?.media?.agreement.protection).toBe('clear');
    expect(pair.last(call, 'level')?.level).toBe('non-secure');
  });

  test('a lock that promises more than the phone’s own leg is not believed', () => {
    const pair = new SkinnyPair({ security: 'prefer' }).registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair.run().state(1, 'OffHook').state(1, 'Connected').info(1, 'Encrypted').openChannel(1, 10).transmit(1, 11);
    expect(pair.last(call, 'level')?.level).toBe('authenticated');
  });

  test('one direction with keys and the other without: the older one is silent until it is begun anew', () => {
    const pair = new SkinnyPair({ security: 'prefer' }).registered();
    const call = pair.talking();
    pair.openChannel(1, 12);
    expect(pair.last(call, 'media')?.media?.agreement).toMatchObject({
      protection: 'clear',
      sends: false,
      receives: true,
    });
    pair.transmit(1, 13);
    expect(pair.last(call, 'media')?.media?.agreement).toMatchObject({ protection: 'clear', sends: true });
  });

  test('RFC 3711 §9.1: a key that the phone has sent with before is refused', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.talking();
    pair.stopTransmission(1, 11).transmit(1, 13, keyInfo(2, 2));
    expect(answered(pair)).toMatchObject({ status: MediaStatus.EncoderOrDecoderFailed });
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'refused-for-security' });
  });

  test('the same key for both directions is refused', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair
      .run()
      .state(1, 'OffHook')
      .state(1, 'Connected')
      .openChannel(1, 10, keyInfo(2, 1))
      .transmit(1, 11, keyInfo(2, 1));
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'refused-for-security' });
  });

  test.each([
    ['AES_CM_128_HMAC_SHA1_32', 'CCM_AES_CM_128_HMAC_SHA1_32', 14],
    ['AES_CM_128_HMAC_SHA1_80', 'CCM_AES_CM_128_HMAC_SHA1_80', 14],
    ['AEAD_AES_128_GCM', 'CCM_AEAD_AES_128_GCM', 12],
  ] as const)('%s is taken, with a salt of its length', (profile, algorithm, saltLength) => {
    const pair = new SkinnyPair().registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair.run().state(1, 'OffHook').state(1, 'Connected');
    pair.openChannel(1, 10, keyInfo(MediaEncryptionAlgorithm[algorithm], 1, saltLength));
    const protection = pair.last(call, 'media')?.media?.agreement.protection;
    expect(protection).toMatchObject({ receive: { profile }, send: undefined });
  });

  test.each([
    ['a suite that nobody here knows', keyInfo(MediaEncryptionAlgorithm.CCM_F8_128_HMAC_SHA1_80, 1)],
    ['a salt that is too short', keyInfo(MediaEncryptionAlgorithm.CCM_AES_CM_128_HMAC_SHA1_80, 1, 12)],
    ['a key of zeros', keyInfo(MediaEncryptionAlgorithm.CCM_AES_CM_128_HMAC_SHA1_80, 0)],
    ['an identifier that is not told', { ...keyInfo(2, 1), isMKIPresent: 1 }],
    ['a key derivation rate of 3', { ...keyInfo(2, 1), keyDerivationRate: 3 }],
  ])('%s: refused', (_, info) => {
    const pair = new SkinnyPair({ security: 'prefer' }).registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair.run().state(1, 'OffHook').state(1, 'Connected').openChannel(1, 10, info);
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'refused-for-security' });
  });

  test('another suite than the one that is wanted: refused', () => {
    const pair = new SkinnyPair({ suites: ['AES_CM_128_HMAC_SHA1_32'] }).registered();
    const call = pair.talking();
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'refused-for-security' });
  });

  test('a codec that the phone has not, and a call that it does not know: refused with the status for that', () => {
    const pair = new SkinnyPair().registered();
    const call = pair.phone.place(pair.now, '2001', endpoint);
    pair.run().state(1, 'OffHook').state(1, 'Connected').openChannel(1, 10, keyInfo(2, 1), 11);
    expect(answered(pair)).toMatchObject({ status: MediaStatus.InvalidCodec });
    expect(pair.last(call, 'ended')).toMatchObject({ ending: 'failed' });
    pair.openChannel(99, 990, keyInfo(2, 1));
    expect(answered(pair)).toMatchObject({ status: MediaStatus.InvalidCallRef });
  });
});
