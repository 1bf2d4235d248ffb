import { parseRtcpCompound, RtcpSession, serializeRtcpCompound } from '../src/index.ts';

/** A compound packet of every kind. */
export function corpus(): Uint8Array[] {
  const text = Uint8Array.of(0x61, 0x62, 0x63);
  const extension = new Uint8Array(0);
  const report = {
    ssrc: 1,
    fractionLost: 12,
    cumulativeLost: -3,
    highestSequenceNumber: 70_000,
    jitter: 9,
    lastSenderReport: 1,
    delaySinceLastSenderReport: 1,
  };
  const ntp = { seconds: 3_900_000_000, fraction: 1 };
  const counts = { rtpTimestamp: 160, packetCount: 1, octetCount: 160 };
  return [
    serializeRtcpCompound([
      { kind: 'sender-report', ssrc: 2, ntp, ...counts, reports: [report], extension },
      { kind: 'receiver-report', ssrc: 2, reports: [report, report], extension },
      { kind: 'source-description', chunks: [{ ssrc: 2, items: [{ type: 1, value: text }] }] },
      { kind: 'application', subtype: 1, ssrc: 2, name: 'test', data: new Uint8Array(8) },
      { kind: 'unknown', packetType: 207, count: 0, data: new Uint8Array(8) },
      { kind: 'goodbye', sources: [2], reason: text },
    ]),
  ];
}

/** Any octets are read or refused; what is read survives a second round; a session swallows them all. */
export function fuzz(data: Uint8Array): void {
  const packets = parseRtcpCompound(data);
  if (typeof packets !== 'string') {
    const written = serializeRtcpCompound(packets);
    const again = parseRtcpCompound(written);
    if (typeof again === 'string') throw new Error(`what was written is refused: ${again}`);
    if (serializeRtcpCompound(again).join() !== written.join()) throw new Error('a second round changed the packets');
  }
  const session = new RtcpSession({
    ssrc: 1,
    canonicalName: 'fuzz',
    clockRate: 8000,
    unixTimeAtZero: 0,
    startedAt: 0,
    random: (length) => new Uint8Array(length),
  });
  for (let at = 0; at + 8 <= Math.min(data.byteLength, 800); at += 8) {
    const [ssrc = 0, high = 0, low = 0, ...rest] = data.subarray(at, at + 8);
    session.handleReceived(at * 20, ssrc & 3, high * 256 + low, rest[0] ?? 0);
    session.handleRtcp(at * 20, data.subarray(at));
    session.handleTimeout(at * 20);
  }
  session.leave(20_000);
  for (let output = session.poll(); output !== undefined; output = session.poll()) {
    if (output.kind === 'transmit' && typeof parseRtcpCompound(output.packet) === 'string') {
      throw new Error('a packet of ours is refused by our parser');
    }
  }
  const { lossRatio, jitterMilliseconds } = session.statistics();
  if (!(lossRatio >= 0 && lossRatio <= 1) || !(jitterMilliseconds >= 0)) throw new Error('impossible statistics');
}
