import {
  BusyLampStatus,
  type ButtonProfile,
  ButtonType,
  keysOfModel,
  type PhoneProfile,
  SoftKeySet,
} from '@trustline/sccp';
import type { PhoneLine } from './phone-calls.ts';
import type { PhoneLanguage } from './phone-texts.ts';
import { type SetName, softKeyPlaces, softKeyTemplate } from './soft-keys.ts';

/** What a cluster has for every Skinny phone. */
export interface SkinnySettings {
  /** Seconds between two signs of life. */
  readonly keepAliveSeconds: number;
  /** How dates are written: `D.M.Y`, `M/D/YA`. */
  readonly dateTemplate: string;
  readonly language: PhoneLanguage;
  /** Devices that have another. */
  readonly languages?: readonly { readonly device: string; readonly language: PhoneLanguage }[];
  /** An IANA time zone; that of the machine without. */
  readonly timeZone: string | undefined;
}

/** The language that is written on a device. */
export function languageOf({ language, languages = [] }: SkinnySettings, device: string): PhoneLanguage {
  return languages.find((one) => one.device === device)?.language ?? language;
}

/** A key that dials a number. */
export interface SpeedDial {
  readonly number: string;
  readonly label: string;
  /** Its lamp shows what the line of this number does, where the phone may watch it. */
  readonly busyLamp: boolean;
}

/** What a phone has keys for, after its lines and in this order, for as long as there are keys. */
export interface PhoneKeys {
  readonly speedDials: readonly SpeedDial[];
  /** Pages that the phone shows. */
  readonly serviceUrls: readonly { readonly url: string; readonly label: string }[];
}

export const noKeys: PhoneKeys = { speedDials: [], serviceUrls: [] };

/** A phone that asks how it is configured. */
export interface ProfiledPhone {
  readonly device: string;
  /** A `DeviceType`. */
  readonly type: number;
  /** As many lines as it says that it can have, of its own and on modules. */
  readonly maximumLines: number | undefined;
  readonly lines: readonly PhoneLine[];
  readonly keys: PhoneKeys;
  forwardedTo(line: string): string | undefined;
  /** A `BusyLampStatus`. */
  busyLamp(number: string): number;
}

/** Keys of a phone that says nothing of how many it has; the oldest with a display have two. */
const KEYS_UNLESS_SAID = 6;

/** How a phone is configured: a key for each line, speed dial and service that it has a place for, and soft keys. */
export function phoneProfile(phone: ProfiledPhone, { keepAliveSeconds, dateTemplate }: SkinnySettings): PhoneProfile {
  const { device, keys, forwardedTo, busyLamp } = phone;
  const shown = phone.lines.slice(0, phone.maximumLines || KEYS_UNLESS_SAID);
  return {
    keepAliveSeconds,
    secondaryKeepAliveSeconds: keepAliveSeconds,
    dateTemplate,
    userName: device,
    serverName: '',
    firmware: '',
    lines: shown.map(({ number, displayName }) => {
      const all = forwardedTo(number);
      const forward = all === undefined ? {} : { forward: { all } };
      return { number, displayName: displayName ?? number, label: number, ...forward };
    }),
    speedDials: keys.speedDials,
    features: keys.speedDials.map(({ number, label, busyLamp: hasLamp }) => ({
      type: hasLamp ? ButtonType.BusyLampFieldSpeeddial : ButtonType.SpeedDial,
      label,
      get status() {
        return hasLamp ? busyLamp(number) : BusyLampStatus.Unknown;
      },
    })),
    services: keys.serviceUrls,
    buttons: buttonsOf(shown.length, keys).slice(0, Math.max(shown.length, placesOf(phone))),
    softKeys: softKeyTemplate.map((event) => ({ label: `\u0080${String.fromCharCode(event)}`, event })),
    softKeySets: (Object.keys(SoftKeySet) as SetName[]).map(softKeyPlaces),
    managers: [],
  };
}

function buttonsOf(lines: number, { speedDials, serviceUrls }: PhoneKeys): readonly ButtonProfile[] {
  const instances = (type: (at: number) => number, length: number) =>
    Array.from({ length }, (_, at) => ({ type: type(at), instance: at + 1 }));
  const dialType = (at: number) =>
    speedDials[at]?.busyLamp === true ? ButtonType.BusyLampFieldSpeeddial : ButtonType.SpeedDial;
  return [
    ...instances(() => ButtonType.Line, lines),
    ...instances(dialType, speedDials.length),
    ...instances(() => ButtonType.ServiceURL, serviceUrls.length),
  ];
}

/** How many keys the phone has, as far as one can know. Those of its modules come after its own; without a module it shows the first. */
function placesOf({ type, maximumLines }: ProfiledPhone): number {
  const ofModel = keysOfModel(type);
  if (ofModel === undefined) return maximumLines || KEYS_UNLESS_SAID;
  return ofModel.takesModules ? Math.max(ofModel.own, maximumLines ?? 0) : ofModel.own;
}
