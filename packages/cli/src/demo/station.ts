import type { TapKey } from '@trustline/audit';
import type { TransportAddress } from '@trustline/capture';
import type { CaptureFile } from '@trustline/capture/node';
import type { SdesSuiteName } from '@trustline/keying';
import { blankState, type PhoneIdentity } from '@trustline/phone';
import {
  type CallKeys,
  type FileServer,
  type MediaDatagram,
  NetworkBoot,
  PassingMemory,
  type ProvenManager,
  type RunningCall,
  type Softphone,
  WavRecorder,
} from '@trustline/phone/node';
import type { TlsFacts } from '@trustline/sip/node';
import { BootWitness, type PhoneTrust } from './boot-witness.ts';
import { brokenCrypto } from './broken-crypto.ts';
import { type End, phonePlans, type Sabotage } from './plan.ts';
import { isSame } from './tap.ts';
import { Voice } from './voice.ts';

export interface StationOptions {
  readonly end: End;
  readonly files: FileServer;
  /** What its maker put into it. */
  readonly mic: PhoneIdentity;
  readonly mode: 'encrypted' | 'clear';
  readonly suite: SdesSuiteName | undefined;
  readonly sabotage: Sabotage | undefined;
  readonly speech: Int16Array;
  readonly capture: CaptureFile;
  /** WAV file of what it hears. */
  readonly recording: string;
}

/** One phone of the demo with all that is watched of it. */
export class Station {
  readonly end: End;
  readonly voice: Voice;
  readonly #boot: NetworkBoot;
  readonly #witness = new BootWitness();
  readonly #recorder: WavRecorder;
  readonly #incoming = Promise.withResolvers<RunningCall>();
  readonly #arrivals: TransportAddress[] = [];
  #call: RunningCall | undefined;
  #tls: TlsFacts | undefined;
  #manager: ProvenManager | undefined;
  #keys: CallKeys | undefined;
  #lastSent: Uint8Array | undefined;
  #packets = 0;

  /** Switches the phone on. */
  constructor({ end, files, mic, mode, suite, sabotage, speech, capture, recording }: StationOptions) {
    this.end = end;
    this.voice = new Voice(speech);
    this.#recorder = new WavRecorder(recording);
    this.#boot = NetworkBoot.powerOn({
      device: phonePlans[end].device,
      files,
      memory: new PassingMemory({ ...blankState, mic }),
      onEvent: (event) => this.#witness.see(event),
      phone: {
        security: mode === 'encrypted' ? 'require' : 'clear',
        capture,
        ...(suite === undefined ? {} : { suites: [suite] }),
        ...(sabotage === 'srtp' ? { crypto: brokenCrypto } : {}),
        onEvent: (event) => {
          if (event.kind === 'incoming') this.#incoming.resolve(event.call);
          if (event.kind !== 'connected') return;
          this.#tls = event.tls;
          this.#manager = event.manager;
        },
        onKeys: (_, keys) => {
          this.#keys = keys;
        },
        onDatagram: (_, datagram) => this.#observe(datagram),
      },
    });
  }

  /** It has booted, enrolled and registered; rejects when the first try failed. */
  async registered(): Promise<void> {
    await this.#boot.registered();
  }

  /** How it came to believe its cluster, and to its certificate. */
  get trust(): PhoneTrust {
    return this.#witness.trust(this.#boot.state);
  }

  get #phone(): Softphone {
    const { phone } = this.#boot;
    if (phone === undefined) throw new TypeError('it is not registered');
    return phone;
  }

  /** TLS as this side of it sees it, and the manager that proved itself. */
  get tls(): TlsFacts | undefined {
    return this.#tls;
  }

  get manager(): ProvenManager | undefined {
    return this.#manager;
  }

  get keys(): CallKeys | undefined {
    return this.#keys;
  }

  /** Datagrams captured at its sockets. */
  get packets(): number {
    return this.#packets;
  }

  /** The RTP packet that it sent last. */
  get lastSent(): Uint8Array | undefined {
    return this.#lastSent;
  }

  /** Its call, once there is one. */
  get call(): RunningCall {
    if (this.#call === undefined) throw new TypeError('there is no call yet');
    return this.#call;
  }

  get mediaAddress(): TransportAddress {
    const address = this.call.mediaAddress;
    if (address === undefined) throw new TypeError('the call has no media yet');
    return address;
  }

  async dial(line: string): Promise<void> {
    this.#call = await this.#phone.call(line, { source: this.voice, sink: this.#recorder });
  }

  /** Answers the call that comes in. */
  async answer(): Promise<void> {
    this.#call = await this.#incoming.promise;
    await this.#phone.answer(this.#call, { source: this.voice, sink: this.#recorder });
  }

  /** How many datagrams came in from there. */
  arrivedFrom(source: TransportAddress): number {
    return this.#arrivals.filter((one) => isSame(one, source)).length;
  }

  /** How many packets its SRTP has refused so far, by reason. */
  rejections(): Readonly<Record<string, number>> {
    return { ...this.call.statistics()?.rejections };
  }

  /** The keys that this phone sends with, for the tap that is to understand. */
  tapKeys(): TapKey[] {
    const { send } = this.#keys ?? {};
    if (send === undefined) return [];
    return send.masterKeys.map(({ key, salt }) => ({ profile: send.profile, masterKey: key, masterSalt: salt }));
  }

  async stop(): Promise<void> {
    await this.#boot.stop();
    this.#recorder.close();
  }

  clearKeys(): void {
    for (const direction of [this.#keys?.send, this.#keys?.receive]) {
      for (const { key, salt } of direction?.masterKeys ?? []) {
        key.fill(0);
        salt.fill(0);
      }
    }
  }

  #observe({ direction, port, source, payload }: MediaDatagram): void {
    this.#packets += 1;
    if (port !== 'rtp') return;
    if (direction === 'outbound') this.#lastSent = payload.slice();
    else this.#arrivals.push({ address: source.host, port: source.port });
  }
}
