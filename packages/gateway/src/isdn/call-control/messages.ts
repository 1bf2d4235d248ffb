import {
  type BearerCapability,
  type CallReference,
  type Cause,
  type ChannelIdentification,
  ElementId,
  encodeBearerCapability,
  encodeCause,
  encodeChannelIdentification,
  encodePartyNumber,
  encodeProgressIndicator,
  encodeQ931,
  type InformationElement,
  ia5Octets,
  isdnDialect,
  type PartyNumber,
} from '@trustline/h323';

/** What a message says, element by element; those that are left out are not in it. */
export interface MessageContents {
  readonly sendingComplete?: boolean;
  readonly bearer?: BearerCapability;
  readonly cause?: Cause;
  readonly callState?: number;
  readonly channel?: ChannelIdentification;
  readonly progress?: { readonly location: number; readonly description: number };
  readonly display?: string;
  readonly keypad?: string;
  readonly connected?: PartyNumber;
  readonly calling?: PartyNumber;
  readonly called?: PartyNumber;
  readonly redirecting?: PartyNumber;
  readonly restartClass?: number;
}

/** The longest display that every network takes (Q.931 §4.5.16: 34 or 82 octets with its head). */
const LONGEST_DISPLAY = 32;
/** Digits are cut where the numbers of one SETUP would no longer fit into a frame of 260 octets; E.164 has 15. */
const LONGEST_NUMBER = 40;

/** A message of call control in octets, its elements in ascending order (Q.931 §4.5.1). */
export function writeMessage(reference: CallReference, type: number, contents: MessageContents): Uint8Array {
  const elements: InformationElement[] = [];
  const put = (id: number, octets: Uint8Array) => elements.push({ id, octets, codeset: 0 });
  if (contents.sendingComplete === true) put(ElementId.SendingComplete, new Uint8Array(0));
  if (contents.bearer !== undefined) put(ElementId.BearerCapability, encodeBearerCapability(contents.bearer));
  if (contents.cause !== undefined) put(ElementId.Cause, encodeCause(contents.cause));
  if (contents.callState !== undefined) put(ElementId.CallState, Uint8Array.of(contents.callState));
  if (contents.channel !== undefined)
    put(ElementId.ChannelIdentification, encodeChannelIdentification(contents.channel));
  if (contents.progress !== undefined)
    put(ElementId.ProgressIndicator, encodeProgressIndicator({ codingStandard: 0, ...contents.progress }));
  if (contents.display !== undefined) put(ElementId.Display, ia5Octets(contents.display.slice(0, LONGEST_DISPLAY)));
  if (contents.keypad !== undefined) put(ElementId.KeypadFacility, ia5Octets(contents.keypad.slice(0, LONGEST_NUMBER)));
  if (contents.connected !== undefined) put(ElementId.ConnectedNumber, number(contents.connected));
  if (contents.calling !== undefined) put(ElementId.CallingPartyNumber, number(contents.calling));
  if (contents.called !== undefined) put(ElementId.CalledPartyNumber, number(withoutPresentation(contents.called)));
  if (contents.redirecting !== undefined) put(ElementId.RedirectingNumber, number(contents.redirecting));
  if (contents.restartClass !== undefined) put(ElementId.RestartIndicator, Uint8Array.of(0x80 | contents.restartClass));
  return encodeQ931({ callReference: reference, type, elements }, isdnDialect);
}

/** A cause that this side says, with its diagnostics. */
export function causeOf(value: number, location: number, ...diagnostics: readonly number[]): Cause {
  return { codingStandard: 0, location, value, diagnostics: Uint8Array.from(diagnostics) };
}

function number(party: PartyNumber): Uint8Array {
  return encodePartyNumber({ ...party, digits: party.digits.slice(0, LONGEST_NUMBER) });
}

/** A called number has no octet 3a (Q.931 §4.5.8). */
function withoutPresentation({ typeOfNumber, numberingPlan, digits }: PartyNumber): PartyNumber {
  return { typeOfNumber, numberingPlan, digits };
}
