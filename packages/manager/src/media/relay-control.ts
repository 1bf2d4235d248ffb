/** Between call control, which knows legs and keys, and the relay, which knows sides and packets. */
import type { CallControlInput, CallControlOutput, MediaKey } from '@trustline/callcontrol';
import { keyDerivationRateOf, keyFingerprint, masterKeysOf } from '@trustline/keying';
import { dtmfEventOf } from '@trustline/rtp';
import type { DialledDigit, DirectionKeys, FailureCause, RelayNotice, SideSettings } from './settings.ts';

/** A gateway has shown whose key protects its media; `fingerprint` is that of the key that was ours to give it. */
export interface KeyReadingShown {
  readonly kind: 'key-reading-shown';
  readonly fingerprint: string;
  readonly keyReading: 'sender' | 'receiver';
}

/** What call control, or the leg of a gateway, hears of the relay. */
export type RelayInput =
  | Extract<CallControlInput, { kind: 'relay-lost' | 'relay-failures' | 'relay-digit-heard' }>
  | KeyReadingShown;

type SideOutput = Extract<CallControlOutput, { kind: 'relay-side' }>;

/** A side as the relay takes it. Its master keys are copies, for the thread that gets them. */
export function sideSettings({ keys, kind: _, ...settings }: SideOutput): SideSettings {
  const protection =
    keys === undefined
      ? ({ kind: 'clear' } as const)
      : ({
          kind: 'srtp',
          receive: directionKeys(keys.receive),
          send: directionKeys(keys.send),
          ...(keys.mayBeSwapped === true ? { mayBeSwapped: true as const } : {}),
        } as const);
  return { ...settings, protection };
}

function directionKeys(attribute: MediaKey): DirectionKeys {
  const { suite } = attribute;
  if (suite === undefined) throw new TypeError('call control gives the relay keys of known suites only');
  const keyDerivationRate = keyDerivationRateOf(attribute);
  return {
    profile: suite.name,
    masterKeys: masterKeysOf({ attribute, suite, profile: suite.name }),
    keyDerivationRate,
    fingerprint: [
      suite.name,
      keyDerivationRate,
      ...attribute.keys.map(({ material }) => keyFingerprint(material)),
    ].join(' '),
  };
}

/** A digit as the relay takes it; undefined where there is no event for it. */
export function digitOf(output: Extract<CallControlOutput, { kind: 'relay-digit' }>): DialledDigit | undefined {
  const { digit, payloadType, clockRate, milliseconds } = output;
  const event = dtmfEventOf(digit);
  return event === undefined ? undefined : { event, payloadType, clockRate, milliseconds };
}

const causeWords: Readonly<Record<FailureCause, string>> = {
  'another-key': 'nothing ever authenticated under the key that it signalled: it sends with another',
  'key-before': 'it still sends with the key before the one that it signalled last',
  'rollover-counter-reset':
    'it has set its rollover counter back under the same key, which RFC 3711 §3.3.1 does not allow',
  'another-source': 'they come from elsewhere than its voice: somebody else sends to this port',
  'changed-since': 'they did until now: it has changed its key or its counters without a word',
};

/** What is heard of a notice; undefined where it is nothing to it. */
export function inputOf(notice: RelayNotice): RelayInput | undefined {
  if (notice.kind === 'digit') {
    const { side, digit, milliseconds } = notice;
    return { kind: 'relay-digit-heard', side, digit, milliseconds };
  }
  if (notice.kind === 'keys-verified') {
    const [, , fingerprint = ''] = notice.fingerprint.split(' ');
    return { kind: 'key-reading-shown', fingerprint, keyReading: notice.isSwapped ? 'sender' : 'receiver' };
  }
  if (notice.kind !== 'authentication-failures') return undefined;
  const { side, received, failed, source, cause } = notice;
  const sentence = `${failed} of ${received} packets from ${source.address} do not authenticate; likely cause: ${causeWords[cause]}.`;
  const [, , fingerprint = ''] = notice.fingerprint.split(' ');
  return { kind: 'relay-failures', side, fingerprint, sentence, reason: cause };
}
