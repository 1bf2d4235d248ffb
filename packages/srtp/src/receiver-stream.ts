import { estimateIndex } from './packet-index.ts';
import { ReplayWindow } from './replay-window.ts';
import { KeystreamOwner } from './stream-keystream.ts';

/** What a receiver remembers about one SSRC; exists only once a packet of it was authenticated or its counter was set. */
export class ReceiverStream extends KeystreamOwner {
  readonly rtp: ReplayWindow;
  readonly rtcp: ReplayWindow;
  firstRolloverCounter = 0;
  /** Position in the order of authentication, for choosing whom to forget. */
  lastAuthenticated: number;

  constructor(ssrc: number, replayWindow: number, lastAuthenticated: number) {
    super(ssrc);
    this.rtp = new ReplayWindow(replayWindow);
    this.rtcp = new ReplayWindow(replayWindow);
    this.lastAuthenticated = lastAuthenticated;
  }

  get rolloverCounter(): number {
    return this.rtp.highest < 0 ? this.firstRolloverCounter : Math.floor(this.rtp.highest / 0x10000);
  }
}

/** The index that a sequence number most probably stands for. */
export function indexOf(stream: ReceiverStream | undefined, sequenceNumber: number): number {
  if (stream === undefined) return sequenceNumber;
  if (stream.rtp.highest < 0) return stream.firstRolloverCounter * 0x10000 + sequenceNumber;
  return estimateIndex(stream.rtp.highest, sequenceNumber);
}
