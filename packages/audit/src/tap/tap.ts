import type { CapturedPacket, CaptureTime, TransportAddress } from '@trustline/capture';
import type { SrtpCryptoProvider, SrtpProfileName } from '@trustline/srtp';
import { detectDtmfTones } from '../signal/dtmf-tones.ts';
import { decodeFlow, SAMPLE_RATE } from './audio.ts';
import { type FlowPacket, type RtpFlow, RtpFlowFinder } from './rtp-flows.ts';
import { type TapKey, type Unprotected, unprotectFlow } from './unprotect.ts';

export interface TapOptions {
  /** Keys that the listener has; none by default. */
  readonly keys?: readonly TapKey[];
  /** Needed with keys: `nodeCrypto` of `@trustline/srtp/node`. */
  readonly crypto?: SrtpCryptoProvider;
}

/** What a tap hears of one RTP flow. */
export interface HeardFlow {
  /** The name of the interface that captured it; undefined where the capture gives none. */
  readonly interface: string | undefined;
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  readonly ssrc: number;
  /** Those of the flow's packets, ascending. */
  readonly payloadTypes: readonly number[];
  /** Packets captured, repetitions included. */
  readonly packets: number;
  /** Packets that were recognised but not kept, for want of room: they are not in the audio. */
  readonly packetsNotKept: number;
  /** From the first packet to the last, by the capture's clock. */
  readonly durationSeconds: number;
  /** Whether the flow was opened with a key; if not, it was decoded as it was found. */
  readonly opened:
    | { readonly kind: 'as-captured' }
    | {
        readonly kind: 'with-key';
        readonly profile: SrtpProfileName;
        readonly accepted: number;
        /** Forged, replayed, or of another key. */
        readonly refused: number;
      };
  /** How the payload was decoded; undefined when it is of no codec that is. */
  readonly codec: 'PCMU' | 'PCMA' | undefined;
  readonly sampleRate: typeof SAMPLE_RATE;
  readonly samples: Int16Array;
  /** Digits read from RFC 4733 telephone-events. */
  readonly eventDigits: string;
  /** Digits heard as tones in the audio. */
  readonly toneDigits: string;
}

/**
 * A tap on the line: give it every packet, then ask what it heard. It knows no port and no signalling, only what
 * the packets show, and the keys that it was given.
 */
export class Tap {
  readonly #finder = new RtpFlowFinder();
  readonly #options: TapOptions;

  constructor(options: TapOptions = {}) {
    this.#options = options;
  }

  handle(packet: CapturedPacket): void {
    this.#finder.handle(packet);
  }

  /**
   * What was heard so far, one entry a flow, in the order of their first packets. Each is decoded when it is asked
   * for, so that no more than one flow's audio needs to be in memory.
   */
  *heard(): Generator<HeardFlow> {
    for (const flow of this.#finder.flows()) yield this.#hear(flow);
  }

  #hear(flow: RtpFlow): HeardFlow {
    const { keys = [], crypto } = this.#options;
    const unprotected = crypto === undefined ? undefined : unprotectFlow(flow, keys, crypto);
    const { codec, samples, eventDigits } = decodeFlow(unprotected?.packets ?? flow.packets);
    return {
      interface: flow.interface,
      source: flow.source,
      destination: flow.destination,
      ssrc: flow.ssrc,
      payloadTypes: payloadTypesOf(flow.packets),
      packets: flow.packets.length + flow.notKept,
      packetsNotKept: flow.notKept,
      durationSeconds: durationOf(flow.packets),
      opened: openedBy(unprotected),
      codec,
      sampleRate: SAMPLE_RATE,
      samples,
      eventDigits,
      toneDigits: detectDtmfTones(samples, SAMPLE_RATE)
        .map((tone) => tone.digit)
        .join(''),
    };
  }
}

function openedBy(unprotected: Unprotected | undefined): HeardFlow['opened'] {
  if (unprotected === undefined) return { kind: 'as-captured' };
  const { profile, packets, refused } = unprotected;
  return { kind: 'with-key', profile, accepted: packets.length, refused };
}

/** The payload type stands in the clear in the second octet, protected or not (RFC 3711 §3.1). */
function payloadTypesOf(packets: readonly FlowPacket[]): number[] {
  return [...new Set(packets.map(({ datagram }) => (datagram[1] ?? 0) & 0x7f))].sort((a, b) => a - b);
}

function durationOf(packets: readonly FlowPacket[]): number {
  const times = packets.map((packet) => packet.time).filter((time): time is CaptureTime => time !== undefined);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return 0;
  return (last.microseconds - first.microseconds) / 1_000_000;
}
