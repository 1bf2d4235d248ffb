import {
  type BearerCapability,
  type CallReference,
  type Cause,
  type ChannelIdentification,
  decodeBearerCapability,
  decodeCause,
  decodeChannelIdentification,
  decodePartyNumber,
  decodeProgressIndicator,
  ElementId,
  elementOf,
  IN_BAND_INFORMATION,
  ia5Text,
  MessageType,
  type PartyNumber,
  type Q931Message,
} from '@trustline/h323';
import type { AccessSide } from '../link/frame.ts';
import { CauseValue } from './causes.ts';

/** A message with the elements that call control knows; those of no use are left out and counted. */
export interface ReceivedMessage {
  readonly reference: CallReference;
  readonly type: number;
  readonly bearer?: BearerCapability;
  readonly cause?: Cause;
  readonly callState?: number;
  readonly channel?: ChannelIdentification;
  /** Every channel that a RESTART names. */
  readonly channels: readonly number[];
  /** Descriptions of progress (Q.931 §4.5.23). */
  readonly progress: readonly number[];
  readonly display?: string;
  readonly keypad?: string;
  readonly connected?: PartyNumber;
  readonly calling?: PartyNumber;
  readonly called?: PartyNumber;
  readonly redirecting?: PartyNumber;
  /** 0 the channels that are named, 6 this interface, 7 all interfaces (Q.931 §4.5.25). */
  readonly restartClass?: number;
  readonly sendingComplete: boolean;
  /** What is wrong with a mandatory element, to be said by this cause with the element as its diagnostic (Q.931 §5.8.6). */
  readonly fault?: { readonly cause: number; readonly element: number };
  /** Elements that were not understood or held nonsense, and without which the message can be acted on (Q.931 §5.8.7). */
  readonly ignored: number;
}

const mandatory: Readonly<Record<number, readonly number[]>> = {
  [MessageType.Setup]: [ElementId.BearerCapability],
  [MessageType.Progress]: [ElementId.ProgressIndicator],
  [MessageType.Disconnect]: [ElementId.Cause],
  [MessageType.Release]: [ElementId.Cause],
  [MessageType.ReleaseComplete]: [ElementId.Cause],
  [MessageType.Status]: [ElementId.Cause, ElementId.CallState],
  [MessageType.Notify]: [ElementId.NotificationIndicator],
  [MessageType.Restart]: [ElementId.RestartIndicator],
  [MessageType.RestartAcknowledge]: [ElementId.RestartIndicator],
};

const knownElements: ReadonlySet<number> = new Set(Object.values(ElementId));
const CALL_STATE = 0x3f;
const RESTART_CLASS = 7;

/** Reads the elements of a message that came from a side; the first of several counts, but for progress (Q.931 §5.8.5.2). */
export function readMessage(message: Q931Message, from: AccessSide): ReceivedMessage {
  const broken = new Set<number>();
  const take = <Content>(id: number, decode: (octets: Uint8Array) => Content | undefined): Content | undefined => {
    const octets = elementOf(message, id);
    if (octets === undefined) return undefined;
    const content = decode(octets);
    if (content === undefined) broken.add(id);
    return content;
  };
  const progress = message.elements
    .filter(({ id, codeset }) => id === ElementId.ProgressIndicator && codeset === 0)
    .map(({ octets }) => decodeProgressIndicator(octets));
  if (progress.length > 0 && progress.every((one) => one === undefined)) broken.add(ElementId.ProgressIndicator);
  const read = {
    bearer: take(ElementId.BearerCapability, decodeBearerCapability),
    cause: take(ElementId.Cause, decodeCause),
    callState: take(ElementId.CallState, ([octet]) => (octet === undefined ? undefined : octet & CALL_STATE)),
    channel: take(ElementId.ChannelIdentification, decodeChannelIdentification),
    display: take(ElementId.Display, displayText),
    keypad: take(ElementId.KeypadFacility, ia5Text),
    connected: take(ElementId.ConnectedNumber, decodePartyNumber),
    calling: take(ElementId.CallingPartyNumber, decodePartyNumber),
    called: take(ElementId.CalledPartyNumber, decodePartyNumber),
    redirecting: take(ElementId.RedirectingNumber, decodePartyNumber),
    restartClass: take(ElementId.RestartIndicator, ([octet]) =>
      octet === undefined ? undefined : octet & RESTART_CLASS,
    ),
  };
  const unknown = message.elements.filter(({ id, codeset }) => codeset === 0 && id < 0x80 && !knownElements.has(id));
  const fault = faultOf(message, from, broken, unknown.find(({ id }) => isComprehensionRequired(id))?.id);
  const present = Object.fromEntries(Object.entries(read).filter(([, content]) => content !== undefined));
  return {
    ...(present as Partial<ReceivedMessage>),
    reference: message.callReference,
    type: message.type,
    channels: channelsOf(elementOf(message, ElementId.ChannelIdentification)),
    progress: progress.flatMap((one) => (one === undefined ? [] : [one.description])),
    sendingComplete: elementOf(message, ElementId.SendingComplete) !== undefined,
    ...(fault === undefined ? {} : { fault }),
    ignored: unknown.length + broken.size,
  };
}

/** Tones or words may be heard: they are said to be there, or the call has left the ISDN (Q.931 §4.5.23, 8 and 1). */
export function isInBand({ progress }: Pick<ReceivedMessage, 'progress'>): boolean {
  return progress.includes(IN_BAND_INFORMATION) || progress.includes(NOT_END_TO_END_ISDN);
}

const NOT_END_TO_END_ISDN = 1;

function faultOf(
  message: Q931Message,
  from: AccessSide,
  broken: ReadonlySet<number>,
  notComprehended: number | undefined,
): ReceivedMessage['fault'] {
  const needed = [...(mandatory[message.type] ?? [])];
  // §3.1.14: the network always says which channel.
  if (message.type === MessageType.Setup && from === 'network') needed.push(ElementId.ChannelIdentification);
  for (const element of needed) {
    if (elementOf(message, element) === undefined) return { cause: CauseValue.MandatoryElementMissing, element };
    if (broken.has(element)) return { cause: CauseValue.InvalidElementContents, element };
  }
  // §5.8.7.1: an element that must be comprehended and is not is as bad as one that is missing.
  if (notComprehended === undefined) return undefined;
  return { cause: CauseValue.MandatoryElementMissing, element: notComprehended };
}

function isComprehensionRequired(id: number): boolean {
  return (id & 0xf0) === 0;
}

/** Some networks begin a display with a charset octet of 0x80 or above [NI-2: 0xb1]. */
function displayText(octets: Uint8Array): string {
  const [first = 0] = octets;
  return ia5Text(first >= 0x80 ? octets.subarray(1) : octets);
}

/** The channel numbers of a list (Q.931 §4.5.13, octets 3.3); none of a slot map, which nobody is known to send in a RESTART. */
function channelsOf(octets: Uint8Array | undefined): readonly number[] {
  if (octets === undefined) return [];
  const single = decodeChannelIdentification(octets)?.channel;
  if (single === undefined) return [];
  const channels: number[] = [];
  for (let at = listStart(octets); at < octets.byteLength; at += 1) {
    const octet = octets[at] as number;
    channels.push(octet & 0x7f);
    if (octet >= 0x80) break;
  }
  return channels;
}

/** After octet 3, the interface identifier if there is one, and octet 3.2. */
function listStart(octets: Uint8Array): number {
  const hasInterface = ((octets[0] ?? 0) & 0x40) !== 0;
  let at = 1;
  if (hasInterface) {
    while (at < octets.byteLength && (octets[at] as number) < 0x80) at += 1;
    at += 1;
  }
  return at + 1;
}
