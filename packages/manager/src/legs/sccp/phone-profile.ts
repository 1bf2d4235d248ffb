import { ButtonType, type PhoneProfile, SoftKeySet } from '@trustline/sccp';
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
  /** An IANA time zone; that of the machine without. */
  readonly timeZone: string | undefined;
}

/** Lines of a phone that says nothing of how many it has; the oldest with a display have two. */
const LINES_UNLESS_SAID = 6;

/** How a phone is configured: a button for each line that it has a place for, and the soft keys of this manager. */
export function phoneProfile(
  device: string,
  lines: readonly PhoneLine[],
  maximumLines: number | undefined,
  forwardedTo: (line: string) => string | undefined,
  { keepAliveSeconds, dateTemplate }: SkinnySettings,
): PhoneProfile {
  const shown = lines.slice(0, maximumLines || LINES_UNLESS_SAID);
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
    speedDials: [],
    features: [],
    services: [],
    buttons: shown.map((_, at) => ({ type: ButtonType.Line, instance: at + 1 })),
    softKeys: softKeyTemplate.map((event) => ({ label: `\u0080${String.fromCharCode(event)}`, event })),
    softKeySets: (Object.keys(SoftKeySet) as SetName[]).map(softKeyPlaces),
    managers: [],
  };
}
