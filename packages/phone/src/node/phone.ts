import { randomBytes } from 'node:crypto';
import { assertNever } from '@trustline/base';
import { openMediaPorts, withMediaPorts } from '@trustline/rtp/node';
import type { SipError, SipFlow } from '@trustline/sip';
import { SipDriver, type TlsFacts } from '@trustline/sip/node';
import type { PhoneOutput } from '../core/outputs.ts';
import { PhoneCore } from '../core/phone-core.ts';
import type { PhoneServer } from '../core/phone-server.ts';
import { PhoneError } from '../error.ts';
import { connect, type ProvenManager } from './connector.ts';
import { RegistrationWait } from './registration-wait.ts';
import type { RunningCall } from './running-call.ts';
import { RunningCalls } from './running-calls.ts';
import {
  type CallOptions,
  closedWithoutAWord,
  connectionFailure,
  GOODBYE_PATIENCE,
  notConnected,
  type PhoneEvent,
  type PlacingOptions,
  type Softphone,
  type SoftphoneOptions,
  within,
} from './softphone.ts';

export interface PhoneOptions extends SoftphoneOptions {
  readonly displayName?: string | undefined;
  /** `SEP…`, for the instance in its Contact. */
  readonly device?: string | undefined;
  /** RFC 5626 §4.2: of its connection to this manager, where it has several; 1 by default. */
  readonly registrationId?: number;
  readonly server: PhoneServer;
  /** Name servers that are asked for a server without a port, as `address` or `address:port`; those of the machine by default. */
  readonly nameServers?: readonly string[];
  /** As in `PhoneCoreOptions`. */
  readonly keyDerivationRate?: number;
  readonly maximumCalls?: number;
}

/**
 * A phone on the network: registers with its manager, calls and answers with real audio, and connects again by itself.
 *
 * @example
 * const phone = await Phone.start({ line: '1001', ...readCredentials('phone-1001') });
 * await phone.registered();
 * const call = await phone.call('1002', { source: play(readWavFile('hello.wav')) });
 * await call.established;
 */
export class Phone implements Softphone {
  readonly #options: PhoneOptions;
  readonly #core: PhoneCore;
  readonly #driver: SipDriver<ProvenManager, PhoneOutput>;
  readonly #calls: RunningCalls;
  readonly #registration = new RegistrationWait<SipError | PhoneError>();
  #unregistered: (() => void) | undefined;
  #facts: { readonly tls: TlsFacts; readonly manager: ProvenManager } | undefined;
  #flow: SipFlow | undefined;
  /** Closes the UDP socket of the connection before. */
  #closeListener: (() => void) | undefined;
  #stopped = false;

  private constructor(options: PhoneOptions) {
    this.#options = options;
    const { connection } = options;
    this.#calls = new RunningCalls({
      owner: options.device ?? options.line,
      line: options.line,
      crypto: options.crypto,
      capture: options.capture,
      onDatagram: options.onDatagram,
      onKeys: options.onKeys,
      emit: (call, event) => this.#emit({ kind: 'call', call, event }),
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
    return this.#calls.all;
  }

  /**
   * Resolves when the phone is registered; rejects when a try has failed, with the reason.
   *
   * @throws {SipError} `sip.connect-…`, `sip.server-refused` @throws {PhoneError} phone.registration-refused, phone.registration-forbidden
   */
  async registered(): Promise<void> {
    if (!this.isRegistered) await this.#registration.next();
  }

  /**
   * Calls a number.
   *
   * @throws {PhoneError} phone.not-connected, rtp.no-ports
   */
  async call(number: string, { consultingFor, ...options }: PlacingOptions = {}): Promise<RunningCall> {
    consultingFor?.hold();
    return withMediaPorts(this.#mediaAddress(), (ports) =>
      this.#driver.command((now) => {
        const id = this.#core.place(now, number, ports);
        const call = this.#newCall(id, 'outgoing', { number, displayName: undefined });
        this.#calls.join(call, ports, options);
        return call;
      }),
    );
  }

  /**
   * Answers a call that came in; false where the caller has given up meanwhile, or its media were refused.
   *
   * @throws {PhoneError} rtp.no-ports
   */
  async answer(call: RunningCall, options: CallOptions = {}): Promise<boolean> {
    if (call.state !== 'incoming') return false;
    const ports = await openMediaPorts(this.#mediaAddress());
    if (!this.#calls.join(call, ports, options)) return false;
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
    this.#registration.stopped();
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
        this.#emit(output);
        this.#registration.succeeded();
        return;
      case 'registration-failed':
        this.#emit(output);
        this.#registration.failed(this.#registrationFailure(output));
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
      case 'call':
        this.#calls.handle(output.call, output.event);
        return;
      default:
        assertNever(output);
    }
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
      this.#registration.failed(error);
      this.#emit({ kind: 'connection-failed', error });
      this.#driver.command((now) => this.#core.connectionFailed(now));
    }
  }

  #registrationFailure(output: Extract<PhoneOutput, { readonly kind: 'registration-failed' }>): SipError | PhoneError {
    // A try that never reached the manager has said why already.
    const { failure } = this.#registration;
    if (output.status === 503 && failure !== undefined && this.#flow === undefined) return failure;
    if (this.#flow === undefined) {
      return closedWithoutAWord(this.#options.server);
    }
    return new PhoneError(
      output.status === 403 ? 'phone.registration-forbidden' : 'phone.registration-refused',
      `The manager refused to register line ${this.#options.line}: ${output.status} ${output.reason}`,
      {
        ...(output.nextStep === undefined ? {} : { nextStep: output.nextStep }),
      },
    );
  }

  #newCall(
    id: string,
    direction: RunningCall['direction'],
    far: { readonly number: string; readonly displayName: string | undefined },
  ): RunningCall {
    const command = (act: (now: number) => boolean) => this.#driver.command(act);
    return this.#calls.add(id, direction, far, {
      hold: (holding) => command((now) => this.#core.hold(now, id, holding)),
      transfer: (number) => command((now) => this.#core.transfer(now, id, number)),
      join: (other) => command((now) => this.#core.join(now, id, other.id)),
      renewKeys: () => command((now) => this.#core.renewKeys(now, id)),
      hangUp: () => command((now) => this.#core.hangUp(now, id)),
      refuse: (status) => command((now) => this.#core.refuse(now, id, status)),
    });
  }

  #mediaAddress(): string {
    if (this.#flow !== undefined) return this.#flow.local.host;
    throw this.#registration.failure ?? notConnected();
  }

  #emit(event: PhoneEvent): void {
    this.#options.onEvent?.(event);
  }
}
