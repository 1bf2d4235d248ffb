import {
  CallState,
  DeviceType,
  definitions,
  type MediaEncryptionKeyInfo,
  type MessageOfKind,
  messageKindOf,
  negotiatedVersion,
  type SccpFrame,
} from '@trustline/sccp';
import type { MediaCodec, MediaDescription, SignallingPath } from '../../model/leg.ts';
import type { ConnectionSide } from '../../traffic/connections.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { boundedText } from '../bounded-text.ts';
import { MessageStream } from '../message-stream.ts';
import type { ConnectionContext, ConnectionReader } from '../reader.ts';
import { callStateName, type SkinnyCall, SkinnyCalls } from './calls.ts';
import { decodeMessage } from './decode.ts';
import { frameOf, skinnyFraming } from './framing.ts';
import { skinnyHandlers } from './handlers.ts';
import { protectionOf, type StreamProtection } from './media.ts';

/** Channels that were asked for and not answered yet, and lines and calls elsewhere that are remembered of one phone. */
const MOST_CHANNELS = 256;
const MOST_LINES = 256;
const MOST_ELSEWHERE = 256;

const senders = new Map(definitions.map(({ messageId, sender }) => [messageId, sender]));
const models = new Map<number, string>(Object.entries(DeviceType).map(([name, value]) => [value, name]));

/** Where a message stood and which way it went. */
export interface Where {
  readonly path: SignallingPath;
  readonly place: PacketPlace;
}

/** A channel that the phone was asked to receive: what of it the answer, which has the address, does not say. */
export interface AskedChannel {
  readonly call: SkinnyCall;
  readonly kind: 'audio' | 'video';
  readonly codecs: readonly MediaCodec[];
  readonly protection: StreamProtection;
  readonly words: string;
  readonly place: PacketPlace;
}

/** What both forms of CallInfo have in common. */
interface CallParties {
  readonly callType: number;
  readonly callingParty?: string | undefined;
  readonly callingPartyName?: string | undefined;
  readonly calledParty?: string | undefined;
  readonly calledPartyName?: string | undefined;
}

/** Reads what a phone and its manager say to each other. */
export class SkinnyConnection implements ConnectionReader {
  readonly context: ConnectionContext;
  readonly calls: SkinnyCalls;
  readonly #streams = { client: new MessageStream(skinnyFraming), server: new MessageStream(skinnyFraming) };
  readonly #channels = new Map<number, AskedChannel>();
  readonly #rtcpPorts = new Map<number, number>();
  readonly #lines = new Set<number>();
  readonly #elsewhere = new Set<number>();
  readonly #callOfParty = new Map<number, SkinnyCall>();
  #phoneSide: ConnectionSide | undefined;
  #version: number | undefined;
  #offered: number | undefined;
  #device: string | undefined;

  constructor(context: ConnectionContext) {
    this.context = context;
    this.calls = new SkinnyCalls(context);
  }

  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    const stream = this.#streams[from];
    stream.push(octets);
    for (let message = stream.next(); message !== undefined; message = stream.next()) {
      this.#frame(from, frameOf(message), place);
    }
  }

  gap(from: ConnectionSide): void {
    this.#streams[from].gap();
  }

  ended(): void {
    for (const passThroughPartyId of [...this.#channels.keys()]) this.abandon(passThroughPartyId);
  }

  #frame(from: ConnectionSide, frame: SccpFrame, place: PacketPlace): void {
    const sender = senders.get(frame.messageId);
    const isFromClient = from === 'client';
    if (sender === 'phone' || sender === 'manager') {
      this.#phoneSide ??= isFromClient === (sender === 'phone') ? 'client' : 'server';
    }
    const kind = messageKindOf(frame.messageId);
    if (kind === undefined || skinnyHandlers[kind] === undefined) return;
    const message = decodeMessage(frame, this.#version);
    if (message === undefined) return;
    const { client, server, exposure } = this.context;
    const [source, destination] = isFromClient ? [client, server] : [server, client];
    const path: SignallingPath = { transport: 'tcp', from: source, to: destination, exposure };
    const handler = skinnyHandlers[message.kind] as ((...given: readonly unknown[]) => void) | undefined;
    handler?.(this, message, { path, place });
  }

  /** The manager says the newest protocol version that it knows; the phone has said its own. */
  agreed(newest: number): void {
    if (newest > 0) this.#version = negotiatedVersion(this.#offered ?? newest, newest);
  }

  /** A phone says its name: who uses which phone, and where. */
  registers({ sid, deviceType, protocolVer, firmwareLoadName }: MessageOfKind<'RegisterReq'>, where: Where): void {
    const device = boundedText(sid.DeviceName);
    const isNew = device !== this.#device;
    this.#device = device;
    this.#offered = protocolVer;
    if (!isNew || device === undefined) return;
    const model = models.get(deviceType) ?? `device type ${deviceType}`;
    const load = boundedText(firmwareLoadName);
    const version = protocolVer === undefined ? '' : `, protocol version ${protocolVer}`;
    this.#disclose(where, device, `registers as ${model}${version}${load === undefined ? '' : `, firmware ${load}`}`);
  }

  /** A line of the phone: whose it is. */
  line(number: number, directoryNumber: string, name: string, where: Where): void {
    if (this.#lines.has(number) || this.#lines.size >= MOST_LINES || directoryNumber === '') return;
    this.#lines.add(number);
    const whose = name === '' || name === directoryNumber ? '' : `, ${boundedText(name)}`;
    this.#disclose(where, this.#device ?? 'phone', `line ${number} is ${boundedText(directoryNumber)}${whose}`);
  }

  #disclose({ path: { from, to, exposure }, place }: Where, subject: string, detail: string): void {
    this.context.observations.disclose({
      kind: 'registration',
      place,
      protocol: 'skinny',
      from,
      to,
      exposure,
      subject,
      detail,
    });
  }

  /** A line of the ladder. */
  tell(call: SkinnyCall, where: Where, name: string, detail?: string, carriesKey = false): void {
    if (this.#device !== undefined && call.direction !== undefined) call.learn(call.phoneEnd, { device: this.#device });
    call.leg.message({ ...where, name, carriesKey, ...(detail === undefined ? {} : { detail }) });
  }

  state(reference: number, state: number, where: Where): void {
    if (state === CallState.CallRemoteMultiline) {
      // Another phone with the same line is in that call: it is none of this one.
      if (this.#elsewhere.size < MOST_ELSEWHERE) this.#elsewhere.add(reference);
      return;
    }
    this.#elsewhere.delete(reference);
    const call =
      state === CallState.OnHook || state === CallState.Idle
        ? this.calls.find(reference)
        : this.calls.begin(reference, where.place);
    if (call === undefined) return;
    call.enter(state, where.place);
    this.tell(call, where, 'CallState', callStateName(state));
    if (call.hasEnded) this.#abandonAllOf(call);
  }

  /** Who takes part. */
  parties(reference: number, message: CallParties, name: string, where: Where): void {
    if (this.#elsewhere.has(reference)) return;
    const call = this.calls.find(reference) ?? this.calls.begin(reference, where.place);
    if (call === undefined) return;
    if (message.callType === 1) call.direction ??= 'inbound';
    if (message.callType === 2) call.direction ??= 'outbound';
    call.learn('caller', partyOf(message.callingParty, message.callingPartyName));
    call.learn('called', partyOf(message.calledParty, message.calledPartyName));
    this.tell(call, where, name);
  }

  digit(reference: number | undefined, digit: string, name: string, where: Where): void {
    const call = this.calls.find(reference) ?? this.calls.begin(reference ?? 0, where.place);
    if (call === undefined) return;
    this.tell(call, where, name);
    if (call.isDialling) {
      call.dial(digit);
      return;
    }
    const end = where.path.from === this.context[this.#phoneSide ?? 'client'] ? call.phoneEnd : call.farEnd;
    call.leg.digit({ place: where.place, how: 'skinny-keypad', end, digits: digit, exposure: where.path.exposure });
  }

  /** The call of which a channel of that identifier was asked for. */
  callOfChannel(passThroughPartyId: number): SkinnyCall | undefined {
    return this.#callOfParty.get(passThroughPartyId);
  }

  protection(info: MediaEncryptionKeyInfo, { path, place }: Where): StreamProtection {
    return protectionOf(info, { kind: 'signalling', how: 'skinny', place, exposure: path.exposure });
  }

  /** The phone is asked to receive. Its key is told when the phone says where, or does not. */
  asks(passThroughPartyId: number, channel: AskedChannel): void {
    this.abandon(passThroughPartyId);
    const [oldest] = this.#channels.keys();
    if (this.#channels.size >= MOST_CHANNELS && oldest !== undefined) this.abandon(oldest);
    this.#channels.set(passThroughPartyId, channel);
    if (this.#callOfParty.size >= MOST_CHANNELS) this.#callOfParty.clear();
    this.#callOfParty.set(passThroughPartyId, channel.call);
  }

  /** The phone says where it receives. */
  opens(
    passThroughPartyId: number,
    reference: number | undefined,
    kind: 'audio' | 'video',
    receives: { readonly address: string; readonly port: number },
    where: Where,
  ): SkinnyCall | undefined {
    const channel = this.#channels.get(passThroughPartyId);
    this.#channels.delete(passThroughPartyId);
    const call = channel?.call ?? this.calls.begin(reference ?? 0, where.place);
    if (call === undefined) return undefined;
    const rtcpPort = this.#rtcpPorts.get(passThroughPartyId);
    const rtcp = rtcpPort === undefined ? {} : { rtcp: { address: receives.address, port: rtcpPort } };
    const { codecs, protection } = channel ?? { codecs: [], protection: undefined };
    this.describe(call, { ...where, end: call.phoneEnd, kind, receives, codecs, protection, ...rtcp });
    return call;
  }

  /** It will not be said where the channel is received: a key that was given for it lay open all the same. */
  abandon(passThroughPartyId: number): void {
    const channel = this.#channels.get(passThroughPartyId);
    this.#channels.delete(passThroughPartyId);
    if (channel === undefined || channel.protection.keys.length === 0) return;
    const { call, kind, codecs, protection, place } = channel;
    const receives = { address: this.context[this.#phoneSide ?? 'client'].address, port: 0 };
    this.describe(call, { place, end: call.phoneEnd, kind, receives, codecs, protection });
  }

  #abandonAllOf(call: SkinnyCall): void {
    for (const [id, channel] of [...this.#channels]) if (channel.call === call) this.abandon(id);
  }

  rtcp(passThroughPartyId: number, port: number): void {
    if (this.#rtcpPorts.size < MOST_CHANNELS) this.#rtcpPorts.set(passThroughPartyId, port);
  }

  /** Where one end of the call receives, and with which key. `protection` is undefined where it is not known. */
  describe(
    call: SkinnyCall,
    {
      place,
      end,
      kind,
      receives,
      rtcp,
      codecs,
      protection,
    }: Pick<MediaDescription, 'place' | 'end' | 'kind' | 'receives' | 'rtcp' | 'codecs'> & {
      readonly protection: StreamProtection | undefined;
    },
  ): void {
    const suite = protection?.suite;
    this.context.observations.describe(call.leg, {
      place,
      end,
      kind,
      receives,
      ...(rtcp === undefined ? {} : { rtcp }),
      profile: protection === undefined ? 'unknown' : suite === undefined ? 'RTP/AVP' : 'RTP/SAVP',
      direction: 'sendrecv',
      codecs,
      keying: protection === undefined ? [] : [suite === undefined ? 'none' : 'skinny'],
      keys: protection?.keys ?? [],
      keysProtect: 'what-it-receives',
      suites: suite === undefined ? [] : [suite],
    });
  }
}

function partyOf(number: string | undefined, name: string | undefined): { number?: string; name?: string } {
  return { ...(number === undefined ? {} : { number }), ...(name === undefined ? {} : { name }) };
}
