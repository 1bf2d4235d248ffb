import { serializeRtpPacket, TelephoneEventSender } from '@trustline/rtp';
import type { SrtpSender } from '@trustline/srtp';
import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { datagramsOf, encodings, flowOf, keyOf, Line, senderOf, speech } from './streams.fixture.ts';

const pcmu = encodings.pcmu(speech);
const named = [{ payloadType: 101, name: 'telephone-event', clockRate: 8_000 }];
const keypad = '123A456B789C*0#D';

/** A voice in which digits are pressed after two seconds: their events go instead of it (RFC 4733 §2.5). */
function withEvents(
  events: readonly { readonly event: number; readonly durationMilliseconds?: number }[],
  { voice, digits }: { readonly voice?: SrtpSender; readonly digits?: SrtpSender } = {},
): Uint8Array[] {
  const sender = new TelephoneEventSender({ clockRate: 8_000 });
  return pcmu.map((payload, at) => {
    if (at === 100) for (const one of events) sender.enqueue(one);
    const timestamp = 5_000 + 160 * at;
    const event = sender.next(timestamp);
    const clear = serializeRtpPacket({
      marker: event?.marker ?? at === 0,
      payloadType: event === undefined ? 0 : 101,
      sequenceNumber: 1_000 + at,
      timestamp: event?.timestamp ?? timestamp,
      ssrc: 0xcafe,
      csrcs: [],
      extension: undefined,
      payload: event?.payload ?? payload,
      paddingLength: 0,
    });
    const protection = event === undefined ? voice : digits;
    if (protection === undefined) return clear;
    const out = new Uint8Array(clear.byteLength + 32);
    return out.slice(0, protection.protect(clear, out));
  });
}
const eventsOf = (digits: string) => [...digits].map((digit) => ({ event: '0123456789*#ABCD'.indexOf(digit) }));

/** Two tones of Q.23 for each digit, 80 ms long, after a second of the voice. */
function withTones(digits: string): Uint8Array[] {
  const samples = speech.slice();
  let at = 8_000;
  for (const digit of digits) {
    const key = keypad.indexOf(digit);
    const [row, column] = [[697, 770, 852, 941][key >> 2] ?? 0, [1209, 1336, 1477, 1633][key & 3] ?? 0];
    for (let i = 0; i < 640; i++) {
      const time = (2 * Math.PI * i) / 8_000;
      samples[at + i] = 6_000 * (Math.sin(row * time) + 0.8 * Math.sin(column * time));
    }
    samples.fill(0, at + 640, at + 1_280);
    at += 1_280;
  }
  return encodings.pcmu(samples);
}

describe('telephone-events (RFC 4733)', () => {
  test.each([named, []])('are read once each, with the packets in which they begin', (...codecs) => {
    const line = new Line();
    line.describe({ codecs });
    line.send(withEvents(eventsOf('4711#')));
    const { digits, state, clearPackets } = line.only();
    expect(digits.map(({ how, digits: pressed }) => [how, pressed])).toEqual([['rfc4733', '4711#']]);
    expect(digits[0]?.places[0]).toEqual({ number: 102, microseconds: 2_040_000 });
    expect(digits[0]?.places).toHaveLength(5);
    expect([state, clearPackets]).toEqual(['clear', 250]);
  });

  test('are read once where packets come twice, late, or never', () => {
    const datagrams = withEvents(eventsOf('99#')).flatMap((one, at) =>
      at % 9 === 4 ? [] : at % 5 === 0 ? [one, one] : [one],
    );
    const line = new Line();
    line.describe({ codecs: named });
    line.send(datagrams);
    expect(line.only().digits[0]?.digits).toBe('99#');
  });

  test('that are long are one digit, and a flash of the hook is shown', () => {
    const line = new Line();
    line.describe({ codecs: named });
    line.send(withEvents([{ event: 5, durationMilliseconds: 1_500 }, { event: 16 }]));
    expect(line.only().digits[0]?.digits).toBe('5!');
  });

  test('in the clear beside a voice under SRTP are read, and the voice is not heard', () => {
    const line = new Line();
    line.describe({ profile: 'RTP/SAVP', codecs: named });
    line.send(withEvents(eventsOf('1234'), { voice: senderOf(keyOf('AES_CM_128_HMAC_SHA1_80')) }));
    const { digits, state, clearPackets } = line.only();
    expect(digits[0]?.digits).toBe('1234');
    expect(state).toBe('encrypted');
    expect(clearPackets).toBeGreaterThan(10);
  });

  test.each([named, []])('under SRTP show nothing without the key, and are read with it', (...codecs) => {
    const key = keyOf('AES_CM_128_HMAC_SHA1_80');
    for (const keys of [[], [key]]) {
      const line = new Line();
      line.describe({ profile: 'RTP/SAVP', codecs, keys });
      const sender = senderOf(key);
      line.send(withEvents(eventsOf('47#'), { voice: sender, digits: sender }));
      const { digits, state, closedPackets } = line.only();
      expect(digits.map(({ digits: pressed }) => pressed)).toEqual(keys.length === 0 ? [] : ['47#']);
      expect([state, closedPackets]).toEqual(keys.length === 0 ? ['encrypted', 250] : ['opened', 0]);
    }
  });

  test('are not read out of ciphertext, for two hundred calls', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = new SeededRandom(seed);
      const line = new Line();
      line.describe({ profile: 'RTP/SAVP', codecs: named });
      line.send(
        datagramsOf({ payloads: Array.from({ length: 60 }, () => random.bytes(14)), payloadType: 101, step: 0 }),
      );
      expect(line.only().digits, `seed ${seed}`).toEqual([]);
    }
  });
});

describe('tones in the voice (Q.23)', () => {
  test('are read with the packets in which they are heard, clear or opened, but not under SRTP', () => {
    const key = keyOf('AES_CM_128_HMAC_SHA1_80');
    const payloads = withTones('4111#');
    for (const sender of [undefined, senderOf(key)]) {
      const line = new Line();
      if (sender !== undefined) line.describe({ profile: 'RTP/SAVP', keys: [key] });
      line.send(datagramsOf({ payloads, ...(sender === undefined ? {} : { sender }) }));
      const [digits] = line.only().digits;
      expect([digits?.how, digits?.digits]).toEqual(['in-band-tones', '4111#']);
      const first = digits?.places[0]?.number ?? 0;
      expect(Math.abs(first - 53)).toBeLessThan(4);
    }
    const line = new Line();
    line.send(datagramsOf({ payloads, sender: senderOf(key) }));
    expect(line.only().digits).toEqual([]);
  });

  test('are one digit each though a packet in the midst of one is lost', () => {
    const payloads = withTones('5');
    const line = new Line();
    line.send(datagramsOf({ payloads }).filter((_, at) => at !== 51));
    expect(line.only().digits[0]?.digits).toBe('5');
  });

  test('of 45 ms are read wherever they fall among the packets', () => {
    for (let offset = 0; offset < 160; offset += 7) {
      const samples = new Int16Array(8_000);
      for (let i = 0; i < 360; i++) {
        const time = (2 * Math.PI * i) / 8_000;
        samples[3_000 + offset + i] = 6_000 * (Math.sin(852 * time) + 0.8 * Math.sin(1_336 * time));
      }
      const line = new Line();
      line.send(datagramsOf({ payloads: encodings.pcmu(samples) }), flowOf());
      expect(line.only().digits[0]?.digits, `offset ${offset}`).toBe('8');
    }
  });
});
