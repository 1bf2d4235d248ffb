/** The sixteen DTMF digits in the order of their event codes 0 to 15 (RFC 4733 §3.2). */
const digits = '0123456789*#ABCD';

export type DtmfDigit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '*' | '#' | 'A' | 'B' | 'C' | 'D';

/** The event code of a digit, lower case letters included; undefined for anything else. */
export function dtmfEventOf(digit: string): number | undefined {
  const event = digit.length === 1 ? digits.indexOf(digit.toUpperCase()) : -1;
  return event < 0 ? undefined : event;
}

/** The digit of an event code 0 to 15; undefined for other events (flash, tones, trunk signals). */
export function dtmfDigitOf(event: number): DtmfDigit | undefined {
  return digits[event] as DtmfDigit | undefined;
}
