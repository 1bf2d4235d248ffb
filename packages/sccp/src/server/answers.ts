import type { KnownMessage, MessageOfKind } from '../messages/catalogue.ts';
import { ButtonType, LineTypeBits } from '../values/registration.ts';
import { featureStatus, lineStatus, takesBusyLamps } from './forms.ts';
import type { LocalTime, PhoneProfile, SessionDialect } from './profile.ts';

/** Keys, soft keys and situations that one message has room for. */
const BUTTONS_IN_ONE = 42;
const SOFT_KEYS_IN_ONE = 32;
const SOFT_KEY_SETS_IN_ONE = 16;
/** Soft keys are named in a set by their places, and explained by texts with these numbers. [C2: WS, CHSCCP] */
const SOFT_KEY_INFORMATION = 300;
const SHOWN_OF_CALLS =
  LineTypeBits.OriginalDialed |
  LineTypeBits.RedirectedDialed |
  LineTypeBits.CallingPartyNumber |
  LineTypeBits.CallingPartyName;

/** What the questions that a phone asks about itself are answered with; undefined for what is no such question. */
export function answersTo(
  question: KnownMessage,
  profile: PhoneProfile,
  dialect: SessionDialect,
  deviceName: string,
): readonly KnownMessage[] | undefined {
  switch (question.kind) {
    case 'ButtonTemplateReq':
      return buttonTemplate(profile, dialect);
    case 'SoftKeyTemplateReq':
      return softKeyTemplate(profile);
    case 'SoftKeySetReq':
      return softKeySets(profile);
    case 'LineStatReq':
      return [line(question.lineNumber, profile, dialect)];
    case 'ForwardStatReq':
      return [forward(question.lineNumber, profile)];
    case 'SpeedDialStatReq': {
      const { number = '', label = '' } = profile.speedDials[question.speedDialNumber - 1] ?? {};
      return [
        {
          kind: 'SpeedDialStatRes',
          speedDialNumber: question.speedDialNumber,
          speedDialDirNumber: number,
          speedDialDisplayName: label,
        },
      ];
    }
    case 'FeatureStatReq': {
      const { type = 0, label = '', status = 0 } = profile.features[question.featureIndex - 1] ?? {};
      const { featureIndex } = question;
      return [
        featureStatus(dialect, { featureIndex, featureID: type, featureTextLabel: label, featureStatus: status }),
      ];
    }
    case 'ServiceURLStatReq': {
      const { url = '', label = '' } = profile.services[question.serviceURLIndex - 1] ?? {};
      const { serviceURLIndex } = question;
      return [{ kind: 'ServiceURLStatRes', serviceURLIndex, serviceURL: url, serviceURLDisplayName: label }];
    }
    case 'ConfigStatReq':
      return [
        {
          kind: 'ConfigStatRes',
          sid: { DeviceName: deviceName },
          userName: profile.userName,
          serverName: profile.serverName,
          numberOfLines: profile.lines.length,
          numberOfSpeedDials: profile.speedDials.length,
        },
      ];
    case 'VersionReq':
      return [{ kind: 'VersionRes', versionStr: profile.firmware }];
    case 'ServerReq':
      return [managers(profile)];
    case 'CallCountReq':
      return [callCounts(profile)];
    default:
      return undefined;
  }
}

function line(lineNumber: number, { lines }: PhoneProfile, dialect: SessionDialect): KnownMessage {
  const { number = '', displayName = '', label = '' } = lines[lineNumber - 1] ?? {};
  const texts = { lineDirNumber: number, lineFullyQualifiedDisplayName: displayName, lineTextLabel: label };
  return lineStatus(dialect, { lineNumber, ...texts }, SHOWN_OF_CALLS);
}

/** Where calls to a line go. */
export function forward(lineNumber: number, { lines }: PhoneProfile): MessageOfKind<'ForwardStatRes'> {
  const { all, busy, noAnswer } = lines[lineNumber - 1]?.forward ?? {};
  const active = (number: string | undefined) => (number === undefined ? 0 : 1);
  return {
    kind: 'ForwardStatRes',
    activeForward: active(all ?? busy ?? noAnswer),
    lineNumber,
    forwardAllActive: active(all),
    forwardAllDirnum: all ?? '',
    forwardBusyActive: active(busy),
    forwardBusyDirnum: busy ?? '',
    forwardNoAnswerActive: active(noAnswer),
    forwardNoAnswerlDirnum: noAnswer ?? '',
  };
}

/** A phone that has no busy lamps gets the speed dial without. */
function buttonTemplate({ buttons }: PhoneProfile, dialect: SessionDialect): readonly KnownMessage[] {
  const typeFor = (type: number) =>
    type === ButtonType.BusyLampFieldSpeeddial && !takesBusyLamps(dialect) ? ButtonType.SpeedDial : type;
  return parts(buttons, BUTTONS_IN_ONE).map(([buttonOffset, part]) => ({
    kind: 'ButtonTemplateRes',
    buttonOffset,
    totalButtonCount: buttons.length,
    definition: part.map(({ type, instance }) => ({ instanceNumber: instance, buttonDefinition: typeFor(type) })),
  }));
}

function softKeyTemplate({ softKeys }: PhoneProfile): readonly KnownMessage[] {
  return parts(softKeys, SOFT_KEYS_IN_ONE).map(([softKeyOffset, part]) => ({
    kind: 'SoftKeyTemplateRes',
    softKeyOffset,
    totalSoftKeyCount: softKeys.length,
    definition: part.map(({ label, event }) => ({ softKeyLabel: label, softKeyEvent: event })),
  }));
}

function softKeySets({ softKeySets: sets }: PhoneProfile): readonly KnownMessage[] {
  return parts(sets, SOFT_KEY_SETS_IN_ONE).map(([softKeySetOffset, part]) => ({
    kind: 'SoftKeySetRes',
    softKeySetOffset,
    totalSoftKeySetCount: sets.length,
    definition: part.map((places) => ({
      softKeyTemplateIndex: places,
      softKeyInfoIndex: places.map((place) => SOFT_KEY_INFORMATION + place),
    })),
  }));
}

function managers({ managers: all }: PhoneProfile): KnownMessage {
  return {
    kind: 'ServerRes',
    server: all.map(({ name }) => ({ ServerName: name })),
    serverTcpListenPort: all.map(({ port }) => port),
    serverIpAddr: all.map(({ address }) => ({ stationIpAddr: address })),
  };
}

function callCounts({ lines }: PhoneProfile): KnownMessage {
  return {
    kind: 'CallCountResp',
    totalNumOfConfiguredLines: lines.length,
    startingLineInstance: 1,
    lineData: lines
      .slice(0, BUTTONS_IN_ONE)
      .map(({ mostCalls = 4, busyTrigger = 2 }) => ({ maxNumCalls: mostCalls, busyTrigger })),
  };
}

/** What time it is. */
export function timeDate(time: LocalTime): KnownMessage {
  return {
    kind: 'TimeDateRes',
    timeDataInfo: {
      wYear: time.year,
      wMonth: time.month,
      wDayOfWeek: time.dayOfWeek,
      wDay: time.day,
      wHour: time.hour,
      wMinute: time.minute,
      wSecond: time.second,
      wMilliseconds: time.millisecond,
    },
    systemTime: time.unixSeconds,
  };
}

/** A list cut into parts that one message has room for, each with its place; one empty part of an empty list. */
function parts<T>(all: readonly T[], most: number): readonly (readonly [number, readonly T[]])[] {
  const places = Array.from({ length: Math.max(1, Math.ceil(all.length / most)) }, (_, i) => i * most);
  return places.map((place) => [place, all.slice(place, place + most)] as const);
}
