import type { SecurityLevel } from '@trustline/evidence';
import {
  ButtonType,
  CallSecurityStatus,
  CallState,
  CallType,
  callInfo,
  DeviceStimulus,
  DeviceTone,
  displayNotify,
  displayPrompt,
  featureStatus,
  type KnownMessage,
  LampMode,
  OnOrOff,
  RingDuration,
  RingMode,
  type SessionDialect,
  SoftKeySet,
  ToneOutputDirection,
  takesBusyLamps,
} from '@trustline/sccp';
import type { SoftKeyName } from './soft-keys.ts';
import { softKeyMask } from './soft-keys.ts';

/** Which call of a phone something is about; both 0 for the phone itself. */
export interface CallPlace {
  /** The line's button, from 1. */
  readonly line: number;
  readonly reference: number;
}

/** Who takes part, as the phone shows it. */
export interface ShownParties {
  readonly callType: keyof typeof CallType;
  readonly calling: ShownParty;
  readonly called: ShownParty;
  readonly originalCalled?: ShownParty;
}

export interface ShownParty {
  readonly number: string;
  readonly name: string;
}

const digitTones: Readonly<Record<string, keyof typeof DeviceTone>> = {
  ...Object.fromEntries([...'0123456789ABCD'].map((digit) => [digit, `Dtmf${digit}` as keyof typeof DeviceTone])),
  '*': 'DtmfStar',
  '#': 'DtmfPound',
};

/** What a lock icon shows. [C: WS; 0 to 2 also CHSCCP] */
const securityStatus: Readonly<Record<SecurityLevel, keyof typeof CallSecurityStatus>> = {
  'non-secure': 'NotAuthenticated',
  authenticated: 'Authenticated',
  encrypted: 'Encrypted',
};

/** The phone for its user: what it shows, plays and rings with, in messages of its protocol version. */
export class PhoneScreen {
  readonly #send: (message: KnownMessage) => void;
  readonly #dialect: SessionDialect;

  constructor(dialect: SessionDialect, send: (message: KnownMessage) => void) {
    this.#send = send;
    this.#dialect = dialect;
  }

  callState({ line, reference }: CallPlace, state: keyof typeof CallState): void {
    this.#send({
      kind: 'CallState',
      callState: CallState[state],
      lineInstance: line,
      callReference: reference,
      privacy: 0,
      precedence: { precedenceLevel: 4, precedenceDomain: 0 }, // routine [C2: WS, CHSCCP]
    });
  }

  /** The parties and the lock. */
  callInfo({ line, reference }: CallPlace, parties: ShownParties, level: SecurityLevel): void {
    const { calling, called, originalCalled = called } = parties;
    this.#send(
      callInfo(this.#dialect, {
        callingPartyName: calling.name,
        callingParty: calling.number,
        calledPartyName: called.name,
        calledParty: called.number,
        lineInstance: line,
        callReference: reference,
        callType: CallType[parties.callType],
        originalCalledPartyName: originalCalled.name,
        originalCalledParty: originalCalled.number,
        callSecurityStatus: CallSecurityStatus[securityStatus[level]],
      }),
    );
  }

  softKeys({ line, reference }: CallPlace, set: keyof typeof SoftKeySet, without: readonly SoftKeyName[] = []): void {
    this.#send({
      kind: 'SelectSoftKeys',
      lineInstance: line,
      callReference: reference,
      softKeySetIndex: SoftKeySet[set],
      validKeyMask: softKeyMask(set, without),
    });
  }

  /** A line of text about a call, until the next. */
  prompt({ line, reference }: CallPlace, promptStatus: string): void {
    const place = { lineInstance: line, callReference: reference };
    this.#send(displayPrompt(this.#dialect, { timeOutValue: 0, ...place, promptStatus }));
  }

  clearPrompt({ line, reference }: CallPlace): void {
    this.#send({ kind: 'ClearPromptStatus', lineInstance: line, callReference: reference });
  }

  /** A text for some seconds, about no call. */
  notify(text: string, seconds = 5): void {
    this.#send(displayNotify(this.#dialect, seconds, text));
  }

  /** What is shown while there is no call; nothing without. */
  idlePrompt(text: string | undefined): void {
    const idle = { line: 0, reference: 0 };
    if (text === undefined) this.clearPrompt(idle);
    else this.prompt(idle, text);
  }

  /** Where all calls of a line go. */
  forwarding(line: number, number: string | undefined): void {
    const isActive = number === undefined ? 0 : 1;
    this.#send({
      kind: 'ForwardStatRes',
      activeForward: isActive,
      lineNumber: line,
      forwardAllActive: isActive,
      forwardAllDirnum: (number ?? '').slice(0, 23),
      forwardBusyActive: 0,
      forwardBusyDirnum: '',
      forwardNoAnswerActive: 0,
      forwardNoAnswerlDirnum: '',
    });
  }

  /** What the line behind a speed dial does: a `BusyLampStatus`. Older phones have no such lamp. */
  busyLamp(instance: number, label: string, status: number): void {
    if (!takesBusyLamps(this.#dialect)) return;
    const featureID = ButtonType.BusyLampFieldSpeeddial;
    const feature = { featureIndex: instance, featureID, featureTextLabel: label, featureStatus: status };
    this.#send(featureStatus(this.#dialect, feature));
  }

  /** The lamp of the handset. */
  messageLamp(isLit: boolean): void {
    this.lamp('VoiceMail', 0, isLit ? 'On' : 'Off');
  }

  tone({ line, reference }: CallPlace, tone: keyof typeof DeviceTone): void {
    this.#send({
      kind: 'StartTone',
      tone: DeviceTone[tone],
      tone_output_direction: ToneOutputDirection.User,
      lineInstance: line,
      callReference: reference,
    });
  }

  /** A digit that the other end has signalled. */
  digitTone(place: CallPlace, digit: string): void {
    const tone = digitTones[digit];
    if (tone !== undefined) this.tone(place, tone);
  }

  stopTone({ line, reference }: CallPlace): void {
    this.#send({ kind: 'StopTone', lineInstance: line, callReference: reference, tone: DeviceTone.Silence });
  }

  ring({ line, reference }: CallPlace, mode: keyof typeof RingMode): void {
    this.#send({
      kind: 'SetRinger',
      ringMode: RingMode[mode],
      ringDuration: RingDuration.NormalRing,
      lineInstance: line,
      callReference: reference,
    });
  }

  lineLamp(line: number, mode: keyof typeof LampMode): void {
    this.lamp('Line', line, mode);
  }

  lamp(stimulus: keyof typeof DeviceStimulus, instance: number, mode: keyof typeof LampMode): void {
    this.#send({
      kind: 'SetLamp',
      stimulus: DeviceStimulus[stimulus],
      stimulusInstance: instance,
      lampMode: LampMode[mode],
    });
  }

  speakerOff(): void {
    this.#send({ kind: 'SetSpeakerMode', speakerMode: OnOrOff.Off });
  }

  dialled({ line, reference }: CallPlace, number: string): void {
    this.#send({
      kind: 'DialedNumber',
      dialedNumber: number.slice(0, 23),
      lineInstance: line,
      callReference: reference,
    });
  }

  /** Which line the keys are for. */
  selectLine(line: number | undefined): void {
    if (line === undefined) this.#send({ kind: 'DeactivateCallPlane' });
    else this.#send({ kind: 'ActivateCallPlane', lineInstance: line });
  }
}
