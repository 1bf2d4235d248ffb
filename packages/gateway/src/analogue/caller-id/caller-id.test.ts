import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compress, expand } from '../../tones/audio-queue.ts';
import {
  type CallInformation,
  CallInformationReader,
  callInformationOfDtmf,
  dtmfOfCallInformation,
  encodeCallInformation,
} from './call-information.ts';
import { bell202, type FskModem, FskReceiver, modulate, v23 } from './fsk.ts';

/** What is read from samples that come in blocks of 20 ms. */
function receive(samples: Int16Array, modem: FskModem): CallInformation[] {
  const receiver = new FskReceiver(modem);
  const reader = new CallInformationReader();
  const found: CallInformation[] = [];
  for (let at = 0; at < samples.length; at += 160) {
    const { octets, lost } = receiver.push(samples.subarray(at, at + 160));
    for (const octet of octets) {
      const one = reader.push(octet);
      if (one !== undefined) found.push(one);
    }
    if (lost) reader.reset();
  }
  return found;
}

function noisy(samples: Int16Array, peak: number): Int16Array {
  let state = 7;
  return samples.map((sample) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return sample + Math.round(((state >>> 8) / 0x80_0000 - 1) * peak);
  });
}

const information: CallInformation = { number: '2125550100', name: 'Ada Lovelace', dateAndTime: '11231815' };

describe.each([
  ['Bell 202', bell202],
  ['V.23', v23],
])('caller ID by %s', (_, modem) => {
  test('what is sent is received, between silence and whatever the moment of a bit', () => {
    for (let offset = 0; offset < 7; offset += 1) {
      const signal = modulate(encodeCallInformation(information), modem);
      const line = new Int16Array(signal.length + 4_000);
      line.set(signal, 1_600 + offset);
      expect(receive(line, modem)).toEqual([information]);
    }
  });

  test('through both laws of G.711 and noise 20 dB below it', () => {
    for (const law of ['A', 'mu'] as const) {
      const signal = noisy(modulate(encodeCallInformation(information), modem), 650);
      const octets = new Uint8Array(signal.length);
      compress(law, signal, octets);
      const heard = new Int16Array(signal.length);
      expand(law, octets, heard);
      expect(receive(heard, modem)).toEqual([information]);
    }
  });

  test('noise is none', () => {
    expect(receive(noisy(new Int16Array(80_000), 6_000), modem)).toEqual([]);
  });

  test('a message that breaks off is none, and the next is read', () => {
    const signal = modulate(encodeCallInformation(information), modem);
    const line = new Int16Array(3 * signal.length);
    line.set(signal.subarray(0, signal.length - 1_500));
    line.set(signal, signal.length + 2_000);
    expect(receive(line, modem)).toEqual([information]);
  });
});

test('GR-30-CORE §2.3: the multiple data format, octet by octet; all octets together are zero', () => {
  const octets = encodeCallInformation({ number: '12', name: { absent: 'private' }, dateAndTime: '01020304' });
  const withoutChecksum = Buffer.from(octets.subarray(0, -1)).toString('hex');
  expect(withoutChecksum).toBe('80110108303130323033303402023132080150');
  expect(octets.reduce((sum, octet) => (sum + octet) & 0xff, 0)).toBe(0);
});

test('the single data format is read too', () => {
  const text = '11231815P';
  const message = [0x04, text.length, ...Buffer.from(text)];
  const reader = new CallInformationReader();
  const sum = message.reduce((total, octet) => total + octet, 0);
  const read = [...message, (256 - (sum & 0xff)) & 0xff].map((octet) => reader.push(octet)).at(-1);
  expect(read).toEqual({ dateAndTime: '11231815', number: { absent: 'private' } });
});

test('any octets are a message or none, and what is written is read as the same', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 255 }), { maxLength: 60 }), (octets) => {
      const reader = new CallInformationReader();
      for (const octet of octets) reader.push(octet);
    }),
  );
  const digits = fc.stringMatching(/^[0-9]{1,20}$/);
  const name = fc.stringMatching(/^[A-Za-z ]{1,15}$/);
  const absent = fc.constantFrom({ absent: 'private' } as const, { absent: 'unavailable' } as const);
  fc.assert(
    fc.property(fc.oneof(digits, absent), fc.oneof(name, absent), (number, shown) => {
      const reader = new CallInformationReader();
      const read = [...encodeCallInformation({ number, name: shown })].map((octet) => reader.push(octet)).at(-1);
      expect(read).toEqual({ number, name: shown });
    }),
  );
});

test('by DTMF: the number, or why there is none', () => {
  for (const number of ['2125550100', { absent: 'private' }, { absent: 'unavailable' }] as const) {
    expect(callInformationOfDtmf(dtmfOfCallInformation({ number }))).toEqual({ number });
  }
  expect(callInformationOfDtmf('123')).toBeUndefined();
});
