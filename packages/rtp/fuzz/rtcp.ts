import { parseRtcpCompound, RtcpSession, serializeRtcpCompound } from '../src/index.ts';

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
