import { AudioPlayout } from '../src/index.ts';

/** A steady stream, and one with every kind of disturbance. */
export function corpus(): Uint8Array[] {
  const steady = Uint8Array.from({ length: 2000 }, (_, i) => [2, 2, 0xf9, 41][i % 4] ?? 0);
  return [steady, steady.map((octet, i) => (octet + ((i * i) % 13) * ((i >> 4) % 5)) & 0xff)];
}

/** Packets with any numbers at any moments: every frame is filled in bounded time and the delay stays bounded. */
export function fuzz(data: Uint8Array): void {
  const playout = new AudioPlayout({
    payloadTypes: new Map([
      [0, 'PCMU'],
      [1, 'PCMA'],
      [2, 'comfort-noise'],
    ]),
    random: (length) => new Uint8Array(length).fill(1),
  });
  const frame = new Int16Array(160);
  let now = 0;
  let sequenceNumber = 0;
  let timestamp = 0;
  for (let at = 0; at + 4 <= Math.min(data.byteLength, 4000); at += 4) {
    const [step = 0, jump = 0, shape = 0, time = 0] = data.subarray(at, at + 4);
    sequenceNumber = (sequenceNumber + (step > 250 ? step * 100 : (step % 5) - 1)) & 0xffff;
    timestamp = (timestamp + (jump > 250 ? jump * 100_000 : ((jump % 5) - 1) * 160)) >>> 0;
    const payload = data.subarray(at, at + (shape >> 2));
    playout.handlePacket(now, shape & 3, sequenceNumber, timestamp, time > 200, payload);
    if (time & 1) {
      now += time > 250 ? 5000 : time % 64;
      playout.play(now, frame);
    }
  }
  const { delayMilliseconds, frames, concealedFrames } = playout.statistics(now);
  if (!Number.isFinite(delayMilliseconds) || concealedFrames > frames) throw new Error('impossible statistics');
}
