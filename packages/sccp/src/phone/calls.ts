import type { KnownMessage } from '../messages/catalogue.ts';
import { CallState } from '../values/calls.ts';
import type { PhoneCall, PhoneConfiguration } from './events.ts';

/** More calls than any phone shows; a manager that tells of others is not followed. */
const MOST_CALLS = 64;

/** The calls of a phone, as its manager tells them. */
export class PhoneCalls {
  readonly #calls = new Map<number, PhoneCall>();

  get all(): ReadonlyMap<number, PhoneCall> {
    return this.#calls;
  }

  clear(): void {
    this.#calls.clear();
  }

  /** The call as it is after a message that changes it; undefined where a message changes none. */
  change(message: KnownMessage, configuration: PhoneConfiguration): PhoneCall | undefined {
    switch (message.kind) {
      case 'CallState': {
        const call = this.#set(message.callReference, { state: message.callState, line: message.lineInstance });
        if (message.callState === CallState.OnHook) this.#calls.delete(message.callReference);
        return call;
      }
      case 'CallInfo':
      case 'CallInfoV2':
        return this.#set(message.callReference, {
          line: message.lineInstance,
          type: message.callType,
          securityStatus: message.callSecurityStatus,
          callingParty: message.callingParty ?? '',
          callingPartyName: message.callingPartyName ?? '',
          calledParty: message.calledParty ?? '',
          calledPartyName: message.calledPartyName ?? '',
        });
      case 'DisplayPromptStatus':
      case 'DisplayPromptStatusV2':
        return this.#setKnown(message.callReference, { prompt: message.promptStatus });
      case 'ClearPromptStatus':
        return this.#setKnown(message.callReference, { prompt: '' });
      case 'SelectSoftKeys': {
        const softKeys = softKeysIn(configuration, message.softKeySetIndex, message.validKeyMask);
        return this.#setKnown(message.callReference, { softKeys });
      }
      default:
        return undefined;
    }
  }

  #setKnown(callReference: number, change: Partial<PhoneCall>): PhoneCall | undefined {
    return this.#calls.has(callReference) ? this.#set(callReference, change) : undefined;
  }

  #set(callReference: number, change: Partial<PhoneCall>): PhoneCall | undefined {
    const known = this.#calls.get(callReference);
    if (known === undefined && this.#calls.size >= MOST_CALLS) return undefined;
    const call: PhoneCall = { ...(known ?? newCall(callReference)), ...change };
    this.#calls.set(callReference, call);
    return call;
  }
}

function newCall(callReference: number): PhoneCall {
  return {
    callReference,
    line: 0,
    state: CallState.Idle,
    securityStatus: 0,
    type: 0,
    callingParty: '',
    callingPartyName: '',
    calledParty: '',
    calledPartyName: '',
    prompt: '',
    softKeys: [],
  };
}

/** The soft keys of a situation of which the bit is set: `SoftKeyEvent`s, from left to right. */
export function softKeysIn(
  { softKeys, softKeySets }: PhoneConfiguration,
  set: number,
  mask: number,
): readonly number[] {
  return (softKeySets[set] ?? []).flatMap((place, i) => {
    const softKey = softKeys[place - 1];
    return softKey !== undefined && (mask & (1 << i)) !== 0 ? [softKey.event] : [];
  });
}
