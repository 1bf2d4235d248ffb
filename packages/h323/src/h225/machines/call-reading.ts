import type * as H225 from '../../generated/h225.types.ts';
import { type DiversionInformation, type DiversionReason, readDiversion } from '../../h450/diversion.ts';
import { readCallingName } from '../../h450/name.ts';
import { decodeCause } from '../../q931/cause.ts';
import { elementOf } from '../../q931/message.ts';
import { ElementId } from '../../q931/message-types.ts';
import { decodePartyNumber, ia5Text, type PartyNumber } from '../../q931/party-number.ts';
import { decodeProgressIndicator, IN_BAND_INFORMATION } from '../../q931/progress-indicator.ts';
import type { CallSignallingMessage } from '../call-signalling.ts';
import { causeOfReason } from '../cause-table.ts';

/** What a Setup says, from wherever in it the caller put it: the elements of Q.931 count before the aliases of H.225.0. */
export interface ReceivedSetup {
  readonly calledNumber: string;
  readonly callingNumber: PartyNumber | undefined;
  readonly callingName: string | undefined;
  /** How the call came here, where the caller tells. */
  readonly diversion: DiversionInformation | undefined;
  readonly canOverlapSend: boolean;
  /** As the caller has drawn it. */
  readonly callReference: number;
  readonly callIdentifier: Uint8Array | undefined;
  readonly conferenceId: Uint8Array;
  /** Presentation is restricted, by Q.931 or by the UUIE. */
  readonly restricted: boolean;
}

/** The cause itself, or what the reason stands for; 31 where the peer says neither (Q.850: normal, unspecified). */
export function releaseCauseOf(message: CallSignallingMessage): number {
  const octets = elementOf(message, ElementId.Cause);
  const cause = octets === undefined ? undefined : decodeCause(octets);
  if (cause !== undefined) return cause.value;
  const body = message.userInformation?.['h323-uu-pdu']['h323-message-body'];
  if (body?.kind !== 'releaseComplete' || body.value.reason === undefined) return 31;
  return causeOfReason(body.value.reason);
}

/** What a person is to read (Q.931 §4.5.16); undefined where there is nothing. */
export function displayOf(message: CallSignallingMessage): string | undefined {
  const display = elementOf(message, ElementId.Display);
  const text = display === undefined ? '' : ia5Text(display);
  return text === '' ? undefined : text;
}

/** Reads a Setup; a number that is nowhere is empty. */
export function readSetup(message: CallSignallingMessage, setup: H225.SetupUUIE): ReceivedSetup {
  const callingNumber = numberOf(message, ElementId.CallingPartyNumber) ?? digitsAlias(setup.sourceAddress);
  const display = elementOf(message, ElementId.Display);
  const told = readCallingName(message.userInformation?.['h323-uu-pdu'].h4501SupplementaryService ?? []);
  // A Display has no letters beyond ASCII.
  const name = told?.name ?? (display === undefined ? aliasText(setup.sourceAddress) : ia5Text(display));
  return {
    calledNumber: calledNumberOf(message, setup),
    callingNumber,
    callingName: name === '' ? undefined : name,
    diversion: diversionOf(message),
    canOverlapSend: setup.canOverlapSend === true,
    callReference: message.callReference.value,
    callIdentifier: setup.callIdentifier?.guid,
    conferenceId: setup.conferenceID,
    restricted:
      told?.restricted === true ||
      callingNumber?.presentation?.indicator === 1 ||
      setup.presentationIndicator?.kind === 'presentationRestricted',
  };
}

/** An element without digits hides no alias. A name that is no number is whole: none of it begins a number that is still dialled. */
function calledNumberOf(
  message: CallSignallingMessage,
  { destinationAddress, canOverlapSend }: H225.SetupUUIE,
): string {
  const digits = numberOf(message, ElementId.CalledPartyNumber)?.digits ?? '';
  if (digits !== '') return digits;
  const name = canOverlapSend === true ? undefined : aliasText(destinationAddress);
  return digitsAlias(destinationAddress)?.digits ?? name ?? '';
}

/** H.450.3 says more than the redirecting number. One that is not to be shown is not taken. */
function diversionOf(message: CallSignallingMessage): DiversionInformation | undefined {
  const told = readDiversion(message.userInformation?.['h323-uu-pdu'].h4501SupplementaryService ?? []);
  if (told !== undefined) return told;
  const number = numberOf(message, ElementId.RedirectingNumber);
  if (number === undefined || number.digits === '' || number.presentation?.indicator === 1) return undefined;
  return { count: 1, reason: redirectingReasons.get(number.reason ?? 0) ?? 'unknown', divertingNumber: number.digits };
}

/** Reasons of a redirecting number (Q.951 §4.4.2). */
const redirectingReasons: ReadonlyMap<number, DiversionReason> = new Map([
  [1, 'cfb'],
  [2, 'cfnr'],
  [15, 'cfu'],
]);

function digitsAlias(addresses: readonly H225.AliasAddress[] | undefined): PartyNumber | undefined {
  const alias = addresses?.find(({ kind }) => kind === 'dialedDigits');
  return alias?.kind === 'dialedDigits' ? { typeOfNumber: 0, numberingPlan: 1, digits: alias.value } : undefined;
}

function aliasText(addresses: readonly H225.AliasAddress[] | undefined): string | undefined {
  const alias = addresses?.find(({ kind }) => kind === 'h323-ID');
  return alias?.kind === 'h323-ID' ? alias.value : undefined;
}

/** The party number in this element, if it has one. */
export function numberOf(message: CallSignallingMessage, id: number): PartyNumber | undefined {
  const octets = elementOf(message, id);
  return octets === undefined ? undefined : decodePartyNumber(octets);
}

/** The keys of a keypad element; OPAL puts a zero octet after them [R]. */
export function keypadOf(message: CallSignallingMessage): string {
  const octets = elementOf(message, ElementId.KeypadFacility);
  return octets === undefined ? '' : ia5Text(octets).replaceAll('\0', '');
}

/** Tones or announcements are to be heard, says the progress indicator. */
export function inBandOf(message: CallSignallingMessage): boolean {
  const octets = elementOf(message, ElementId.ProgressIndicator);
  const indicator = octets === undefined ? undefined : decodeProgressIndicator(octets);
  return indicator?.description === IN_BAND_INFORMATION;
}
