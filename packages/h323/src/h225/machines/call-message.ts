import type { Redacted } from '@trustline/base';
import type * as H225 from '../../generated/h225.types.ts';
import { type DiversionInformation, diversionApdu } from '../../h450/diversion.ts';
import { callingNameApdu } from '../../h450/name.ts';
import { encodeCause } from '../../q931/cause.ts';
import type { InformationElement } from '../../q931/message.ts';
import { ElementId, MessageType } from '../../q931/message-types.ts';
import { encodePartyNumber, ia5Octets, type PartyNumber } from '../../q931/party-number.ts';
import { encodeProgressIndicator, IN_BAND_INFORMATION } from '../../q931/progress-indicator.ts';
import type { CallSignallingMessage } from '../call-signalling.ts';
import { reasonOfCause } from '../cause-table.ts';

/** H.225.0 version 4, whose messages have all that is used here. */
const PROTOCOL = '0.0.8.2250.0.4';
/** The first invoke of a call, which none of its other messages repeats. */
const DIVERSION_INVOKE = 0;
const NAME_INVOKE = 65_535;
/** Unrestricted digital, packet mode, H.221: what every H.323 stack seen sends [R]. */
const BEARER = Uint8Array.of(0x88, 0xc0, 0xa5);

/** What may travel in any message besides what the message is about. */
export interface Attachments {
  /** Where we listen for H.245; not in Setup while it is to be tunnelled. */
  readonly h245Address?: H225.TransportAddress;
  readonly fastStart?: readonly Uint8Array[];
  readonly fastConnectRefused?: boolean;
  /** Messages of H.245, each whole. */
  readonly h245Control?: Redacted<readonly Uint8Array[]>;
  /** Whether that holds a key: then the message leaves on a connection that is proven only. */
  readonly holdsKey?: boolean;
  /** Whole APDUs of H.450. */
  readonly supplementaryServices?: readonly Uint8Array[];
}

/** What both ends of a call say about themselves. */
export interface Identity {
  readonly endpointType: H225.EndpointType;
  /** 16 octets, which name the call everywhere. */
  readonly callIdentifier: Uint8Array;
  /** 16 octets. */
  readonly conferenceId: Uint8Array;
}

/** What a caller says in its Setup. */
export interface SetupTerms {
  /** May be empty or incomplete where `canOverlapSend`. */
  readonly calledNumber: string;
  readonly callingNumber?: PartyNumber;
  readonly callingName?: string;
  /** How the call came to that number, where it was for another. */
  readonly diversion?: DiversionInformation;
  readonly canOverlapSend?: boolean;
  readonly destCallSignalAddress?: H225.TransportAddress;
  readonly sourceCallSignalAddress?: H225.TransportAddress;
  readonly endpointIdentifier?: string;
}

type Body = H225.H323UUPDU['h323-message-body'];
type Parts = Pick<CallSignallingMessage, 'type' | 'elements' | 'userInformation'>;
const dialable = /^[0-9#*,]{1,128}$/;

/** Setup (H.225.0 §7.3.10): the number in both places, since peers differ in which they read. */
export function setupMessage(identity: Identity, terms: SetupTerms, attached: Attachments, tunnelling: boolean): Parts {
  const { calledNumber, callingNumber, callingName, diversion, canOverlapSend = false } = terms;
  const { endpointType, callIdentifier, conferenceId } = identity;
  const sourceAddress = [...aliasOfNumber(callingNumber), ...aliasOfName(callingName)];
  const shown = callingNumber?.presentation?.indicator !== 1;
  const called = dialable.test(calledNumber)
    ? [{ kind: 'dialedDigits', value: calledNumber } as const]
    : aliasOfName(calledNumber);
  const elements = [
    element(ElementId.BearerCapability, BEARER),
    ...displayOf(shown ? callingName : undefined),
    ...(callingNumber === undefined ? [] : [element(ElementId.CallingPartyNumber, encodePartyNumber(callingNumber))]),
    ...(dialable.test(calledNumber) ? [calledElement(calledNumber)] : []),
    ...redirectingOf(diversion),
  ];
  const value: H225.SetupUUIE = {
    protocolIdentifier: PROTOCOL,
    ...(attached.h245Address === undefined ? {} : { h245Address: attached.h245Address }),
    ...(shown && sourceAddress.length > 0 ? { sourceAddress } : {}),
    sourceInfo: endpointType,
    ...(called.length > 0 ? { destinationAddress: called } : {}),
    ...(terms.destCallSignalAddress === undefined ? {} : { destCallSignalAddress: terms.destCallSignalAddress }),
    activeMC: false,
    conferenceID: conferenceId,
    conferenceGoal: { kind: 'create' },
    callType: { kind: 'pointToPoint' },
    ...(terms.sourceCallSignalAddress === undefined ? {} : { sourceCallSignalAddress: terms.sourceCallSignalAddress }),
    callIdentifier: { guid: callIdentifier },
    ...(attached.fastStart === undefined ? {} : { fastStart: attached.fastStart }),
    mediaWaitForConnect: false,
    canOverlapSend,
    ...(terms.endpointIdentifier === undefined ? {} : { endpointIdentifier: terms.endpointIdentifier }),
    multipleCalls: false,
    maintainConnection: false,
  };
  // The element for gateways that hand it on to ISDN, the operation for who knows H.450.3.
  const services = [
    ...(diversion === undefined ? [] : [diversionApdu(DIVERSION_INVOKE, diversion)]),
    ...nameOf(callingName, shown),
  ];
  const supplementaryServices = [...services, ...(attached.supplementaryServices ?? [])];
  const all = supplementaryServices.length === 0 ? attached : { ...attached, supplementaryServices };
  return whole(MessageType.Setup, elements, { kind: 'setup', value }, all, tunnelling);
}

/** The name of the caller, or that it is withheld; nothing where there is none to tell. */
function nameOf(name: string | undefined, shown: boolean): readonly Uint8Array[] {
  if (shown && (name === undefined || name === '')) return [];
  return [callingNameApdu(NAME_INVOKE, { ...(name === undefined ? {} : { name }), restricted: !shown })];
}

/** The messages by which the called says how far it is, each with what is attached. */
export type Stage = 'callProceeding' | 'progress' | 'alerting' | 'connect';

export function stageMessage(
  stage: Stage,
  { endpointType, callIdentifier, conferenceId }: Identity,
  terms: { readonly inBand?: boolean; readonly display?: string; readonly connectedNumber?: PartyNumber },
  attached: Attachments,
  tunnelling: boolean,
): Parts {
  const { inBand = false, display, connectedNumber } = terms;
  const { h245Address, fastStart, fastConnectRefused = false } = attached;
  const indicator = encodeProgressIndicator({ codingStandard: 0, location: 0, description: IN_BAND_INFORMATION });
  const elements = [
    ...(stage === 'connect' ? [element(ElementId.BearerCapability, BEARER)] : []),
    ...(inBand || stage === 'progress' ? [element(ElementId.ProgressIndicator, indicator)] : []),
    ...displayOf(display),
    ...(connectedNumber === undefined ? [] : [element(ElementId.ConnectedNumber, encodePartyNumber(connectedNumber))]),
  ];
  const common = {
    protocolIdentifier: PROTOCOL,
    destinationInfo: endpointType,
    ...(h245Address === undefined ? {} : { h245Address }),
    callIdentifier: { guid: callIdentifier },
    ...(fastStart === undefined ? {} : { fastStart }),
    multipleCalls: false,
    maintainConnection: false,
    ...(fastConnectRefused ? { fastConnectRefused: null } : {}),
  };
  const body: Body =
    stage === 'connect'
      ? { kind: stage, value: { ...common, conferenceID: conferenceId } }
      : { kind: stage, value: common };
  const types = {
    callProceeding: MessageType.CallProceeding,
    progress: MessageType.Progress,
    alerting: MessageType.Alerting,
    connect: MessageType.Connect,
  };
  return whole(types[stage], elements, body, attached, tunnelling);
}

/** The called wants more digits (H.323 §8.1.12). */
export function setupAcknowledgeMessage(identity: Identity, attached: Attachments, tunnelling: boolean): Parts {
  const body: Body = { kind: 'setupAcknowledge', value: identified(identity) };
  return whole(MessageType.SetupAcknowledge, [], body, attached, tunnelling);
}

/** Digits of overlap sending, which are of the called number, or those of a call that stands, which are keypad. */
export function informationMessage(
  identity: Identity,
  digits: string,
  as: 'called-number' | 'keypad',
  attached: Attachments,
  tunnelling: boolean,
): Parts {
  const elements =
    as === 'keypad'
      ? [element(ElementId.KeypadFacility, ia5Octets(digits))]
      : digits === ''
        ? []
        : [calledElement(digits)];
  const body: Body = { kind: 'information', value: identified(identity) };
  return whole(MessageType.Information, elements, body, attached, tunnelling);
}

/**
 * A Facility (H.225.0 §7.4.1). Without a reason its body is empty, as that of H.450 has to be; one that only carries H.245
 * says so.
 */
export function facilityMessage(
  { callIdentifier, conferenceId }: Identity,
  reason: 'startH245' | 'transportedInformation' | undefined,
  attached: Attachments,
  tunnelling: boolean,
  display?: string,
): Parts {
  const { h245Address } = attached;
  const body: Body =
    reason === undefined
      ? { kind: 'empty' }
      : {
          kind: 'facility',
          value: {
            protocolIdentifier: PROTOCOL,
            conferenceID: conferenceId,
            reason: { kind: reason },
            callIdentifier: { guid: callIdentifier },
            ...(h245Address === undefined ? {} : { h245Address }),
          },
        };
  const elements = [element(ElementId.Facility, new Uint8Array(0)), ...displayOf(display)];
  return whole(MessageType.Facility, elements, body, attached, tunnelling);
}

/** `indicator` is that of Q.931 §4.5.22: 0 suspended, 1 resumed. */
export function notifyMessage(
  identity: Identity,
  indicator: number,
  attached: Attachments,
  tunnelling: boolean,
): Parts {
  const elements = [element(ElementId.NotificationIndicator, Uint8Array.of(0x80 | indicator))];
  return whole(MessageType.Notify, elements, { kind: 'notify', value: identified(identity) }, attached, tunnelling);
}

export function statusEnquiryMessage(identity: Identity, tunnelling: boolean): Parts {
  return whole(MessageType.StatusEnquiry, [], { kind: 'statusInquiry', value: identified(identity) }, {}, tunnelling);
}

/** `state` is that of Q.931 §4.5.7. */
export function statusMessage(identity: Identity, cause: number, state: number, tunnelling: boolean): Parts {
  const elements = [causeElement(cause), element(ElementId.CallState, Uint8Array.of(state))];
  return whole(MessageType.Status, elements, { kind: 'status', value: identified(identity) }, {}, tunnelling);
}

/** ReleaseComplete, always with the cause itself: gateways read that, not the reason. */
export function releaseMessage(
  callIdentifier: Uint8Array | undefined,
  cause: number,
  attached: Attachments,
  tunnelling: boolean,
): Parts {
  const value: H225.ReleaseCompleteUUIE = {
    protocolIdentifier: PROTOCOL,
    reason: { kind: reasonOfCause(cause) },
    ...(callIdentifier === undefined ? {} : { callIdentifier: { guid: callIdentifier } }),
  };
  const body: Body = { kind: 'releaseComplete', value };
  return whole(MessageType.ReleaseComplete, [causeElement(cause)], body, attached, tunnelling);
}

function whole(
  type: number,
  elements: readonly InformationElement[],
  body: Body,
  { h245Control, supplementaryServices }: Attachments,
  tunnelling: boolean,
): Parts {
  return {
    type,
    elements,
    userInformation: {
      'h323-uu-pdu': {
        'h323-message-body': body,
        ...(supplementaryServices === undefined ? {} : { h4501SupplementaryService: supplementaryServices }),
        h245Tunneling: tunnelling,
        ...(h245Control === undefined ? {} : { h245Control }),
      },
    },
  };
}

function identified({ callIdentifier }: Identity) {
  return { protocolIdentifier: PROTOCOL, callIdentifier: { guid: callIdentifier } };
}

function element(id: number, octets: Uint8Array): InformationElement {
  return { id, octets, codeset: 0 };
}

function causeElement(value: number): InformationElement {
  return element(
    ElementId.Cause,
    encodeCause({ codingStandard: 0, location: 0, value, diagnostics: new Uint8Array(0) }),
  );
}

function calledElement(digits: string): InformationElement {
  return element(ElementId.CalledPartyNumber, encodePartyNumber({ typeOfNumber: 0, numberingPlan: 1, digits }));
}

/** Reasons of a redirecting number (Q.951 §4.4.2). */
const redirectingReasons = { unknown: 0, cfb: 1, cfnr: 2, cfu: 15 } as const;

function redirectingOf(diversion: DiversionInformation | undefined): InformationElement[] {
  if (diversion === undefined || !dialable.test(diversion.divertingNumber)) return [];
  const { divertingNumber: digits, reason } = diversion;
  const number = { typeOfNumber: 0, numberingPlan: 1, reason: redirectingReasons[reason], digits };
  return [element(ElementId.RedirectingNumber, encodePartyNumber(number))];
}

function displayOf(text: string | undefined): InformationElement[] {
  return text === undefined || text === '' ? [] : [element(ElementId.Display, ia5Octets(text.slice(0, 82)))];
}

function aliasOfNumber(number: PartyNumber | undefined): H225.AliasAddress[] {
  if (number === undefined || !dialable.test(number.digits)) return [];
  return [{ kind: 'dialedDigits', value: number.digits }];
}

function aliasOfName(name: string | undefined): H225.AliasAddress[] {
  return name === undefined || name === '' ? [] : [{ kind: 'h323-ID', value: name.slice(0, 256) }];
}
