import { randomBytes } from 'node:crypto';
import { assertNever } from '@trustline/base';
import { encapsulateUdp, linkTypes, timeFromMilliseconds } from '@trustline/capture';
import type { CaptureFile } from '@trustline/capture/node';
import type { SdesSuiteName } from '@trustline/keying';
import type { DtmfDigit } from '@trustline/rtp';
import { SipError, type SipFlow } from '@trustline/sip';
import { SipDriver, type TlsFacts } from '@trustline/sip/node';
import type { SrtpCryptoProvider } from '@trustline/srtp';
import { hybridCrypto } from '@trustline/srtp/node';
import type { AgreedMedia } from '../call/call-media.ts';
import type { CallEvent } from '../call/phone-call.ts';
import type { MediaSecurity } from '../call/security.ts';
import type { PhoneOutput } from '../core/outputs.ts';
import { PhoneCore } from '../core/phone-core.ts';
import { type PhoneServer, serverText } from '../core/phone-server.ts';
import { PhoneError } from '../error.ts';
import type { DirectionKeys } from '../media/media-protection.ts';
import { CallAudio, type MediaDatagram } from './call-audio.ts';
import { connect, type ProvenManager } from './connector.ts';
import type { PhoneConnection } from './credentials.ts';
import { openMediaPorts } from './media-ports.ts';
import { RunningCall, type ShownMedia } from './running-call.ts';
import type { AudioSink, AudioSource } from './wav-file.ts';

/** Keys of both directions, for those who were given them on purpose: copies, to be cleared by their receiver. */
export interface CallKeys {
  readonly send: DirectionKeys;
  readonly receive: DirectionKeys;
}

export interface PhoneOptions {
  readonly line: string;
  readonly displayName?: string | undefined;
  /** `SEP…`, for the instance in its Contact. */
  readonly device?: string | undefined;
  /** RFC 5626 §4.2: of its connection to this manager, where it has several; 1 by default. */
  readonly registrationId?: number;
  readonly server: PhoneServer;
  /** Name servers that are asked for a server without a port, as `address` or `address:port`; those of the machine by default. */
  readonly nameServers?: readonly string[];
  readonly connection: PhoneConnection;
  /** Default `require`; `clear` sends what is said in the clear, and must be asked for by name. */
  readonly security?: MediaSecurity;
  readonly suites?: readonly SdesSuiteName[];
  /** As in `PhoneCoreOptions`. */
  readonly keyDerivationRate?: number;
  readonly maximumCalls?: number;
  readonly onEvent?: (event: PhoneEvent) => void;
  /** Sees every datagram of every call at its sockets, as it was on the wire. */
  readonly onDatagram?: (call: RunningCall, datagram: MediaDatagram) => void;
  /** Hands out the keys of a call each time they change: whoever holds them hears it. Never set by the command line. */
  readonly onKeys?: (call: RunningCall, keys: CallKeys) => void;
  /** What SRTP computes with; Node's own by default. Another one is for tests that break it on purpose. */
  readonly crypto?: SrtpCryptoProvider;
  /** Every datagram of every call is written here; the caller closes it. */
  readonly capture?: CaptureFile;
}

export type PhoneEvent =
  | {
      readonly kind: 'connected';
      readonly flow: SipFlow;
      readonly tls: TlsFacts | undefined;
      readonly manager: ProvenManager | undefined;
    }
  /** It is tried again by itself. */
  | { readonly kind: 'connection-failed'; readonly error: SipError | PhoneError }
  | Extract<
      PhoneOutput,
      { readonly kind: 'disconnected' | 'registered' | 'registration-failed' | 'unregistered' | 'service-control' }
    >
  | { readonly kind: 'incoming'; readonly call: RunningCall }
  | { readonly kind: 'call'; readonly call: RunningCall; readonly event: PhoneCallEvent };

/** What happens in a call, without its keys. */
export type PhoneCallEvent =
  | Exclude<CallEvent, { readonly kind: 'media' }>
  | { readonly kind: 'media'; readonly media: ShownMedia | undefined };

export interface CallOptions {
  /** What is said; silence by default. */
  readonly source?: AudioSource | undefined;
  /** Takes what is heard; it is closed with the call. */
  readonly sink?: AudioSink | undefined;
}

/** How long `stop` waits for its goodbyes to be answered, in milliseconds. */
const GOODBYE_PATIENCE = 2_000;

/**
 * A phone on the network: registers with its manager, calls and answers with real audio, and connects again by itself.
 *
 * @example
 * const phone = await Phone.start({ line: '1001', ...readCredentials('phone-1001') });
 * await phone.registered();
 * const call = await phone.call('1002', { source: play(readWavFile('hello.wav')) });
 * await call.established;
 */
export class Phone {
  readonly #options: PhoneOptions;
  readonly #core: PhoneCore;
  readonly #driver: SipDriver<ProvenManager, PhoneOutput>;
  readonly #calls = new Map<string, RunningCall>();
  readonly #audio = new Map<RunningCall, CallAudio>();
  readonly #captureInterface: number | undefined;
  /** Why the last try to connect or to register failed. */
  #failure: SipError | PhoneError | undefined;
  #waiting: PromiseWithResolvers<void>[] = [];
  #unregistered: (() => void) | undefined;
  #facts: { readonly tls: TlsFacts; readonly manager: ProvenManager } | undefined;
  #flow: SipFlow | undefined;
  /** Closes the UDP socket of the connection before. */
  #closeListener: (() => void) | undefined;
  #stopped = false;

  private constructor(options: PhoneOptions) {
    this.#options = options;
    const { connection } = options;
    this.#captureInterface = options.capture?.addInterface({
      linkType: linkTypes.ethernet,
      name: options.device ?? options.line,
      description: `media sockets of the phone ${options.line}`,
    });
    this.#core = new PhoneCore({
      line: options.line,
      server: options.server,
      random: (length) => new Uint8Array(randomBytes(length)),
      product: 'Trustline phone',
      ...(options.displayName === undefined ? {} : { displayName: options.displayName }),
      ...(options.device === undefined ? {} : { device: options.device }),
      ...(options.registrationId === undefined ? {} : { registrationId: options.registrationId }),
      ...(options.security === undefined ? {} : { security: options.security }),
      ...(options.suites === undefined ? {} : { suites: options.suites }),
      ...(options.keyDerivationRate === undefined ? {} : { keyDerivationRate: options.keyDerivationRate }),
      ...(options.maximumCalls === undefined ? {} : { maximumCalls: options.maximumCalls }),
      ...('certificatePem' in connection
        ? {}
        : {
            digest: {
              username: connection.user,
              password: connection.password,
              allowMd5: connection.allowMd5 === true,
            },
          }),
    });
    this.#driver = new SipDriver<ProvenManager, PhoneOutput>({
      machine: this.#core,
      onOutput: (output) => this.#handle(output),
      onFlowOpen: (_, identity) => {
        this.#facts = identity.kind === 'judged' ? { tls: identity.tls, manager: identity.peer } : undefined;
      },
    });
  }

  /** Begins to connect and to register. It goes on trying until `stop`; {@link registered} tells how the first try went. */
  static start(options: PhoneOptions): Phone {
    const phone = new Phone(options);
    phone.#driver.command((now) => phone.#core.start(now));
    return phone;
  }

  get isRegistered(): boolean {
    return this.#core.isRegistered && this.#flow !== undefined;
  }

  get calls(): readonly RunningCall[] {
    return [...this.#calls.values()];
  }

  /**
   * Resolves when the phone is registered; rejects when a try has failed, with the reason.
   *
   * @throws {SipError} `sip.connect-…`, `sip.server-refused` @throws {PhoneError} phone.registration-refused, phone.registration-forbidden
   */
  async registered(): Promise<void> {
    if (this.isRegistered) return;
    if (this.#failure !== undefined) throw this.#failure;
    const waiting = Promise.withResolvers<void>();
    this.#waiting.push(waiting);
    await waiting.promise;
  }

  /**
   * Calls a number.
   *
   * @throws {PhoneError} phone.not-connected, phone.no-ports
   */
  async call(number: string, options: CallOptions = {}): Promise<RunningCall> {
    const ports = await openMediaPorts(this.#mediaAddress());
    try {
      return this.#driver.command((now) => {
        const id = this.#core.place(now, number, ports);
        const call = this.#newCall(id, 'outgoing', { number, displayName: undefined });
        this.#join(call, new CallAudio(ports, this.#audioOptions(call, options)));
        return call;
      });
    } catch (error) {
      ports.rtp.close();
      ports.rtcp.close();
      throw error;
    }
  }

  /**
   * Answers a call that came in; false where the caller has given up meanwhile, or its media were refused.
   *
   * @throws {PhoneError} phone.no-ports
   */
  async answer(call: RunningCall, options: CallOptions = {}): Promise<boolean> {
    if (call.state !== 'incoming') return false;
    const ports = await openMediaPorts(this.#mediaAddress());
    const audio = new CallAudio(ports, this.#audioOptions(call, options));
    if (call.state !== 'incoming' || this.#audio.has(call)) {
      audio.close();
      return false;
    }
    this.#join(call, audio);
    return this.#driver.command((now) => this.#core.answer(now, call.id, ports));
  }

  /** Hangs up, takes the registration back, and closes everything. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const running = this.calls.map(({ ended }) => ended);
    for (const call of this.calls) call.hangUp();
    await within(GOODBYE_PATIENCE, Promise.all(running));
    if (this.#flow !== undefined) {
      const unregistered = new Promise<void>((resolve) => {
        this.#unregistered = resolve;
      });
      this.#driver.command((now) => this.#core.stop(now));
      await within(GOODBYE_PATIENCE, unregistered);
    }
    for (const call of this.calls) {
      call.note({
        kind: 'ended',
        ending: 'unreachable',
        by: 'local',
        status: undefined,
        reason: 'the phone was stopped',
      });
    }
    this.#driver.close();
    const stopped = new PhoneError('phone.not-connected', 'The phone was stopped');
    for (const { reject } of this.#waiting.splice(0)) reject(stopped);
  }

  #handle(output: Exclude<PhoneOutput, { readonly kind: 'transmit' }>): void {
    switch (output.kind) {
      case 'connect':
        void this.#connect();
        return;
      case 'disconnected':
        this.#flow = undefined;
        this.#emit(output);
        return;
      case 'registered':
        this.#failure = undefined;
        this.#emit(output);
        for (const { resolve } of this.#waiting.splice(0)) resolve();
        return;
      case 'registration-failed':
        this.#emit(output);
        this.#failed(this.#registrationFailure(output));
        return;
      case 'unregistered':
        this.#emit(output);
        this.#unregistered?.();
        return;
      case 'service-control':
        this.#emit(output);
        return;
      case 'incoming': {
        const call = this.#newCall(output.call, 'incoming', output);
        this.#emit({ kind: 'incoming', call });
        return;
      }
      case 'call': {
        const call = this.#calls.get(output.call);
        if (call !== undefined) this.#handleCall(call, output.event);
        return;
      }
      default:
        assertNever(output);
    }
  }

  #handleCall(call: RunningCall, event: CallEvent): void {
    switch (event.kind) {
      case 'media': {
        const media = event.media === undefined ? undefined : shown(event.media);
        this.#handKeys(call, event.media);
        this.#audio.get(call)?.agree(event.media);
        call.note({ kind: 'media', media });
        this.#emit({ kind: 'call', call, event: { kind: 'media', media } });
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
      case 'downgraded':
      case 'offer-refused':
      case 'refused-offer':
        break;
      default:
        assertNever(event);
    }
    this.#emit({ kind: 'call', call, event });
  }

  async #connect(): Promise<void> {
    const { server, connection, nameServers } = this.#options;
    try {
      this.#closeListener?.();
      const { flow, close } = await connect(this.#driver.hub, server, connection, nameServers);
      if (this.#stopped) return;
      this.#flow = flow;
      this.#closeListener = close;
      const facts = this.#facts;
      this.#emit({ kind: 'connected', flow, tls: facts?.tls, manager: facts?.manager });
      this.#driver.command((now) => this.#core.connected(now, flow));
    } catch (cause) {
      if (this.#stopped) return;
      const error = connectionFailure(cause);
      this.#failure = error;
      this.#emit({ kind: 'connection-failed', error });
      this.#driver.command((now) => this.#core.connectionFailed(now));
      this.#failed(error);
    }
  }

  #registrationFailure(output: Extract<PhoneOutput, { readonly kind: 'registration-failed' }>): SipError | PhoneError {
    // A try that never reached the manager has said why already.
    if (output.status === 503 && this.#failure !== undefined && this.#flow === undefined) return this.#failure;
    if (this.#flow === undefined) {
      return new PhoneError(
        'phone.closed-without-a-word',
        `The manager at ${serverText(this.#options.server)} closed the connection without a word`,
        {
          nextStep:
            'It does so when it refuses a certificate: `trustline events` there names the reason. Renew it by: trustline device credentials NAME --out FOLDER --force; a device that was removed is added first: trustline device add NAME',
        },
      );
    }
    return new PhoneError(
      output.status === 403 ? 'phone.registration-forbidden' : 'phone.registration-refused',
      `The manager refused to register line ${this.#options.line}: ${output.status} ${output.reason}`,
      {
        nextStep:
          'See `trustline events` where the manager runs, and whether the line belongs to this device: trustline devices',
      },
    );
  }

  #failed(error: SipError | PhoneError): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #newCall(
    id: string,
    direction: RunningCall['direction'],
    far: { readonly number: string; readonly displayName: string | undefined },
  ): RunningCall {
    const command = (act: (now: number) => boolean) => this.#driver.command(act);
    const call = new RunningCall(id, direction, far, {
      hold: (holding) => command((now) => this.#core.hold(now, id, holding)),
      transfer: (number) => command((now) => this.#core.transfer(now, id, number)),
      join: (other) => command((now) => this.#core.join(now, id, other.id)),
      renewKeys: () => command((now) => this.#core.renewKeys(now, id)),
      hangUp: () => command((now) => this.#core.hangUp(now, id)),
      refuse: (status) => command((now) => this.#core.refuse(now, id, status)),
    });
    this.#calls.set(id, call);
    return call;
  }

  #join(call: RunningCall, audio: CallAudio): void {
    this.#audio.set(call, audio);
    call.note({ kind: 'audio', audio });
  }

  #audioOptions(call: RunningCall, { source, sink }: CallOptions) {
    return {
      crypto: this.#options.crypto ?? hybridCrypto(),
      source,
      sink,
      onDigit: (digit: DtmfDigit) => this.#handleCall(call, { kind: 'digit', digit }),
      onDatagram: (datagram: MediaDatagram) => this.#observe(call, datagram),
      onFailure: () => void call.hangUp(),
    };
  }

  #observe(call: RunningCall, datagram: MediaDatagram): void {
    this.#options.onDatagram?.(call, datagram);
    const { capture } = this.#options;
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
    onKeys(call, { send: copyOf(protection.send), receive: copyOf(protection.receive) });
  }

  #mediaAddress(): string {
    if (this.#flow !== undefined) return this.#flow.local.host;
    throw (
      this.#failure ??
      new PhoneError('phone.not-connected', 'The phone is not connected to its call manager', {
        nextStep: 'Wait until it is registered; it connects again by itself.',
      })
    );
  }

  #emit(event: PhoneEvent): void {
    this.#options.onEvent?.(event);
  }
}

function shown({ agreement, rtp }: AgreedMedia): ShownMedia {
  const { protection, codec } = agreement;
  return { codec, suite: protection === 'clear' ? 'clear' : protection.send.profile, remote: rtp };
}

function copyOf(keys: DirectionKeys): DirectionKeys {
  return {
    ...keys,
    masterKeys: keys.masterKeys.map((one) => ({ ...one, key: one.key.slice(), salt: one.salt.slice() })),
  };
}

function connectionFailure(cause: unknown): SipError | PhoneError {
  if (cause instanceof SipError || cause instanceof PhoneError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new PhoneError('phone.credentials-malformed', `The phone's credentials cannot be used: ${text}`, {
    nextStep: 'Write them again where the manager runs: trustline device credentials NAME --out FOLDER --force',
    cause,
  });
}

async function within(milliseconds: number, what: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([what, patience]);
  clearTimeout(timer);
}
