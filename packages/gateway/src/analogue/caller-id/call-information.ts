/** Why a number or a name is not told (GR-31-CORE: O and P). */
export type Absence = 'unavailable' | 'private';

/** What caller ID says of a call. */
export interface CallInformation {
  /** Digits, or why there are none; undefined where nothing is said. */
  readonly number?: string | { readonly absent: Absence };
  readonly name?: string | { readonly absent: Absence };
  /** Month, day, hour and minute, two digits each. */
  readonly dateAndTime?: string;
}

/** Multiple data message format: call set-up (GR-30-CORE §2.3, EN 300 659-3 §5.2.1). */
const CALL_SETUP = 0x80;
/** Single data message format, with date and number alone. */
const SINGLE_DATA = 0x04;
const parameter = { dateAndTime: 0x01, number: 0x02, numberAbsent: 0x04, name: 0x07, nameAbsent: 0x08 } as const;
const absences: Readonly<Record<string, Absence>> = { O: 'unavailable', P: 'private' };
const LONGEST_NUMBER = 20;
const LONGEST_NAME = 15;
const DATE_LENGTH = 8;

/** A message of caller ID: type, length, parameters, checksum. */
export function encodeCallInformation({ number, name, dateAndTime }: CallInformation): Uint8Array {
  const body = [
    ...(dateAndTime === undefined ? [] : parameterOf(parameter.dateAndTime, dateAndTime)),
    ...partOf(parameter.number, parameter.numberAbsent, number, LONGEST_NUMBER),
    ...partOf(parameter.name, parameter.nameAbsent, name, LONGEST_NAME),
  ];
  const message = [CALL_SETUP, body.length, ...body];
  return Uint8Array.of(...message, checksum(message));
}

/** Reads octets as they come from a modem; undefined while the message is not whole, or where it is none. */
export class CallInformationReader {
  #octets: number[] = [];

  /** Gives the message that this octet ends, if its checksum is right. */
  push(octet: number): CallInformation | undefined {
    if (this.#octets.length === 0 && octet !== CALL_SETUP && octet !== SINGLE_DATA) return undefined;
    this.#octets.push(octet);
    const [type, length] = this.#octets;
    if (length === undefined || this.#octets.length < length + 3) return undefined;
    const message = this.#octets;
    this.#octets = [];
    if (checksum(message.slice(0, -1)) !== octet) return undefined;
    const body = message.slice(2, -1);
    return type === SINGLE_DATA ? readSingle(body) : readMultiple(body);
  }

  /** The characters broke off. */
  reset(): void {
    this.#octets = [];
  }
}

/** The number between its start and stop codes (EN 300 659-1 annex B, DTMF-based): `A` a caller's, `D` none for a reason. */
export function dtmfOfCallInformation({ number }: CallInformation): string {
  if (typeof number === 'string') return `A${number.replaceAll(/[^0-9]/g, '')}C`;
  return number?.absent === 'private' ? 'D1C' : 'D2C';
}

/** Reads what `dtmfOfCallInformation` writes; undefined for keys that are no caller ID. */
export function callInformationOfDtmf(keys: string): CallInformation | undefined {
  const digits = /^A([0-9]+)C$/.exec(keys)?.[1];
  if (digits !== undefined) return { number: digits };
  const reason = /^D([12])C$/.exec(keys)?.[1];
  return reason === undefined ? undefined : { number: { absent: reason === '1' ? 'private' : 'unavailable' } };
}

function partOf(present: number, absent: number, value: CallInformation['number'], longest: number): number[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return parameterOf(present, value.slice(0, longest));
  return parameterOf(absent, value.absent === 'private' ? 'P' : 'O');
}

function parameterOf(type: number, text: string): number[] {
  const octets = Array.from(text, (character) => (character.charCodeAt(0) < 0x80 ? character.charCodeAt(0) : 0x3f));
  return [type, octets.length, ...octets];
}

function readMultiple(body: readonly number[]): CallInformation | undefined {
  const found: { -readonly [Key in keyof CallInformation]: CallInformation[Key] } = {};
  for (let at = 0; at + 1 < body.length; ) {
    const [type, length = 0] = body.slice(at, at + 2);
    const text = textOf(body.slice(at + 2, at + 2 + length));
    if (text.length < length) return undefined;
    if (type === parameter.dateAndTime) found.dateAndTime = text;
    else if (type === parameter.number) found.number = text;
    else if (type === parameter.name) found.name = text;
    else if (type === parameter.numberAbsent) found.number = { absent: absences[text] ?? 'unavailable' };
    else if (type === parameter.nameAbsent) found.name = { absent: absences[text] ?? 'unavailable' };
    at += 2 + length;
  }
  return found;
}

function readSingle(body: readonly number[]): CallInformation {
  const text = textOf(body);
  const number = text.slice(DATE_LENGTH);
  const absent = absences[number];
  return { dateAndTime: text.slice(0, DATE_LENGTH), number: absent === undefined ? number : { absent } };
}

function textOf(octets: readonly number[]): string {
  return String.fromCharCode(...octets);
}

/** Two's complement of the sum (GR-30-CORE §2.3). */
function checksum(octets: readonly number[]): number {
  return (256 - (octets.reduce((sum, octet) => sum + octet, 0) & 0xff)) & 0xff;
}
