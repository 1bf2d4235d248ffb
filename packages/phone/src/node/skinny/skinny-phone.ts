import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { assertNever } from '@trustline/base';
import { openMediaPorts, withMediaPorts } from '@trustline/rtp/node';
import type { SipError, SipHostPort } from '@trustline/sip';
import { PhoneError } from '../../error.ts';
import type { SkinnyOutput } from '../../skinny/outputs.ts';
import { SkinnyCore, type SkinnyCoreOptions } from '../../skinny/skinny-core.ts';
import type { SecureConnection } from '../connector.ts';
import { RegistrationWait } from '../registration-wait.ts';
import type { RunningCall } from '../running-call.ts';
import { RunningCalls } from '../running-calls.ts';
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
} from '../softphone.ts';
import { connectSkinny, type SkinnyConnection } from './connection.ts';
import { closedInClear, silent } from './wrong-port.ts';

export interface SkinnyPhoneOptions
  extends Omit<SoftphoneOptions, 'connection' | 'line'>,
    Pick<SkinnyCoreOptions, 'deviceType' | 'protocolVersion' | 'dials'> {
  /** `SEP` and the MAC address in capitals: a phone registers as a device, and is told its lines. */
  readonly device: string;
  /** The number of the line that calls; the first that the manager gives it where undefined. */
  readonly line: string | undefined;
  readonly server: SipHostPort;
  /** Without TLS nothing but the name is said of who it is. */
  readonly connection: SecureConnection | { readonly kind: 'tcp' };
}

/**
 * A phone on the network that speaks Skinny (SCCP): registers with its manager by TCP or TLS, calls and answers with real
 * audio, and connects again by itself.
 *
 * @example
 * const phone = SkinnyPhone.start({ device: 'SEP001122334455', line: '1001', server, connection });
 * await phone.registered();
 * const call = await phone.call('1002', { source: play(readWavFile('hello.wav')) });
 */
export class SkinnyPhone implements Softphone {
  readonly #options: SkinnyPhoneOptions;
  readonly #core: SkinnyCore;
  readonly #calls: RunningCalls;
  #connection: SkinnyConnection | undefined;
  /** Whether an octet has come on the connection, or the one before. */
  #wasAnswered = false;
  readonly #registration = new RegistrationWait<SipError | PhoneError>();
  readonly #unregistered = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;
  #isDriving = false;
  #stopped = false;

  private constructor(options: SkinnyPhoneOptions) {
    this.#options = options;
    const { device, line, security, suites, deviceType, protocolVersion, dials } = options;
    this.#core = new SkinnyCore({
      device,
      line,
      random: (length) => new Uint8Array(randomBytes(length)),
      ...(security === undefined ? {} : { security }),
      ...(suites === undefined ? {} : { suites }),
      ...(deviceType === undefined ? {} : { deviceType }),
      ...(protocolVersion === undefined ? {} : { protocolVersion }),
      ...(dials === undefined ? {} : { dials }),
    });
    this.#calls = new RunningCalls({
      owner: device,
      line: line ?? device,
      crypto: options.crypto,
      capture: options.capture,
      onDatagram: options.onDatagram,
      onKeys: options.onKeys,
      emit: (call, event) => this.#emit({ kind: 'call', call, event }),
    });
  }

  /** Begins to connect and to register. It goes on trying until `stop`; {@link registered} tells how the first try went. */
  static start(options: SkinnyPhoneOptions): SkinnyPhone {
    const phone = new SkinnyPhone(options);
    phone.#command((now) => phone.#core.start(now));
    return phone;
  }

  get isRegistered(): boolean {
    return this.#core.isRegistered;
  }

  get calls(): readonly RunningCall[] {
    return this.#calls.all;
  }

  /** @throws {PhoneError} phone.manager-unreachable, phone.manager-not-trusted, phone.registration-forbidden, phone.registration-refused, phone.closed-without-a-word, phone.no-such-line */
  async registered(): Promise<void> {
    if (!this.isRegistered) await this.#registration.next();
  }

  async call(number: string, { consultingFor, ...options }: PlacingOptions = {}): Promise<RunningCall> {
    return withMediaPorts(this.#mediaAddress(), (ports) =>
      this.#command((now) => {
        const id = this.#core.place(now, number, ports, consultingFor?.id);
        const call = this.#newCall(id, 'outgoing', { number, displayName: undefined });
        this.#calls.join(call, ports, options);
        return call;
      }),
    );
  }

  async answer(call: RunningCall, options: CallOptions = {}): Promise<boolean> {
    if (call.state !== 'incoming') return false;
    const ports = await openMediaPorts(this.#mediaAddress());
    if (!this.#calls.join(call, ports, options)) return false;
    return this.#command((now) => this.#core.answer(now, call.id, ports));
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const call of this.calls) call.hangUp();
    this.#command((now) => this.#core.stop(now));
    await within(GOODBYE_PATIENCE, this.#unregistered.promise);
    clearTimeout(this.#timer);
    this.#connection?.socket.destroy();
    this.#registration.stopped();
  }

  /** Gives the machine a command, with the time it needs, and drives what comes of it. */
  #command<Result>(act: (now: number) => Result): Result {
    const result = act(performance.now());
    this.#drive();
    return result;
  }

  #drive(): void {
    if (this.#isDriving) return;
    this.#isDriving = true;
    try {
      for (let output = this.#core.poll(); output !== undefined; output = this.#core.poll()) this.#handle(output);
    } finally {
      this.#isDriving = false;
    }
    clearTimeout(this.#timer);
    const deadline = this.#core.nextDeadline();
    if (deadline === undefined) return;
    // A millisecond more: timers may fire a little early by the clock that the machine is given.
    const wait = Math.max(0, deadline - performance.now()) + 1;
    this.#timer = setTimeout(() => this.#command((now) => this.#core.handleTime(now)), wait);
  }

  #handle(output: SkinnyOutput): void {
    switch (output.kind) {
      case 'transmit':
        this.#connection?.socket.write(output.bytes);
        return;
      case 'connect':
        void this.#connect();
        return;
      case 'close':
        this.#connection?.socket.destroySoon();
        this.#connection = undefined;
        return;
      case 'disconnected':
        this.#emit({ kind: 'disconnected' });
        return;
      case 'registered':
        this.#emit({ kind: 'registered', expires: undefined });
        this.#registration.succeeded();
        return;
      case 'registration-failed': {
        const { reason, retryAt } = output;
        this.#emit({ kind: 'registration-failed', status: undefined, reason, nextStep: undefined, retryAt });
        this.#registration.failed(this.#registrationFailure(output));
        return;
      }
      case 'unregistered':
        this.#emit({ kind: 'unregistered' });
        this.#unregistered.resolve();
        return;
      case 'keys':
      case 'service-control':
        this.#emit(output);
        return;
      case 'incoming':
        this.#emit({ kind: 'incoming', call: this.#newCall(output.call, 'incoming', output) });
        return;
      case 'call':
        this.#calls.handle(output.call, output.event);
        return;
      default:
        assertNever(output);
    }
  }

  async #connect(): Promise<void> {
    const { server, connection: how } = this.#options;
    let connection: SkinnyConnection;
    try {
      connection = await connectSkinny(server, how);
    } catch (cause) {
      if (this.#stopped) return;
      const error = connectionFailure(cause);
      this.#registration.failed(error);
      this.#emit({ kind: 'connection-failed', error });
      this.#command((now) => this.#core.connectionFailed(now));
      return;
    }
    const { socket, local, remote, transport, proof } = connection;
    if (this.#stopped) {
      socket.destroy();
      return;
    }
    this.#connection = connection;
    const flow = { transport, local, remote };
    this.#emit({ kind: 'connected', flow, tls: proof?.tls, manager: proof?.manager });
    this.#wasAnswered = false;
    socket.on('data', (octets) => {
      this.#wasAnswered = true;
      this.#command((now) => this.#core.receive(now, octets));
    });
    socket.on('close', () => {
      if (this.#connection !== connection) return; // it was closed from here
      this.#connection = undefined;
      this.#command((now) => this.#core.connectionLost(now));
    });
    this.#command((now) => this.#core.connected(now, { address: local.host, isProtected: proof !== undefined }));
  }

  #registrationFailure({ cause, reason }: Extract<SkinnyOutput, { kind: 'registration-failed' }>): PhoneError {
    const { server, device, line, connection } = this.#options;
    const isSecure = 'certificatePem' in connection;
    if (cause === 'no-answer' && !this.#wasAnswered) return silent({ server, isSecure });
    switch (cause) {
      case 'closed':
        return isSecure ? closedWithoutAWord(server) : closedInClear(server);
      case 'no-such-line':
        return new PhoneError('phone.no-such-line', `Line ${line} is none of ${device}: ${reason}`, {
          nextStep: `See what it has: trustline devices ${device}`,
        });
      case 'rejected':
      case 'no-answer':
      case 'protocol':
        return new PhoneError(
          cause === 'rejected' ? 'phone.registration-forbidden' : 'phone.registration-refused',
          `The manager did not register ${device}: ${reason}`,
          {
            nextStep:
              'See `trustline events` where the manager runs, and whether it knows the device: trustline devices',
          },
        );
    }
  }

  #newCall(
    id: string,
    direction: RunningCall['direction'],
    far: { readonly number: string; readonly displayName: string | undefined },
  ): RunningCall {
    const command = (act: (now: number) => boolean) => this.#command(act);
    return this.#calls.add(id, direction, far, {
      hold: (holding) => command((now) => this.#core.hold(now, id, holding)),
      transfer: (number) => command((now) => this.#core.transfer(now, id, number)),
      join: (other) => command((now) => this.#core.join(now, id, other.id)),
      press: (digits) => command((now) => this.#core.press(now, id, digits)),
      renewKeys: () => false, // its keys are the manager's to make
      hangUp: () => command((now) => this.#core.hangUp(now, id)),
      refuse: () => command((now) => this.#core.hangUp(now, id)),
    });
  }

  #mediaAddress(): string {
    if (this.#connection !== undefined) return this.#connection.local.host;
    throw this.#registration.failure ?? notConnected();
  }

  #emit(event: PhoneEvent): void {
    this.#options.onEvent?.(event);
  }
}
