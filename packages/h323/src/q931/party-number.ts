import { readGroup, writeGroup } from './octet-groups.ts';

/** Called, calling, connected or redirecting number (Q.931 §4.5.8, §4.5.10; Q.951): digits and what they are. */
export interface PartyNumber {
  /** 0 unknown, 1 international, 2 national, 3 network specific, 4 subscriber, 6 abbreviated. */
  readonly typeOfNumber: number;
  /** 0 unknown, 1 E.164, 8 national, 9 private. */
  readonly numberingPlan: number;
  /** Octet 3a; never in a called party number. */
  readonly presentation?: NumberPresentation;
  /** Octet 3b of a redirecting number: 1 busy, 2 no reply, 15 unconditional. */
  readonly reason?: number;
  /** IA5 characters; zero octets that peers put at the end are gone. */
  readonly digits: string;
}

export interface NumberPresentation {
  /** 0 allowed, 1 restricted, 2 not available. */
  readonly indicator: number;
  /** 0 from the user and not screened, 1 verified and passed, 2 verified and failed, 3 from the network. */
  readonly screening: number;
}

/** Reads the contents of any of the four elements; undefined where they are none. */
export function decodePartyNumber(octets: Uint8Array): PartyNumber | undefined {
  const head = readGroup(octets, 0);
  if (head === undefined || head.length > 3) return undefined;
  const [first = 0, second, reason] = head;
  return {
    typeOfNumber: first >>> 4,
    numberingPlan: first & 0x0f,
    ...(second === undefined ? {} : { presentation: { indicator: second >>> 5, screening: second & 3 } }),
    ...(reason === undefined ? {} : { reason: reason & 0x0f }),
    digits: ia5Text(octets.subarray(head.length)),
  };
}

export function encodePartyNumber(number: PartyNumber): Uint8Array {
  const { typeOfNumber, numberingPlan, presentation, reason, digits } = number;
  const second = presentation ?? (reason === undefined ? undefined : { indicator: 0, screening: 0 });
  const head = [
    (typeOfNumber << 4) | numberingPlan,
    ...(second === undefined ? [] : [(second.indicator << 5) | second.screening]),
    ...(reason === undefined ? [] : [reason]),
  ];
  return Uint8Array.of(...writeGroup(head), ...ia5Octets(digits));
}

/**
 * The text of a display, keypad or number, without the zero octet that some peers end it with [R: OPAL, ooh323c]. Octets
 * above 127 are those of ISO 8859-1.
 */
export function ia5Text(octets: Uint8Array): string {
  let end = octets.byteLength;
  while (end > 0 && octets[end - 1] === 0) end--;
  return String.fromCharCode(...octets.subarray(0, end));
}

/** The octets of a text; characters that an octet does not hold are question marks. */
export function ia5Octets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xff ? 0x3f : code;
  });
}
