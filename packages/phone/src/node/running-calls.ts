import { assertNever } from '@trustline/base';
import { encapsulateUdp, linkTypes, timeFromMilliseconds } from '@trustline/capture';
import type { CaptureFile } from '@trustline/capture/node';
import type { DtmfDigit } from '@trustline/rtp';
import type { MediaPorts } from '@trustline/rtp/node';
import type { DirectionKeys, SrtpCryptoProvider } from '@trustline/srtp';
import { hybridCrypto } from '@trustline/srtp/node';
import type { AgreedMedia } from '../call/call-media.ts';
import type { CallEvent } from '../call/phone-call.ts';
import { CallAudio, type MediaDatagram } from './call-audio.ts';
import { type CallCommands, RunningCall, type ShownMedia } from './running-call.ts';
import type { CallKeys, CallOptions, PhoneCallEvent } from './softphone.ts';

export interface RunningCallsOptions {
  /** Whose calls they are, for people who read a capture. */
  readonly owner: string;
  readonly line: string;
  readonly crypto: SrtpCryptoProvider | undefined;
  readonly capture: CaptureFile | undefined;
  readonly onDatagram: ((call: RunningCall, datagram: MediaDatagram) => void) | undefined;
  readonly onKeys: ((call: RunningCall, keys: CallKeys) => void) | undefined;
  readonly emit: (call: RunningCall, event: PhoneCallEvent) => void;
}

/** The calls of a phone with their audio at real sockets, whatever protocol they are signalled by. */
export class RunningCalls {
  readonly #options: RunningCallsOptions;
  readonly #calls = new Map<string, RunningCall>();
  readonly #audio = new Map<RunningCall, CallAudio>();
  readonly #captureInterface: number | undefined;

  constructor(options: RunningCallsOptions) {
    this.#options = options;
    this.#captureInterface = options.capture?.addInterface({
      linkType: linkTypes.ethernet,
      name: options.owner,
      description: `media sockets of the phone ${options.line}`,
    });
  }

  get all(): readonly RunningCall[] {
    return [...this.#calls.values()];
  }

  add(
    id: string,
    direction: RunningCall['direction'],
    far: { readonly number: string; readonly displayName: string | undefined },
    commands: CallCommands,
  ): RunningCall {
    const call = new RunningCall(id, direction, far, commands);
    this.#calls.set(id, call);
    return call;
  }

  /** Gives a call its audio; false where it has some already, or is over: the ports are closed then. */
  join(call: RunningCall, ports: MediaPorts, options: CallOptions): boolean {
    const audio = new CallAudio(ports, this.#audioOptions(call, options));
    if (call.state === 'ended' || this.#audio.has(call)) {
      audio.close();
      return false;
    }
    this.#audio.set(call, audio);
    call.note({ kind: 'audio', audio });
    return true;
  }

  /** What happens in a call. */
  handle(id: string, event: CallEvent): void {
    const call = this.#calls.get(id);
    if (call !== undefined) this.#handle(call, event);
  }

  #handle(call: RunningCall, event: CallEvent): void {
    switch (event.kind) {
      case 'media': {
        const media = event.media === undefined ? undefined : shown(event.media);
        this.#handKeys(call, event.media);
        this.#audio.get(call)?.agree(event.media);
        call.note({ kind: 'media', media });
        this.#options.emit(call, { kind: 'media', media });
        return;
      }
      case 'hold': {
        const audio = this.#audio.get(call);
        if (audio !== undefined) audio.isHolding = event.local;
        break;
      }
      case 'ringing':
      case 'established':
      case 'level':
      case 'digit':
      case 'transfer':
        call.note(event);
        break;
      case 'ended':
        call.note(event);
        this.#calls.delete(call.id);
        this.#audio.delete(call);
        break;
      case 'notice':
      case 'downgraded':
      case 'offer-refused':
      case 'refused-offer':
        break;
      default:
        assertNever(event);
    }
    this.#options.emit(call, event);
  }

  #audioOptions(call: RunningCall, { source, sink }: CallOptions) {
    return {
      crypto: this.#options.crypto ?? hybridCrypto(),
      source,
      sink,
      onDigit: (digit: DtmfDigit) => this.#handle(call, { kind: 'digit', digit }),
      onDatagram: (datagram: MediaDatagram) => this.#observe(call, datagram),
      onFailure: () => void call.hangUp(),
    };
  }

  #observe(call: RunningCall, datagram: MediaDatagram): void {
    const { capture, onDatagram } = this.#options;
    onDatagram?.(call, datagram);
    if (capture === undefined || this.#captureInterface === undefined) return;
    const { source, destination, payload } = datagram;
    // What cannot have been sent is not captured.
    if (source.host.includes(':') !== destination.host.includes(':')) return;
    capture.write({
      interface: this.#captureInterface,
      time: timeFromMilliseconds(datagram.at),
      direction: datagram.direction,
      data: encapsulateUdp({
        source: { address: source.host, port: source.port },
        destination: { address: destination.host, port: destination.port },
        payload,
      }),
    });
  }

  #handKeys(call: RunningCall, media: AgreedMedia | undefined): void {
    const { onKeys } = this.#options;
    const protection = media?.agreement.protection;
    if (onKeys === undefined || protection === undefined || protection === 'clear') return;
    const { send, receive } = protection;
    if (send !== undefined && receive !== undefined) onKeys(call, { send: copyOf(send), receive: copyOf(receive) });
  }
}

function shown({ agreement, rtp }: AgreedMedia): ShownMedia {
  const { protection, codec } = agreement;
  const keys = protection === 'clear' ? undefined : (protection.send ?? protection.receive);
  return { codec, suite: keys?.profile ?? 'clear', remote: rtp };
}

function copyOf(keys: DirectionKeys): DirectionKeys {
  return {
    ...keys,
    masterKeys: keys.masterKeys.map((one) => ({ ...one, key: one.key.slice(), salt: one.salt.slice() })),
  };
}
