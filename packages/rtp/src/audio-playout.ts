import { assertNever } from '@trustline/base';
import { ComfortNoise } from './comfort-noise.ts';
import { Concealment, LONGEST_PERIOD } from './concealment.ts';
import { decodeALaw, decodeMuLaw } from './g711.ts';
import { type BufferedPacket, JitterBuffer } from './jitter-buffer.ts';

/** What a payload type of the session means to the play-out; any other payload is left out. */
export type PlayoutPayload = 'PCMA' | 'PCMU' | 'comfort-noise';

export interface AudioPlayoutOptions {
  /** By payload type number as negotiated, for instance `new Map([[8, 'PCMA'], [13, 'comfort-noise']])`. */
  readonly payloadTypes: ReadonlyMap<number, PlayoutPayload>;
  /** Samples each `play` produces; 160 (20 ms at 8 kHz) by default. */
  readonly frameSamples?: number;
  /** 20 by default. */
  readonly minimumDelayMilliseconds?: number;
  /** 250 by default. */
  readonly maximumDelayMilliseconds?: number;
  readonly random: (length: number) => Uint8Array;
}

/** What most of a frame was made of. */
export type PlayoutSource = 'received' | 'concealed' | 'comfort-noise' | 'silence';

export interface PlayoutStatistics {
  /** Delay that the buffer adds now. */
  readonly delayMilliseconds: number;
  readonly targetDelayMilliseconds: number;
  readonly received: number;
  /** Packets that came after their turn: to the listener they are lost. */
  readonly late: number;
  readonly duplicate: number;
  readonly overflowed: number;
  readonly frames: number;
  readonly concealedFrames: number;
}

const CLOCK_RATE = 8000;
/** Longest packet decoded, 200 ms; octets past it are ignored. */
const MAXIMUM_PACKET_SAMPLES = 1600;

/** Jitter buffer, G.711 decoder, concealment and comfort noise in one: packets in as they come, even audio out. */
export class AudioPlayout {
  readonly #payloadTypes: ReadonlyMap<number, PlayoutPayload>;
  readonly #frameSamples: number;
  readonly #buffer: JitterBuffer;
  readonly #concealment = new Concealment();
  readonly #noise: ComfortNoise;
  /** Samples decoded and not yet played. */
  readonly #ready: Int16Array;
  #readyLength = 0;
  #received = 0;
  #late = 0;
  #duplicate = 0;
  #overflowed = 0;
  #frames = 0;
  #concealedFrames = 0;
  #noiseFollows = false;

  constructor(options: AudioPlayoutOptions) {
    this.#payloadTypes = options.payloadTypes;
    this.#frameSamples = options.frameSamples ?? 160;
    const longestStep = LONGEST_PERIOD + Math.max(this.#frameSamples, MAXIMUM_PACKET_SAMPLES);
    this.#ready = new Int16Array(this.#frameSamples + longestStep);
    this.#noise = new ComfortNoise(options.random(4));
    this.#buffer = new JitterBuffer({
      clockRate: CLOCK_RATE,
      frameSamples: this.#frameSamples,
      ...(options.minimumDelayMilliseconds === undefined
        ? {}
        : { minimumDelayMilliseconds: options.minimumDelayMilliseconds }),
      ...(options.maximumDelayMilliseconds === undefined
        ? {}
        : { maximumDelayMilliseconds: options.maximumDelayMilliseconds }),
    });
  }

  /**
   * Takes an RTP payload that was read at `now`; it is copied. Payload types that are not audio are left out.
   *
   * @param unreadSince after a stall of the reader, when nothing was waiting last: the stall is then not taken for
   *   jitter of the network
   */
  handlePacket(
    now: number,
    payloadType: number,
    sequenceNumber: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
    unreadSince = now,
  ): void {
    const kind = this.#payloadTypes.get(payloadType);
    if (kind === undefined || payload.byteLength === 0) return;
    this.#received++;
    const samples =
      kind === 'comfort-noise' ? this.#frameSamples : Math.min(payload.byteLength, MAXIMUM_PACKET_SAMPLES);
    const packet: BufferedPacket = {
      payloadType,
      sequenceNumber,
      timestamp,
      marker,
      samples,
      payload: payload.slice(0, samples),
    };
    const acceptance = this.#buffer.put(now, packet, unreadSince);
    if (acceptance === 'late') this.#late++;
    else if (acceptance === 'duplicate') this.#duplicate++;
    else if (acceptance === 'overflowed') this.#overflowed++;
  }

  /**
   * Call once per frame time; fills `out`, which has `frameSamples` samples, and says what they are.
   *
   * @param now when the frame is due, which after a stall is before the time it is
   */
  play(now: number, out: Int16Array): PlayoutSource {
    let source: PlayoutSource = 'received';
    while (this.#readyLength < this.#frameSamples) source = this.#produce(now);
    out.set(this.#ready.subarray(0, this.#frameSamples));
    this.#ready.copyWithin(0, this.#frameSamples, this.#readyLength);
    this.#readyLength -= this.#frameSamples;
    this.#frames++;
    if (source === 'concealed') this.#concealedFrames++;
    return source;
  }

  /** Forgets what waits, for instance when the sender's SSRC changes. */
  reset(): void {
    this.#buffer.reset();
    this.#readyLength = 0;
  }

  statistics(now: number): PlayoutStatistics {
    return {
      delayMilliseconds: this.#buffer.delayMilliseconds(now),
      targetDelayMilliseconds: this.#buffer.targetDelayMilliseconds,
      received: this.#received,
      late: this.#late,
      duplicate: this.#duplicate,
      overflowed: this.#overflowed,
      frames: this.#frames,
      concealedFrames: this.#concealedFrames,
    };
  }

  #produce(now: number): PlayoutSource {
    const step = this.#buffer.take(now);
    switch (step.kind) {
      case 'packet':
        return this.#decode(step.packet, step.skipped);
      case 'missing':
        return this.#conceal(step.samples);
      case 'stretch':
        // By whole periods of the voice, so that what follows goes on in phase.
        return this.#conceal(this.#noiseFollows ? step.samples : this.#concealment.wholePeriods(step.samples));
      case 'pause':
        return this.#background(step.samples);
      case 'idle':
        this.#append(this.#frameSamples - this.#readyLength).fill(0);
        return 'silence';
      default:
        return assertNever(step);
    }
  }

  #conceal(samples: number): PlayoutSource {
    if (this.#noiseFollows) return this.#background(samples);
    this.#concealment.conceal(this.#append(samples));
    return 'concealed';
  }

  #decode(packet: BufferedPacket, skipped: number): PlayoutSource {
    const kind = this.#payloadTypes.get(packet.payloadType);
    if (kind === 'comfort-noise') {
      this.#noise.handlePayload(packet.payload);
      this.#noiseFollows = true;
      this.#buffer.pause();
      return this.#background(packet.samples);
    }
    this.#noiseFollows = false;
    // Whole periods of the voice are left out: the rest of what was skipped is filled in.
    if (skipped !== 0) this.#concealment.conceal(this.#append(this.#concealment.untilInPhase(skipped)));
    const samples = this.#append(packet.samples);
    if (kind === 'PCMA') decodeALaw(packet.payload, samples);
    else decodeMuLaw(packet.payload, samples);
    this.#concealment.receive(samples);
    return 'received';
  }

  #background(samples: number): PlayoutSource {
    const target = this.#append(samples);
    if (!this.#noiseFollows) {
      target.fill(0);
      return 'silence';
    }
    this.#noise.fill(target);
    return 'comfort-noise';
  }

  /** Room for so many samples behind those that are ready. */
  #append(samples: number): Int16Array {
    const start = this.#readyLength;
    this.#readyLength += samples;
    return this.#ready.subarray(start, this.#readyLength);
  }
}
