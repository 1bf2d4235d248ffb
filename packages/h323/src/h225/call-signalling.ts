import { H323Error } from '../error.ts';
import type { H323UserInformation } from '../generated/h225.types.ts';
import { decodeQ931, elementOf, encodeQ931, type InformationElement, type Q931Message } from '../q931/message.ts';
import { ElementId } from '../q931/message-types.ts';
import { schema } from '../schema.ts';

/** Mandatory information element is missing, and invalid information element contents (Q.850). */
const ELEMENT_MISSING = 96;
const INVALID_CONTENTS = 100;

/** The first octet of User-user in H.225.0 §7.2.2.31: what follows is in ASN.1. */
const ASN1_CODED = 5;

export const userInformationCodec = schema.codec<H323UserInformation>('H323-MESSAGES', 'H323-UserInformation');

/** A message of H.225.0 call signalling: that of Q.931, and what its User-user element holds. */
export interface CallSignallingMessage extends Q931Message {
  /** Without User-user. */
  readonly elements: readonly InformationElement[];
  /** Absent where the message has none, as a ReleaseComplete of a simple peer. */
  readonly userInformation?: H323UserInformation;
}

export type CallSignallingResult =
  | { readonly ok: true; readonly message: CallSignallingMessage }
  | {
      readonly ok: false;
      readonly error: H323Error;
      /** There where Q.931 was read and User-user was not. */
      readonly message?: Q931Message;
      /** There where the call reference and the type were read: so much can be answered. */
      readonly broken?: BrokenMessage;
    };

/** A message of which not all can be read. */
export interface BrokenMessage {
  /** With the elements before what cannot be read. */
  readonly message: Q931Message;
  /** What is said of it (Q.931 §5.8.6): 100 where it is User-user, 96 where that is not reached. */
  readonly cause: number;
}

/** Reads the payload of a TPKT. Octet strings in the message are views of `bytes`. */
export function decodeCallSignalling(bytes: Uint8Array): CallSignallingResult {
  const outer = decodeQ931(bytes);
  if (!outer.ok) {
    const { error, read } = outer;
    if (read === undefined) return { ok: false, error };
    const cause = read.beyond === ElementId.UserUser ? INVALID_CONTENTS : ELEMENT_MISSING;
    return { ok: false, error, broken: { message: read.message, cause } };
  }
  const { message } = outer;
  const octets = elementOf(message, ElementId.UserUser);
  if (octets === undefined) return { ok: true, message };
  if (octets[0] !== ASN1_CODED) {
    const text = `User-user begins with ${octets[0] ?? 'nothing'}, not ${ASN1_CODED} as H.225.0 has it`;
    return {
      ok: false,
      error: new H323Error('h323.malformed', text, { offset: octets.byteOffset - bytes.byteOffset }),
      message,
      broken: { message, cause: INVALID_CONTENTS },
    };
  }
  const inner = userInformationCodec.decode(octets, 1);
  if (!inner.ok) {
    return { ok: false, error: inner.error, message, broken: { message, cause: INVALID_CONTENTS } };
  }
  const elements = message.elements.filter((element) => element.octets !== octets);
  return { ok: true, message: { ...message, elements, userInformation: inner.value } };
}

/** Writes the payload of a TPKT; User-user stands after the elements with lower identifiers (Q.931 §4.5.1). */
export function encodeCallSignalling(message: CallSignallingMessage): Uint8Array {
  const { userInformation, elements } = message;
  if (userInformation === undefined) return encodeQ931(message);
  const encoded = userInformationCodec.encode(userInformation);
  const octets = new Uint8Array(1 + encoded.byteLength);
  octets[0] = ASN1_CODED;
  octets.set(encoded, 1);
  // It may carry a tunnelled key.
  encoded.fill(0);
  const at = elements.findLastIndex(({ id, codeset }) => id < ElementId.UserUser && codeset === 0) + 1;
  const userUser = { id: ElementId.UserUser, octets, codeset: 0 };
  const payload = encodeQ931({ ...message, elements: [...elements.slice(0, at), userUser, ...elements.slice(at)] });
  octets.fill(0);
  return payload;
}
