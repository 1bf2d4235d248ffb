import { DeviceStimulus, MediaStatus, type ServerEvent } from '@trustline/sccp';
import type { PhoneCalls } from './phone-calls.ts';
import type { PhoneFeatures } from './phone-features.ts';
import { type SoftKeyName, softKeyOf } from './soft-keys.ts';

/** What the user of a registered phone does, and what its channels do; false for what is of neither. */
export function pressed(now: number, calls: PhoneCalls, features: PhoneFeatures, event: ServerEvent): boolean {
  switch (event.kind) {
    case 'off-hook':
      calls.offHook(now, event.line || 1, event.callReference);
      return true;
    case 'on-hook':
      calls.onHook(event.callReference);
      return true;
    case 'digit':
      calls.digit(now, event.digit, event.callReference);
      return true;
    case 'enbloc':
      calls.dialling.whole(now, event.number, event.line || 1);
      return true;
    case 'soft-key': {
      const key = softKeyOf(event.softKey);
      if (key !== undefined) softKey(now, calls, features, key, event.line || 1, event.callReference);
      return true;
    }
    case 'stimulus':
      stimulus(now, calls, features, event.stimulus, event.instance);
      return true;
    case 'receive-channel-opened': {
      const { passThroughPartyId, status, address, port } = event;
      const opened = status === MediaStatus.Ok && isPlaceOfOne(address, port);
      calls.channelOpened(now, passThroughPartyId, opened ? { address, port } : undefined);
      return true;
    }
    case 'transmission-started':
      if (event.status !== MediaStatus.Ok) calls.cannotSend(event.passThroughPartyId);
      return true;
    default:
      return false;
  }
}

/** Media go to one phone: not to nowhere, not to a group, and to a port that there is. */
function isPlaceOfOne(address: string, port: number): boolean {
  if (port === 0 || port > 65_535 || address === '0.0.0.0' || address === '::') return false;
  if (address.includes(':')) return !address.toLowerCase().startsWith('ff');
  return Number(address.split('.')[0]) < 224;
}

function softKey(
  now: number,
  calls: PhoneCalls,
  features: PhoneFeatures,
  key: SoftKeyName,
  line: number,
  reference: number,
): void {
  const call = calls.find(reference);
  switch (key) {
    case 'Redial':
      calls.dialling.redial(now, line);
      return;
    case 'NewCall':
      calls.newCall(now, line);
      return;
    case 'Hold':
      calls.hold(now, call);
      return;
    case 'Resume':
      calls.resume(now, call);
      return;
    case 'Answer':
      calls.answer(now, call);
      return;
    case 'EndCall':
      calls.hangUp(call);
      return;
    case 'Transfer':
      calls.transfer(now, call);
      return;
    case 'BackSpace':
      calls.dialling.backSpace(now);
      return;
    case 'Dial':
      calls.dialling.typed(now);
      return;
    default:
      features.pressed(now, key, line, call);
  }
}

function stimulus(now: number, calls: PhoneCalls, features: PhoneFeatures, key: number, instance: number): void {
  switch (key) {
    case DeviceStimulus.Line:
      calls.lineKey(now, instance);
      return;
    case DeviceStimulus.LastNumberRedial:
      calls.dialling.redial(now, 1);
      return;
    case DeviceStimulus.Hold:
      calls.hold(now);
      return;
    case DeviceStimulus.Transfer:
      calls.transfer(now);
      return;
    case DeviceStimulus.NewCall:
      calls.newCall(now, 1);
      return;
    case DeviceStimulus.EndCall:
      calls.hangUp();
      return;
    case DeviceStimulus.SpeedDial:
    case DeviceStimulus.BLFSpeedDial:
      features.speedDial(now, instance);
      return;
    case DeviceStimulus.ForwardAll:
      features.pressed(now, 'CfwdAll', instance || 1, undefined);
      return;
    case DeviceStimulus.Conference:
      features.pressed(now, 'Confrn', 1, undefined);
      return;
    case DeviceStimulus.CallPark:
      features.pressed(now, 'Park', 1, undefined);
      return;
    case DeviceStimulus.CallPickUp:
    case DeviceStimulus.GroupCallPickUp:
      features.pressed(now, 'PickUp', instance || 1, undefined);
      return;
    case DeviceStimulus.DoNotDisturb:
      features.pressed(now, 'DND', 1, undefined);
      return;
    case DeviceStimulus.CallBack:
      features.pressed(now, 'CallBack', 1, undefined);
      return;
    case DeviceStimulus.VoiceMail:
      features.voiceMail(now);
      return;
    default: // a key that this phone was not given
  }
}
