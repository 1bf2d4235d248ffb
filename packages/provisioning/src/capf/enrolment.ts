import { createHash, timingSafeEqual } from 'node:crypto';
import type { Redacted } from '@trustline/base';
import { EnrolmentError } from '../elements/error.ts';
import type {
  EnrolmentAuthentication,
  EnrolmentCertificate,
  EnrolmentCertificateJudgement,
  EnrolmentClaim,
  EnrolmentDecision,
  EnrolmentEvent,
  EnrolmentOperation,
  OperationEnd,
  OutsideIssue,
  RefusalRule,
} from './enrolment-types.ts';
import { FailureCounter, type FailureRate } from './failure-counter.ts';
import { type Freshness, freshnessOf } from './freshness.ts';
import { assertPossibleOperation, describeOperation } from './operation.ts';
import { verifyCapfProof } from './proof.ts';

export interface EnrolmentLimits {
  /** Wrong strings after which an operation is locked until the operator unlocks or replaces it. */
  readonly wrongStrings: number;
  /** Sessions that may break off after they were authenticated, before the operation is given up. */
  readonly brokenSessions: number;
  /** Failed attempts by one device's name, from wherever. */
  readonly deviceFailures: FailureRate;
  /** Failed attempts and unreadable connections from one address. */
  readonly addressFailures: FailureRate;
  /** Milliseconds after which a phone is to ask again whether an outside authority has issued its certificate. */
  readonly outsideRetry: number;
}

export const defaultEnrolmentLimits: EnrolmentLimits = {
  wrongStrings: 5,
  brokenSessions: 3,
  deviceFailures: { count: 10, per: 60_000 },
  addressFailures: { count: 30, per: 60_000 },
  outsideRetry: 300_000,
};

export interface EnrolmentOptions {
  /** Whether the cluster has this device. */
  readonly isKnown: (device: string) => boolean;
  /** Whether this certificate (DER) is one of that device, and of which kind; its revocation included. */
  readonly judge: (certificate: Uint8Array, device: string) => EnrolmentCertificateJudgement;
  /**
   * By what the last operation of this device that was carried out before this process began was authenticated: the
   * proof of a certificate may have been recorded then, and in a window anybody may have come. Default: none was.
   */
  readonly carriedOutBefore?: (device: string) => EnrolmentAuthentication['by'] | undefined;
  /**
   * Devices that have signed the number of a session: whoever keeps it over restarts keeps recordings of their other
   * proofs out then too. Default: a set of this process.
   */
  readonly signers?: Pick<Set<string>, 'has' | 'add'>;
  readonly limits?: Partial<EnrolmentLimits>;
}

interface Pending {
  readonly operation: EnrolmentOperation;
  wrongStrings: number;
  locked: boolean;
  brokenSessions: number;
  /** A session was authenticated for it and has not ended. */
  underWay: boolean;
  /** The key that it is bound to, once an outside authority was asked. */
  outside: OutsideIssue | undefined;
}

/** What was known of a pending operation before this process began. */
export interface RestoredState {
  readonly locked: boolean;
  /** A restart gives nobody his tries back. */
  readonly wrongStrings: number;
  /** The key that it is bound to. */
  readonly outside: OutsideIssue | undefined;
}

/** How long a session that lost the race is told to wait, in milliseconds. */
const BUSY_WAIT = 30_000;

/**
 * Who may enrol, and what is pending for whom. Shared by all sessions of one server; sans-IO.
 *
 * The rule behind the others: CAPF has no challenge, so a certificate's proof that was recorded once is good for
 * ever. It therefore counts only while the operator has an operation pending for that device; that operation is
 * carried out once; and whoever shows the proof a second time raises an alarm, since either he or the first one was
 * not the phone. A phone that signs the number of the session too (SUDI) proves that it is here now: that raises none,
 * and once a phone has done so its other proof alone counts no more.
 *
 * Times are monotonic milliseconds, ends of windows included: who stores one as a date converts it when it is set.
 */
export class Enrolments {
  readonly #options: EnrolmentOptions;
  readonly #limits: EnrolmentLimits;
  readonly #pending = new Map<string, Pending>();
  /** By what the last operation of each device that was carried out was authenticated. */
  readonly #carriedOut = new Map<string, EnrolmentAuthentication['by']>();
  readonly #signers: Pick<Set<string>, 'has' | 'add'>;
  readonly #deviceFailures: FailureCounter;
  readonly #addressFailures: FailureCounter;
  readonly #events: EnrolmentEvent[] = [];

  constructor(options: EnrolmentOptions) {
    this.#options = options;
    this.#signers = options.signers ?? new Set();
    this.#limits = { ...defaultEnrolmentLimits, ...options.limits };
    this.#deviceFailures = new FailureCounter(this.#limits.deviceFailures);
    this.#addressFailures = new FailureCounter(this.#limits.addressFailures);
  }

  /** The next thing that happened, oldest first. */
  poll(): EnrolmentEvent | undefined {
    return this.#events.shift();
  }

  /** When the next window ends; call `expire` then. */
  nextDeadline(): number | undefined {
    let earliest: number | undefined;
    for (const { operation, outside } of this.#pending.values()) {
      const { authentication } = operation;
      if (authentication.by !== 'nothing' || outside !== undefined) continue;
      if (earliest === undefined || authentication.until < earliest) earliest = authentication.until;
    }
    return earliest;
  }

  /** Closes the windows whose time is over: of those that are bound to a key it was used in time. */
  expire(now: number): void {
    for (const [device, { operation, underWay, outside }] of this.#pending) {
      const { authentication } = operation;
      if (authentication.by === 'nothing' && authentication.until <= now && !underWay && outside === undefined) {
        this.#close(device, 'window-over', 'nobody came while the window was open');
      }
    }
  }

  /**
   * Refuses an operation that cannot be, or that would replace the key of one that waits for an outside authority.
   *
   * @throws {EnrolmentError} capf.bad-operation, capf.key-bound
   */
  assertMaySet(device: string, operation: EnrolmentOperation): void {
    assertPossibleOperation(device, operation);
    if (this.#pending.get(device)?.outside === undefined) return;
    throw new EnrolmentError(
      'capf.key-bound',
      `${device} waits for a certificate of an outside authority for its key`,
      {
        nextStep: `Import that one, or take the enrolment back first: trustline enrolment cancel ${device}`,
      },
    );
  }

  /**
   * Makes an operation pending, in the place of an earlier one of the device.
   *
   * @throws {EnrolmentError} capf.bad-operation, capf.key-bound
   */
  setOperation(device: string, operation: EnrolmentOperation): void {
    this.assertMaySet(device, operation);
    if (this.#pending.has(device)) this.#close(device, 'replaced', 'the operator set another operation');
    this.#pending.set(device, newlyPending(operation));
    this.#deviceFailures.forget(device);
    this.#tell('operation-pending', 'information', device, undefined, describeOperation(operation), {
      operation: operation.id,
    });
  }

  /**
   * Puts an operation back that was pending before this process began, with its lock and the key that it is bound to.
   * Nothing is told of it, for nothing has changed.
   *
   * @throws {EnrolmentError} capf.bad-operation
   */
  restoreOperation(
    device: string,
    operation: EnrolmentOperation,
    { locked, wrongStrings, outside }: RestoredState,
  ): void {
    assertPossibleOperation(device, operation);
    this.#pending.set(device, { ...newlyPending(operation), wrongStrings, locked, outside });
  }

  /** Takes the pending operation back; a session that is under way gets no certificate any more. */
  cancel(device: string): boolean {
    if (!this.#pending.has(device)) return false;
    this.#close(device, 'cancelled', 'the operator took it back');
    return true;
  }

  pendingOf(device: string): PendingOperation | undefined {
    const pending = this.#pending.get(device);
    return pending && { ...pending.operation, locked: pending.locked, outside: pending.outside };
  }

  /** Devices whose operation is bound to a key, for which an outside authority is asked. */
  boundKeys(): readonly { readonly device: string; readonly outside: OutsideIssue }[] {
    return [...this.#pending].flatMap(([device, { outside }]) => (outside === undefined ? [] : [{ device, outside }]));
  }

  /** Gives a locked device its tries back. */
  unlock(device: string): boolean {
    const pending = this.#pending.get(device);
    if (pending === undefined || !pending.locked) return false;
    pending.locked = false;
    pending.wrongStrings = 0;
    this.#tell('unlocked', 'information', device, undefined, 'the operator allowed further tries', {
      operation: pending.operation.id,
    });
    return true;
  }

  /** Milliseconds that this address has to stay away; 0 when it may come in. Ask for every connection. */
  waitOf(now: number, address: string): number {
    return this.#addressFailures.wait(now, address);
  }

  /** A connection that ended without an attempt: unreadable, silent, or speaking out of turn. */
  brokenOff(now: number, address: string, device: string | undefined, cause: string): void {
    this.#tell('session-failed', 'warning', device, address, cause);
    this.#countAddress(now, address);
  }

  /** Decides on one attempt. After `proceed` the operation is under way until `close…` or `release` is called. */
  attempt(now: number, claim: EnrolmentClaim): EnrolmentDecision {
    const { device, address } = claim;
    this.expire(now);
    if (!this.#options.isKnown(device)) {
      this.#refuse(now, claim, 'unknown-device', 'the cluster has no device of this name');
      return { outcome: 'unknown-device' };
    }
    const wait = this.#deviceFailures.wait(now, device);
    if (wait > 0) return { outcome: 'later', after: wait };
    const freshness = freshnessOf(claim, this.#options.judge);
    if (freshness.kind === 'fresh' && !this.#signers.has(device)) this.#signers.add(device);
    const pending = this.#pending.get(device);
    if (pending === undefined) return this.#nothingPending(now, claim, freshness);
    if (pending.locked) {
      this.#refuse(now, claim, 'locked', 'locked after wrong strings; unlock it, or set a new string');
      return { outcome: 'declined' };
    }
    if (pending.underWay) {
      this.#secondAtOnce(now, claim, freshness);
      return { outcome: 'later', after: BUSY_WAIT };
    }
    const refusal = this.#authenticate(pending, claim, freshness);
    if (refusal.refused) {
      this.#refuse(now, claim, refusal.rule, refusal.cause);
      if (refusal.rule === 'wrong-string') this.#countWrongString(pending, claim);
      return { outcome: 'declined' };
    }
    const { operation, outside } = pending;
    // Nothing is told of it: a phone asks every few minutes, for days.
    if (outside !== undefined && outside.certificate === undefined) {
      return { outcome: 'later', after: this.#limits.outsideRetry };
    }
    pending.underWay = true;
    this.#tell('authenticated', 'information', device, address, refusal.cause, { operation: operation.id });
    return { outcome: 'proceed', operation, outside };
  }

  /** Whether a session may still carry out what it was authenticated for. */
  isUnderWay(device: string, operation: EnrolmentOperation): boolean {
    const pending = this.#pending.get(device);
    return pending?.operation === operation && pending.underWay;
  }

  /**
   * The operation was carried out: nothing is pending any more. Call it before the certificate leaves the house.
   * False when the operator has taken the operation back meanwhile: then it must not leave.
   */
  done(device: string, address: string, operation: EnrolmentOperation, kind: DoneKind, cause: string): boolean {
    if (!this.isUnderWay(device, operation)) return false;
    this.#tell(kind, 'information', device, address, cause, { operation: operation.id });
    this.#close(device, 'done', 'carried out');
    this.#carriedOut.set(device, operation.authentication.by);
    return true;
  }

  /** A session ended before the operation was carried out: the phone may come again, a few times. */
  release(now: number, device: string, address: string, operation: EnrolmentOperation, cause: string): void {
    this.brokenOff(now, address, device, cause);
    const pending = this.#pending.get(device);
    if (pending?.operation !== operation || !pending.underWay) return;
    pending.underWay = false;
    pending.brokenSessions += 1;
    // One that is bound to a key is the operator's alone to end: the certificate may have cost days.
    if (pending.outside === undefined && pending.brokenSessions >= this.#limits.brokenSessions) {
      this.#close(device, 'given-up', `${pending.brokenSessions} sessions broke off after they were authenticated`);
    }
  }

  /**
   * The key of the phone was written down for an outside authority: from now on the operation is bound to it. Returns after
   * how many milliseconds the phone is to ask; undefined when the operator has taken the operation back meanwhile.
   */
  bound(
    device: string,
    address: string,
    operation: EnrolmentOperation,
    outside: OutsideIssue,
    cause: string,
  ): number | undefined {
    const pending = this.#pending.get(device);
    if (pending?.operation !== operation || !pending.underWay) return undefined;
    pending.underWay = false;
    pending.outside = outside;
    this.#tell('waiting-for-outside-authority', 'information', device, address, cause, { operation: operation.id });
    return this.#limits.outsideRetry;
  }

  /** The outside authority's certificate is there: the phone gets it when it comes. False where nothing waits for it. */
  certificateReady(device: string, operation: string, certificate: Uint8Array): boolean {
    const pending = this.#pending.get(device);
    if (pending?.operation.id !== operation || pending.outside === undefined) return false;
    pending.outside = { ...pending.outside, certificate };
    return true;
  }

  /** The authority could not issue: the operation stays pending, since the phone did nothing wrong. */
  notIssued(device: string, address: string, operation: EnrolmentOperation, cause: string): void {
    this.#tell('certificate-not-issued', 'alarm', device, address, cause, { operation: operation.id });
    const pending = this.#pending.get(device);
    if (pending?.operation === operation) pending.underWay = false;
  }

  /** What the phone did with its certificate. */
  stored(device: string, address: string, operation: EnrolmentOperation, problem: string | undefined): void {
    if (problem === undefined) {
      const cause = 'the phone has stored its certificate';
      this.#tell('certificate-stored', 'information', device, address, cause, { operation: operation.id });
    } else {
      const cause = `${problem}; the certificate was issued and is believed until it is revoked`;
      this.#tell('session-failed', 'warning', device, address, cause, { operation: operation.id });
    }
  }

  #nothingPending(now: number, claim: EnrolmentClaim, { kind }: Freshness): EnrolmentDecision {
    const { device, proof } = claim;
    const last = this.#carriedOut.get(device) ?? this.#options.carriedOutBefore?.(device);
    if (last === 'nothing') {
      const cause =
        'somebody came for it after a window in which everybody was believed had closed behind another: one of the two ' +
        'may not be the phone. Check that the phone has the certificate that was issued; if not, revoke that one';
      this.#refuse(now, claim, 'second-try', cause);
    } else if (last === 'certificate' && kind === 'fresh') {
      const cause =
        'it proved itself again, for this session, after its operation was carried out: the phone has lost its ' +
        'certificate, or another has its key';
      this.#refuse(now, claim, 'proved-again', cause);
    } else if (proof !== undefined && last === 'certificate') {
      const cause =
        "a certificate's proof was shown again after its operation was carried out: it may be a recording. " +
        'Check that the phone has the certificate that was issued; if not, revoke that one';
      this.#refuse(now, claim, 'replay-suspected', cause);
    } else {
      this.#refuse(now, claim, 'nothing-pending', 'no operation is pending for it');
    }
    return { outcome: 'no-action' };
  }

  #secondAtOnce(now: number, claim: EnrolmentClaim, { kind }: Freshness): void {
    if (claim.proof === undefined || kind === 'fresh') {
      this.#refuse(now, claim, 'busy', 'another session of this device is under way');
      return;
    }
    const cause =
      "a certificate's proof was shown while another session with one is under way: one of the two may be a " +
      'recording, or the phone has restarted';
    this.#refuse(now, claim, 'replay-suspected', cause);
  }

  #authenticate(pending: Pending, claim: EnrolmentClaim, freshness: Freshness): Authentication {
    const { authentication } = pending.operation;
    switch (authentication.by) {
      case 'string':
        if (claim.string === undefined) return refused('string-missing', 'it showed no string, and one is needed');
        if (!sameString(claim.string, authentication.string))
          return refused('wrong-string', 'it showed a wrong string');
        return { refused: false, cause: 'proved itself by the authentication string' };
      case 'certificate':
        return this.#authenticateByCertificate(authentication.kinds, claim, freshness);
      case 'nothing':
        return { refused: false, cause: 'was believed without proof, because the operator has opened a window for it' };
    }
  }

  #authenticateByCertificate(
    kinds: readonly EnrolmentCertificate[],
    { device, proof }: EnrolmentClaim,
    freshness: Freshness,
  ): Authentication {
    const wanted = kinds.join(' or ');
    if (freshness.kind === 'wrong') return refused('proof-wrong', freshness.reason);
    if (freshness.kind === 'fresh' && kinds.includes('MIC')) {
      const other = proof === undefined ? undefined : verifyCapfProof(device, proof);
      if (other?.proven === false) return refused('proof-wrong', other.reason);
      return {
        refused: false,
        cause: `proved itself by its MIC, for this session (SUDI, ${freshness.hashes.join(' and ')})`,
      };
    }
    if (freshness.kind !== 'fresh' && this.#signers.has(device)) {
      const cause =
        'it has signed the number of a session before and now shows a proof without: that may be a recording. If the ' +
        'phone was replaced, let it enrol by string';
      return refused('replay-suspected', cause);
    }
    if (proof === undefined)
      return refused('certificate-missing', `it showed no certificate, and an ${wanted} is needed`);
    const judgement = this.#options.judge(proof.certificate.der, device);
    if (!judgement.accepted) return refused('certificate-refused', judgement.reason);
    if (!kinds.includes(judgement.kind)) {
      return refused('wrong-kind-of-certificate', `it showed its ${judgement.kind}, and an ${wanted} is needed`);
    }
    const result = verifyCapfProof(device, proof);
    if (!result.proven) return refused('proof-wrong', result.reason);
    return { refused: false, cause: `proved itself by its ${judgement.kind} (${result.hashes.join(' and ')})` };
  }

  #countWrongString(pending: Pending, { device, address }: EnrolmentClaim): void {
    pending.wrongStrings += 1;
    if (pending.wrongStrings < this.#limits.wrongStrings) return;
    pending.locked = true;
    this.#tell('locked', 'alarm', device, address, `locked after ${pending.wrongStrings} wrong strings`, {
      operation: pending.operation.id,
    });
  }

  #refuse(now: number, { device, address }: EnrolmentClaim, rule: RefusalRule, cause: string): void {
    const operation = this.#pending.get(device)?.operation.id;
    const severity = severityOf[rule] ?? 'warning';
    this.#tell('refused', severity, device, address, cause, { operation, rule });
    // Phones come by themselves when their certificate and their configuration disagree: that is no attack.
    if (rule === 'nothing-pending') return;
    if (rule !== 'unknown-device' && this.#deviceFailures.fail(now, device)) {
      this.#tell('refused', 'warning', device, address, 'too many failed attempts; told to come back later', {
        operation,
        rule: 'device-rate',
      });
    }
    this.#countAddress(now, address);
  }

  #countAddress(now: number, address: string): void {
    if (!this.#addressFailures.fail(now, address)) return;
    const cause = 'too many failed attempts from this address; its connections are closed for a while';
    this.#tell('refused', 'warning', undefined, address, cause, { rule: 'address-rate' });
  }

  #close(device: string, end: OperationEnd, cause: string): void {
    const operation = this.#pending.get(device)?.operation.id;
    this.#pending.delete(device);
    const severity = end === 'given-up' ? 'warning' : 'information';
    this.#tell('operation-closed', severity, device, undefined, cause, { operation, end });
  }

  #tell(
    kind: EnrolmentEvent['kind'],
    severity: EnrolmentEvent['severity'],
    device: string | undefined,
    address: string | undefined,
    cause: string,
    more: { operation?: string | undefined; rule?: RefusalRule; end?: OperationEnd } = {},
  ): void {
    this.#events.push({ kind, severity, device, address, operation: undefined, cause, ...more });
  }
}

/** An operation with what has become of it so far. */
export interface PendingOperation extends EnrolmentOperation {
  readonly locked: boolean;
  /** The key that it is bound to, once an outside authority was asked. */
  readonly outside: OutsideIssue | undefined;
}

function newlyPending(operation: EnrolmentOperation): Pending {
  return { operation, wrongStrings: 0, locked: false, brokenSessions: 0, underWay: false, outside: undefined };
}

const severityOf: Readonly<Partial<Record<RefusalRule, EnrolmentEvent['severity']>>> = {
  'replay-suspected': 'alarm',
  'second-try': 'alarm',
  'nothing-pending': 'information',
};

type DoneKind = 'certificate-issued' | 'certificate-fetched' | 'certificate-deleted';

type Authentication =
  | { readonly refused: true; readonly rule: RefusalRule; readonly cause: string }
  | { readonly refused: false; readonly cause: string };

function refused(rule: RefusalRule, cause: string): Authentication {
  return { refused: true, rule, cause };
}

/** In constant time: the hashes have one length, whatever the strings have. */
function sameString(one: Redacted<string>, other: Redacted<string>): boolean {
  const digest = (string: Redacted<string>) => createHash('sha256').update(string.reveal()).digest();
  return timingSafeEqual(digest(one), digest(other));
}
