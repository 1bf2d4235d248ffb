import type { TapKey } from '@trustline/audit';
import type { TransportAddress } from '@trustline/capture';
import type { CaptureFile } from '@trustline/capture/node';
import type { SdesSuiteName } from '@trustline/keying';
import { blankState, type MediaSecurity, type PhoneIdentity } from '@trustline/phone';
import {
  type AudioSource,
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
import type { DemoProtocol, PhonePlan, Sabotage } from './plan.ts';
import { isSame } from './tap.ts';
import { Voice } from './voice.ts';

export interface StationOptions {
  readonly plan: PhonePlan;
  readonly protocol: DemoProtocol;
  readonly files: FileServer;
  /** What its maker put into it; undefined for a phone that needs no certificate. */
  readonly mic: PhoneIdentity | undefined;
  readonly security: MediaSecurity;
  readonly suite: SdesSuiteName | undefined;
  readonly sabotage: Sabotage | undefined;
  readonly speech: Int16Array;
  readonly capture: CaptureFile;
  /** WAV file of what it hears in the first call. */
  readonly recording: string | undefined;
}

/** One phone of the demo with all that is watched of it. */
export class Station {
  readonly plan: PhonePlan;
  readonly voice: Voice;
  /** What the manager has said of its calls beside their level. */
  readonly notices: string[] = [];
  readonly #boot: NetworkBoot;
  readonly #witness = new BootWitness();
  readonly #recorder: WavRecorder | undefined;
  readonly #incoming: RunningCall[] = [];
  readonly #awaited: ((call: RunningCall) => void)[] = [];
  readonly #arrivals: TransportAddress[] = [];
  readonly #keys = new Map<RunningCall, CallKeys[]>();
  #call: RunningCall | undefined;
  #tls: TlsFacts | undefined;
  #manager: ProvenManager | undefined;
  #lastSent: Uint8Array | undefined;
  #packets = 0;

  /** Switches the phone on. */
  constructor(options: StationOptions) {
    const { plan, protocol, files, mic, security, suite, sabotage, speech, capture, recording } = options;
    this.plan = plan;
    this.voice = new Voice(speech);
    this.#recorder = recording === undefined ? undefined : new WavRecorder(recording);
    this.#boot = NetworkBoot.powerOn({
      device: plan.device,
      files,
      protocol: protocol === 'sccp' ? 'SCCP' : 'SIP',
      memory: new PassingMemory({ ...blankState, mic }),
      onEvent: (event) => this.#witness.see(event),
      phone: {
        security,
        capture,
        ...(suite === undefined ? {} : { suites: [suite] }),
        ...(sabotage === 'srtp' ? { crypto: brokenCrypto } : {}),
        onEvent: (event) => {
          if (event.kind === 'incoming') this.#arrived(event.call);
          if (event.kind === 'call' && event.event.kind === 'notice') this.notices.push(event.event.text);
          if (event.kind !== 'connected') return;
          this.#tls = event.tls;
          this.#manager = event.manager;
        },
        onKeys: (call, keys) => {
          this.#keys.set(call, [...this.keysOf(call), keys]);
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

  /** Of its call, the last ones. */
  get keys(): CallKeys | undefined {
    return this.#call === undefined ? undefined : this.keysOf(this.#call).at(-1);
  }

  /** All that a call has had, one after the other. */
  keysOf(call: RunningCall): readonly CallKeys[] {
    return this.#keys.get(call) ?? [];
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
    this.#call = await this.nextCall();
    await this.#phone.answer(this.#call, { source: this.voice, sink: this.#recorder });
  }

  /** Calls somebody beside the first call. */
  place(line: string, source: AudioSource): Promise<RunningCall> {
    return this.#phone.call(line, { source });
  }

  /** Answers a call beside the first one. */
  async take(call: RunningCall, source: AudioSource): Promise<void> {
    await this.#phone.answer(call, { source });
  }

  /** The next call that comes in. */
  async nextCall(): Promise<RunningCall> {
    const call = this.#incoming.shift();
    if (call !== undefined) return call;
    const awaited = Promise.withResolvers<RunningCall>();
    this.#awaited.push(awaited.resolve);
    return awaited.promise;
  }

  /** How many datagrams came in from there. */
  arrivedFrom(source: TransportAddress): number {
    return this.#arrivals.filter((one) => isSame(one, source)).length;
  }

  /** How many packets its SRTP has refused so far, by reason. */
  rejections(): Readonly<Record<string, number>> {
    return { ...this.call.statistics()?.rejections };
  }

  /** The keys that this phone sends with, in all its calls, for the tap that is to understand. */
  tapKeys(): TapKey[] {
    const sent = [...this.#keys.values()].flat().map(({ send }) => send);
    return sent.flatMap(({ masterKeys, profile }) =>
      masterKeys.map(({ key, salt }) => ({ profile, masterKey: key, masterSalt: salt })),
    );
  }

  async stop(): Promise<void> {
    await this.#boot.stop();
    this.#recorder?.close();
  }

  clearKeys(): void {
    for (const { send, receive } of [...this.#keys.values()].flat()) {
      for (const { key, salt } of [...send.masterKeys, ...receive.masterKeys]) {
        key.fill(0);
        salt.fill(0);
      }
    }
  }

  #arrived(call: RunningCall): void {
    const awaited = this.#awaited.shift();
    if (awaited === undefined) this.#incoming.push(call);
    else awaited(call);
  }

  #observe({ direction, port, source, payload }: MediaDatagram): void {
    this.#packets += 1;
    if (port !== 'rtp') return;
    if (direction === 'outbound') this.#lastSent = payload.slice();
    else this.#arrivals.push({ address: source.host, port: source.port });
  }
}
