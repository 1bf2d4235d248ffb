import type { H245 } from '@trustline/h323';
import type { LegEnd } from '../../model/leg.ts';
import { otherEnd } from '../party.ts';
import type { H323Call, Where } from './call.ts';
import { contentOf } from './codecs.ts';
import { keysOf, protectionOf, securityOf, unknownProtection } from './protection.ts';
import { mediaAddress, textOf } from './words.ts';

/** What only keeps a connection alive, or says nothing of a call. */
const silent: ReadonlySet<string> = new Set(['roundTripDelayRequest', 'roundTripDelayResponse', 'jitterIndication']);

/** Reads a message of H.245 that one end of a call sent, by its own connection or within call signalling. */
export function readControl(
  call: H323Call,
  end: LegEnd,
  message: H245.MultimediaSystemControlMessage,
  where: Where,
): void {
  if (message.kind === '...') return;
  const name = message.value.kind === '...' ? `unknown ${message.kind}` : nameOf(message.value.kind);
  const { value } = message;
  if (value.kind === 'terminalCapabilitySet') readCapabilities(call, end, value.value, where);
  else if (value.kind === 'openLogicalChannel') readOpening(call, end, value.value, where);
  else if (value.kind === 'openLogicalChannelAck') readAcknowledgement(call, end, value.value, where);
  else if (value.kind === 'openLogicalChannelReject' || value.kind === 'closeLogicalChannel') {
    const { forwardLogicalChannelNumber: number } = value.value;
    call.closes(value.kind === 'closeLogicalChannel' ? end : otherEnd(end), number);
    call.tell(where, name, `channel ${number}`);
  } else if (value.kind === 'userInput') readUserInput(call, end, value.value, where);
  else if (value.kind === 'miscellaneousCommand') readCommand(call, end, value.value, where);
  else if (!silent.has(value.kind)) call.tell(where, name);
}

/** `openLogicalChannelAck` is called `OpenLogicalChannelAck`. */
function nameOf(kind: string): string {
  return kind === 'userInput' ? 'UserInputIndication' : kind.charAt(0).toUpperCase() + kind.slice(1);
}

function readCapabilities(
  call: H323Call,
  end: LegEnd,
  { capabilityTable }: H245.TerminalCapabilitySet,
  where: Where,
): void {
  const suites = new Set<string>();
  for (const { capability } of capabilityTable ?? []) {
    if (capability?.kind === 'receiveRTPAudioTelephonyEventCapability') {
      call.takesEvents(end, capability.value.dynamicRTPPayloadType);
    }
    if (capability?.kind !== 'h235SecurityCapability') continue;
    const { encryptionAuthenticationAndIntegrity } = capability.value;
    for (const suite of securityOf(encryptionAuthenticationAndIntegrity).suites) suites.add(suite);
  }
  if (suites.size > 0) call.leg.canEncrypt.add(end);
  const words = capabilityTable === undefined ? 'takes nothing: media is paused' : [...suites].join(', ');
  call.tell(where, 'TerminalCapabilitySet', words === '' ? undefined : words);
}

function readOpening(call: H323Call, end: LegEnd, request: H245.OpenLogicalChannel, where: Where): void {
  const { forwardLogicalChannelNumber: number, forwardLogicalChannelParameters, encryptionSync } = request;
  const { dataType, multiplexParameters } = forwardLogicalChannelParameters;
  const parameters =
    multiplexParameters.kind === 'h2250LogicalChannelParameters' ? multiplexParameters.value : undefined;
  const content = contentOf(dataType, parameters?.dynamicRTPPayloadType);
  const protection = protectionOf(dataType);
  const { place, path } = where;
  const keys = keysOf(encryptionSync, protection, {
    kind: 'signalling',
    how: 'h235.8',
    place,
    exposure: path.exposure,
  });
  const channel = { content, protection, keys, place };
  call.opens(end, number, channel);
  // To a group, the opener says where to listen.
  const group =
    parameters?.mediaChannel?.kind === 'multicastAddress' ? mediaAddress(parameters.mediaChannel) : undefined;
  if (group !== undefined) call.describe(otherEnd(end), { ...channel, receives: group });
  const how = protection.suites.length > 0 ? protection.suites.join(', ') : 'no encryption';
  call.tell(where, 'OpenLogicalChannel', `channel ${number}, ${content.words}, ${how}`, keys.length > 0);
}

function readAcknowledgement(call: H323Call, end: LegEnd, answer: H245.OpenLogicalChannelAck, where: Where): void {
  const { forwardLogicalChannelNumber: number, forwardMultiplexAckParameters: parameters, encryptionSync } = answer;
  const { place, path } = where;
  const protection = call.channel(otherEnd(end), number)?.protection ?? unknownProtection;
  const source = { kind: 'signalling', how: 'h235.8', place, exposure: path.exposure } as const;
  const carriesKey = keysOf(encryptionSync, protection, source).length > 0;
  const values = parameters?.kind === 'h2250LogicalChannelAckParameters' ? parameters.value : undefined;
  const receives = mediaAddress(values?.mediaChannel);
  if (receives !== undefined) {
    const rtcp = mediaAddress(values?.mediaControlChannel);
    call.acknowledges(end, number, receives, rtcp, values?.dynamicRTPPayloadType, encryptionSync, where);
  }
  const words = receives === undefined ? `channel ${number}` : `channel ${number}, receives at ${textOf(receives)}`;
  call.tell(where, 'OpenLogicalChannelAck', words, carriesKey);
}

function readUserInput(call: H323Call, end: LegEnd, input: H245.UserInputIndication, where: Where): void {
  call.tell(where, 'UserInputIndication', input.kind === '...' ? undefined : input.kind);
  if (input.kind === 'alphanumeric') call.digits(end, keys(input.value), 'h245-user-input', where);
  if (input.kind === 'extendedAlphanumeric') call.digits(end, keys(input.value.alphanumeric), 'h245-user-input', where);
  // Where it is encrypted, what stands here says nothing (H.245 §B.13).
  if (input.kind === 'signal' && input.value.encryptedSignalType === undefined) {
    call.digits(end, keys(input.value.signalType), 'h245-user-input', where);
  }
}

/** What of a text are keys of a telephone. */
function keys(text: string): string {
  return text.replaceAll(/[^0-9A-D*#]/g, '');
}

function readCommand(call: H323Call, end: LegEnd, command: H245.MiscellaneousCommand, where: Where): void {
  const { logicalChannelNumber: number, type } = command;
  const sync =
    type.kind === 'encryptionUpdate'
      ? type.value
      : type.kind === 'encryptionUpdateCommand'
        ? type.value.encryptionSync
        : undefined;
  const { place, path } = where;
  const protection =
    (call.channel(end, number) ?? call.channel(otherEnd(end), number))?.protection ?? unknownProtection;
  const found = keysOf(sync, protection, { kind: 'signalling', how: 'h235.8', place, exposure: path.exposure });
  if (found.length > 0) call.rekeys(end, number, found, place);
  call.tell(where, 'MiscellaneousCommand', type.kind === '...' ? undefined : type.kind, found.length > 0);
}
