/** One side of a captured call of H.323 as a gateway of ours: it sends what it sent then, and the manager stands for the other side. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Redacted } from '@trustline/base';
import { CaptureReader, Dissection, dissect, StreamBudget, type StreamSink, TcpStream } from '@trustline/capture';
import {
  type CallSignallingMessage,
  decodeCallSignalling,
  decodeH245,
  ElementId,
  encodeCallSignalling,
  encodePartyNumber,
  fastStartCodec,
  type H245,
  h245Codec,
  MessageType,
  type TcpEnds,
  TpktReader,
} from '@trustline/h323';
import { type H323Wire, managerAddress, type WiredEnd } from './gateway-world.fixture.ts';

const SIGNALLING_PORT = 1720;
/** What our legs say they are (H.245 table C.1). */
const TERMINAL_TYPE = 60;

const asksFor = new Set(['terminalCapabilitySet', 'masterSlaveDetermination', 'openLogicalChannel']);

type ControlMessage = H245.MultimediaSystemControlMessage;
type SocketOutput = Exclude<ReturnType<WiredEnd['next']>, undefined>;

/** One message of a captured call, without the TPKT that carried it. */
export interface CapturedMessage {
  readonly isControl: boolean;
  readonly octets: Uint8Array;
  readonly from: string;
  readonly to: string;
}

/** The first call of each capture of H.323, by the name of its file. */
export function capturedCalls(): ReadonlyMap<string, readonly CapturedMessage[]> {
  const files = globSync(join(import.meta.dirname, '../../../../h323/vectors/captures/*.pcap')).sort();
  if (files.length === 0) throw new Error('the captures are gone');
  return new Map(files.map((file) => [basename(file, '.pcap'), firstCall(messagesOf(readFileSync(file)))]));
}

function messagesOf(file: Uint8Array): CapturedMessage[] {
  const messages: CapturedMessage[] = [];
  const streams = new Map<string, TcpStream>();
  const [reader, frame, budget] = [new CaptureReader(), new Dissection(), new StreamBudget()];
  reader.push(file);
  for (let item = reader.next(); item !== undefined; item = reader.next()) {
    if (item.kind !== 'packet') continue;
    dissect(item.interface.linkType, item.data, frame);
    if (frame.kind !== 'tcp') continue;
    const address = (at: number) => frame.bytes.subarray(at, at + frame.addressLength).join('.');
    const [from, to] = [address(frame.sourceAt), address(frame.destinationAt)];
    const isControl = frame.sourcePort !== SIGNALLING_PORT && frame.destinationPort !== SIGNALLING_PORT;
    const name = `${from}:${frame.sourcePort} ${to}:${frame.destinationPort}`;
    const heard = (octets: Uint8Array) => messages.push({ isControl, octets, from, to });
    const stream = streams.get(name) ?? new TcpStream(tpktSink(heard), budget);
    streams.set(name, stream);
    stream.segment(frame.sequence, frame.tcpFlags, frame.payload);
  }
  return messages;
}

function tpktSink(heard: (payload: Uint8Array) => void): StreamSink {
  const reader = new TpktReader();
  return {
    data(octets) {
      reader.push(octets.slice());
      for (let payload = reader.next(); payload !== undefined; payload = reader.next()) heard(payload.slice());
    },
    gap(octets) {
      throw new Error(`the capture lacks ${octets} octets`);
    },
    ended() {},
  };
}

/** What is between the two hosts of the first message. */
function firstCall(messages: readonly CapturedMessage[]): CapturedMessage[] {
  const hosts = [messages[0]?.from, messages[0]?.to].toSorted().join();
  return messages.filter(({ from, to }) => [from, to].toSorted().join() === hosts);
}

export function signallingOf({ isControl, octets }: CapturedMessage): CallSignallingMessage | undefined {
  const read = isControl ? undefined : decodeCallSignalling(octets);
  if (read !== undefined && !read.ok) throw read.error;
  return read?.message;
}

/** What a message of call signalling says in its own part of H.225.0. */
export function fieldsOf(message: CallSignallingMessage | undefined): Readonly<Record<string, unknown>> {
  const body = message?.userInformation?.['h323-uu-pdu']['h323-message-body'];
  return body !== undefined && 'value' in body ? (body.value as unknown as Readonly<Record<string, unknown>>) : {};
}

/** The H.245 of a message, whichever way it travels. */
export function controlOf(octets: Uint8Array, isControl: boolean): readonly ControlMessage[] {
  if (isControl) return decodeH245(octets).messages;
  const read = decodeCallSignalling(octets);
  if (!read.ok) return [];
  const beside = fieldsOf(read.message)['parallelH245Control'] as Redacted<readonly Uint8Array[]> | undefined;
  const tunnelled = read.message.userInformation?.['h323-uu-pdu'].h245Control;
  return [...(tunnelled?.reveal() ?? []), ...(beside?.reveal() ?? [])].flatMap((one) => decodeH245(one).messages);
}

export function kindOf(message: ControlMessage): string {
  return 'value' in message && typeof message.value === 'object' && 'kind' in message.value
    ? message.value.kind
    : message.kind;
}

/**
 * The far side of a captured call. What it refers to of the side that the manager stands for now is put right: the call
 * reference, numbers of channels and of capability sets, and who is master.
 */
export class CapturedGateway implements WiredEnd {
  readonly address: string;
  readonly #calls: boolean;
  readonly #outputs: SocketOutput[] = [];
  /** What the manager sent to it. */
  readonly #got: { readonly octets: Uint8Array; readonly isControl: boolean }[] = [];
  #signalling: string | undefined;
  #control: string | undefined;
  #wantsControl = false;
  #late: CapturedMessage[] = [];
  readonly #theirs: readonly CapturedMessage[];

  constructor(wire: H323Wire, call: readonly CapturedMessage[], role: 'caller' | 'called') {
    const [setup] = call;
    if (setup === undefined) throw new Error('the capture has no call');
    this.#calls = role === 'caller';
    this.address = this.#calls ? setup.from : setup.to;
    this.#theirs = call.filter(({ from }) => from === this.address);
    for (const message of this.#theirs) {
      const told = fieldsOf(signallingOf(message))['h245Address'] as
        | { value: { ip: Uint8Array; port: number } }
        | undefined;
      if (told !== undefined)
        wire.listeners.set(`${told.value.ip.join('.')}:${told.value.port}`, { end: this, call: '' });
    }
    wire.join(this);
  }

  /** Kinds of the H.245 messages that the manager sent. */
  get heard(): readonly string[] {
    return this.#control245().map(kindOf);
  }

  get signallingHeard(): readonly CallSignallingMessage[] {
    return this.#got.flatMap(({ octets, isControl }) => {
      const read = isControl ? undefined : decodeCallSignalling(octets);
      return read?.ok ? [read.message] : [];
    });
  }

  /** Sends the next of what it sent then; an answer to what the manager has not asked yet follows when it has. */
  send(message: CapturedMessage): void {
    this.#late.push(message);
    this.flush();
  }

  flush(): void {
    for (const message of this.#late.splice(0)) {
      if (this.#answersTooEarly(message)) this.#late.push(message);
      else this.#send(message);
    }
  }

  #answersTooEarly({ octets, isControl }: CapturedMessage): boolean {
    return controlOf(octets, isControl).some((one) => {
      const kind = one.kind === 'response' ? kindOf(one) : '';
      const asked = kind.replace(/Ack$/, '');
      // Who was asked who is master may answer without having asked; the answer is confirmed then.
      const isAsked = this.heard.includes(asked) || (asked === 'masterSlaveDetermination' && this.heard.includes(kind));
      return asksFor.has(asked) && !isAsked;
    });
  }

  #send(message: CapturedMessage): void {
    if (message.isControl) {
      this.#sendControl(joined(decodeH245(message.octets).messages.map((one) => this.#put(one))));
      return;
    }
    const connection = this.#signalling ?? this.#open();
    this.#outputs.push({ kind: 'send', connection, payload: this.#rewritten(signallingOf(message)) });
  }

  /** H.245 has a connection of its own from here on: if the manager has opened none it is opened to where the manager waits. */
  join(): void {
    if (this.#control !== undefined) return;
    const told = this.signallingHeard.map(fieldsOf).findLast((fields) => 'h245Address' in fields)?.['h245Address'] as
      | { value: { ip: Uint8Array; port: number } }
      | undefined;
    if (told === undefined || this.#wantsControl) return;
    this.#wantsControl = true;
    this.#outputs.push({
      kind: 'connect',
      connection: 'control',
      to: { address: told.value.ip.join('.'), port: told.value.port },
    });
  }

  #open(): string {
    this.#signalling = 'signalling';
    this.#outputs.push({
      kind: 'connect',
      connection: 'signalling',
      to: { address: managerAddress, port: SIGNALLING_PORT },
    });
    return this.#signalling;
  }

  #sendControl(payload: Uint8Array): void {
    if (this.#control === undefined) throw new Error('there is no connection for H.245');
    this.#outputs.push({ kind: 'send', connection: this.#control, payload });
  }

  #rewritten(message: CallSignallingMessage | undefined): Uint8Array {
    if (message === undefined) throw new Error('this is no call signalling');
    const information = message.userInformation;
    const pdu = information?.['h323-uu-pdu'];
    const control = pdu?.h245Control
      ?.reveal()
      .map((octets) => joined(decodeH245(octets).messages.map((one) => this.#put(one))));
    const changed =
      pdu === undefined
        ? undefined
        : {
            ...pdu,
            'h323-message-body': this.#renumbered(pdu['h323-message-body'], message.type),
            ...(control === undefined ? {} : { h245Control: new Redacted(control) }),
          };
    // A number that was left out is one that is known here.
    const isNumbered =
      message.type !== MessageType.Setup || message.elements.some(({ id }) => id === ElementId.CalledPartyNumber);
    const called = {
      id: ElementId.CalledPartyNumber,
      codeset: 0,
      octets: encodePartyNumber({ typeOfNumber: 0, numberingPlan: 1, digits: '2000' }),
    };
    const value = this.#calls ? message.callReference.value : (this.signallingHeard[0]?.callReference.value ?? 0);
    return encodeCallSignalling({
      ...message,
      elements: isNumbered ? message.elements : [...message.elements, called],
      callReference: { ...message.callReference, value },
      ...(changed === undefined ? {} : { userInformation: { ...information, 'h323-uu-pdu': changed } }),
    });
  }

  /** Answers to fast connect name our proposals: with one format the forward one is 1 and the reverse one 2. */
  #renumbered<Body extends { readonly kind: string }>(body: Body, type: number): Body {
    const value = 'value' in body ? (body.value as { readonly fastStart?: readonly Uint8Array[] }) : {};
    if (type === MessageType.Setup || value.fastStart === undefined) return body;
    const fastStart = value.fastStart.map((octets) => {
      const read = fastStartCodec.decode(octets);
      if (!read.ok) throw read.error;
      const isReverse = read.value.reverseLogicalChannelParameters !== undefined;
      return fastStartCodec.encode({ ...read.value, forwardLogicalChannelNumber: isReverse ? 2 : 1 });
    });
    return { ...body, value: { ...value, fastStart } };
  }

  #put(message: ControlMessage): Uint8Array {
    if (message.kind === 'request' && message.value.kind === 'requestChannelClose') {
      const forwardLogicalChannelNumber = this.#last('openLogicalChannel', 'forwardLogicalChannelNumber');
      const value = { ...message.value.value, forwardLogicalChannelNumber };
      return h245Codec.encode({ kind: 'request', value: { kind: 'requestChannelClose', value } });
    }
    if (message.kind !== 'response' || !('value' in message.value)) return h245Codec.encode(message);
    const { kind, value } = message.value;
    switch (kind) {
      case 'terminalCapabilitySetAck':
        return respond(kind, { ...value, sequenceNumber: this.#last('terminalCapabilitySet', 'sequenceNumber') });
      case 'masterSlaveDeterminationAck':
        return respond(kind, { decision: { kind: this.#isMaster() ? 'master' : 'slave' } });
      case 'openLogicalChannelAck':
      case 'closeLogicalChannelAck': {
        const number = this.#last('openLogicalChannel', 'forwardLogicalChannelNumber');
        return respond(kind, { ...value, forwardLogicalChannelNumber: number });
      }
      default:
        return h245Codec.encode(message);
    }
  }

  /** Whether the manager is the master (H.245 §C.2.3.3). */
  #isMaster(): boolean {
    const asked = this.#theirs
      .flatMap(({ octets, isControl }) => controlOf(octets, isControl))
      .find((one) => kindOf(one) === 'masterSlaveDetermination');
    const value =
      asked?.kind === 'request' && asked.value.kind === 'masterSlaveDetermination' ? asked.value.value : undefined;
    if (value === undefined || value.terminalType !== TERMINAL_TYPE) return (value?.terminalType ?? 0) < TERMINAL_TYPE;
    const distance =
      value.statusDeterminationNumber - this.#last('masterSlaveDetermination', 'statusDeterminationNumber');
    return (distance + 2 ** 24) % 2 ** 24 < 2 ** 23;
  }

  #last(kind: string, field: string): number {
    const found = this.#control245().findLast((one) => kindOf(one) === kind);
    const value = found?.kind === 'request' && 'value' in found.value ? found.value.value : undefined;
    return (value as unknown as Readonly<Record<string, number>> | undefined)?.[field] ?? 1;
  }

  #control245(): readonly ControlMessage[] {
    return this.#got.flatMap(({ octets, isControl }) => controlOf(octets, isControl));
  }

  accepted(_: number, connection: string, ends: TcpEnds): void {
    if (ends.local.port === SIGNALLING_PORT) this.#signalling = connection;
    else this.#control = connection;
  }

  connected(_: number, connection: string): void {
    if (connection === 'control') this.#control = connection;
  }

  failed(_: number, connection: string): void {
    throw new Error(`${connection} of the captured side failed`);
  }

  received(_: number, connection: string, payload: Uint8Array): void {
    this.#got.push({ octets: payload, isControl: connection !== this.#signalling });
  }

  closed(): void {}

  proved(): void {}

  next(): SocketOutput | undefined {
    return this.#outputs.shift();
  }
}

function respond(kind: string, value: object): Uint8Array {
  return h245Codec.encode({ kind: 'response', value: { kind, value } } as never);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
