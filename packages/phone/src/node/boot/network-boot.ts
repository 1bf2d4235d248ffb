import type { KeyObject } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { assertNever, type Redacted, TrustlineError } from '@trustline/base';
import type { CapfKeyRequest, ServerAddress } from '@trustline/provisioning';
import type { PhoneService } from '../../boot/judge.ts';
import type { FailoverTiming } from '../../boot/manager-failover.ts';
import type {
  BootInput,
  BootLog,
  BootOutput,
  EnrolmentProof,
  EnrolmentResult,
  RegisterOutput,
  WaitingCause,
} from '../../boot/messages.ts';
import { type BootTiming, PhoneBoot } from '../../boot/phone-boot.ts';
import type { PhoneState } from '../../boot/state.ts';
import { trustListJudge } from '../../boot/trust-judge.ts';
import { PhoneError } from '../../error.ts';
import type { ManagerJudgement } from '../credentials.ts';
import type { PhoneEvent, Softphone } from '../softphone.ts';
import { type BootFacts, bootFailure, enrolmentFailure, notBelieved } from './boot-failure.ts';
import { Registrar } from './registrar.ts';
import type { WantedOfPhone } from './registration.ts';
import { type FileServer, PhoneServers } from './servers.ts';
import type { PhoneMemory } from './state-folder.ts';

export interface NetworkBootOptions {
  /** SEP and the MAC address in capitals. */
  readonly device: string;
  readonly files: FileServer;
  readonly memory: PhoneMemory;
  /** Typed by somebody, for CAPF. */
  readonly authenticationString?: Redacted<string> | undefined;
  /** Of digest, for a phone that does not use TLS. */
  readonly digestPassword?: Redacted<string> | undefined;
  /** What its firmware speaks; what the configuration says without. */
  readonly protocol?: 'SIP' | 'SCCP' | undefined;
  /** The line that registers; by default the first one of the configuration. */
  readonly line?: string | undefined;
  /** How the phone calls; what is left out is as the configuration says. */
  readonly phone?: WantedOfPhone;
  /** Makes a key of the kind that CAPF asks for; without it OpenSSL does. */
  readonly makeKey?: ((key: CapfKeyRequest) => Promise<KeyObject>) | undefined;
  /** Epoch milliseconds: the phone's own clock. Default that of the machine. */
  readonly wallClock?: () => number;
  readonly timing?: Partial<BootTiming>;
  readonly failover?: Partial<FailoverTiming>;
  readonly onEvent?: (event: BootEvent) => void;
}

/** What happens while a phone boots. Nothing of it is secret. */
export type BootEvent =
  | BootLog
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly transport: 'http' | 'https' | 'tftp';
      readonly answer: 'found' | 'not-found' | 'refused' | 'failed';
      /** Of the file; 0 without one. */
      readonly octets: number;
    }
  | { readonly kind: 'enrolment'; readonly proof: EnrolmentProof; readonly outcome: EnrolmentResult['outcome'] }
  | { readonly kind: 'registering'; readonly manager: ServerAddress; readonly transport: 'tls' | 'tcp' | 'udp' }
  | { readonly kind: 'registration-failed'; readonly manager: ServerAddress; readonly error: TrustlineError }
  /** Again when the phone goes to another of its managers: it is another `phone` then. */
  | {
      readonly kind: 'registered';
      readonly how: RegisterOutput;
      readonly phone: Softphone;
      readonly manager: ServerAddress;
    }
  /** Nothing came of this try; the phone goes on by itself until it is stopped. */
  | { readonly kind: 'try-failed'; readonly error: TrustlineError };

/** Between two tries to register with managers of which none took the phone, in milliseconds; doubled each time. */
const registrationRetry = { first: 10_000, longest: 300_000 };

/**
 * A phone from power-on to its registration, over a real network: `PhoneBoot` decides, this asks the servers, keeps the
 * state and registers.
 *
 * @example
 * const boot = NetworkBoot.powerOn({ device: 'SEP001122334455', files, memory: new StateFolder('phone-1001') });
 * const phone = await boot.registered();
 */
export class NetworkBoot {
  readonly #options: NetworkBootOptions;
  readonly #machine: PhoneBoot;
  readonly #servers: PhoneServers;
  readonly #judgements = new Map<string, (judgement: ManagerJudgement) => void>();
  readonly #first = Promise.withResolvers<Softphone>();
  #files = new Map<string, 'found' | 'not-found' | 'refused' | 'failed'>();
  #enrolment: EnrolmentResult | undefined;
  #alarm: string | undefined;
  #warning: string | undefined;
  #registrar: Registrar | undefined;
  /** Settles when the registration before the present one was taken back. */
  #registration: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #handshakes = 0;
  #registrationRetries = 0;
  /** By the manager, while somebody talked. */
  #isToldToReset = false;
  #stopped = false;

  /** Switches the phone on: it asks for its files, and goes on trying until {@link stop}. */
  static powerOn(options: NetworkBootOptions): NetworkBoot {
    const boot = new NetworkBoot(options);
    boot.#act(() => boot.#machine.start());
    return boot;
  }

  /**
   * A phone that has booted before registers with what it kept, without asking for its files again.
   *
   * @throws {PhoneError} phone.unprovisioned when it has never booted
   */
  static resume(options: NetworkBootOptions): NetworkBoot {
    const boot = new NetworkBoot(options);
    if (!boot.#machine.resume(boot.#now())) {
      throw new PhoneError('phone.unprovisioned', `${options.device} holds no configuration that it may use`, {
        nextStep: 'Boot it first: trustline phone boot --state FOLDER',
      });
    }
    boot.#act(() => undefined);
    return boot;
  }

  private constructor(options: NetworkBootOptions) {
    this.#options = options;
    const { device, files, memory, authenticationString, makeKey, timing, wallClock, protocol } = options;
    const wallStart = Date.now() - performance.now();
    this.#machine = new PhoneBoot({
      device,
      state: memory.load(),
      judge: trustListJudge,
      wallClock: wallClock ?? ((now) => wallStart + now),
      hasAuthenticationString: authenticationString !== undefined,
      protocol,
      ...(timing === undefined ? {} : { timing }),
    });
    this.#servers = new PhoneServers({
      device,
      files,
      state: () => this.state,
      judge: (service, certificate) => this.#judge(service, certificate),
      keep: (lsc) => memory.save({ ...this.state, lsc }),
      keepKey: (privateKey) => this.#input({ kind: 'key-made', privateKey }),
      authenticationString,
      makeKey,
    });
    this.#first.promise.catch(() => undefined); // whoever asks hears it
  }

  get state(): PhoneState {
    return this.#machine.state;
  }

  /** Once it has registered; another one after each change of its manager. */
  get phone(): Softphone | undefined {
    return this.#registrar?.phone;
  }

  /**
   * Resolves with the phone when it has registered for the first time; rejects when the first try has failed.
   *
   * @throws {PhoneError} phone.files-unreachable, phone.files-refused, phone.unprovisioned, phone.no-trust-list,
   *   phone.not-enrolled, phone.enrolment-declined, phone.enrolment-failed, phone.certificate-awaited, phone.no-password,
   *   phone.no-such-line
   * @throws {SipError} and the other errors of `Softphone.registered`
   */
  registered(): Promise<Softphone> {
    return this.#first.promise;
  }

  /** The phone boots again, as when it is told to. */
  reset(): void {
    this.#servers.begin();
    this.#input({ kind: 'reset' });
  }

  /** Somebody deletes the trust lists in the settings of the phone, which then boots again. */
  eraseTrustLists(): void {
    this.#servers.begin();
    this.#input({ kind: 'erase-trust-lists' });
  }

  /** Switches it off; it takes its registration back first. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#retryTimer);
    this.#servers.stop();
    for (const judged of this.#judgements.values()) judged({ accepted: false, reason: 'the phone was switched off' });
    this.#judgements.clear();
    this.#first.reject(new PhoneError('phone.stopped', 'The phone was switched off before it had registered'));
    await Promise.all([this.#registration, this.#registrar?.stop()]);
  }

  #now(): number {
    return performance.now();
  }

  #input(input: BootInput): void {
    this.#act(() => this.#machine.handle(this.#now(), input));
  }

  /** A phone that cannot keep its state, or cannot read it, must not go on: it would forget whom it believes. */
  #act(act: () => void): void {
    if (this.#stopped) return;
    try {
      act();
      this.#drive();
    } catch (error) {
      if (!(error instanceof TrustlineError)) throw error;
      this.#tryFailed(error);
      void this.stop();
    }
  }

  #drive(): void {
    for (let output = this.#machine.poll(); output !== undefined; output = this.#machine.poll()) this.#carryOut(output);
    clearTimeout(this.#timer);
    const deadline = this.#machine.nextDeadline();
    if (deadline === undefined || this.#stopped) return;
    // A millisecond more: timers may fire a little early by the clock that the machine is given.
    this.#timer = setTimeout(
      () => {
        this.#forgetTry();
        this.#act(() => this.#machine.handleTime(this.#now()));
      },
      Math.max(0, deadline - this.#now()) + 1,
    );
  }

  #carryOut(output: BootOutput): void {
    switch (output.kind) {
      case 'fetch':
        void this.#fetch(output.id, output.name);
        return;
      case 'ask-tvs':
        void this.#servers
          .askTvs(output)
          .then((answer) => this.#input({ kind: 'tvs-answered', id: output.id, answer }));
        return;
      case 'enrol':
        void this.#enrol(output);
        return;
      case 'server-judged':
        this.#judgements.get(output.handshake)?.(output);
        this.#judgements.delete(output.handshake);
        return;
      case 'save':
        this.#options.memory.save(output.state);
        return;
      case 'register':
        this.#register(output);
        return;
      case 'waiting':
        this.#tryFailed(this.#failure(output.cause));
        return;
      case 'stopped':
        this.#tryFailed(this.#failure('no-trust-list'));
        return;
      case 'log':
        if (output.level === 'alarm') this.#alarm = output.ours;
        if (output.level === 'warning') this.#warning = output.ours;
        this.#emit(output);
        return;
      default:
        assertNever(output);
    }
  }

  async #fetch(id: number, name: string): Promise<void> {
    const { answer, way } = await this.#servers.fetch(name);
    this.#files.set(name, answer.kind);
    const octets = answer.kind === 'found' ? answer.content.byteLength : 0;
    if (!this.#stopped) this.#emit({ kind: 'file', name, transport: way.transport, answer: answer.kind, octets });
    this.#input({ kind: 'fetched', id, answer });
  }

  async #enrol(output: Extract<BootOutput, { kind: 'enrol' }>): Promise<void> {
    const result = await this.#servers.enrol(output);
    this.#enrolment = result;
    if (!this.#stopped) this.#emit({ kind: 'enrolment', proof: output.proof, outcome: result.outcome });
    this.#input({ kind: 'enrolled', id: output.id, result });
  }

  #judge(service: PhoneService, certificate: Uint8Array): Promise<ManagerJudgement> {
    const { promise, resolve } = Promise.withResolvers<ManagerJudgement>();
    this.#handshakes += 1;
    const handshake = String(this.#handshakes);
    this.#judgements.set(handshake, resolve);
    this.#input({ kind: 'server-presented', handshake, service, certificate });
    return promise;
  }

  /** The registration before is taken back first. */
  #register(how: RegisterOutput): void {
    const { line, digestPassword, phone: wanted = {}, failover } = this.#options;
    const before = this.#registrar;
    const registrar = new Registrar({
      how,
      state: this.state,
      line,
      digestPassword,
      wanted: {
        ...wanted,
        onEvent: (event) => {
          this.#obey(event);
          wanted.onEvent?.(event);
        },
      },
      timing: failover,
      judgeManager: (certificate) => this.#judge('CCM', certificate),
      onTry: (manager, transport) => this.#emit({ kind: 'registering', manager, transport }),
      onFailure: (manager, error) => this.#emit({ kind: 'registration-failed', manager, error }),
      onLog: (log) => this.#emit(log),
      onRegistered: (phone, manager) => {
        this.#registrationRetries = 0;
        this.#forgetTry();
        this.#emit({ kind: 'registered', how, phone, manager });
        this.#first.resolve(phone);
      },
      onNone: (error) => {
        this.#tryFailed(this.#explained(how, error));
        this.#beginAgainLater();
      },
    });
    this.#registrar = registrar;
    this.#registration = (before?.stop() ?? Promise.resolve()).then(() => {
      if (this.#registrar === registrar && !this.#stopped) registrar.start();
    });
  }

  /** A MIC does not open the registrar, nor an LSC of another cluster: a phone that got none here has its trouble at CAPF. */
  #explained({ device, identity }: RegisterOutput, error: TrustlineError): TrustlineError {
    if (error.code !== 'phone.closed-without-a-word') return error;
    const failed =
      identity === 'MIC' ? enrolmentFailure(device, this.#enrolment, this.state.newKey !== undefined) : undefined;
    return failed ?? notBelieved(device, error, this.#warning);
  }

  /** One that is told to begins again as soon as it has no call. */
  #obey({ kind }: PhoneEvent): void {
    if (kind === 'service-control') this.#isToldToReset = true;
    if (this.#isToldToReset) setImmediate(() => this.#resetWhenIdle()); // its answer leaves first
  }

  #resetWhenIdle(): void {
    if (!this.#isToldToReset || (this.phone?.calls.length ?? 0) > 0) return;
    this.#isToldToReset = false;
    this.reset();
  }

  /**
   * It asks for its files again: what has changed there may be why nobody takes it. Not while somebody talks, for the
   * voice goes on without the manager; and not when that is there again.
   */
  #beginAgainLater(): void {
    const { first, longest } = registrationRetry;
    const wait = Math.min(first * 2 ** this.#registrationRetries, longest);
    this.#registrationRetries += 1;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      if (this.phone?.isRegistered === true) return;
      if ((this.phone?.calls.length ?? 0) > 0) return this.#beginAgainLater();
      this.#forgetTry();
      this.#servers.begin();
      this.#act(() => this.#machine.start());
    }, wait);
  }

  #failure(cause: WaitingCause): PhoneError {
    const { device, files } = this.#options;
    const facts: BootFacts = {
      files: this.#files,
      enrolment: this.#enrolment,
      hasNewKey: this.state.newKey !== undefined,
      hasMic: this.state.mic !== undefined,
      alarm: this.#alarm,
      warning: this.#warning,
    };
    return bootFailure(device, files.host, cause, facts);
  }

  #tryFailed(error: TrustlineError): void {
    this.#emit({ kind: 'try-failed', error });
    this.#first.reject(error);
  }

  #forgetTry(): void {
    this.#files = new Map();
    this.#enrolment = undefined;
    this.#alarm = undefined;
    this.#warning = undefined;
  }

  #emit(event: BootEvent): void {
    this.#options.onEvent?.(event);
  }
}
