import type { Cause } from '@trustline/callcontrol';
import { type PhoneCall, partiesOf } from './phone-call.ts';
import type { CallPlace, PhoneScreen } from './phone-screen.ts';
import { endText, filled, type PhoneTexts } from './phone-texts.ts';

const noCall: CallPlace = { line: 0, reference: 0 };

/** What a phone shows, plays and rings with when a call of its comes into another state. */
export class CallDisplay {
  readonly screen: PhoneScreen;
  readonly #lines: readonly { readonly number: string; readonly displayName: string | undefined }[];
  readonly #texts: PhoneTexts;

  constructor(screen: PhoneScreen, lines: CallDisplay['lines'], texts: PhoneTexts) {
    this.screen = screen;
    this.#lines = lines;
    this.#texts = texts;
  }

  /** In the order of their buttons. */
  get lines() {
    return this.#lines;
  }

  /** Who takes part, and the lock. */
  parties(call: PhoneCall): void {
    const { number, displayName } = this.#lines[call.line - 1] ?? { number: '', displayName: undefined };
    this.screen.callInfo(call, partiesOf(call, { number, name: displayName ?? '' }), call.level);
  }

  /** A number is wanted, and for what. */
  offHook(call: PhoneCall): void {
    const { purpose, line } = call;
    const texts = this.#texts;
    const words = { transfer: texts.transferTo, conference: texts.conferenceWith, 'forward-all': texts.forwardTo };
    this.screen.selectLine(line);
    this.screen.callState(call, 'OffHook');
    this.screen.lineLamp(line, 'On');
    this.screen.prompt(call, purpose === undefined ? texts.enterNumber : words[purpose.kind]);
    this.screen.softKeys(call, purpose === undefined ? 'OffHook' : 'OffHookWithFeatures');
    this.screen.tone(call, 'InsideDialTone');
  }

  firstDigit(call: PhoneCall): void {
    this.screen.stopTone(call);
    this.screen.softKeys(call, 'DigitsFollowing');
  }

  proceeds(call: PhoneCall): void {
    const { number } = call.party;
    this.screen.dialled(call, number);
    this.screen.callState(call, 'Proceed');
    this.screen.prompt(call, filled(this.#texts.calling, number));
    this.screen.softKeys(call, 'RingOut', ['Transfer', 'CallBack']);
    this.parties(call);
  }

  ringsOut(call: PhoneCall, callWaiting: boolean): void {
    const { ringsAt, waitsAt } = this.#texts;
    this.screen.callState(call, 'RingOut');
    this.screen.tone(call, 'AlertingTone');
    this.screen.prompt(call, filled(callWaiting ? waitsAt : ringsAt, call.party.name || call.party.number));
    this.screen.softKeys(call, 'RingOut', call.purpose?.kind === 'transfer' ? [] : ['Transfer']);
    this.parties(call);
  }

  /**
   * @param isBusy its user talks, and is not to be rung into the ear
   * @param isInside somebody of this cluster calls: it rings otherwise for who calls from outside
   */
  ringsIn(call: PhoneCall, isBusy: boolean, isInside: boolean): void {
    this.screen.callState(call, 'RingIn');
    this.parties(call);
    this.screen.prompt(call, filled(this.#texts.from, call.party.name || call.party.number));
    this.screen.softKeys(call, 'RingIn');
    this.screen.lineLamp(call.line, 'Blink');
    if (isBusy) this.screen.tone(call, 'CallWaitingTone');
    else this.screen.ring(call, isInside ? 'InsideRing' : 'OutsideRing');
  }

  connected(call: PhoneCall, words: string): void {
    const { purpose } = call;
    const sets = { transfer: 'ConnectedTransferable', conference: 'ConnectedConference' } as const;
    this.screen.stopTone(call);
    this.screen.callState(call, 'Connected');
    this.screen.lineLamp(call.line, 'On');
    this.screen.prompt(call, words);
    this.screen.softKeys(
      call,
      purpose === undefined || purpose.kind === 'forward-all' ? 'Connected' : sets[purpose.kind],
    );
    this.parties(call);
  }

  held(call: PhoneCall): void {
    this.screen.callState(call, 'Hold');
    this.screen.lineLamp(call.line, 'Wink');
    this.screen.prompt(call, this.#texts.onHold);
    this.screen.softKeys(call, 'OnHold');
  }

  /** It is heard and read why, until the phone goes on hook. */
  failed(call: PhoneCall, cause: Cause, found?: string): void {
    const isBusy = cause === 'user-busy';
    const isInvalid = cause === 'unallocated-number' || cause === 'invalid-number-format';
    this.screen.stopTone(call);
    this.screen.callState(call, isBusy ? 'Busy' : isInvalid ? 'InvalidNumber' : 'Congestion');
    this.screen.prompt(call, this.#endText(call, cause, found));
    this.screen.softKeys(call, 'OffHookWithFeatures');
    this.screen.tone(call, isBusy ? 'LineBusyTone' : 'ReorderTone');
  }

  #endText({ unprotected }: PhoneCall, cause: Cause, found: string | undefined): string {
    const texts = this.#texts;
    if (cause === 'protection-gone' && unprotected !== undefined) return filled(texts.protectionNotBack, unprotected);
    return found !== undefined && texts.readsReasons ? found : endText(texts, cause);
  }

  /** The call goes on to another number. */
  forwarded(call: PhoneCall, number: string): void {
    this.screen.prompt(call, filled(this.#texts.forwardedTo, number));
  }

  over(call: PhoneCall): void {
    if (call.state === 'ringing-in') this.screen.ring(call, 'RingOff');
    this.screen.stopTone(call);
    this.screen.callState(call, 'OnHook');
    this.screen.clearPrompt(call);
  }

  /** No call has the phone's ear. */
  idle(): void {
    this.screen.softKeys(noCall, 'OnHook');
    this.screen.selectLine(undefined);
    this.screen.speakerOff();
  }
}
