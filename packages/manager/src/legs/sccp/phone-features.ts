import type { CallControlInput, Forwarding } from '@trustline/callcontrol';
import type { PhoneCall } from './phone-call.ts';
import type { PhoneCalls, PhoneLine } from './phone-calls.ts';
import { filled, type PhoneTexts } from './phone-texts.ts';
import type { SoftKeyName } from './soft-keys.ts';

/** Keys that stand for a feature of the cluster. */
export type FeatureKey = Exclude<
  SoftKeyName,
  'Redial' | 'NewCall' | 'Hold' | 'Resume' | 'Answer' | 'EndCall' | 'Transfer' | 'BackSpace' | 'Dial'
>;

/** What the cluster has for phones; a number that is not there is undefined. */
export interface FeatureNumbers {
  /** Takes what rings in a pick-up group of the caller's. */
  readonly pickUp: string | undefined;
  /** A place where no call is parked. */
  park(): string | undefined;
  /** A conference that nobody is in. */
  conference(): string | undefined;
  /** Asks to be called back when the number that was busy is free. */
  readonly callBack: string | undefined;
  readonly voiceMail: string | undefined;
}

export interface PhoneFeaturesPorts {
  readonly calls: PhoneCalls;
  readonly lines: readonly PhoneLine[];
  readonly texts: PhoneTexts;
  readonly numbers: FeatureNumbers;
  forwarding(line: string): Forwarding | undefined;
  setForwarding(line: string, forwarding: Forwarding): void;
  /** The number behind a speed dial key. */
  speedDial(instance: number): string | undefined;
  say(input: CallControlInput): void;
}

/** Features of the cluster behind the keys of a phone. Each is a number of the dial plan, or a setting of a line. */
export class PhoneFeatures {
  readonly #ports: PhoneFeaturesPorts;

  constructor(ports: PhoneFeaturesPorts) {
    this.#ports = ports;
  }

  pressed(now: number, key: FeatureKey, line: number, call: PhoneCall | undefined): void {
    const { calls, numbers } = this.#ports;
    switch (key) {
      case 'CfwdAll':
        this.#forwardAll(now, line);
        return;
      case 'DND':
        this.#doNotDisturb();
        return;
      case 'PickUp':
        this.#dial(now, numbers.pickUp, line);
        return;
      case 'CallBack':
        calls.hangUp(call);
        this.#dial(now, numbers.callBack, line);
        return;
      case 'Park':
        this.#park(call);
        return;
      default:
        this.#conference(now, call);
    }
  }

  speedDial(now: number, instance: number): void {
    this.#dial(now, this.#ports.speedDial(instance), 1);
  }

  voiceMail(now: number): void {
    this.#dial(now, this.#ports.numbers.voiceMail, 1);
  }

  /** All calls of the line go to a number from now on, which has been dialled behind the key. */
  forwardTo(line: number, number: string): void {
    const own = this.#ports.lines[line - 1]?.number;
    if (own === undefined) return;
    this.#ports.setForwarding(own, { ...this.#ports.forwarding(own), always: number });
    this.#notify(filled(this.#ports.texts.forwardedTo, number));
  }

  /** Whether calls reach the phone at all, for a display that has nothing else to show. */
  idleText(): string | undefined {
    const { lines, texts } = this.#ports;
    for (const { number } of lines) {
      const { always, doNotDisturb } = this.#ports.forwarding(number) ?? {};
      if (always !== undefined) return filled(texts.forwardedTo, always);
      if (doNotDisturb === true) return texts.doNotDisturb;
    }
    return undefined;
  }

  #forwardAll(now: number, line: number): void {
    const own = this.#ports.lines[line - 1]?.number;
    if (own === undefined) return;
    const { always, ...rest } = this.#ports.forwarding(own) ?? {};
    if (always === undefined) {
      this.#ports.calls.newCall(now, line, { kind: 'forward-all' });
      return;
    }
    this.#ports.setForwarding(own, rest);
    this.#notify(this.#ports.texts.forwardingOff);
  }

  #doNotDisturb(): void {
    const { lines, forwarding, setForwarding } = this.#ports;
    const isOn = lines.some(({ number }) => forwarding(number)?.doNotDisturb === true);
    for (const { number } of lines) {
      const { doNotDisturb: _, ...rest } = forwarding(number) ?? {};
      setForwarding(number, isOn ? rest : { ...rest, doNotDisturb: true });
    }
  }

  #dial(now: number, number: string | undefined, line: number): void {
    if (number === undefined) this.#notify(this.#ports.texts.notAvailable);
    else this.#ports.calls.dialling.whole(now, number, line);
  }

  #park(call: PhoneCall | undefined): void {
    const { calls, numbers, texts } = this.#ports;
    const place = numbers.park();
    if (place === undefined) this.#notify(texts.notAvailable);
    else calls.transferTo(place, filled(texts.parkedAt, place), call);
  }

  /** The first time somebody is called for it; the second time all three meet in a conference of the dial plan. */
  #conference(now: number, call: PhoneCall | undefined): void {
    const { calls, numbers, say, texts } = this.#ports;
    const atEar = call ?? calls.atEar();
    if (atEar?.purpose?.kind !== 'conference') {
      if (atEar?.state === 'connected') calls.newCall(now, atEar.line, { kind: 'conference', of: atEar });
      return;
    }
    const number = numbers.conference();
    const { of } = atEar.purpose;
    if (number === undefined) {
      this.#notify(texts.notAvailable);
      return;
    }
    if (atEar.state !== 'connected' || atEar.leg === undefined || of.leg === undefined) return;
    for (const { leg } of [of, atEar])
      if (leg !== undefined) say({ kind: 'transfer', leg, to: { kind: 'number', number } });
    calls.newCall(now, atEar.line);
    calls.dialling.whole(now, number, atEar.line);
  }

  #notify(text: string): void {
    this.#ports.calls.screen.notify(text);
  }
}
