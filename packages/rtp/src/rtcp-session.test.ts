import { describe, expect, test } from 'vitest';
import type { RtcpPacket } from './rtcp.ts';
import { rtcpInterval } from './rtcp-interval.ts';
import { RtcpSession } from './rtcp-session.ts';

function session(ssrc: number, unixTimeAtZero = 1_700_000_000_000): RtcpSession {
  let state = ssrc;
  const random = (length: number) =>
    Uint8Array.from({ length }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state >>> 16;
    });
  return new RtcpSession({
    ssrc,
    canonicalName: `cname-${ssrc}`,
    clockRate: 8000,
    unixTimeAtZero,
    startedAt: 0,
    random,
  });
}

/** Two ends that send 20 ms packets; one direction loses every tenth; RTCP takes 40 ms each way. */
function call(milliseconds: number, lossFromA: number) {
  const a = session(1);
  const b = session(2, 1_600_000_000_000); // clocks need not agree
  const received: { readonly at: number; readonly by: string; readonly packets: readonly RtcpPacket[] }[] = [];
  const flight: { at: number; to: RtcpSession; packet: Uint8Array }[] = [];
  for (let now = 0; now <= milliseconds; now += 20) {
    const i = now / 20;
    for (const [from, to, ssrc] of [
      [a, b, 1],
      [b, a, 2],
    ] as const) {
      from.handleSent(now, i * 160, 160);
      if (ssrc !== 1 || i % lossFromA !== 5) to.handleReceived(now + 40, ssrc, i & 0xffff, i * 160);
      if ((from.nextDeadline() ?? Number.POSITIVE_INFINITY) <= now) from.handleTimeout(now);
      for (let output = from.poll(); output !== undefined; output = from.poll()) {
        if (output.kind === 'transmit') flight.push({ at: now + 40, to, packet: output.packet });
      }
    }
    for (const { to, packet } of flight.filter(({ at }) => at === now)) {
      const packets = to.handleRtcp(now, packet);
      if (typeof packets !== 'string') received.push({ at: now, by: to === a ? 'a' : 'b', packets });
    }
  }
  return { a, b, received };
}

describe('RTCP session (RFC 3550 §6)', () => {
  test('both ends learn loss, jitter and round trip', () => {
    const { a, b } = call(30_000, 10);
    expect(b.statistics().lossRatio).toBeCloseTo(0.1, 2);
    expect(a.statistics().remoteLossRatio).toBeCloseTo(0.1, 1);
    expect(a.statistics().lossRatio).toBe(0);
    expect(b.statistics().remoteLossRatio).toBe(0);
    for (const end of [a, b]) {
      expect(end.statistics().roundTripMilliseconds).toBeCloseTo(80, 0);
      expect(end.statistics().jitterMilliseconds).toBe(0);
      expect(end.statistics().packetsSent).toBe(1501);
    }
  });

  test('reports start after a few seconds, keep about five seconds apart and carry SR and CNAME', () => {
    const { received } = call(60_000, 10);
    const times = received.filter(({ by }) => by === 'b').map(({ at }) => at);
    expect(times[0]).toBeLessThan(5000);
    expect(times.length).toBeGreaterThan(6);
    expect(times.length).toBeLessThan(25);
    expect(received[0]?.packets.map(({ kind }) => kind)).toEqual(['sender-report', 'source-description']);
  });

  test('an end that sends nothing reports as a receiver', () => {
    const silent = session(9);
    silent.handleReceived(0, 1, 1, 0);
    silent.handleReceived(20, 1, 2, 160);
    for (let now = 0; now < 10_000; now += 100) {
      if ((silent.nextDeadline() ?? 0) <= now) silent.handleTimeout(now);
    }
    const output = silent.poll();
    const packets = output?.kind === 'transmit' ? session(3).handleRtcp(0, output.packet) : [];
    expect(packets).toMatchObject([
      { kind: 'receiver-report', reports: [{ ssrc: 1 }] },
      { kind: 'source-description' },
    ]);
  });

  test('the end of a session is said once and heard', () => {
    const { a, b } = call(1000, 10);
    a.leave(1100, 'done');
    a.leave(1200);
    const output = a.poll();
    expect(a.poll()).toBeUndefined();
    expect(a.nextDeadline()).toBeUndefined();
    if (output?.kind !== 'transmit') throw new Error('nothing was sent');
    b.handleRtcp(1140, output.packet);
    expect(b.poll()).toEqual({ kind: 'goodbye', ssrc: 1, reason: 'done' });
    expect(b.statistics().packetsReceived).toBeGreaterThan(0);
  });

  test('refuses what is no RTCP', () => {
    expect(session(1).handleRtcp(0, Uint8Array.of(1, 2, 3, 4))).toBe('bad-version');
  });
});

describe('report interval (RFC 3550 §6.3.1)', () => {
  const small = {
    members: 2,
    senders: 2,
    sessionBandwidth: 80_000,
    weAreSender: true,
    averagePacketLength: 120,
    initial: false,
  };
  test('is spread from half to one and a half of five seconds, over e − 3/2', () => {
    expect(rtcpInterval({ ...small, random: 0 })).toBeCloseTo(2500 / 1.21828, 1);
    expect(rtcpInterval({ ...small, random: 1 })).toBeCloseTo(7500 / 1.21828, 1);
    expect(rtcpInterval({ ...small, initial: true, random: 0.5 })).toBeCloseTo(2500 / 1.21828, 1);
  });

  test('grows with the members, and receivers share three quarters', () => {
    const large = { ...small, members: 1000, senders: 1, random: 0.5 };
    // 1000 receivers of 120 octets on 3/4 of 5 % of 80 kbit/s (375 octets a second)
    expect(rtcpInterval({ ...large, weAreSender: false })).toBeCloseTo((999 * 120 * 1000) / 375 / 1.21828, 0);
  });
});
