import { Deadlines } from '@trustline/base';
import {
  type AccessSide,
  decodeFrame,
  encodeFrame,
  type FrameFault,
  type LinkFrame,
  MAX_INFORMATION,
} from './frame.ts';

/** Milliseconds and counts (Q.921 §5.9). */
export const linkParameters = { T200: 1_000, T203: 10_000, N200: 3, k: 7 } as const;

/** As the states of Q.921 annex B; TEI 0 is assigned from the start. */
export type LinkState =
  | 'tei-assigned'
  | 'awaiting-establishment'
  | 'awaiting-release'
  | 'established'
  | 'timer-recovery';

/** The letters of MDL-ERROR (Q.921 table II.1): what management is told, and counts. */
export type LinkError =
  | Exclude<FrameFault, 'address'>
  | 'A'
  | 'B'
  | 'C'
  | 'D'
  | 'E'
  | 'F'
  | 'G'
  | 'H'
  | 'I'
  | 'J'
  | 'K';

export type LinkOutput =
  | { readonly kind: 'transmit'; readonly octets: Uint8Array }
  /** DL-ESTABLISH: `confirm` answers our request; `indication` was the far side's wish, or a reset that lost messages. */
  | { readonly kind: 'established'; readonly by: 'confirm' | 'indication' }
  /** DL-RELEASE, likewise. */
  | { readonly kind: 'released'; readonly by: 'confirm' | 'indication' }
  /** DL-DATA: a message of Q.931, once and in order. */
  | { readonly kind: 'data'; readonly information: Uint8Array }
  | { readonly kind: 'error'; readonly error: LinkError };

/** Messages that wait for the window; a link that carries nothing is given up long before. */
const MAX_QUEUE = 1_000;
const MODULUS = 128;

/**
 * One end of the data link of a primary rate access (Q.921 annex B, procedures of §5): messages arrive once, in order, or
 * the loss is told. Time is monotonic milliseconds passed in; frames come and go without flags and check sequence.
 */
export class DataLink {
  readonly #side: AccessSide;
  readonly #deadlines = new Deadlines<'T200' | 'T203'>();
  readonly #outputs: LinkOutput[] = [];
  /** Sent and not yet acknowledged, from V(A) on, then those which were never sent. */
  readonly #queue: Uint8Array[] = [];
  #state: LinkState = 'tei-assigned';
  #sendState = 0;
  #acknowledgeState = 0;
  #receiveState = 0;
  #retransmissions = 0;
  #layer3Initiated = false;
  #peerBusy = false;
  #rejectException = false;
  #acknowledgePending = false;
  #establishAfterRelease = false;

  constructor(side: AccessSide) {
    this.#side = side;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** DL-ESTABLISH request; what was not delivered is dropped. */
  establish(now: number): void {
    if (this.#state === 'awaiting-establishment') return;
    this.#queue.length = 0;
    if (this.#state === 'awaiting-release') {
      // The answer to DISC must not pass for one to SABME.
      this.#establishAfterRelease = true;
      return;
    }
    this.#beginEstablishment(now, true);
  }

  /** DL-RELEASE request. */
  release(now: number): void {
    this.#queue.length = 0;
    this.#establishAfterRelease = false;
    if (this.#state === 'tei-assigned' || this.#state === 'awaiting-release') {
      if (this.#state === 'tei-assigned') this.#outputs.push({ kind: 'released', by: 'confirm' });
      return;
    }
    this.#retransmissions = 0;
    this.#send({ kind: 'DISC', poll: true });
    this.#deadlines.clear('T203');
    this.#deadlines.set('T200', now + linkParameters.T200);
    this.#state = 'awaiting-release';
  }

  /** DL-DATA request; false where the link cannot take it: it is being released, its queue is full, or it is too long. */
  data(now: number, information: Uint8Array): boolean {
    if (information.length > MAX_INFORMATION || this.#queue.length >= MAX_QUEUE) return false;
    if (this.#state === 'awaiting-release' || this.#state === 'tei-assigned') return false;
    this.#queue.push(Uint8Array.from(information));
    this.#sendQueued(now);
    return true;
  }

  /** A frame of the other side. */
  receive(now: number, octets: Uint8Array): void {
    const read = decodeFrame(octets, this.#side === 'user' ? 'network' : 'user');
    if (read.ok) this.#take(now, read.frame);
    else if (read.fault !== 'address') this.#takeInvalid(now, read.fault);
    this.#sendQueued(now);
    if (this.#acknowledgePending) this.#acknowledge(false, false);
  }

  timeout(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      if (due === 'T200') this.#retry(now);
      else this.#enquire(now);
    }
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  poll(): LinkOutput | undefined {
    return this.#outputs.shift();
  }

  #take(now: number, frame: LinkFrame): void {
    switch (frame.kind) {
      case 'SABME':
        this.#takeSabme(now, frame.poll);
        break;
      case 'DISC':
        this.#takeDisc(now, frame.poll);
        break;
      case 'UA':
        this.#takeUa(now, frame.poll);
        break;
      case 'DM':
        this.#takeDm(now, frame.poll);
        break;
      case 'FRMR':
        if (this.#isUp()) this.#reestablish(now, 'K');
        break;
      case 'I':
        if (this.#isUp()) this.#takeInformation(now, frame);
        break;
      case 'RR':
      case 'RNR':
      case 'REJ':
        if (this.#isUp()) this.#takeSupervisory(now, frame);
        break;
      case 'UI':
        // Nothing is broadcast on a point-to-point access (Q.921 §5.2 serves the broadcast link).
        break;
    }
  }

  #takeSabme(now: number, poll: boolean): void {
    switch (this.#state) {
      case 'awaiting-establishment':
        // Both want it: each answers, and each takes the other's answer (§5.5.1.2, collision).
        this.#send({ kind: 'UA', poll });
        break;
      case 'awaiting-release':
        this.#send({ kind: 'DM', poll });
        break;
      case 'tei-assigned':
        this.#send({ kind: 'UA', poll });
        this.#becomeEstablished(now, 'indication');
        break;
      default: {
        this.#send({ kind: 'UA', poll });
        this.#error('F');
        const lost = this.#sendState !== this.#acknowledgeState;
        if (lost) this.#queue.length = 0;
        this.#becomeEstablished(now, lost ? 'indication' : undefined);
      }
    }
  }

  #takeDisc(now: number, poll: boolean): void {
    if (this.#state === 'awaiting-release') {
      this.#send({ kind: 'UA', poll });
      return;
    }
    if (!this.#isUp()) {
      this.#send({ kind: 'DM', poll });
      return;
    }
    this.#send({ kind: 'UA', poll });
    this.#becomeReleased(now, 'indication');
  }

  #takeUa(now: number, final: boolean): void {
    const expected = this.#state === 'awaiting-establishment' || this.#state === 'awaiting-release';
    if (!expected || !final) {
      this.#error(final ? 'C' : 'D');
      return;
    }
    if (this.#state === 'awaiting-release') {
      this.#becomeReleased(now, 'confirm');
      return;
    }
    const lost = this.#sendState !== this.#acknowledgeState;
    if (!this.#layer3Initiated && lost) this.#queue.length = 0;
    const told = this.#layer3Initiated ? 'confirm' : lost ? 'indication' : undefined;
    this.#becomeEstablished(now, told);
  }

  #takeDm(now: number, final: boolean): void {
    switch (this.#state) {
      case 'tei-assigned':
        // Unsolicited: the far side asks to be called (§5.5.2).
        if (!final) this.#beginEstablishment(now, false);
        break;
      case 'awaiting-establishment':
        if (final) this.#becomeReleased(now, 'indication');
        break;
      case 'awaiting-release':
        if (final) this.#becomeReleased(now, 'confirm');
        break;
      default:
        this.#reestablish(now, final ? 'B' : 'E');
    }
  }

  #takeInformation(now: number, frame: Extract<LinkFrame, { kind: 'I' }>): void {
    if (frame.sendNumber === this.#receiveState) {
      this.#receiveState = next(this.#receiveState);
      this.#rejectException = false;
      this.#outputs.push({ kind: 'data', information: frame.information });
      if (frame.poll) this.#acknowledge(false, true);
      else this.#acknowledgePending = true;
    } else if (!this.#rejectException) {
      this.#rejectException = true;
      this.#acknowledgePending = false;
      this.#send({ kind: 'REJ', command: false, receiveNumber: this.#receiveState, poll: frame.poll });
    } else if (frame.poll) {
      this.#acknowledge(false, true);
    }
    if (!this.#isValid(frame.receiveNumber)) {
      this.#reestablish(now, 'J');
      return;
    }
    this.#takeAcknowledgement(now, frame.receiveNumber, this.#state === 'timer-recovery' || this.#peerBusy);
  }

  #takeSupervisory(now: number, frame: Extract<LinkFrame, { kind: 'RR' | 'RNR' | 'REJ' }>): void {
    this.#peerBusy = frame.kind === 'RNR';
    if (frame.command && frame.poll) this.#acknowledge(false, true);
    const answersEnquiry = !frame.command && frame.poll;
    if (answersEnquiry && this.#state === 'established') this.#error('A');
    if (!this.#isValid(frame.receiveNumber)) {
      this.#reestablish(now, 'J');
      return;
    }
    if (this.#state === 'timer-recovery') {
      this.#acknowledgeUpTo(frame.receiveNumber);
      if (answersEnquiry) this.#endRecovery(now);
      return;
    }
    if (frame.kind === 'RR') {
      this.#takeAcknowledgement(now, frame.receiveNumber, false);
      return;
    }
    this.#acknowledgeUpTo(frame.receiveNumber);
    if (frame.kind === 'REJ') {
      this.#watch(now);
      this.#sendState = this.#acknowledgeState;
    } else {
      this.#deadlines.clear('T203');
      this.#deadlines.set('T200', now + linkParameters.T200);
    }
  }

  #endRecovery(now: number): void {
    this.#state = 'established';
    this.#sendState = this.#acknowledgeState;
    if (this.#peerBusy) this.#deadlines.set('T200', now + linkParameters.T200);
    else this.#watch(now);
  }

  /** An acknowledgement of the established state; in recovery or of a busy peer it moves V(A) alone. */
  #takeAcknowledgement(now: number, receiveNumber: number, numberOnly: boolean): void {
    const before = this.#acknowledgeState;
    this.#acknowledgeUpTo(receiveNumber);
    if (numberOnly) return;
    if (receiveNumber === this.#sendState) this.#watch(now);
    else if (receiveNumber !== before) this.#deadlines.set('T200', now + linkParameters.T200);
  }

  #takeInvalid(now: number, fault: Exclude<FrameFault, 'address'>): void {
    if (this.#isUp()) this.#reestablish(now, fault);
    else this.#error(fault);
  }

  #retry(now: number): void {
    const exhausted = this.#retransmissions >= linkParameters.N200;
    switch (this.#state) {
      case 'awaiting-establishment':
        if (exhausted) {
          this.#error('G');
          this.#becomeReleased(now, 'indication');
          return;
        }
        this.#send({ kind: 'SABME', poll: true });
        break;
      case 'awaiting-release':
        if (exhausted) {
          this.#error('H');
          this.#becomeReleased(now, 'confirm');
          return;
        }
        this.#send({ kind: 'DISC', poll: true });
        break;
      case 'established':
        this.#enquire(now);
        return;
      case 'timer-recovery':
        if (exhausted) {
          this.#reestablish(now, 'I');
          return;
        }
        this.#send({ kind: 'RR', command: true, receiveNumber: this.#receiveState, poll: true });
        break;
      case 'tei-assigned':
        return;
    }
    this.#retransmissions += 1;
    this.#deadlines.set('T200', now + linkParameters.T200);
  }

  /** T203, or T200 the first time: is the other side there, and what has it got? (§5.6.7, §5.10) */
  #enquire(now: number): void {
    if (!this.#isUp()) return;
    this.#state = 'timer-recovery';
    this.#retransmissions = 1;
    this.#acknowledgePending = false;
    this.#send({ kind: 'RR', command: true, receiveNumber: this.#receiveState, poll: true });
    this.#deadlines.clear('T203');
    this.#deadlines.set('T200', now + linkParameters.T200);
  }

  #sendQueued(now: number): void {
    if (this.#state !== 'established' || this.#peerBusy) return;
    while (this.#outstanding() < Math.min(linkParameters.k, this.#queue.length)) {
      const information = this.#queue[this.#outstanding()] as Uint8Array;
      const sendNumber = this.#sendState;
      this.#sendState = next(sendNumber);
      this.#acknowledgePending = false;
      this.#send({ kind: 'I', sendNumber, receiveNumber: this.#receiveState, poll: false, information });
      if (!this.#deadlines.has('T200')) {
        this.#deadlines.clear('T203');
        this.#deadlines.set('T200', now + linkParameters.T200);
      }
    }
  }

  #acknowledge(command: boolean, poll: boolean): void {
    this.#acknowledgePending = false;
    this.#send({ kind: 'RR', command, receiveNumber: this.#receiveState, poll });
  }

  #beginEstablishment(now: number, layer3Initiated: boolean): void {
    this.#clearExceptions();
    this.#layer3Initiated = layer3Initiated;
    this.#retransmissions = 0;
    this.#send({ kind: 'SABME', poll: true });
    this.#deadlines.clear('T203');
    this.#deadlines.set('T200', now + linkParameters.T200);
    this.#state = 'awaiting-establishment';
  }

  #reestablish(now: number, error: LinkError): void {
    this.#error(error);
    this.#beginEstablishment(now, false);
  }

  #becomeEstablished(now: number, by: 'confirm' | 'indication' | undefined): void {
    this.#clearExceptions();
    this.#sendState = 0;
    this.#acknowledgeState = 0;
    this.#receiveState = 0;
    this.#watch(now);
    this.#state = 'established';
    if (by !== undefined) this.#outputs.push({ kind: 'established', by });
  }

  #becomeReleased(now: number, by: 'confirm' | 'indication'): void {
    this.#queue.length = 0;
    this.#clearExceptions();
    this.#deadlines.clearAll();
    this.#state = 'tei-assigned';
    this.#outputs.push({ kind: 'released', by });
    if (!this.#establishAfterRelease) return;
    this.#establishAfterRelease = false;
    this.#beginEstablishment(now, true);
  }

  #clearExceptions(): void {
    this.#peerBusy = false;
    this.#rejectException = false;
    this.#acknowledgePending = false;
  }

  /** Nothing is awaited: only whether the other side is still there. */
  #watch(now: number): void {
    this.#deadlines.clear('T200');
    this.#deadlines.set('T203', now + linkParameters.T203);
  }

  #acknowledgeUpTo(receiveNumber: number): void {
    const count = distance(this.#acknowledgeState, receiveNumber);
    this.#queue.splice(0, count);
    this.#acknowledgeState = receiveNumber;
  }

  /** V(A) <= N(R) <= V(S) (Q.921 §3.5.2.6). */
  #isValid(receiveNumber: number): boolean {
    return distance(this.#acknowledgeState, receiveNumber) <= this.#outstanding();
  }

  #outstanding(): number {
    return distance(this.#acknowledgeState, this.#sendState);
  }

  #isUp(): boolean {
    return this.#state === 'established' || this.#state === 'timer-recovery';
  }

  #error(error: LinkError): void {
    this.#outputs.push({ kind: 'error', error });
  }

  #send(frame: LinkFrame): void {
    this.#outputs.push({ kind: 'transmit', octets: encodeFrame(frame, this.#side) });
  }
}

function next(number: number): number {
  return (number + 1) % MODULUS;
}

function distance(from: number, to: number): number {
  return (to - from + MODULUS) % MODULUS;
}
