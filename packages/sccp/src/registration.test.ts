import { describe, expect, test } from 'vitest';
import { everyVersion } from './messages.fixture.ts';
import { deviceName, phoneOptions, profile, SessionPair, someTime } from './session-pair.fixture.ts';
import { DeviceType } from './values/device-types.ts';
import { ButtonType, DeviceResetType } from './values/registration.ts';

describe('registration', () => {
  test.each(everyVersion)('of a phone of version %i: both ends agree, and the phone learns what it is', (version) => {
    const pair = new SessionPair({ protocolVersion: version });
    pair.phone.register(0);
    pair.run();
    expect(pair.serverEvents).toMatchObject([
      {
        kind: 'registration-requested',
        device: { name: deviceName, offeredVersion: version, address: '192.0.2.1', type: DeviceType.Cisco7965 },
      },
    ]);
    pair.server.accept(0, profile);
    pair.run();
    const dialect = { version, latin1: false, dynamicMessages: version >= 8 };
    expect(pair.serverEvents.slice(1)).toMatchObject([{ kind: 'registered', dialect, codecs: phoneOptions.codecs }]);
    expect(pair.phoneEvents).toMatchObject([{ kind: 'registered', dialect }]);
    const { configuration } = pair.phone;
    // Older phones have no busy lamps: the key dials, and shows nothing. [C: CHSCCP]
    const hasLamps = version >= 15;
    const typeFor = (type: number) =>
      type === ButtonType.BusyLampFieldSpeeddial && !hasLamps ? ButtonType.SpeedDial : type;
    expect(configuration.buttons).toEqual(
      profile.buttons.map(({ type, instance }) => ({ type: typeFor(type), instance })),
    );
    expect([...configuration.lines.values()]).toEqual(
      profile.lines.map(({ number, displayName, label }) => ({ number, displayName, label })),
    );
    expect([...configuration.speedDials.values()]).toEqual(profile.speedDials.slice(0, hasLamps ? 1 : 2));
    expect([...configuration.features]).toEqual(hasLamps ? [[2, profile.features[1]]] : []);
    expect([...configuration.services.values()]).toEqual(profile.services);
    expect(configuration.softKeys).toEqual(profile.softKeys);
    expect(configuration.softKeySets.map((set) => set.slice(0, 3))).toEqual([
      [1, 2, 0],
      [3, 0, 2],
    ]);
    expect(pair.server.statistics).toMatchObject({ unknown: 0, malformed: 0, outOfPlace: 0, withUnreadOctets: 0 });
    expect(pair.phone.ignored).toBe(0);
  });

  test('agrees on what both know', () => {
    const newer = new SessionPair({ protocolVersion: 30 }).registered();
    expect([newer.server.dialect.version, newer.phone.dialect.version]).toEqual([22, 22]);
    const older = new SessionPair({}, { newestVersion: 11 }).registered();
    expect([older.server.dialect.version, older.phone.dialect.version]).toEqual([11, 11]);
  });

  test('with more keys, soft keys and situations than one message has room for', () => {
    const many = {
      ...profile,
      buttons: Array.from({ length: 50 }, (_, i) => ({ type: ButtonType.SpeedDial, instance: i + 1 })),
      softKeys: Array.from({ length: 40 }, (_, i) => ({ label: `key ${i}`, event: i })),
      softKeySets: Array.from({ length: 20 }, (_, i) => [i]),
    };
    const pair = new SessionPair().registered(many);
    expect(pair.phone.state).toBe('registered');
    expect(pair.phone.configuration.buttons).toEqual(many.buttons);
    expect(pair.phone.configuration.softKeys).toEqual(many.softKeys);
    expect(pair.phone.configuration.softKeySets.length).toBe(20);
  });

  test('with nothing configured', () => {
    const nothing = {
      ...profile,
      lines: [],
      speedDials: [],
      features: [],
      services: [],
      buttons: [],
      softKeys: [],
      softKeySets: [],
    };
    expect(new SessionPair().registered(nothing).phone.state).toBe('registered');
  });

  test('of a phone that does not say that it knows UTF-8 has texts in ISO 8859-1', () => {
    const pair = new SessionPair({ features: 0x8500 });
    pair.registered({ ...profile, lines: [{ number: '1', displayName: 'Jürgen', label: 'Jürgen' }] });
    expect(pair.server.dialect.latin1).toBe(true);
    expect(pair.phone.configuration.lines.get(1)?.label).toBe('Jürgen');
  });

  test('however the stream is cut', () => {
    for (const size of [1, 2, 3, 7, 11, 12, 13, 100]) {
      const pair = new SessionPair();
      pair.toPhone = (bytes) =>
        Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
      expect(pair.registered().phone.state).toBe('registered');
      expect(pair.phone.ignored).toBe(0);
    }
  });

  test('refused: the phone shows why, and the connection is closed', () => {
    const pair = new SessionPair();
    pair.phone.register(0);
    pair.run();
    pair.server.reject('No such phone');
    pair.run();
    expect(pair.phoneEvents).toEqual([
      { kind: 'rejected', text: 'No such phone' },
      { kind: 'ended', reason: 'rejected' },
    ]);
    expect(pair.serverEvents.at(-1)).toEqual({ kind: 'ended', reason: 'rejected' });
    expect(pair.closed).toBe(true);
  });

  test.each(['sccp', 'spcp'] as const)('after a token (%s) that is refused first', (token) => {
    const pair = new SessionPair({ token });
    pair.phone.register(0);
    pair.run();
    const spcp = token === 'spcp';
    expect(pair.serverEvents).toEqual([{ kind: 'token-requested', deviceName, type: DeviceType.Cisco7965, spcp }]);
    pair.server.refuseToken(45);
    pair.run();
    expect(pair.phoneEvents).toEqual([{ kind: 'token-refused', seconds: 45 }]);
    pair.pass(20_000);
    pair.phone.askAgain(pair.now);
    pair.run();
    pair.server.grantToken();
    pair.run();
    expect(pair.phoneEvents.at(-1)).toEqual({ kind: 'token-granted' });
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'registration-requested', device: { spcp } });
    pair.server.accept(pair.now, profile);
    pair.run();
    expect(pair.phoneEvents.at(-1)).toMatchObject({ kind: 'registered' });
  });

  test('says why the phone started before', () => {
    const pair = new SessionPair({ alarm: '25: Name=SEP001122334455 Load=9.4 Last=Initialized' });
    pair.phone.register(0);
    pair.run();
    expect(pair.serverEvents[0]).toMatchObject({ kind: 'alarm', text: expect.stringMatching(/Last=Initialized/) });
  });

  test('again on the same connection is another registration; of another name, the end of it', () => {
    const pair = new SessionPair().registered();
    const again = new SessionPair();
    again.phone.register(0);
    const request = again.phone.poll();
    if (request?.kind !== 'transmit') throw new Error('the phone sent nothing');
    pair.inject(request.bytes);
    expect(pair.serverEvents).toMatchObject([
      { kind: 'unregistered', reason: 'registers-again' },
      { kind: 'registration-requested', device: { name: deviceName } },
    ]);
    pair.server.accept(pair.now, profile);
    const other = new SessionPair({ deviceName: 'SEPAAAAAAAAAAAA' });
    other.phone.register(0);
    const strange = other.phone.poll();
    if (strange?.kind !== 'transmit') throw new Error('the phone sent nothing');
    pair.inject(strange.bytes);
    expect(pair.serverEvents.at(-1)).toEqual({ kind: 'ended', reason: 'another-device' });
    expect(pair.closed).toBe(true);
  });

  test('is called ready after ten seconds, whatever the phone has not asked', () => {
    const pair = new SessionPair();
    pair.phone.register(0);
    pair.run();
    pair.server.accept(0, profile);
    pair.server.handleTimeout(9_999);
    expect(pair.server.nextDeadline()).toBe(10_000);
    pair.server.handleTimeout(10_000);
    const events: unknown[] = [];
    for (let output = pair.server.poll(); output !== undefined; output = pair.server.poll()) {
      if (output.kind === 'event') events.push(output.event);
    }
    expect(events).toMatchObject([{ kind: 'registered', codecs: [] }]);
  });

  test('that nobody answers ends at the phone', () => {
    const pair = new SessionPair();
    pair.phone.register(0);
    pair.run();
    pair.pass(10_000);
    expect(pair.phoneEvents).toEqual([{ kind: 'ended', reason: 'no-answer' }]);
  });

  test('tells the time where the phone is', () => {
    const pair = new SessionPair().registered();
    pair.phone.send({ kind: 'TimeDateReq' });
    pair.run();
    expect(pair.phoneEvents).toMatchObject([
      {
        kind: 'told',
        message: { timeDataInfo: { wYear: 2026, wDay: 27, wHour: 15 }, systemTime: someTime.unixSeconds },
      },
    ]);
  });
});

describe('being there', () => {
  test('a phone says every keep-alive interval that it is there, and is answered', () => {
    const pair = new SessionPair().registered();
    const before = pair.server.statistics.received;
    pair.pass(300_000);
    expect(pair.server.statistics.received - before).toBe(10);
    expect(pair.server.state).toBe('registered');
    expect(pair.phone.state).toBe('registered');
  });

  test('a phone that is silent for three intervals is lost', () => {
    const pair = new SessionPair().registered();
    expect(pair.server.nextDeadline()).toBe(90_000);
    pair.server.handleTimeout(90_000);
    pair.run();
    expect(pair.serverEvents).toEqual([{ kind: 'ended', reason: 'keep-alive-timeout' }]);
    expect(pair.closed).toBe(true);
  });

  test('a manager that answers no sign of life is lost to the phone', () => {
    const pair = new SessionPair().registered();
    pair.toPhone = () => [];
    pair.pass(90_000);
    expect(pair.phoneEvents).toEqual([{ kind: 'ended', reason: 'keep-alive-timeout' }]);
  });

  test('a connection for the day on which the phone must turn here is kept, and used then', () => {
    const pair = new SessionPair();
    pair.phone.standBy(0);
    pair.run();
    pair.pass(600_000);
    expect(pair.server.state).toBe('connected');
    expect(pair.phone.state).toBe('standby');
    pair.phone.register(pair.now);
    pair.run();
    pair.server.accept(pair.now, profile);
    pair.run();
    expect(pair.phone.state).toBe('registered');
  });

  test('who is connected and asks for nothing is sent away after half a minute', () => {
    const pair = new SessionPair();
    expect(pair.server.nextDeadline()).toBe(30_000);
    pair.server.handleTimeout(30_000);
    pair.run();
    expect(pair.serverEvents).toEqual([{ kind: 'ended', reason: 'not-registered' }]);
  });

  test('a connection that is lost ends both ends once', () => {
    const pair = new SessionPair().registered();
    pair.server.handleConnectionLost();
    pair.server.handleConnectionLost();
    pair.phone.handleConnectionLost();
    pair.run();
    expect(pair.serverEvents).toEqual([{ kind: 'ended', reason: 'connection-lost' }]);
    expect(pair.phoneEvents).toEqual([{ kind: 'ended', reason: 'connection-lost' }]);
    expect([pair.server.nextDeadline(), pair.phone.nextDeadline()]).toEqual([undefined, undefined]);
  });
});

describe('leaving', () => {
  test('a phone without a call may leave', () => {
    const pair = new SessionPair().registered();
    pair.phone.unregister();
    pair.run();
    expect(pair.serverEvents).toEqual([
      { kind: 'unregistered', reason: 'asked' },
      { kind: 'ended', reason: 'unregistered' },
    ]);
    expect(pair.phoneEvents).toEqual([{ kind: 'ended', reason: 'unregistered' }]);
  });

  test.each(Object.entries(DeviceResetType))('a manager has it start anew: %s', (_, resetType) => {
    const pair = new SessionPair().registered();
    pair.server.reset(resetType);
    pair.run();
    expect(pair.phoneEvents).toEqual([{ kind: 'reset', resetType }]);
  });
});
