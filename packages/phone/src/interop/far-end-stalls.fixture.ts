/** How long a far end on a busy machine sent nothing: it cannot be heard then, and that is no fault of our phone. */
import { decodeDatagram } from '@trustline/capture';
import { readCaptureFile } from '@trustline/capture/node';
import type { MediaDatagram } from '../node/call-audio.ts';

/** From one packet of G.711 to the next, in milliseconds. */
const framePeriod = 20;
/** More frames than this from one packet to the next: the far end stalled, past what a buffer bridges. */
const bridgedFrames = 3;

/** What such a silence spoils of a recording, whose windows of a tenth of a second are taken as whole, in seconds. */
function spoiltBy(frames: number): number {
  return frames > bridgedFrames ? (Math.ceil(frames / 5) + 1) / 10 : 0;
}

/**
 * The seconds by the kernel's times: what left the far end's port, when. Nothing that our phone does or fails to do
 * makes them more.
 *
 * @param port the one that the far end sends its RTP from
 */
export async function stallsOnTheWire(
  file: string,
  port: number,
): Promise<{ readonly packets: number; readonly seconds: number }> {
  let [packets, seconds] = [0, 0];
  let before: number | undefined;
  for await (const item of readCaptureFile(file)) {
    if (item.kind !== 'packet' || item.time === undefined) continue;
    const frame = decodeDatagram(item.interface.linkType, item.data);
    if (frame?.source.port !== port) continue;
    const at = item.time.microseconds / 1_000;
    packets += 1;
    if (before !== undefined) seconds += spoiltBy(Math.round((at - before) / framePeriod));
    before = at;
  }
  return { packets, seconds };
}

/** The seconds as our phone saw them, for where nothing may be captured: frames it sent with nothing coming in between. */
export class StallsSeen {
  seconds = 0;
  #sentSinceHeard = 0;
  #heard = false;

  observe({ direction, port }: MediaDatagram): void {
    if (port !== 'rtp') return;
    if (direction === 'outbound') {
      this.#sentSinceHeard += 1;
      return;
    }
    if (this.#heard) this.seconds += spoiltBy(this.#sentSinceHeard);
    this.#heard = true;
    this.#sentSinceHeard = 0;
  }
}
