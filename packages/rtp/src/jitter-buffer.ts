import { TransitTimes } from './transit-times.ts';

/** A packet to be played, as much as the buffer needs to know of it. */
export interface BufferedPacket {
  readonly payloadType: number;
  readonly sequenceNumber: number;
  /** RTP timestamp of its first sample. */
  readonly timestamp: number;
  /** First packet after a pause of the sender. */
  readonly marker: boolean;
  /** Samples it decodes to, at least 1. */
  readonly samples: number;
  readonly payload: Uint8Array;
}

export type JitterBufferAcceptance =
  | 'buffered'
  /** Its turn to be played has passed. */
  | 'late'
  | 'duplicate'
  /** The buffer was full; the oldest packet gave way to this one. */
  | 'overflowed';

/** What comes next in the play-out. */
export type PlayoutStep =
  /** `skipped`: so many samples before it were left out to shorten the delay; negative for some that come again. */
  | { readonly kind: 'packet'; readonly packet: BufferedPacket; readonly skipped: number }
  /** So many samples are lost or not here in time: conceal them. */
  | { readonly kind: 'missing'; readonly samples: number }
  /** Nothing is due before the next packet; fill in about so many samples to lengthen the delay. */
  | { readonly kind: 'stretch'; readonly samples: number }
  /** The sender pauses (discontinuous transmission): so many samples of background. */
  | { readonly kind: 'pause'; readonly samples: number }
  /** Nothing is being received. */
  | { readonly kind: 'idle' };

export interface JitterBufferOptions {
  readonly clockRate: number;
  /** Samples of a step that no packet determines. */
  readonly frameSamples: number;
  /** 20 by default. */
  readonly minimumDelayMilliseconds?: number;
  /** 250 by default. */
  readonly maximumDelayMilliseconds?: number;
}

/** Packets held at most: four seconds of 20 ms. */
const MAXIMUM_BUFFERED_PACKETS = 200;
const DEFAULT_MINIMUM_DELAY_MILLISECONDS = 20;
const DEFAULT_MAXIMUM_DELAY_MILLISECONDS = 250;
/** A timestamp this far from the last one belongs to a sender that started anew. */
const RESTART_MILLISECONDS = 5000;
/** After so long without a packet nothing more is concealed: the stream is taken to have stopped. */
const STOPPED_MILLISECONDS = 400;
/** Steps between two adjustments of the delay, so that they stay inaudible. */
const STEPS_BETWEEN_ADJUSTMENTS = 5;
/** Delay beyond what is needed, at the start and when it is lengthened: a slow drift must not ask for it all the time. */
const RESERVE_MILLISECONDS = 10;

/**
 * Puts packets in order and decides when each is played. The play-out position follows the sender's timestamps at a
 * delay that covers the jitter measured over the last seconds, between the two bounds; clock drift shows as a slow
 * change of that measure and is followed in the same way.
 */
export class JitterBuffer {
  readonly #unitsPerMillisecond: number;
  readonly #frameSamples: number;
  readonly #minimumDelay: number;
  readonly #maximumDelay: number;
  readonly #transits = new TransitTimes();
  /** In the order of their positions. */
  #waiting: { readonly position: number; readonly packet: BufferedPacket }[] = [];
  /** Timestamps continued past 2^32, as positions; the last one put in. */
  #lastPosition: number | undefined;
  /** Position of the next sample to play; undefined while nothing plays. */
  #playing: number | undefined;
  #startAt = 0;
  #lastSequenceNumber: number | undefined;
  #paused = false;
  #missingSamples = 0;
  #stepsSinceAdjustment = 0;

  constructor(options: JitterBufferOptions) {
    this.#unitsPerMillisecond = options.clockRate / 1000;
    this.#frameSamples = options.frameSamples;
    this.#minimumDelay =
      (options.minimumDelayMilliseconds ?? DEFAULT_MINIMUM_DELAY_MILLISECONDS) * this.#unitsPerMillisecond;
    this.#maximumDelay =
      (options.maximumDelayMilliseconds ?? DEFAULT_MAXIMUM_DELAY_MILLISECONDS) * this.#unitsPerMillisecond;
  }

  /** The delay aimed at. */
  get targetDelayMilliseconds(): number {
    return this.#targetDelay() / this.#unitsPerMillisecond;
  }

  /** The delay that a packet with the fastest passage has now, 0 while nothing plays. */
  delayMilliseconds(now: number): number {
    return this.#playing === undefined ? 0 : (this.#newestPosition(now) - this.#playing) / this.#unitsPerMillisecond;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Takes a packet; it is kept as it is, so its payload must not change afterwards.
   *
   * @param unreadSince where the packet may have waited before it was read: when nothing was waiting last. Its wait
   *   is then not taken for jitter of the network
   */
  put(now: number, packet: BufferedPacket, unreadSince = now): JitterBufferAcceptance {
    let position = this.#positionOf(packet.timestamp);
    if (Math.abs(position - (this.#lastPosition ?? position)) > RESTART_MILLISECONDS * this.#unitsPerMillisecond) {
      this.reset();
      position = packet.timestamp;
    }
    this.#transits.add(
      now * this.#unitsPerMillisecond - position,
      Math.min(now, unreadSince) * this.#unitsPerMillisecond - position,
    );
    this.#lastPosition = position;
    if (this.#playing !== undefined && position + packet.samples <= this.#playing) return 'late';
    let at = this.#waiting.length;
    while (at > 0 && (this.#waiting[at - 1]?.position ?? 0) > position) at--;
    if (at > 0 && this.#waiting[at - 1]?.position === position) return 'duplicate';
    if (this.#waiting.length === 0 && this.#playing === undefined) {
      this.#startAt = now + RESERVE_MILLISECONDS + this.#targetDelay() / this.#unitsPerMillisecond;
    }
    this.#waiting.splice(at, 0, { position, packet });
    if (this.#waiting.length <= MAXIMUM_BUFFERED_PACKETS) return 'buffered';
    this.#waiting.shift();
    return 'overflowed';
  }

  /** The next step of the play-out. Call it as often as it takes to fill the frame that is due at `now`. */
  take(now: number): PlayoutStep {
    const [first] = this.#waiting;
    if (this.#playing === undefined) {
      if (first === undefined || now < this.#startAt) return { kind: 'idle' };
      this.#playing = first.position;
    }
    this.#stepsSinceAdjustment++;
    const before = this.#playing;
    this.#shortenDelay(now);
    return this.#step(now, this.#playing, this.#playing - before);
  }

  /** Forgets everything, for instance when the sender's SSRC changes. */
  reset(): void {
    this.#waiting = [];
    this.#transits.clear();
    this.#lastPosition = undefined;
    this.#lastSequenceNumber = undefined;
    this.#stop();
  }

  #step(now: number, playing: number, skipped: number): PlayoutStep {
    const shortage = this.#targetDelay() - (this.#newestPosition(now) - playing);
    if (shortage > 0 && !this.#paused && this.#mayAdjust()) {
      const wanted = Math.ceil(shortage + RESERVE_MILLISECONDS * this.#unitsPerMillisecond);
      return { kind: 'stretch', samples: Math.min(wanted, this.#frameSamples) };
    }
    const [first] = this.#waiting;
    if (first === undefined) {
      if (this.#paused) return this.#advance('pause', this.#frameSamples);
      return this.#missing(playing, this.#frameSamples);
    }
    const gap = first.position - playing;
    if (gap <= 0) {
      this.#waiting.shift();
      this.#playing = first.position + first.packet.samples;
      this.#lastSequenceNumber = first.packet.sequenceNumber;
      this.#missingSamples = 0;
      this.#paused = false;
      return { kind: 'packet', packet: first.packet, skipped: skipped + gap };
    }
    // No sequence number is missing before the next packet: the sender had nothing to say.
    const next = ((this.#lastSequenceNumber ?? -2) + 1) & 0xffff;
    const paused = this.#paused || first.packet.marker || first.packet.sequenceNumber === next;
    const samples = Math.min(gap, this.#frameSamples);
    return paused ? this.#advance('pause', samples) : this.#missing(playing, samples);
  }

  /** Says that the packet just taken announced a pause (comfort noise). */
  pause(): void {
    this.#paused = true;
  }

  #missing(playing: number, samples: number): PlayoutStep {
    this.#missingSamples += samples;
    if (this.#missingSamples > STOPPED_MILLISECONDS * this.#unitsPerMillisecond) {
      const [first] = this.#waiting;
      if (first !== undefined && first.position > playing) {
        this.#playing = first.position; // a long loss with more behind it: go on there
        this.#missingSamples = 0;
      } else {
        this.#stop();
        return { kind: 'idle' };
      }
    }
    return this.#advance('missing', samples);
  }

  #advance(kind: 'missing' | 'pause', samples: number): PlayoutStep {
    if (this.#playing !== undefined) this.#playing += samples;
    return { kind, samples };
  }

  /** Leaves out the oldest packet when the delay has become larger than needed. */
  #shortenDelay(now: number): void {
    for (let [first, second] = this.#waiting; first !== undefined && second !== undefined; ) {
      const delay = this.#newestPosition(now) - first.position;
      const excess = delay - this.#targetDelay() - first.packet.samples - this.#frameSamples;
      const urgent = delay > this.#maximumDelay + first.packet.samples + this.#frameSamples;
      if (!urgent && (excess <= 0 || !this.#mayAdjust())) break;
      this.#waiting.shift();
      this.#playing = Math.max(this.#playing ?? 0, second.position);
      this.#lastSequenceNumber = first.packet.sequenceNumber;
      [first, second] = this.#waiting;
    }
  }

  #mayAdjust(): boolean {
    if (this.#stepsSinceAdjustment < STEPS_BETWEEN_ADJUSTMENTS) return false;
    this.#stepsSinceAdjustment = 0;
    return true;
  }

  #stop(): void {
    this.#playing = undefined;
    this.#paused = false;
    this.#missingSamples = 0;
  }

  #targetDelay(): number {
    return Math.min(this.#maximumDelay, Math.max(this.#minimumDelay, this.#transits.spread()));
  }

  /** The position that a packet with the fastest passage would bring right now. */
  #newestPosition(now: number): number {
    return now * this.#unitsPerMillisecond - this.#transits.fastest();
  }

  #positionOf(timestamp: number): number {
    if (this.#lastPosition === undefined) return timestamp;
    return this.#lastPosition + ((timestamp - this.#lastPosition) | 0);
  }
}
