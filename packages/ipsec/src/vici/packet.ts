import { ByteReader, ByteWriter } from '@trustline/base';
import { IpsecError } from '../error.ts';
import { decodeViciMessage, encodeViciMessage, type ViciMessage } from './message.ts';

/** Packet types (strongSwan, src/libcharon/plugins/vici/README.md, "Packet layer"). */
const packetType = {
  commandRequest: 0,
  commandResponse: 1,
  commandUnknown: 2,
  eventRegister: 3,
  eventUnregister: 4,
  eventConfirm: 5,
  eventUnknown: 6,
  event: 7,
} as const;

/** What is sent to the daemon. */
export type ViciRequest =
  | { readonly kind: 'command'; readonly name: string; readonly message: ViciMessage }
  | { readonly kind: 'register'; readonly name: string }
  | { readonly kind: 'unregister'; readonly name: string };

/** What comes from it. */
export type ViciReply =
  | { readonly kind: 'response'; readonly message: ViciMessage }
  | { readonly kind: 'command-unknown' }
  | { readonly kind: 'event-confirmed' }
  | { readonly kind: 'event-unknown' }
  | { readonly kind: 'event'; readonly name: string; readonly message: ViciMessage };

/** The segment of a request, its length of four octets included. */
export function encodeViciRequest(request: ViciRequest): Uint8Array {
  const body = request.kind === 'command' ? encodeViciMessage(request.message) : new Uint8Array();
  const name = new TextEncoder().encode(request.name);
  const types = {
    command: packetType.commandRequest,
    register: packetType.eventRegister,
    unregister: packetType.eventUnregister,
  };
  return new ByteWriter(body.byteLength + name.byteLength + 6)
    .u32(2 + name.byteLength + body.byteLength)
    .u8(types[request.kind])
    .u8(name.byteLength)
    .bytes(name)
    .bytes(body)
    .finish();
}

/** A packet of the daemon, without its length. Throws `ipsec.vici-malformed`, and nothing else. */
export function decodeViciReply(packet: Uint8Array): ViciReply {
  const [type] = packet;
  switch (type) {
    case packetType.commandResponse:
      return { kind: 'response', message: decodeViciMessage(packet.subarray(1)) };
    case packetType.commandUnknown:
      return { kind: 'command-unknown' };
    case packetType.eventConfirm:
      return { kind: 'event-confirmed' };
    case packetType.eventUnknown:
      return { kind: 'event-unknown' };
    case packetType.event: {
      const reader = new ByteReader(packet.subarray(1));
      if (reader.remaining === 0) throw malformed('an event has no name');
      const length = reader.u8();
      if (length > reader.remaining) throw malformed('an event ends within its name');
      const name = String.fromCharCode(...reader.take(length));
      return { kind: 'event', name, message: decodeViciMessage(reader.take(reader.remaining)) };
    }
    default:
      throw malformed(`a packet of type ${type} cannot come from it`);
  }
}

function malformed(what: string): IpsecError {
  return new IpsecError('ipsec.vici-malformed', `A message of the IKE daemon cannot be read: ${what}`, {
    offset: 0,
    nextStep: 'check that the socket is that of strongSwan, and its version',
  });
}
