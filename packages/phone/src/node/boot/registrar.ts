import { performance } from 'node:perf_hooks';
import { assertNever, TrustlineError } from '@trustline/base';
import type { ServerAddress } from '@trustline/provisioning';
import { type FailoverOutput, type FailoverTiming, ManagerFailover } from '../../boot/manager-failover.ts';
import type { BootLog } from '../../boot/messages.ts';
import { PhoneError } from '../../error.ts';
import type { PhoneEvent, Softphone } from '../softphone.ts';
import { type RegistrationRequest, registerWith } from './registration.ts';

export interface RegistrarOptions extends Omit<RegistrationRequest, 'registrationId' | 'manager' | 'signal' | 'onTry'> {
  readonly timing: Partial<FailoverTiming> | undefined;
  readonly onTry: (manager: ServerAddress, transport: 'tls' | 'tcp' | 'udp') => void;
  readonly onFailure: (manager: ServerAddress, error: TrustlineError) => void;
  /** For the first time, and with each other manager; the phone before is being stopped then. */
  readonly onRegistered: (phone: Softphone, manager: ServerAddress) => void;
  /** None takes the phone; the one that it had may come back by itself. */
  readonly onNone: (error: TrustlineError) => void;
  readonly onLog: (log: BootLog) => void;
}

/** A phone that stays registered with the best of its managers: `ManagerFailover` decides, this connects. */
export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #managers: readonly ServerAddress[];
  readonly #failover: ManagerFailover;
  #phone: Softphone | undefined;
  #manager: ServerAddress | undefined;
  /** Registered, and not yet said to be the phone. */
  #candidate: Softphone | undefined;
  #trying: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastError: TrustlineError | undefined;
  #stopped = false;
  /** Tries that have not ended, and phones that say goodbye. */
  readonly #open = new Set<Promise<void>>();

  constructor(options: RegistrarOptions) {
    this.#options = options;
    this.#managers = options.how.managers;
    this.#failover = new ManagerFailover(this.#managers.length, options.timing);
  }

  /** The one that is registered, or was before its connection was lost. */
  get phone(): Softphone | undefined {
    return this.#phone;
  }

  start(): void {
    this.#act(() => this.#failover.start());
  }

  /** Takes the registration back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#trying?.abort();
    const phones = [this.#phone, this.#candidate];
    this.#phone = undefined;
    await Promise.all([...this.#open, ...phones.map((phone) => phone?.stop())]);
  }

  #act(act: (now: number) => void): void {
    if (this.#stopped) return;
    this.#failover.setBusy((this.#phone?.calls.length ?? 0) > 0);
    act(performance.now());
    for (let output = this.#failover.poll(); output !== undefined; output = this.#failover.poll())
      this.#carryOut(output);
    clearTimeout(this.#timer);
    const deadline = this.#failover.nextDeadline();
    if (deadline === undefined) return;
    // A millisecond more: timers may fire a little early by the clock that the machine is given.
    const wait = Math.max(0, deadline - performance.now()) + 1;
    this.#timer = setTimeout(() => this.#act((now) => this.#failover.handleTime(now)), wait);
  }

  #carryOut(output: FailoverOutput): void {
    switch (output.kind) {
      case 'try':
        this.#follow(this.#try(output.manager));
        return;
      case 'give-up':
        this.#trying?.abort();
        return;
      case 'move':
        this.#move(output);
        return;
      case 'stay':
        this.#leave(this.#candidate);
        this.#candidate = undefined;
        return;
      case 'none':
        this.#options.onNone(
          this.#lastError ?? new PhoneError('phone.unprovisioned', 'The configuration names no call manager.'),
        );
        return;
      default:
        assertNever(output);
    }
  }

  async #try(index: number): Promise<void> {
    const manager = this.#managers[index];
    if (manager === undefined) return;
    const trying = new AbortController();
    this.#trying = trying;
    /** Of this try, once it is registered. */
    let phone: Softphone | undefined;
    let isConnected = false;
    const onEvent = (event: PhoneEvent): void => {
      if (event.kind === 'connected') isConnected = true;
      if (event.kind === 'disconnected') isConnected = false;
      this.#options.wanted.onEvent?.(event);
      if (phone !== undefined && phone === this.#phone) this.#heard(event, isConnected);
    };
    const { how, state, line, judgeManager, digestPassword, wanted, onTry } = this.#options;
    try {
      phone = await registerWith({
        ...{ how, state, line, judgeManager, digestPassword, manager, registrationId: index + 1 },
        wanted: { ...wanted, onEvent },
        onTry: (transport) => onTry(manager, transport),
        signal: trying.signal,
      });
    } catch (error) {
      if (trying.signal.aborted) return;
      if (!(error instanceof TrustlineError)) throw error;
      this.#lastError = error;
      this.#options.onFailure(manager, error);
      this.#act((now) => this.#failover.tried(now, false));
      return;
    }
    if (trying.signal.aborted) return phone.stop();
    this.#candidate = phone;
    this.#act((now) => this.#failover.tried(now, true));
  }

  /** What the phone that is registered tells of its manager. Before its connection is made again it tells nothing new. */
  #heard({ kind }: PhoneEvent, isConnected: boolean): void {
    if (kind === 'registered') this.#act((now) => this.#failover.back(now));
    else if (kind === 'connection-failed' || (kind === 'registration-failed' && isConnected)) {
      this.#act(() => this.#failover.lost());
    } else if (kind === 'call') this.#act(() => undefined); // it may have been the last one
  }

  #move({ manager: index, reason }: Extract<FailoverOutput, { kind: 'move' }>): void {
    const [phone, manager] = [this.#candidate, this.#managers[index]];
    if (phone === undefined || manager === undefined) return;
    const before = this.#manager;
    this.#leave(this.#phone);
    this.#candidate = undefined;
    this.#phone = phone;
    this.#manager = manager;
    if (before !== undefined && reason === 'lost') {
      const words = `The call manager ${place(before)} is lost: the phone has gone to ${place(manager)}.`;
      this.#options.onLog({ kind: 'log', level: 'warning', phone: 'Failover', ours: words });
    }
    if (before !== undefined && reason === 'came-back') {
      const words = `The call manager ${place(manager)} is there again: the phone has come back from ${place(before)}.`;
      this.#options.onLog({ kind: 'log', level: 'information', phone: 'Fallback', ours: words });
    }
    this.#options.onRegistered(phone, manager);
  }

  #leave(phone: Softphone | undefined): void {
    if (phone !== undefined) this.#follow(phone.stop());
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#open.delete(followed));
    this.#open.add(followed);
  }
}

function place({ host, port }: ServerAddress): string {
  return `${host}:${port}`;
}
