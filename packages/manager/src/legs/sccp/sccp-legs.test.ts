import { describe, expect, test } from 'vitest';
import { inClear, type SkinnyPhone, SkinnyWorld, sipKey, sipMedia } from './skinny-world.fixture.ts';
import { fingerprintOf } from './stream-choice.ts';

/** Each hears the other, where and with what the other sends. */
function expectTalking(one: SkinnyPhone, other: SkinnyPhone, encrypted = true): void {
  expect(one.sending).toMatchObject({ address: other.address, port: other.receiving?.port });
  expect(other.sending).toMatchObject({ address: one.address, port: one.receiving?.port });
  expect([one.sending?.key, other.sending?.key]).toEqual([other.receiving?.key, one.receiving?.key]);
  expect(one.sending?.key !== undefined).toBe(encrypted);
}

function expectAllQuiet(world: SkinnyWorld): void {
  expect(world.control.calls()).toEqual([]);
  expect(world.legs.size).toBe(0);
  expect(world.legs.nextDeadline()).toBeUndefined();
  for (const phone of world.phones.values()) {
    expect([phone.sending, phone.receiving, phone.shown]).toEqual([undefined, undefined, []]);
    expect(phone.ringer).toBe('RingOff');
    expect([...phone.lamps.values()].filter((lamp) => lamp !== 'Off')).toEqual([]);
  }
}

function pair(options: { version?: number; protection?: typeof inClear } = {}) {
  const protections = options.protection === undefined ? {} : { SEP2: options.protection };
  const world = new SkinnyWorld({ 1001: ['SEP1'], 1002: ['SEP2'], 1003: ['SEP3'], 2001: ['SIP1'] }, protections);
  const one = world.phone('SEP1', ['1001'], { version: options.version ?? 17 });
  const other = world.phone('SEP2', ['1002'], options);
  return { world, one, other };
}

function talking(options: Parameters<typeof pair>[0] = {}) {
  const there = pair(options);
  there.one.offHook();
  there.one.dial('1002');
  there.other.offHook();
  return there;
}

describe('a call between two Skinny phones', () => {
  test.each([3, 11, 17, 20, 22])(
    'in protocol version %i: dial tone, digits, ringing, both talk with two keys, and end',
    (version) => {
      const { world, one, other } = pair({ version });
      one.offHook();
      expect(one.tone).toBe('InsideDialTone');
      expect(one.shown).toEqual([expect.stringContaining('OffHook')]);
      one.dial('1');
      expect(one.tone).toBeUndefined();
      expect(one.softKeys).toEqual(['BackSpace', 'EndCall', 'Dial']);
      one.dial('002');
      expect(one.shown).toEqual(['RingOut Authenticated: Ring out: 1002']);
      expect(one.tone).toBe('AlertingTone');
      expect(other.shown).toEqual(['RingIn Authenticated: From Line 1001']);
      expect(other.ringer).toBe('InsideRing');
      expect(other.lamps.get(1)).toBe('Blink');
      other.press('Answer');
      expectTalking(one, other);
      expect([one.shown, other.shown]).toEqual([
        ['Connected Encrypted: Connected'],
        ['Connected Encrypted: Connected'],
      ]);
      expect([one.tone, other.ringer]).toEqual([undefined, 'RingOff']);
      expect([...one.calls.values()][0]?.parties).toEqual(['1001', '1002']);
      one.onHook();
      expectAllQuiet(world);
      expect(world.events).toContain('call-ended');
    },
  );

  test('the lock is open at both ends where one phone has no TLS, and no key is told to either', () => {
    const { one, other } = talking({ protection: inClear });
    expectTalking(one, other, false);
    expect([one.shown, other.shown]).toEqual([
      ['Connected NotAuthenticated: Connected'],
      ['Connected NotAuthenticated: Connected'],
    ]);
  });

  test.each(['one', 'other'] as const)('hold and resume by %s: other keys, and the lock stays', (who) => {
    const { world, ...phones } = talking();
    const before = phones.one.sending?.key;
    phones[who].press('Hold');
    expect([phones.one.sending, phones.other.sending]).toEqual([undefined, undefined]);
    const [held, waiting] = who === 'one' ? [phones.one, phones.other] : [phones.other, phones.one];
    expect(held.shown).toEqual(['Hold Encrypted: Hold']);
    expect(held.lamps.get(1)).toBe('Wink');
    expect(held.softKeys).toEqual(['Resume', 'NewCall', 'EndCall']);
    expect(waiting.shown).toEqual(['Connected Encrypted: Held by other end']);
    held.press('Resume', [...held.calls.keys()][0] ?? 0);
    expectTalking(phones.one, phones.other);
    expect(phones.one.sending?.key).not.toBe(before);
    expect([held.shown, waiting.shown]).toEqual([
      ['Connected Encrypted: Connected'],
      ['Connected Encrypted: Connected'],
    ]);
    waiting.onHook();
    expectAllQuiet(world);
  });

  test('who is busy, or is not there, is heard and read until the phone goes on hook, or for a while', () => {
    const { world, one, other } = pair();
    one.offHook();
    one.dial('1003');
    expect(one.tone).toBe('ReorderTone');
    expect(one.shown).toEqual(['Congestion NotAuthenticated: Not registered']);
    one.onHook();
    other.press('DND');
    one.offHook();
    one.dial('1002');
    expect(one.tone).toBe('LineBusyTone');
    expect(one.shown).toEqual(['Busy NotAuthenticated: Busy']);
    one.onHook();
    one.offHook();
    one.dial('999');
    expect(one.tone).toBe('ReorderTone');
    expect(one.shown[0]).toContain('InvalidNumber');
    expect(one.shown[0]).toContain('No such number');
    world.pass(20_000);
    expectAllQuiet(world);
  });
});

describe('a call between a Skinny phone and a SIP phone', () => {
  test('Skinny calls: its channel is opened with the key of the 200, its own key goes into the ACK', () => {
    const { world, one } = pair();
    one.offHook();
    one.dial('2001');
    const { leg, offer } = world.last('place');
    expect(offer).toBeUndefined();
    world.say({ kind: 'ringing', leg });
    const key = sipKey();
    world.say({ kind: 'answered', leg, media: sipMedia([key]) });
    const { answer, level } = world.last('answer');
    expect(level).toBe('encrypted');
    expect(one.receiving?.key).toBe(fingerprintOf(key));
    expect(answer.streams[0]).toMatchObject({ address: one.address, port: one.receiving?.port, transport: 'RTP/SAVP' });
    expect(answer.streams[0]?.keys.map(fingerprintOf)).toEqual([one.sending?.key]);
    expect(one.sending).toMatchObject({ address: '198.51.100.7', port: 7000 });
    expect(one.shown).toEqual(['Connected Encrypted: Connected']);
    world.say({ kind: 'released', leg });
    expectAllQuiet(world);
  });

  test('SIP calls: the key of the INVITE goes into the channel, the own into the 200; video is refused', () => {
    const { world, one } = pair();
    const key = sipKey();
    const { streams } = sipMedia([key]);
    const offer = { attributes: [], streams: [...sipMedia([sipKey()], { type: 'video' }).streams, ...streams] };
    const caller = { number: '2001', anonymous: false, displayName: 'Sip' };
    const call = { leg: 'sip', device: 'SIP1', line: '2001', destination: '1001', caller } as const;
    const protection = { protocol: 'sip', signalling: 'tls-mutual', proof: 'certificate' } as const;
    world.say({ kind: 'incoming', ...call, protection, offer });
    expect(one.shown).toEqual(['RingIn Authenticated: From Sip']);
    one.offHook();
    const { answer } = world.last('accept');
    expect(answer.streams.map(({ port }) => port)).toEqual([0, one.receiving?.port]);
    expect(answer.streams[1]?.keys.map(fingerprintOf)).toEqual([one.sending?.key]);
    expect(one.receiving?.key).toBe(fingerprintOf(key));
    expect(one.shown).toEqual(['Connected Encrypted: Connected']);
  });

  test.each([
    [[], 'InsideRing'],
    [['2001'], 'OutsideRing'],
  ])('of the numbers outside %o: it rings by %s', (outside, ringer) => {
    const { world, one } = pair();
    for (const number of outside) world.outside.add(number);
    const caller = { number: '2001', anonymous: false };
    const call = { leg: 'sip', device: 'SIP1', line: '2001', destination: '1001', caller } as const;
    const protection = { protocol: 'sip', signalling: 'tls-mutual', proof: 'certificate' } as const;
    world.say({ kind: 'incoming', ...call, protection, offer: sipMedia([sipKey()]) });
    expect(one.ringer).toBe(ringer);
  });

  test('an end that is put on hold by the Skinny phone, and resumed, is told a new key each time it is sent to anew', () => {
    const { world, one } = pair();
    one.offHook();
    one.dial('2001');
    const { leg } = world.last('place');
    const key = sipKey();
    world.say({ kind: 'answered', leg, media: sipMedia([key]) });
    const first = one.sending?.key;
    one.press('Hold');
    expect(world.last('offer').offer.streams[0]).toMatchObject({ direction: 'inactive' });
    world.say({ kind: 'answer', leg, answer: sipMedia([key], { direction: 'inactive' }) });
    one.press('Resume', [...one.calls.keys()][0]);
    const { offer } = world.last('offer');
    expect(offer.streams[0]).toMatchObject({ direction: 'sendrecv', port: one.receiving?.port });
    world.say({ kind: 'answer', leg, answer: sipMedia([key]) });
    expect(one.receiving?.key).toBe(fingerprintOf(key));
    expect(offer.streams[0]?.keys.map(fingerprintOf)).toEqual([one.sending?.key]);
    expect(one.sending?.key).not.toBe(first);
    expect(world.control.calls()[0]?.level).toBe('encrypted');
  });

  test('media over a relay that is at the address of the signalling: the phone is told that address', () => {
    let side = 0;
    const relay = { allocate: () => ({ side: side++, address: '', port: 30_000 + 2 * side }) };
    const lines = { 1001: ['SEP1'], 1002: ['SEP2'] };
    const world = new SkinnyWorld(lines, { SEP2: inClear }, { entries: [] }, { mediaPath: 'relayed' }, relay);
    const one = world.phone('SEP1', ['1001']);
    const other = world.phone('SEP2', ['1002'], { protection: inClear, version: 3 });
    other.offHook();
    other.dial('1001');
    one.offHook();
    expect([one.sending?.address, other.sending?.address]).toEqual(['192.0.2.100', '192.0.2.100']);
    one.onHook();
    expectAllQuiet(world);
  });

  test.each(['phone.example', '2001:db8::1', '1.2.3.4.5', '999'])(
    'media at %s are none that an old phone can be told',
    (address) => {
      const { world, one } = pair({ version: 11 });
      one.offHook();
      one.dial('2001');
      const { leg } = world.last('place');
      world.say({ kind: 'answered', leg, media: sipMedia([sipKey()], { address }) });
      expect(world.last('release')).toMatchObject({ leg, cause: 'incompatible-destination' });
      expect([one.sending, one.receiving]).toEqual([undefined, undefined]);
    },
  );

  test('no codec in common: the call is not answered, and nothing is open', () => {
    const { world, one } = pair();
    one.offHook();
    one.dial('2001');
    const { leg } = world.last('place');
    const formats = [{ payloadType: 96, encoding: 'opus', clockRate: 48_000, channels: 2 }];
    world.say({ kind: 'answered', leg, media: sipMedia([sipKey()], { formats }) });
    expect([one.sending, one.receiving]).toEqual([undefined, undefined]);
    expect(world.last('release')).toMatchObject({ leg, cause: 'incompatible-destination' });
  });
});

describe('several calls of one phone', () => {
  test('call waiting: a tone in the ear and no ringer; answering holds the first; the line key goes back', () => {
    const { world, one, other } = talking();
    const third = world.phone('SEP3', ['1003']);
    third.offHook();
    third.dial('1001');
    expect(one.tone).toBe('CallWaitingTone');
    expect(one.ringer).toBe('RingOff');
    expect(third.shown).toEqual([expect.stringMatching(/^RingOut .*: In another call: 1001$/)]);
    one.press('Answer', 0);
    expectTalking(one, third);
    expect(other.shown).toEqual(['Connected Encrypted: Held by other end']);
    expect(one.shown.toSorted()).toEqual(['Connected Encrypted: Connected', 'Hold Encrypted: Hold']);
    one.onHook();
    expect(third.shown).toEqual([]);
    one.press('Resume', 0);
    expectTalking(one, other);
    other.onHook();
    expectAllQuiet(world);
  });

  test('attended transfer: the two others talk with new keys, and the lock follows', () => {
    const { world, one, other } = talking();
    const third = world.phone('SEP3', ['1003']);
    const before = other.receiving?.key;
    one.press('Transfer');
    expect(one.tone).toBe('InsideDialTone');
    one.dial('1003');
    third.offHook();
    expectTalking(one, third);
    one.press('Transfer');
    expect(one.notice).toBe('Transferred');
    expect(one.shown).toEqual([]);
    expectTalking(other, third);
    expect(other.receiving?.key).not.toBe(before);
    expect([other.shown, third.shown]).toEqual([
      ['Connected Encrypted: Connected'],
      ['Connected Encrypted: Connected'],
    ]);
    third.onHook();
    expectAllQuiet(world);
  });

  test('transfer while it rings there, and the level falls where the third has no TLS', () => {
    const world = new SkinnyWorld({ 1001: ['SEP1'], 1002: ['SEP2'], 1003: ['SEP3'] }, { SEP3: inClear });
    const [one, other] = [world.phone('SEP1', ['1001']), world.phone('SEP2', ['1002'])];
    const third = world.phone('SEP3', ['1003'], { protection: inClear });
    one.offHook();
    one.dial('1002');
    other.offHook();
    one.press('Transfer');
    one.dial('1003');
    one.press('Transfer');
    third.offHook();
    expectTalking(other, third, false);
    expect(one.shown).toEqual([]);
    expect([other.shown, third.shown]).toEqual([
      [expect.stringContaining('Connected NotAuthenticated')],
      [expect.stringContaining('Connected NotAuthenticated')],
    ]);
  });

  test('a shared line rings at both phones; one answers, the other stops', () => {
    const world = new SkinnyWorld({ 1001: ['SEP1'], 1002: ['SEP2', 'SEP3'] });
    const one = world.phone('SEP1', ['1001']);
    const both = ['SEP2', 'SEP3'].map((name) => world.phone(name, ['1002']));
    one.offHook();
    one.dial('1002');
    expect(both.map(({ ringer }) => ringer)).toEqual(['InsideRing', 'InsideRing']);
    both[1]?.offHook();
    expect(both[0]?.shown).toEqual([]);
    expect(both[0]?.ringer).toBe('RingOff');
    expectTalking(one, both[1] as SkinnyPhone);
  });
});

describe('features behind keys', () => {
  const numbering = {
    entries: [
      { pattern: '*8', target: { kind: 'pick-up' } },
      { pattern: '70X', target: { kind: 'park' } },
    ],
    pickUpGroups: [{ name: 'all', lines: ['1001', '1002', '1003'] }],
  } as const;
  function three() {
    const world = new SkinnyWorld({ 1001: ['SEP1'], 1002: ['SEP2'], 1003: ['SEP3'] }, {}, numbering);
    const [one, other, third] = ['1', '2', '3'].map((n) => world.phone(`SEP${n}`, [`100${n}`])) as [
      SkinnyPhone,
      SkinnyPhone,
      SkinnyPhone,
    ];
    return { world, one, other, third };
  }

  test('pick-up takes what rings elsewhere', () => {
    const { world, one, other, third } = three();
    one.offHook();
    one.dial('1002');
    third.press('PickUp', 0);
    expect(other.shown).toEqual([]);
    expectTalking(one, third);
    third.onHook();
    expectAllQuiet(world);
  });

  test('park says where; whoever dials that number has the call', () => {
    const { world, one, other, third } = three();
    one.offHook();
    one.dial('1002');
    other.offHook();
    other.press('Park');
    expect(other.notice).toBe('Parked at 700');
    expect(other.shown).toEqual([]);
    third.offHook();
    third.dial('700');
    expectTalking(one, third);
    one.onHook();
    expectAllQuiet(world);
  });

  test('conference: the second press of its key brings all three together, each with keys of its own', () => {
    const entries = [{ pattern: '5000', target: { kind: 'conference', name: 'all' } }] as const;
    let side = 0;
    const relay = { allocate: () => ({ side: side++, address: '198.51.100.1', port: 30_000 + 2 * side }) };
    const lines = { 1001: ['SEP1'], 1002: ['SEP2'], 1003: ['SEP3'] };
    const world = new SkinnyWorld(lines, {}, { entries }, {}, relay);
    const phones = ['1', '2', '3'].map((n) => world.phone(`SEP${n}`, [`100${n}`]));
    const [one, other, third] = phones as [SkinnyPhone, SkinnyPhone, SkinnyPhone];
    one.offHook();
    one.dial('1002');
    other.offHook();
    one.press('Confrn');
    one.dial('1003');
    third.offHook();
    expect(one.softKeys).toEqual(['Confrn', 'EndCall', 'Hold']);
    one.press('Confrn');
    expect(world.control.calls().map(({ destination }) => destination)).toEqual(['5000', '5000', '5000']);
    for (const { sending, shown } of phones) {
      expect(sending).toMatchObject({ address: '198.51.100.1' });
      expect(shown).toEqual([expect.stringContaining('Connected Encrypted')]);
    }
    const keys = phones.flatMap(({ sending, receiving }) => [sending?.key, receiving?.key]);
    expect(new Set(keys).size).toBe(6);
    for (const phone of phones) phone.onHook();
    expectAllQuiet(world);
  });

  test('forward all: a number behind the key, and the key again ends it', () => {
    const { world, one, other, third } = three();
    other.press('CfwdAll', 0);
    expect(other.shown).toEqual([expect.stringContaining('Forward all calls')]);
    other.dial('1003');
    expect(other.notice).toBe('Forwarded to 1003');
    expect(world.forwarding.get('1002')).toEqual({ always: '1003' });
    one.offHook();
    one.dial('1002');
    expect(third.ringer).toBe('InsideRing');
    one.onHook();
    other.press('CfwdAll', 0);
    expect(other.notice).toBe('Forwarding is off');
    expect(world.forwarding.get('1002')).toEqual({});
    expectAllQuiet(world);
  });

  test('do not disturb is put on and off by its key', () => {
    const { world, one } = three();
    one.press('DND', 0);
    expect(world.forwarding.get('1001')).toEqual({ doNotDisturb: true });
    one.press('DND', 0);
    expect(world.forwarding.get('1001')).toEqual({});
  });

  test('redial, speed dial, a number typed on hook, and the back space', () => {
    const { world, one, other } = three();
    one.say({ kind: 'enbloc', number: '1002', line: 1 });
    world.settle();
    expect(other.ringer).toBe('InsideRing');
    one.onHook();
    one.press('Redial', 0);
    expect(other.ringer).toBe('InsideRing');
    one.onHook();
    one.say({ kind: 'stimulus', stimulus: 2, instance: 2, callReference: 0, status: 0 });
    world.settle();
    expect(other.ringer).toBe('InsideRing');
    one.onHook();
    one.offHook();
    one.dial('100');
    one.press('BackSpace');
    one.press('BackSpace');
    one.dial('002');
    expect(other.ringer).toBe('InsideRing');
    one.onHook();
    expectAllQuiet(world);
  });

  test('digits in a call go in the media where both can, else beside them', () => {
    const { world, one, other } = three();
    one.offHook();
    one.dial('1002');
    other.offHook();
    const before = other.received.length;
    one.dial('5');
    expect(other.received.slice(before)).toEqual([]);
    expect(one.shown).toEqual(['Connected Encrypted: Connected']);
    world.control.tick(0);
  });

  test.each([
    ['en', 'Encrypted up to GW1'],
    ['de', 'Verschlüsselt bis GW1'],
    ['fr', "Chiffré jusqu'à GW1"],
  ] as const)(
    'in a call by a trunk or gateway the lock is for the way to it, and the phone reads that (%s)',
    (language, words) => {
      const world = new SkinnyWorld({ 1001: ['SEP1'], 1002: ['SEP2'] });
      world.farSide = 'GW1';
      const one = world.phone('SEP1', ['1001'], { language });
      const other = world.phone('SEP2', ['1002']);
      one.offHook();
      one.dial('1002');
      expect(one.shown).not.toContain(`Connected Encrypted: ${words}`);
      other.offHook();
      expect(one.shown).toEqual([`Connected Encrypted: ${words}`]);
      other.press('Hold');
      expect(one.shown[0]).not.toContain('GW1');
      world.farSide = undefined; // joined with a phone meanwhile
      other.press('Resume');
      expect(one.shown[0]).not.toContain('GW1');
    },
  );

  test('words in the language of the phone', () => {
    const world = new SkinnyWorld({ 1001: ['SEP1'], 1002: ['SEP2'] });
    const german = world.phone('SEP1', ['1001'], { language: 'de', version: 3 });
    const french = world.phone('SEP2', ['1002'], { language: 'fr' });
    german.offHook();
    expect(german.shown).toEqual([expect.stringContaining('Nummer eingeben')]);
    german.dial('1002');
    french.offHook();
    expect([german.shown, french.shown]).toEqual([
      ['Connected Encrypted: Verbunden'],
      ['Connected Encrypted: Connecté'],
    ]);
  });
});

describe('what goes wrong', () => {
  test('keys that mean nothing at the moment, floods of the key pad, calls that are not there: nothing happens', () => {
    const { world, one } = pair();
    for (const key of [
      'Hold',
      'Resume',
      'Answer',
      'EndCall',
      'Transfer',
      'Confrn',
      'Park',
      'BackSpace',
      'Dial',
    ] as const) {
      one.press(key, 4711);
    }
    one.onHook();
    one.dial('12');
    one.offHook();
    one.dial('*'.repeat(500));
    one.onHook();
    for (let times = 0; times < 100; times += 1) one.press('NewCall', 0);
    expect(one.calls.size).toBeLessThanOrEqual(1);
    one.onHook();
    expectAllQuiet(world);
  });

  test('a phone that is lost: the other end hears no more of it', () => {
    const { world, one, other } = talking();
    world.legs.lose('SEP2');
    world.say({ kind: 'device-lost', device: 'SEP2' });
    expect(one.shown).toEqual(['Congestion Encrypted: Connection lost']);
    expect(one.sending).toBeUndefined();
    one.onHook();
    other.calls.clear();
    expect(world.control.calls()).toEqual([]);
    expect(world.legs.size).toBe(0);
  });

  test('the digits stop: what is whole is dialled, what is not is said to be so', () => {
    const world = new SkinnyWorld({ 1001: ['SEP1'], 100: ['SEP2'] });
    const [one, other] = [world.phone('SEP1', ['1001']), world.phone('SEP2', ['100'])];
    one.offHook();
    one.dial('100');
    expect(other.ringer).toBe('RingOff');
    world.pass(4_000);
    expect(other.ringer).toBe('InsideRing');
    one.onHook();
    one.offHook();
    one.dial('100#');
    expect(other.ringer).toBe('InsideRing');
    one.onHook();
    one.offHook();
    world.pass(15_000);
    expect(one.shown).toEqual([expect.stringContaining('Number not complete')]);
    one.onHook();
    expectAllQuiet(world);
  });
});
