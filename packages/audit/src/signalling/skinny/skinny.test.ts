import { readFileSync } from 'node:fs';
import { encodeMessage } from '@trustline/sccp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzz } from '../../../fuzz/skinny.ts';
import type { CallLeg } from '../../model/leg.ts';
import type { Observations } from '../../model/observations.ts';
import { client, readConversation, type Said, server } from '../conversation.fixture.ts';
import { callOfPhone, keyInfo, phoneReceives, phoneSends, speaker } from './messages.fixture.ts';
import { skinnyReaders } from './readers.ts';

const heardOf = (said: readonly Said[]) => readConversation(skinnyReaders, said);
const digitsOf = ({ digits }: CallLeg) => digits.map((one) => one.digits).join('');

function onlyLeg(observations: Observations): CallLeg {
  const [leg, ...others] = observations.legs();
  if (leg === undefined || others.length > 0) throw new Error(`${others.length + 1} legs`);
  return leg;
}

describe.each([3, 11, 17, 20, 22])('a call of a phone in protocol version %i', (version) => {
  const observations = heardOf(callOfPhone(version));
  const leg = onlyLeg(observations);

  test('has its parties, its times, and the digits that were pressed within it, not those that dialled', () => {
    expect(leg.caller).toEqual({ number: '2001', name: 'Alice', device: 'SEP001122334455' });
    expect(leg.called).toEqual({ number: '2002', name: 'Bob' });
    expect(digitsOf(leg)).toBe('4#');
    expect(leg.digits.every(({ end, how }) => end === 'caller' && how === 'skinny-keypad')).toBe(true);
    expect(leg.answered?.number).toBeGreaterThan(leg.first.number);
    expect(leg.ended?.number).toBeGreaterThan(leg.answered?.number ?? Number.POSITIVE_INFINITY);
  });

  test('says where each end receives, in which codec, and with which key: that of the channel here, that of the transmission there', () => {
    const [here, there] = leg.descriptions;
    expect(leg.descriptions).toHaveLength(2);
    expect(here).toMatchObject({
      end: 'caller',
      kind: 'audio',
      receives: { address: '192.0.2.11', port: 20_000 },
      profile: 'RTP/SAVP',
      keying: ['skinny'],
      suites: ['AES_CM_128_HMAC_SHA1_80'],
      keysProtect: 'what-it-receives',
      keys: [{ profile: 'AES_CM_128_HMAC_SHA1_80', masterKey: phoneReceives.key, masterSalt: phoneReceives.salt }],
    });
    expect(there).toMatchObject({
      end: 'called',
      receives: { address: '192.0.2.12', port: 30_000 },
      keys: [{ masterKey: phoneSends.key, masterSalt: phoneSends.salt }],
    });
    for (const { codecs, keys } of leg.descriptions) {
      expect(codecs.map(({ payloadType, name }) => `${payloadType} ${name}`)).toEqual([
        '0 PCMU',
        '101 telephone-event',
      ]);
      expect(keys[0]?.source).toMatchObject({ kind: 'signalling', how: 'skinny', exposure: { kind: 'clear' } });
    }
  });

  test('has its ladder, in which the messages with keys are marked and no digit or key stands', () => {
    expect(leg.messages.filter(({ carriesKey }) => carriesKey).map(({ name }) => name)).toEqual([
      'OpenReceiveChannel',
      'StartMediaTransmission',
    ]);
    expect(leg.messages.find(({ name }) => name === 'OpenReceiveChannelAck')).toMatchObject({
      detail: 'receives at 192.0.2.11:20000',
      path: { from: client, to: server },
    });
    expect(leg.messages.at(-1)?.detail).toBe('sent 250 packets, received 249, lost 1, jitter 3 ms');
    expect(leg.messages.filter(({ name }) => name === 'KeypadButton').every(({ detail }) => detail === undefined)).toBe(
      true,
    );
  });

  test('tells who uses which phone', () => {
    expect(observations.disclosures().map(({ subject, detail }) => [subject, detail.split(',')[0]])).toEqual([
      ['SEP001122334455', 'registers as Cisco7960'],
      ['SEP001122334455', 'line 1 is 2001'],
    ]);
  });

  test('is the same however the stream is cut', () => {
    const said = callOfPhone(version).flatMap(([from, what]): Said[] =>
      typeof what === 'number' ? [[from, what]] : [...what].map((octet) => [from, Uint8Array.of(octet)] as const),
    );
    const cut = onlyLeg(heardOf(said));
    expect(cut.messages.map(({ name, detail }) => [name, detail])).toEqual(
      leg.messages.map(({ name, detail }) => [name, detail]),
    );
  });

  test('that was joined late has its media, though the protocol version was agreed on before', () => {
    const said = callOfPhone(version);
    const late = onlyLeg(heardOf(said.slice(said.findIndex(([, what]) => messageIdOf(what) === 0x105))));
    expect(late.descriptions.map(({ receives }) => receives)).toEqual(leg.descriptions.map(({ receives }) => receives));
    expect(late.descriptions.flatMap(({ keys }) => keys)).toHaveLength(2);
    expect(digitsOf(late)).toBe('4#');
  });
});

test('media in the clear are said to be that', () => {
  const leg = onlyLeg(heardOf(callOfPhone(17, { secure: false })));
  expect(leg.descriptions.map(({ profile, keying, keys, suites }) => [profile, keying, keys, suites])).toEqual([
    ['RTP/AVP', ['none'], [], []],
    ['RTP/AVP', ['none'], [], []],
  ]);
  expect(leg.messages.some(({ carriesKey }) => carriesKey)).toBe(false);
});

test('dumps of real managers and phones are recognised and read', () => {
  const file = new URL('../../../../sccp/vectors/chan-sccp-dumps.json', import.meta.url);
  const { dumps } = JSON.parse(readFileSync(file, 'utf8')) as {
    dumps: { message?: string; frame?: string }[];
  };
  const frames = dumps.flatMap(({ frame }) => frame ?? []);
  expect(frames.length).toBeGreaterThan(2);
  for (const frame of frames) {
    expect(skinnyReaders.recogniseConnection?.(new Uint8Array(Buffer.from(frame, 'hex')))).toBe('yes');
  }
  const start = dumps.find(({ message }) => message === 'StartMediaTransmission')?.frame ?? '';
  const leg = onlyLeg(heardOf([['server', new Uint8Array(Buffer.from(start, 'hex'))]]));
  expect(leg.descriptions[0]).toMatchObject({ receives: { address: '192.168.9.44', port: 19_654 }, keying: ['none'] });
});

test('a key whose channel is never answered lay open all the same', () => {
  const said = callOfPhone(17).filter(([, what]) => messageIdOf(what) !== 0x22);
  const keys = onlyLeg(heardOf(said)).descriptions.flatMap((one) => one.keys);
  expect(keys.map(({ masterKey }) => masterKey)).toContainEqual(phoneReceives.key);
});

test.each([
  [1, 'AES_CM_128_HMAC_SHA1_32', 1],
  [4, 'F8_128_HMAC_SHA1_80', 1],
  [3, 'F8_128_HMAC_SHA1_32', 0],
  [77, 'algorithm 77', 0],
])('algorithm %i is named %s, and its key read where it is known how', (algorithmID, suite, keys) => {
  const { manager } = speaker(17);
  const said = callOfPhone(17);
  const at = said.findIndex(([, what]) => messageIdOf(what) === 0x8a);
  const [from, what] = said[at] ?? manager({ kind: 'KeepAliveAck' });
  const octets = new Uint8Array(what as Uint8Array);
  octets[12 + 60] = algorithmID;
  const leg = onlyLeg(heardOf([[from, octets]]));
  expect(leg.descriptions[0]?.suites).toEqual([suite]);
  expect(leg.descriptions[0]?.keys).toHaveLength(keys);
});

test('after octets that are missing it goes on with the next message', () => {
  const said = callOfPhone(17);
  const at = said.findIndex(([, what]) => messageIdOf(what) === 0x8f);
  const [from, what] = said[at] ?? ['server', 0];
  const rest = (what as Uint8Array).subarray(100);
  const leg = onlyLeg(heardOf([...said.slice(0, at), [from, 100], [from, rest], ...said.slice(at + 1)]));
  expect(leg.caller).toEqual({ device: 'SEP001122334455' });
  expect(leg.descriptions).toHaveLength(2);
  expect(leg.ended).toBeDefined();
});

test('two calls one after the other with the same reference are two', () => {
  const call = callOfPhone(17);
  const legs = heardOf([...call, ...call.slice(3)]).legs();
  expect(legs).toHaveLength(2);
  expect(legs.map(({ descriptions }) => descriptions.length)).toEqual([2, 2]);
});

test('streams of a media resource, which has no calls, are told apart by their conferences', () => {
  const legs = heardOf(
    [5, 6].map((conferenceId) => {
      const said = callOfPhone(17).find(([, what]) => messageIdOf(what) === 0x8a)?.[1];
      const octets = new Uint8Array(said as Uint8Array);
      octets[12] = conferenceId;
      octets[12 + 56] = 0;
      return ['server', octets];
    }),
  ).legs();
  expect(legs.map(({ descriptions }) => descriptions.length)).toEqual([1, 1]);
});

describe('managers that leave out what the end of a message would say', () => {
  const words = (...values: readonly number[]) => {
    const view = new DataView(new ArrayBuffer(4 * values.length));
    for (const [at, value] of values.entries()) view.setUint32(4 * at, value, true);
    return new Uint8Array(view.buffer);
  };
  const framed = (messageId: number, body: Uint8Array) =>
    Uint8Array.of(...words(body.byteLength + 4, 0, messageId), ...body);
  const address = 0x0c02_00c0; // 192.0.2.12
  const state = words(1, 1, 7, 0, 0, 0);
  const acknowledged = words(0, address, 30_000, 7);

  test.each([
    ['ten words after the call reference', words(7, 7, 20, 4, 0, 0, 7, ...Array<number>(10).fill(0))],
    ['a call reference of zero, and the conference for it', words(7, 7, 20, 4, 0, 0, ...Array<number>(16).fill(0))],
  ])('%s', (_, asked) => {
    const sent = Uint8Array.of(...words(7, 7, address, 30_000, 20, 4, 184, 0), 0, 0, 0, 0, 0, 0);
    const leg = onlyLeg(
      heardOf([
        ['server', framed(0x111, state)],
        ['server', framed(0x105, asked)],
        ['client', framed(0x22, acknowledged)],
        ['server', framed(0x8a, sent)],
      ]),
    );
    expect(leg.descriptions.map(({ receives, codecs, keying }) => [receives.port, codecs[0]?.name, keying])).toEqual([
      [30_000, 'PCMU', ['none']],
      [30_000, 'PCMU', ['none']],
    ]);
  });
});

test('a call that another phone with the same line has is none of this phone', () => {
  const { manager } = speaker(17);
  const line = { lineInstance: 1, callReference: 99 };
  const observations = heardOf([
    manager({ kind: 'CallState', callState: 13, ...line }),
    manager({ kind: 'CallInfo', callingParty: '1', callType: 1, callSecurityStatus: 0, ...line }),
  ]);
  expect(observations.legs()).toHaveLength(0);
});

test('who is rung is the called end, and a phone that does not say which call presses keys in the one that goes on', () => {
  const { phone, manager } = speaker(3);
  const line = { lineInstance: 1, callReference: 5 };
  const leg = onlyLeg(
    heardOf([
      manager({ kind: 'CallState', callState: 4, ...line }),
      manager({ kind: 'CallState', callState: 5, ...line }),
      phone({ kind: 'KeypadButton', kpButton: 14 }),
    ]),
  );
  expect(leg.digits).toMatchObject([{ digits: '*', end: 'called' }]);
});

describe('it is recognised by what it says', () => {
  const keepAlive = encodeMessage({ kind: 'KeepAliveReq' }, { version: 3 });
  test.each([
    ['a registration', callOfPhone(17)[0]?.[1] as Uint8Array, 'yes'],
    ['half a header', keepAlive.subarray(0, 6), 'more'],
    ['a keep-alive alone, which is nearly nothing but zeros', keepAlive, 'more'],
    ['two of them', Uint8Array.of(...keepAlive, ...keepAlive), 'yes'],
    [
      'a message and something else',
      Uint8Array.of(...encodeMessage({ kind: 'OffHook' }, { version: 3 }), 0x16, 3, 1, 2, 0),
      'no',
    ],
    ['TLS', Uint8Array.of(0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3), 'no'],
    ['TPKT', Uint8Array.of(3, 0, 0, 30, 8, 2, 0, 1, 5, 4, 3, 0x80), 'no'],
    ['text', new TextEncoder().encode('REGISTER sip:example.org SIP/2.0\r\n'), 'no'],
    ['zeros', new Uint8Array(40), 'no'],
  ] as const)('%s', (_, octets, expected) => {
    expect(skinnyReaders.recogniseConnection?.(octets)).toBe(expected);
  });
});

test('keys of a call are shown nowhere in its ladder', () => {
  const text = JSON.stringify(onlyLeg(heardOf(callOfPhone(17))).messages);
  expect(text).not.toContain('5a5a');
  expect(keyInfo(phoneSends).key.toString()).toBe('[redacted]');
});

test('the fuzz target holds for any octets', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (data) => fuzz(data)));
});

function messageIdOf(what: Uint8Array | number): number {
  return typeof what === 'number' ? -1 : (what[8] ?? 0) + 256 * (what[9] ?? 0);
}
