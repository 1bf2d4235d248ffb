import type { NumberPresentation, PartyNumber } from '@trustline/h323';

/** Type of number 1 to 4 of Q.931 §4.5.8. */
const UNKNOWN = 0;
const INTERNATIONAL = 1;
const NATIONAL = 2;
const SUBSCRIBER = 4;
const E164_PLAN = 1;

/** Where a port's numbers are at home, so that they can be made those of E.164 and back. */
export interface NumberingArea {
  /** `49` of Germany, `1` of North America. */
  readonly countryCode: string;
  /** `30` of Berlin; empty where numbers have none. */
  readonly areaCode: string;
  /** What is dialled before a number of the country (`0`), and before one of another (`00`). */
  readonly nationalPrefix: string;
  readonly internationalPrefix: string;
  /** How numbers are sent: with their type as Q.931 has it, or as somebody would dial them, of unknown type. */
  readonly send: 'typed' | 'dialled';
}

/**
 * The number of a party as it goes through the gateway: `+` and E.164 where that is known, the digits as they came otherwise
 * (a short number, an emergency number, a service).
 */
export function numberOfParty({ digits, typeOfNumber }: PartyNumber, area: NumberingArea | undefined): string {
  if (digits === '' || digits.startsWith('+')) return digits;
  if (typeOfNumber === INTERNATIONAL) return `+${digits}`;
  if (area === undefined) return digits;
  const { countryCode, areaCode, nationalPrefix, internationalPrefix } = area;
  if (typeOfNumber === NATIONAL) return `+${countryCode}${digits}`;
  if (typeOfNumber === SUBSCRIBER) return `+${countryCode}${areaCode}${digits}`;
  if (typeOfNumber !== UNKNOWN) return digits;
  if (internationalPrefix !== '' && digits.startsWith(internationalPrefix)) {
    return `+${digits.slice(internationalPrefix.length)}`;
  }
  if (nationalPrefix !== '' && digits.startsWith(nationalPrefix)) {
    return `+${countryCode}${digits.slice(nationalPrefix.length)}`;
  }
  return digits;
}

/** The same the other way: what a port says of a number. */
export function partyOfNumber(
  number: string,
  area: NumberingArea | undefined,
  presentation?: NumberPresentation,
): PartyNumber {
  const shown = presentation === undefined ? {} : { presentation };
  const party = (typeOfNumber: number, digits: string): PartyNumber => ({
    typeOfNumber,
    numberingPlan: E164_PLAN,
    ...shown,
    digits,
  });
  if (!number.startsWith('+')) return party(UNKNOWN, number);
  const digits = number.slice(1);
  if (area === undefined) return party(INTERNATIONAL, digits);
  const { countryCode, nationalPrefix, internationalPrefix, send } = area;
  const isNational = digits.startsWith(countryCode);
  const national = digits.slice(countryCode.length);
  if (send === 'typed') return isNational ? party(NATIONAL, national) : party(INTERNATIONAL, digits);
  return party(UNKNOWN, isNational ? nationalPrefix + national : internationalPrefix + digits);
}

/**
 * What a carrier by SIP is told of a number: E.164 with plus where it can be made that, or, where numbers are sent as
 * dialled, as somebody at home in the area would dial it. A SIP URI has no type of number.
 */
export function numberForCarrier(number: string, area: NumberingArea | undefined): string {
  const known = numberOfParty({ typeOfNumber: UNKNOWN, numberingPlan: E164_PLAN, digits: number }, area);
  return area?.send === 'dialled' ? partyOfNumber(known, area).digits : known;
}
