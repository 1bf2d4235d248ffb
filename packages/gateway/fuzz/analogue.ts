import { CallInformationReader } from '../src/analogue/caller-id/call-information.ts';
import { FxoPort } from '../src/analogue/fxo-port.ts';
import { FxsPort } from '../src/analogue/fxs-port.ts';
import type { CallerIdMethod } from '../src/analogue/loop-signals.ts';
import type { VoicePort } from '../src/voice-port.ts';

const methods: readonly CallerIdMethod[] = ['bell-202', 'v23', 'dtmf', 'none'];
const cause = { value: 16, location: 0 };
const outgoing = { called: { typeOfNumber: 0, numberingPlan: 1, digits: '5' }, complete: true };

/** Commands, line signals, blocks of audio and time, each of two octets. */
export function corpus(): readonly Uint8Array[] {
  return [
    Uint8Array.from([0, 1, 1, 5, 0, 4, 9, 6, 0, 3, 20, 2, 0, 4, 1, 9, 0]),
    Uint8Array.from([1, 10, 0, 11, 1, 4, 100, 11, 0, 4, 100, 4, 100, 7, 0, 10, 2, 4, 40]),
    Uint8Array.from([0x80, 0x02, 0x01, 0x35, 0x48]),
  ];
}

/**
 * The first octet says how caller ID comes. Whatever the line does and whatever the gateway asks for: every call that is told
 * is told to be over at most once and nothing of it after that, and no timer is overdue. The octets are read as a message of
 * caller ID besides.
 */
export function fuzz(data: Uint8Array): void {
  const reader = new CallInformationReader();
  for (const octet of data) reader.push(octet);
  const callerId = methods[(data[0] ?? 0) % methods.length] ?? 'none';
  const fxs = new FxsPort({ name: 's', law: 'A', country: 'GB', callerId });
  const fxo = new FxoPort({ name: 'o', law: 'A', country: 'FR', callerId, dialling: 'pulse' });
  const watches = [new Watch(fxs), new Watch(fxo)];
  const received = new Uint8Array(160);
  const sent = new Uint8Array(160);
  let now = 0;
  for (let at = 1; at + 1 < data.byteLength; at += 2) {
    const [action = 0, value = 0] = data.subarray(at, at + 2);
    const port: VoicePort = value & 0x80 ? fxo : fxs;
    const call = port === fxo ? (watches[1]?.last ?? 0) : (watches[0]?.last ?? 0);
    switch (action % 12) {
      case 0:
        port.place(now, outgoing);
        break;
      case 1:
        fxs.setLoop(now, (value & 1) === 1);
        break;
      case 2:
        port.release(now, call, cause);
        break;
      case 3:
        port.alert(now, call, (value & 1) === 1);
        break;
      case 4:
        now += value * 20;
        break;
      case 5:
        port.wantDigits(now, call);
        break;
      case 6:
        port.proceed(now, call);
        break;
      case 7:
        port.answer(now, call);
        break;
      case 8:
        port.sendDigits(now, call, String(value % 10), false);
        break;
      case 9:
        port.sendKeys(now, call, '1#');
        break;
      case 10:
        fxo.setBattery(now, (['off', 'normal', 'reversed'] as const)[value % 3] ?? 'off');
        break;
      default:
        fxo.setRinging(now, (value & 1) === 1);
    }
    received.fill(value);
    fxs.exchangeAudio(now, received, sent);
    fxo.exchangeAudio(now, received, sent);
    for (const one of [fxs, fxo]) one.handleTime(now);
    for (const watch of watches) watch.check(now);
  }
}

class Watch {
  readonly #port: FxsPort | FxoPort;
  readonly #over = new Set<number>();
  last = 0;

  constructor(port: FxsPort | FxoPort) {
    this.#port = port;
  }

  check(now: number): void {
    for (let event = this.#port.poll(); event !== undefined; event = this.#port.poll()) {
      if (event.kind === 'service') continue;
      if (this.#over.has(event.call)) throw new Error(`${event.kind} of call ${event.call}, which is over`);
      if (event.kind === 'released') this.#over.add(event.call);
      else this.last = event.call;
    }
    while (this.#port.takeSignal() !== undefined);
    const due = this.#port.nextDeadline();
    if (due !== undefined && due <= now) throw new Error(`a timer of ${due} is overdue at ${now}`);
  }
}
