import type { KnownMessage } from '../messages/catalogue.ts';
import { OnOrOff } from '../values/lamps-and-ringers.ts';
import type { PhoneEvent } from './events.ts';

/** What is seen and heard of a message; undefined where nothing is. */
export function shown(message: KnownMessage): PhoneEvent | undefined {
  switch (message.kind) {
    case 'SetRinger': {
      const { ringMode: mode, ringDuration: duration, callReference } = message;
      return { kind: 'ringer', mode, duration, callReference };
    }
    case 'StartTone':
      return { kind: 'tone', tone: message.tone, callReference: message.callReference };
    case 'StopTone':
      return { kind: 'tone', tone: undefined, callReference: message.callReference };
    case 'SetLamp': {
      const { stimulus, stimulusInstance: instance, lampMode: mode } = message;
      return { kind: 'lamp', stimulus, instance, mode };
    }
    case 'DisplayPromptStatus':
    case 'DisplayPromptStatusV2': {
      const { promptStatus: text, lineInstance: line, callReference } = message;
      return { kind: 'prompt', text, line, callReference };
    }
    case 'ClearPromptStatus':
      return { kind: 'prompt', text: '', line: message.lineInstance, callReference: message.callReference };
    case 'DisplayNotify':
    case 'DisplayNotifyV2':
    case 'DisplayPriNotify':
    case 'DisplayPriNotifyV2':
      return { kind: 'notice', text: message.notify, seconds: message.timeOutValue };
    case 'ClearNotify':
    case 'ClearPriNotify':
      return { kind: 'notice', text: '', seconds: 0 };
    case 'SetSpeakerMode':
      return { kind: 'speaker', on: message.speakerMode === OnOrOff.On };
    case 'SetMicroMode':
      return { kind: 'microphone', on: message.micMode === OnOrOff.On };
    case 'Reset':
      return { kind: 'reset', resetType: message.resetType };
    default:
      return told.has(message.kind) ? { kind: 'told', message } : undefined;
  }
}

const told: ReadonlySet<KnownMessage['kind']> = new Set<KnownMessage['kind']>([
  'TimeDateRes',
  'ConfigStatRes',
  'ConfigStatV2Res',
  'VersionRes',
  'ServerRes',
  'CallCountResp',
  'SelectSoftKeys',
  'ActivateCallPlane',
  'DeactivateCallPlane',
  'DialedNumber',
  'BackSpaceRes',
  'ConnectionStatisticsReq',
  'DisplayText',
  'ClearDisplay',
  'UserToDeviceData',
  'UserToDeviceDataVersion1',
  'SubscriptionStatRes',
  'Notification',
  'CallHistoryInfo',
  'CallSelectStatRes',
  'RecordingStatus',
  'PortReq',
  'PortClose',
  'StartMediaFailureDetection',
  'SendDtmfTone',
  'NotifyDtmfTone',
]);
