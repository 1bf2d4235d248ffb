import type { Cause, DialledSoFar } from '@trustline/callcontrol';
import type { PhoneCall } from './phone-call.ts';

export interface DiallingPorts {
  dialledSoFar(now: number, digits: string): DialledSoFar;
  /** The call that has the phone's ear. */
  atEar(): PhoneCall | undefined;
  /** Off hook on a line. */
  newCall(now: number, line: number): PhoneCall | undefined;
  /** The first digit of a number is there: no dial tone any more. */
  begins(call: PhoneCall): void;
  /** The number of the call is whole. */
  place(now: number, call: PhoneCall): void;
  fail(now: number, call: PhoneCall, cause: Cause): void;
}

/** How long a phone that is off hook may take to begin, and between digits, in milliseconds; Cisco's T302 is 15 s. */
export const FIRST_DIGIT_TIMEOUT = 15_000;
const NEXT_DIGIT_TIMEOUT = 15_000;
/** A number that is whole, and may go on, is dialled after so long. */
const EXTENDABLE_TIMEOUT = 4_000;
/** Digits of a number at most. */
const MOST_DIGITS = 48;

/** How the digits of a phone become a number: one after the other, at once, or what was dialled before. */
export class Dialling {
  readonly #ports: DiallingPorts;
  /** What was dialled last, for redial. */
  #last: string | undefined;

  constructor(ports: DiallingPorts) {
    this.#ports = ports;
  }

  /** A key of the key pad, for a call that is dialled. */
  digit(now: number, call: PhoneCall, digit: string): void {
    const endsNumber =
      digit === '#' && call.digits !== '' && this.#ports.dialledSoFar(now, `${call.digits}#`) === 'impossible';
    if (endsNumber) this.ended(now, call);
    else if (call.digits.length < MOST_DIGITS) this.#typed(now, call, call.digits + digit);
  }

  backSpace(now: number): void {
    const call = this.#ports.atEar();
    if (call?.state !== 'dialling' || call.digits === '') return;
    call.digits = call.digits.slice(0, -1);
    call.deadline = now + NEXT_DIGIT_TIMEOUT;
  }

  /** A whole number: typed before the receiver was taken up, or behind a key. */
  whole(now: number, number: string, line: number): void {
    const atEar = this.#ports.atEar();
    // What no key can dial is none: a line break would stand in what is said of the call.
    if (number === '' || number.length > MOST_DIGITS || /[^\x21-\x7e]/.test(number)) return;
    const call = atEar?.state === 'dialling' ? atEar : this.#ports.newCall(now, line);
    if (call === undefined) return;
    call.digits = number;
    this.#place(now, call);
  }

  /** What has been typed is the whole number. */
  typed(now: number): void {
    const call = this.#ports.atEar();
    if (call?.state === 'dialling' && call.digits !== '') this.ended(now, call);
  }

  redial(now: number, line: number): void {
    if (this.#last !== undefined) this.whole(now, this.#last, line);
  }

  /** No digit more: what there is has to do. */
  ended(now: number, call: PhoneCall): void {
    if (call.digits === '') this.#ports.fail(now, call, 'invalid-number-format');
    else this.#place(now, call);
  }

  #typed(now: number, call: PhoneCall, digits: string): void {
    if (call.digits === '') this.#ports.begins(call);
    call.digits = digits;
    const soFar = this.#ports.dialledSoFar(now, digits);
    if (soFar === 'impossible') this.#ports.fail(now, call, 'unallocated-number');
    else if (soFar === 'complete') this.#place(now, call);
    else call.deadline = now + (soFar === 'extendable' ? EXTENDABLE_TIMEOUT : NEXT_DIGIT_TIMEOUT);
  }

  #place(now: number, call: PhoneCall): void {
    if (call.purpose?.kind !== 'forward-all') this.#last = call.digits;
    this.#ports.place(now, call);
  }
}
