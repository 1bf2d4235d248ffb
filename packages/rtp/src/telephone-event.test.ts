import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dtmfDigitOf, dtmfEventOf } from './dtmf.ts';
import { parseTelephoneEvent, serializeTelephoneEvent } from './telephone-event.ts';
import { TelephoneEventReceiver, type TelephoneEventReport } from './telephone-event-receiver.ts';
import {
  type TelephoneEventPacket,
  type TelephoneEventRequest,
  TelephoneEventSender,
} from './telephone-event-sender.ts';

/** Everything a sender sends for these events, by packet time; undefined where audio goes. */
function sent(requests: readonly TelephoneEventRequest[], start = 1000): (TelephoneEventPacket | undefined)[] {
  const sender = new TelephoneEventSender({ clockRate: 8000 });
  for (const request of requests) sender.enqueue(request);
  const ticks: (TelephoneEventPacket | undefined)[] = [];
  for (let i = 0; sender.busy; i++) ticks.push(sender.next((start + i * 160) % 2 ** 32));
  return ticks;
}

function reportsOf(packets: readonly { readonly now: number; readonly packet: TelephoneEventPacket }[]) {
  const receiver = new TelephoneEventReceiver({ clockRate: 8000 });
  const reports: TelephoneEventReport[] = [];
  const drain = () => {
    for (let report = receiver.poll(); report !== undefined; report = receiver.poll()) reports.push(report);
  };
  for (const { now, packet } of packets) {
    if ((receiver.nextDeadline() ?? Number.POSITIVE_INFINITY) <= now) receiver.handleTimeout(now);
    receiver.handlePacket(now, packet.timestamp, packet.payload);
    drain();
  }
  receiver.handleTimeout(Number.MAX_SAFE_INTEGER);
  drain();
  return reports;
}

const timed = (ticks: readonly (TelephoneEventPacket | undefined)[]) =>
  ticks.flatMap((packet, i) => (packet === undefined ? [] : [{ now: i * 20, packet }]));

describe('telephone-event sender (RFC 4733 §2.5.1)', () => {
  test('an event grows, keeps its timestamp, is marked once and ends three times', () => {
    const ticks = sent([{ event: 5, durationMilliseconds: 100, volume: 7 }]);
    expect(ticks.map((tick) => tick && { ...parseTelephoneEvent(tick.payload), marker: tick.marker })).toEqual(
      [
        [160, false, true],
        [320, false, false],
        [480, false, false],
        [640, false, false],
        [800, true, false],
        [800, true, false],
        [800, true, false],
      ].map(([duration, end, marker]) => ({ event: 5, volume: 7, duration, end, marker })),
    );
    expect(new Set(ticks.map((tick) => tick?.timestamp))).toEqual(new Set([1000]));
  });

  test('a pause of audio lies between two events', () => {
    const ticks = sent([{ event: 1 }, { event: 1, pauseMilliseconds: 0 }]);
    expect(ticks.slice(7, 12)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(ticks[12]?.marker).toBe(true);
    expect(ticks[12]?.timestamp).toBe(1000 + 12 * 160);
  });

  test('a duration that is no multiple of the packet time is kept exactly', () => {
    const last = sent([{ event: 1, durationMilliseconds: 50 }]).at(-1);
    expect(parseTelephoneEvent(last?.payload ?? new Uint8Array(0))?.duration).toBe(400);
  });

  test('a long event goes on in segments whose timestamps join, marked only at its start (§2.5.1.3)', () => {
    const ticks = sent([{ event: 3, durationMilliseconds: 20_000 }], 2 ** 32 - 5000);
    const segments = [...new Set(ticks.map((tick) => tick?.timestamp))];
    expect(segments).toEqual([0, 1, 2].map((segment) => (2 ** 32 - 5000 + segment * 0xffff) % 2 ** 32));
    expect(ticks.filter((tick) => tick?.marker)).toHaveLength(1);
    expect(reportsOf(timed(ticks))).toMatchObject([
      { kind: 'event-started', digit: '3' },
      { kind: 'event-ended', durationMilliseconds: 20_000, cause: 'end-packet' },
    ]);
  });

  test.each([{ event: 256 }, { event: 1, durationMilliseconds: 0 }, { event: 1, volume: 64 }, { event: 1.5 }])(
    'refuses %j',
    (request) => {
      expect(() => new TelephoneEventSender({ clockRate: 8000 }).enqueue(request)).toThrow(
        expect.objectContaining({ code: 'rtp.invalid-event' }),
      );
    },
  );

  test('the queue has an end', () => {
    const sender = new TelephoneEventSender({ clockRate: 8000 });
    for (let i = 0; i < 256; i++) sender.enqueue({ event: 1 });
    expect(() => sender.enqueue({ event: 1 })).toThrow(expect.objectContaining({ code: 'rtp.event-queue-full' }));
  });
});

describe('telephone-event receiver (RFC 4733 §2.5.2)', () => {
  const digits = '1#A90*';
  const ticks = sent([...digits].map((digit) => ({ event: dtmfEventOf(digit) ?? 0 })));

  test('every digit starts once and ends once, though the end came three times', () => {
    const reports = reportsOf(timed(ticks));
    expect(
      reports
        .filter(({ kind }) => kind === 'event-started')
        .map(({ digit }) => digit)
        .join(''),
    ).toBe(digits);
    expect(reports.filter(({ kind }) => kind === 'event-ended')).toHaveLength(digits.length);
    expect(reports.every((report) => report.kind !== 'event-ended' || report.durationMilliseconds === 100)).toBe(true);
  });

  test('digits arrive complete, in order and once, whatever is lost, doubled or swapped, if one packet of each comes', () => {
    const disturbance = fc.record({
      lost: fc.array(fc.boolean(), { minLength: ticks.length, maxLength: ticks.length }),
      doubled: fc.array(fc.boolean(), { minLength: ticks.length, maxLength: ticks.length }),
      swapped: fc.nat({ max: 6 }),
    });
    fc.assert(
      fc.property(disturbance, ({ lost, doubled, swapped }) => {
        const alive = new Set<number>();
        const arriving = timed(ticks).filter(({ packet, now }) => {
          const first = !alive.has(packet.timestamp);
          const kept = !lost[now / 20] || (first && lost[now / 20 + 1] === undefined);
          if (kept) alive.add(packet.timestamp);
          return kept;
        });
        const expected = [...digits].filter((_, i) => alive.has(1000 + i * 12 * 160)).join('');
        const order = arriving.flatMap((item) => (doubled[item.now / 20] ? [item, item] : [item]));
        for (let i = swapped; i + 1 < order.length; i += 7) {
          const [first, second] = [order[i], order[i + 1]];
          // Within an event any order; the first packet of the next event never overtakes all of this one.
          if (first === undefined || second === undefined || first.packet.timestamp !== second.packet.timestamp)
            continue;
          [order[i], order[i + 1]] = [second, first];
        }
        const reports = reportsOf(order);
        const started = reports.filter(({ kind }) => kind === 'event-started').map(({ digit }) => digit);
        expect(started.join('')).toBe(expected);
        expect(reports.filter(({ kind }) => kind === 'event-ended')).toHaveLength(expected.length);
      }),
    );
  });

  test('an event whose ends are all lost is over after a silence', () => {
    const reports = reportsOf(timed(ticks).slice(0, 3));
    expect(reports.at(-1)).toMatchObject({ kind: 'event-ended', cause: 'timeout', durationMilliseconds: 60 });
  });

  test('an event whose ends are all lost is over when the next begins', () => {
    const packets = timed(ticks)
      .filter(({ now }) => now < 60 || now >= 240)
      .map((item, i) => ({ ...item, now: i }));
    expect(reportsOf(packets)[1]).toMatchObject({ kind: 'event-ended', digit: '1', cause: 'next-event' });
  });

  test('a packet of an event that is over is late, not new', () => {
    const packets = timed(ticks);
    const [first] = packets;
    if (first === undefined) throw new Error('nothing was sent');
    const late = [...packets.slice(0, 8), first];
    expect(reportsOf(late).filter(({ kind }) => kind === 'event-started')).toHaveLength(2);
  });

  test('another digit at the timestamp of the one before is a digit, and late packets of that one are none (OPAL)', () => {
    const packet = (event: number, end: boolean) => ({
      marker: false,
      timestamp: 1000,
      payload: serializeTelephoneEvent({ event, end, volume: 10, duration: 800 }),
    });
    const reports = reportsOf(
      [packet(9, false), packet(9, true), packet(9, true), packet(11, false), packet(9, true), packet(11, true)].map(
        (one, index) => ({ now: index * 20, packet: one }),
      ),
    );
    expect(reports.map(({ kind, digit }) => `${kind} ${digit}`)).toEqual([
      'event-started 9',
      'event-ended 9',
      'event-started #',
      'event-ended #',
    ]);
  });

  test('octets that are no event are ignored', () => {
    const receiver = new TelephoneEventReceiver({ clockRate: 8000 });
    receiver.handlePacket(0, 0, Uint8Array.of(1, 2, 3));
    expect(receiver.poll()).toBeUndefined();
  });
});

describe('codec and table', () => {
  test('what is written is read back the same', () => {
    const event = fc.record({
      event: fc.nat({ max: 255 }),
      end: fc.boolean(),
      volume: fc.nat({ max: 63 }),
      duration: fc.nat({ max: 65_535 }),
    });
    fc.assert(
      fc.property(event, (value) => {
        expect(parseTelephoneEvent(serializeTelephoneEvent(value))).toEqual(value);
      }),
    );
  });

  test('sixteen digits, 0 to 9, *, # and A to D (RFC 4733 §3.2)', () => {
    expect([...'0123456789*#ABCD'].map((digit) => dtmfEventOf(digit))).toEqual([...Array(16).keys()]);
    expect([...Array(17).keys()].map((event) => dtmfDigitOf(event) ?? '-').join('')).toBe('0123456789*#ABCD-');
    expect([dtmfEventOf('a'), dtmfEventOf('E'), dtmfEventOf('12'), dtmfEventOf('')]).toEqual([
      12,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
