import { randomBytes } from 'node:crypto';
import type { RemoteInfo } from 'node:dgram';
import { type AudioStatistics, AudioStream, FRAME_MILLISECONDS } from '@trustline/rtp';
import { type MediaPorts, Pacer } from '@trustline/rtp/node';
import { type AgreedKeys, type DirectionKeys, MediaProtection } from '@trustline/srtp';
import { hybridCrypto } from '@trustline/srtp/node';
import { ElasticFrames } from '../media/elastic-frames.ts';
import type { AudioEnd, FrameSource } from './audio-end.ts';

/** What is sent, and how. */
export interface Sending {
  readonly remote: { readonly host: string; readonly port: number };
  /** Where RTCP goes; the port above without it. */
  readonly rtcp?: { readonly host: string; readonly port: number };
  readonly codec: 'PCMA' | 'PCMU';
  readonly payloadType: number;
  /** The number under which the far side takes digits, if it does. */
  readonly telephoneEvent?: number;
  /** Clear where there is none. */
  readonly keys?: DirectionKeys;
}

/** What is taken. */
export interface Receiving {
  /** By payload type. */
  readonly payloadTypes: ReadonlyMap<number, 'PCMA' | 'PCMU'>;
  readonly telephoneEvent?: number;
  /** Those that the far side may use; clear where there are none. */
  readonly keys: readonly DirectionKeys[];
}

export interface IpAudioPorts {
  readonly digit: (digit: string) => void;
  /** It cannot go on: keys are spent. */
  readonly failed: (error: unknown) => void;
}

/** The audio of a leg over IP: RTP or SRTP at two sockets of its own, paced by the clock. */
export class IpAudio implements AudioEnd {
  readonly ports: MediaPorts;
  readonly #callbacks: IpAudioPorts;
  readonly #protection = new MediaProtection(hybridCrypto());
  readonly #stream: AudioStream<AgreedKeys>;
  readonly #toHear = new ElasticFrames();
  #source: FrameSource | undefined;
  #sending: Sending | undefined;
  #receiving: Receiving | undefined;
  #pacer: Pacer | undefined;
  #closed = false;
  onFrame: ((frame: Int16Array) => void) | undefined;

  constructor(ports: MediaPorts, callbacks: IpAudioPorts) {
    this.ports = ports;
    this.#callbacks = callbacks;
    this.#stream = new AudioStream({
      protection: this.#protection,
      random: (length) => new Uint8Array(randomBytes(length)),
      startedAt: performance.now(),
      unixTimeAtZero: performance.timeOrigin,
      source: (frame) => {
        if (this.#source === undefined) this.#toHear.pull(frame);
        else this.#source(frame);
      },
      sink: (frame) => this.onFrame?.(frame),
    });
    ports.rtp.on('message', (bytes, from) => this.#take('rtp', bytes, from));
    ports.rtcp.on('message', (bytes, from) => this.#take('rtcp', bytes, from));
  }

  /** Whether both directions are under SRTP. */
  get isProtected(): boolean {
    return (this.#sending?.keys !== undefined && (this.#receiving?.keys.length ?? 0) > 0) === true;
  }

  /** Of the keys that the far side may send with the one that it does, by its fingerprint, once that is known. */
  get receivesWith(): string | undefined {
    return this.#protection.receivesWith;
  }

  hear(frame: Int16Array): void {
    this.#toHear.push(frame);
  }

  play(source: FrameSource | undefined): void {
    this.#source = source;
    if (source === undefined) this.#toHear.clear();
  }

  /** Undefined where nothing is to be sent. */
  send(sending: Sending | undefined): void {
    this.#sending = sending;
    this.#agree();
  }

  receive(receiving: Receiving | undefined): void {
    this.#receiving = receiving;
    this.#agree();
  }

  /** Digits as telephone-events; false where the far side takes none. */
  sendDigits(digits: string): boolean {
    return this.#stream.sendDigits(digits);
  }

  statistics(): AudioStatistics {
    return this.#stream.statistics(performance.now());
  }

  /** Says goodbye by RTCP, clears the keys, closes the sockets. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onFrame = undefined;
    this.#pacer?.stop();
    this.#stream.close(performance.now());
    this.#transmit(() => {
      this.ports.rtp.close();
      this.ports.rtcp.close();
    });
  }

  #agree(): void {
    if (this.#closed) return;
    const [sending, receiving] = [this.#sending, this.#receiving];
    const [receive, ...candidates] = receiving?.keys ?? [];
    const isClear = sending?.keys === undefined && receive === undefined;
    this.#stream.agree(performance.now(), {
      codec: sending?.codec ?? 'PCMA',
      payloadType: sending?.payloadType ?? 8,
      telephoneEvents: { send: sending?.telephoneEvent, receive: receiving?.telephoneEvent },
      payloadTypes: receiving?.payloadTypes ?? new Map(),
      // Where one direction has keys, nothing goes without in the other.
      sends: sending !== undefined && (isClear || sending.keys !== undefined),
      receives: receiving !== undefined && (isClear || receive !== undefined),
      protection: isClear ? 'clear' : { send: sending?.keys, receive, candidates },
    });
    this.#pacer ??= new Pacer(FRAME_MILLISECONDS, (due, now) => this.#frame(due, now));
  }

  #frame(due: number, now: number): void {
    try {
      this.#stream.frame(due, now);
    } catch (error) {
      // What cannot be protected is not sent.
      this.#pacer?.stop();
      this.#callbacks.failed(error);
      return;
    }
    this.#transmit();
  }

  #take(port: 'rtp' | 'rtcp', bytes: Uint8Array, from: RemoteInfo): void {
    if (this.#closed) return;
    const sending = this.#sending;
    // SRTP proves its sender; without it the agreed address is all there is to go by.
    const isClear = (this.#receiving?.keys.length ?? 0) === 0;
    if (isClear && sending !== undefined && from.address !== sending.remote.host) return;
    const now = performance.now();
    this.#stream.datagram(now, port, bytes, this.#pacer?.unreadSince(now));
    this.#transmit();
  }

  #transmit(done: () => void = () => {}): void {
    let waiting = 1;
    const settled = () => {
      waiting -= 1;
      if (waiting === 0) done();
    };
    for (let output = this.#stream.poll(); output !== undefined; output = this.#stream.poll()) {
      if (output.kind === 'digit') {
        this.#callbacks.digit(output.digit);
        continue;
      }
      const { remote, rtcp } = this.#sending ?? {};
      if (remote === undefined) continue;
      const to = output.to === 'rtp' ? remote : (rtcp ?? { host: remote.host, port: remote.port + 1 });
      waiting += 1;
      // A datagram that the network refuses is lost, like any other.
      (output.to === 'rtp' ? this.ports.rtp : this.ports.rtcp).send(output.bytes, to.port, to.host, settled);
    }
    settled();
  }
}
