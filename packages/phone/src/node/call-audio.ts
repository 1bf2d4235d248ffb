import { randomBytes } from 'node:crypto';
import type { RemoteInfo, Socket } from 'node:dgram';
import { type AudioStatistics, AudioStream, type DtmfDigit, FRAME_MILLISECONDS } from '@trustline/rtp';
import type { MediaPorts } from '@trustline/rtp/node';
import { Pacer } from '@trustline/rtp/node';
import type { SipHostPort } from '@trustline/sip';
import { type AgreedKeys, MediaProtection, type SrtpCryptoProvider } from '@trustline/srtp';
import type { AgreedMedia } from '../call/call-media.ts';
import { clearKeys } from '../call/own-keys.ts';
import { type AudioSink, type AudioSource, silence } from './wav-file.ts';

/** The hold of RFC 2543: there is nobody to send to, RTCP included. */
const unspecified: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** A datagram at one of the call's two sockets, as it was on the wire. */
export interface MediaDatagram {
  /** Unix time in milliseconds, with fractions. */
  readonly at: number;
  readonly direction: 'inbound' | 'outbound';
  readonly port: 'rtp' | 'rtcp';
  readonly source: SipHostPort;
  readonly destination: SipHostPort;
  /** For the call of the observer only; copy what is kept. */
  readonly payload: Uint8Array;
}

export interface CallAudioOptions {
  readonly crypto: SrtpCryptoProvider;
  readonly source: AudioSource | undefined;
  readonly sink: AudioSink | undefined;
  readonly onDigit: (digit: DtmfDigit) => void;
  readonly onDatagram: (datagram: MediaDatagram) => void;
  /** The audio cannot go on: its keys are spent, or there is a defect. */
  readonly onFailure: (error: unknown) => void;
}

/** The audio of one call at its two sockets, paced by the clock. */
export class CallAudio {
  readonly ports: MediaPorts;
  readonly stream: AudioStream<AgreedKeys>;
  readonly #options: CallAudioOptions;
  #media: AgreedMedia | undefined;
  #pacer: Pacer | undefined;
  #isHolding = false;
  #closed = false;

  constructor(ports: MediaPorts, options: CallAudioOptions) {
    this.ports = ports;
    this.#options = options;
    const source = options.source ?? silence;
    this.stream = new AudioStream({
      protection: new MediaProtection(options.crypto),
      random: (length) => new Uint8Array(randomBytes(length)),
      startedAt: performance.now(),
      unixTimeAtZero: performance.timeOrigin,
      source: (frame) => (this.#isHolding ? frame.fill(0) : source.read(frame)),
      sink: (frame) => options.sink?.write(frame),
    });
    ports.rtp.on('message', (bytes, from) => this.#receive('rtp', ports.rtp, bytes, from));
    ports.rtcp.on('message', (bytes, from) => this.#receive('rtcp', ports.rtcp, bytes, from));
  }

  /** While we hold, the far end hears silence and what we play waits. */
  set isHolding(holding: boolean) {
    this.#isHolding = holding;
  }

  /** Takes an agreement into use, and clears its keys. Undefined: nothing is sent until the next one. */
  agree(media: AgreedMedia | undefined): void {
    if (this.#closed) return;
    this.#media = media;
    if (media === undefined) {
      this.#pacer?.stop();
      this.#pacer = undefined;
      return;
    }
    const { agreement } = media;
    this.stream.agree(performance.now(), agreement);
    if (agreement.protection !== 'clear') {
      clearKeys(agreement.protection.send);
      clearKeys(agreement.protection.receive);
    }
    this.#pacer ??= new Pacer(FRAME_MILLISECONDS, (due, now) => this.#frame(due, now));
  }

  statistics(): AudioStatistics {
    return this.stream.statistics(performance.now());
  }

  /** Says goodbye by RTCP, clears the keys, closes sockets and recorder. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pacer?.stop();
    this.stream.close(performance.now());
    this.#transmit(() => {
      this.ports.rtp.close();
      this.ports.rtcp.close();
    });
    this.#options.sink?.close();
  }

  #frame(due: number, now: number): void {
    try {
      this.stream.frame(due, now);
    } catch (error) {
      // Fail closed: what cannot be protected is not sent, and a call without audio is of no use.
      this.#pacer?.stop();
      this.#options.onFailure(error);
      return;
    }
    this.#transmit();
  }

  #receive(port: 'rtp' | 'rtcp', socket: Socket, bytes: Uint8Array, from: RemoteInfo): void {
    if (this.#closed) return;
    this.#observe('inbound', port, bytes, { host: from.address, port: from.port }, socket.address());
    const media = this.#media;
    // SRTP proves its sender; without it the agreed address is all there is to go by.
    if (media?.agreement.protection === 'clear' && from.address !== media.rtp.host) return;
    const now = performance.now();
    this.stream.datagram(now, port, bytes, this.#pacer?.unreadSince(now));
    this.#transmit();
  }

  #transmit(done: () => void = () => {}): void {
    let waiting = 1;
    const settled = () => {
      waiting -= 1;
      if (waiting === 0) done();
    };
    for (let output = this.stream.poll(); output !== undefined; output = this.stream.poll()) {
      if (output.kind === 'digit') {
        this.#options.onDigit(output.digit);
        continue;
      }
      const destination = this.#media?.[output.to];
      if (destination === undefined || unspecified.has(destination.host)) continue;
      const socket = output.to === 'rtp' ? this.ports.rtp : this.ports.rtcp;
      this.#observe('outbound', output.to, output.bytes, socket.address(), destination);
      waiting += 1;
      // A datagram that the network refuses is lost, like any other.
      socket.send(output.bytes, destination.port, destination.host, settled);
    }
    settled();
  }

  #observe(
    direction: MediaDatagram['direction'],
    port: 'rtp' | 'rtcp',
    payload: Uint8Array,
    source: { readonly port: number; readonly host?: string; readonly address?: string },
    destination: { readonly port: number; readonly host?: string; readonly address?: string },
  ): void {
    this.#options.onDatagram({
      at: performance.timeOrigin + performance.now(),
      direction,
      port,
      source: { host: source.host ?? source.address ?? '', port: source.port },
      destination: { host: destination.host ?? destination.address ?? '', port: destination.port },
      payload,
    });
  }
}
