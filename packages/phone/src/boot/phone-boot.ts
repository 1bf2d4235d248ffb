import { assertNever, Deadlines } from '@trustline/base';
import { type ConfigurationEnd, ConfigurationStep } from './configuration-step.ts';
import { EnrolmentStep } from './enrolment-step.ts';
import { FirmwareStep } from './firmware-step.ts';
import type { TrustJudge } from './judge.ts';
import { ListStep } from './list-step.ts';
import type { BootInput, BootOutput, EnrolmentResult, FetchAnswer, TvsAnswer, WaitingCause } from './messages.ts';
import { planRegistration } from './plan.ts';
import { ServerTrust } from './server-trust.ts';
import type { PhoneState } from './state.ts';
import { type Configuration, Workbench } from './workbench.ts';

export interface PhoneBootOptions {
  /** SEP and the MAC address in capitals. */
  readonly device: string;
  /** What the phone kept from before; `blankState` from the box. */
  readonly state: PhoneState;
  readonly judge: TrustJudge;
  /** Epoch milliseconds at a monotonic time: the phone's own clock, right or wrong. */
  readonly wallClock: (now: number) => number;
  /** Whether somebody typed an authentication string for CAPF. */
  readonly hasAuthenticationString?: boolean;
  /** What its firmware speaks; what the configuration says without. */
  readonly protocol?: 'SIP' | 'SCCP' | undefined;
  readonly timing?: Partial<BootTiming>;
}

/** In milliseconds. */
export interface BootTiming {
  /** Between the four tries of a phone that must use TLS and has no trust list. */
  readonly trustListRetry: number;
  /** Before a phone that cannot register begins again; doubled each time. */
  readonly retry: number;
  readonly longestRetry: number;
}

const defaultTiming: BootTiming = { trustListRetry: 10_000, retry: 10_000, longestRetry: 300_000 };

/** Phones since 8.5 try that often for a CTL when their configuration asks for TLS; older ones for ever. */
const TRUST_LIST_TRIES = 4;

/**
 * A phone from power-on to its registration, without I/O: it asks for files, for the word of TVS and for an enrolment
 * by outputs, gets answers as inputs, and ends in `register`.
 *
 * CTL → ITL → configuration → load file where it is another → CAPF where needed → register. Its first lists are taken blindly, and that is said. A
 * file that is refused changes nothing: the phone goes on with what it held, as real ones do.
 *
 * @example
 * const boot = new PhoneBoot({ device: 'SEP001122334455', state: blankState, judge, wallClock });
 * boot.start(now);
 * for (let output = boot.poll(); output !== undefined; output = boot.poll()) { … }
 */
export class PhoneBoot {
  readonly #device: string;
  readonly #protocol: PhoneBootOptions['protocol'];
  readonly #timing: BootTiming;
  readonly #bench: Workbench;
  readonly #lists: ListStep;
  readonly #files: ConfigurationStep;
  readonly #firmware: FirmwareStep;
  readonly #enrolment: EnrolmentStep;
  readonly #servers: ServerTrust;
  readonly #deadlines = new Deadlines<'retry' | 'capf'>();
  /** What the phone registers with when nothing comes of its visit to CAPF. */
  #withoutCapf: Configuration | undefined;
  #trustListTries = 0;
  #retries = 0;
  /** The phone goes on as it is while it asks CAPF again. */
  #isAskingAgain = false;

  /** @throws {ConfigurationError} when the device is not named like a phone */
  constructor(options: PhoneBootOptions) {
    this.#device = options.device;
    this.#protocol = options.protocol;
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#bench = new Workbench(options);
    this.#lists = new ListStep(this.#bench);
    this.#files = new ConfigurationStep(this.#bench);
    this.#firmware = new FirmwareStep(this.#bench);
    this.#enrolment = new EnrolmentStep(this.#bench, options.hasAuthenticationString ?? false);
    this.#servers = new ServerTrust(this.#bench);
  }

  /** What the phone holds now; each change is also a `save`. */
  get state(): PhoneState {
    return this.#bench.state;
  }

  poll(): BootOutput | undefined {
    return this.#bench.outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handleTime(now: number): void {
    const due = this.#deadlines.takeDue(now);
    if (due === 'retry') this.#begin();
    if (due === 'capf') {
      this.#isAskingAgain = true;
      this.#enrolment.again();
    }
  }

  /** Power is on. */
  start(): void {
    this.#trustListTries = 0;
    this.#retries = 0;
    this.#begin();
  }

  /**
   * Registers with what the phone holds, without asking for any file; false when it holds no configuration that it may
   * use. Servers are judged, and TVS is asked, as after a boot.
   */
  resume(now: number): boolean {
    const held = this.#bench.heldConfiguration();
    if (held === undefined) return false;
    this.#bench.configuration = held;
    this.#register(now, held);
    return true;
  }

  handle(now: number, input: BootInput): void {
    switch (input.kind) {
      case 'fetched':
        this.#fetched(now, input.id, input.answer);
        break;
      case 'tvs-answered':
        this.#tvsAnswered(now, input.id, input.answer);
        break;
      case 'enrolled': {
        const end = this.#enrolment.enrolled(input.id, input.result);
        if (end === 'unchanged') this.#askAgainLater(now, input.result);
        if (end === 'changed') this.#configurationEnded(now, this.#files.begin(true)); // it may be for the new key by now
        if (end === 'unchanged' && !this.#isAskingAgain) this.#withoutEnrolment(now);
        break;
      }
      case 'key-made':
        this.#enrolment.keyMade(input.privateKey);
        break;
      case 'server-presented':
        this.#servers.presented(now, input);
        break;
      case 'reset':
        this.#bench.log('information', 'Resetting', 'The phone was told to boot again.');
        this.start();
        break;
      case 'erase-trust-lists':
        this.#bench.log('warning', 'Trust lists erased', 'Somebody deleted them: the next ones are taken blindly.');
        this.#bench.save({ ...this.state, lists: { ctl: undefined, itl: undefined } });
        this.start();
        break;
      default:
        assertNever(input);
    }
  }

  /** Whoever waits for a certificate goes on asking, also when nobody answered for once. */
  #askAgainLater(now: number, result: EnrolmentResult): void {
    if (result.outcome === 'retry-later') this.#deadlines.set('capf', now + result.after);
    if (result.outcome === 'failed' && this.#isAskingAgain) {
      this.#deadlines.set('capf', now + this.#timing.longestRetry);
    }
  }

  #begin(): void {
    this.#deadlines.clearAll();
    this.#isAskingAgain = false;
    this.#files.cancel();
    this.#firmware.reset();
    this.#enrolment.reset();
    this.#bench.configuration = this.#bench.heldConfiguration();
    this.#lists.begin();
  }

  #fetched(now: number, id: number, answer: FetchAnswer): void {
    const configuration = this.#firmware.fetched(now, id, answer);
    if (configuration !== undefined) this.#configured(now, configuration);
    else if (this.#lists.fetched(now, id, answer)) this.#configurationEnded(now, this.#files.begin(false));
    else this.#configurationEnded(now, this.#files.fetched(now, id, answer));
  }

  #tvsAnswered(now: number, id: number, answer: TvsAnswer): void {
    if (this.#lists.tvsAnswered(now, id, answer)) this.#configurationEnded(now, this.#files.begin(false));
    else this.#configurationEnded(now, this.#files.tvsAnswered(now, id, answer));
    this.#servers.answered(now, id, answer);
  }

  #configurationEnded(now: number, end: ConfigurationEnd | undefined): void {
    switch (end?.kind) {
      case undefined:
        break;
      case 'configured':
        if (!this.#firmware.begin(end.configuration)) this.#configured(now, end.configuration);
        break;
      case 'enrol':
        this.#withoutCapf = undefined; // a stub is not enough
        if (!this.#enrolment.begin(end.capf, end.reason)) this.#withoutNewConfiguration(now);
        break;
      case 'nothing-new':
        this.#withoutNewConfiguration(now);
        break;
      default:
        assertNever(end);
    }
  }

  /** As real phones do: it goes on with the configuration that it has, and tells nobody but its log. */
  #withoutNewConfiguration(now: number): void {
    const held = this.#bench.heldConfiguration();
    if (held === undefined) {
      this.#tryLater(now, 'no-configuration', 'Unprovisioned', 'The phone has no configuration that it may use.');
      return;
    }
    this.#bench.log(
      'warning',
      'Using the last configuration',
      'The phone goes on with the configuration that it holds.',
    );
    this.#configured(now, held);
  }

  #configured(now: number, configuration: Configuration): void {
    this.#bench.configuration = configuration;
    this.#withoutCapf = configuration;
    const { capf, deviceSecurityMode = 'non-secure' } = configuration;
    const isPending = capf.authentication !== 'none-pending';
    const isMissing = deviceSecurityMode !== 'non-secure' && this.state.lsc === undefined;
    const reason = isPending ? 'operation-pending' : 'certificate-missing';
    if ((isPending || isMissing) && this.#enrolment.begin(capf, reason)) return;
    this.#register(now, configuration);
  }

  #withoutEnrolment(now: number): void {
    if (this.#withoutCapf === undefined) this.#withoutNewConfiguration(now);
    else this.#register(now, this.#withoutCapf);
  }

  #register(now: number, configuration: Configuration): void {
    const callManagers = this.#bench.judge.callManagers(this.state.lists);
    const plan = planRegistration(configuration, callManagers, this.state, this.#protocol);
    switch (plan.kind) {
      case 'register':
        this.#trustListTries = 0;
        this.#retries = 0;
        if (plan.isReleased) {
          const words =
            'The CTL gives call managers no certificates: the cluster left mixed mode, and so does the phone.';
          this.#bench.log('warning', 'Non-secure', words);
        }
        this.#bench.log('information', 'Registering', `By ${plan.how.transport}, ${plan.how.securityMode}.`);
        this.#bench.outputs.push({ kind: 'register', device: this.#device, ...plan.how });
        break;
      case 'no-trust-list':
        this.#withoutTrustList(now);
        break;
      case 'no-certificate':
        this.#tryLater(
          now,
          'no-certificate',
          'LSC: not installed',
          'The phone must use TLS and has no certificate to show.',
        );
        break;
      case 'no-managers':
        this.#tryLater(now, 'no-managers', 'Unprovisioned', 'The configuration names no call manager.');
        break;
      default:
        assertNever(plan);
    }
  }

  #withoutTrustList(now: number): void {
    this.#trustListTries += 1;
    const tries = `try ${this.#trustListTries} of ${TRUST_LIST_TRIES}`;
    const words = `The phone must use TLS, and no trust list names a call manager (${tries}).`;
    this.#bench.log('alarm', 'No Trust List Installed', words);
    if (this.#trustListTries === TRUST_LIST_TRIES) {
      this.#bench.outputs.push({ kind: 'stopped', reason: words });
      return;
    }
    this.#deadlines.set('retry', now + this.#timing.trustListRetry);
    this.#bench.outputs.push({ kind: 'waiting', cause: 'no-trust-list' });
  }

  #tryLater(now: number, cause: WaitingCause, phone: string, words: string): void {
    const wait = Math.min(this.#timing.retry * 2 ** this.#retries, this.#timing.longestRetry);
    this.#retries += 1;
    this.#bench.log('alarm', phone, `${words} It begins again in ${Math.round(wait / 1000)} s.`);
    this.#deadlines.set('retry', now + wait);
    this.#bench.outputs.push({ kind: 'waiting', cause });
  }
}
