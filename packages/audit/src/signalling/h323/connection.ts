import { type CallSignallingMessage, decodeH245 } from '@trustline/h323';
import type { LegEnd, SignallingPath } from '../../model/leg.ts';
import type { ConnectionSide } from '../../traffic/connections.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { MessageStream } from '../message-stream.ts';
import { otherEnd } from '../party.ts';
import type { ConnectionContext, ConnectionReader } from '../reader.ts';
import { bookOf, type H323Book } from './book.ts';
import { H323Call, type Where } from './call.ts';
import { beginsCall, decodeSignalling, readSignalling, type TokenReader } from './call-signalling.ts';
import { readControl } from './control.ts';
import { tokenReader } from './tokens.ts';
import { isCallSignalling, payloadOf, tpktFraming } from './tpkt.ts';
import { identifier, textOf } from './words.ts';

/** Calls of one connection that are remembered at the same time. */
const MOST_CALLS = 256;
/** Messages of H.245 that are read of one TPKT; nobody was seen to send two. */
const MOST_IN_ONE = 64;

/** Reads a connection of H.225.0 call signalling, or one of H.245: its first message says which. */
export class H323Connection implements ConnectionReader {
  readonly #context: ConnectionContext;
  readonly #book: H323Book;
  readonly #streams = { client: new MessageStream(tpktFraming), server: new MessageStream(tpktFraming) };
  /** By call reference. */
  readonly #calls = new Map<number, H323Call>();
  readonly #readTokens: TokenReader;
  #carries: 'call-signalling' | 'h245' | undefined;
  #control: { readonly call: H323Call; readonly server: LegEnd } | undefined;

  constructor(context: ConnectionContext) {
    this.#context = context;
    this.#book = bookOf(context.observations);
    this.#readTokens = tokenReader(context);
  }

  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    const stream = this.#streams[from];
    stream.push(octets);
    for (let tpkt = stream.next(); tpkt !== undefined; tpkt = stream.next()) {
      const payload = payloadOf(tpkt);
      if (payload.byteLength === 0) continue;
      this.#carries ??= isCallSignalling(payload) ? 'call-signalling' : 'h245';
      const where = { path: this.#path(from), place };
      if (this.#carries === 'call-signalling') this.#callSignalling(payload, where);
      else this.#h245(from, payload, where);
    }
  }

  gap(from: ConnectionSide): void {
    this.#streams[from].gap();
  }

  ended(): void {
    for (const call of this.#calls.values()) call.end();
  }

  #path(from: ConnectionSide): SignallingPath {
    const { client, server, exposure } = this.#context;
    const [source, destination] = from === 'client' ? [client, server] : [server, client];
    return { transport: 'tcp', from: source, to: destination, exposure };
  }

  #callSignalling(payload: Uint8Array, where: Where): void {
    const message = decodeSignalling(payload);
    if (message === undefined) return;
    const call = this.#callOf(message, where.place);
    if (call !== undefined) readSignalling(call, message, where, this.#book, this.#readTokens);
  }

  #callOf(message: CallSignallingMessage, place: PacketPlace): H323Call | undefined {
    const { value: reference } = message.callReference;
    const known = this.#calls.get(reference);
    if (known !== undefined && (known.leg.ended === undefined || !beginsCall(message))) return known;
    if (!beginsCall(message)) return undefined;
    // Zero is the global call reference, of the connection and no call; but a stack gives it to calls as any other.
    if (reference === 0 && callIdentifierOf(message) === undefined) return undefined;
    const { client, server } = this.#context;
    const name = callIdentifierOf(message) ?? `reference ${reference}`;
    const call = this.#newCall(`${name} ${textOf(client)} ${textOf(server)} from packet ${place.number}`, place);
    if (call === undefined) return undefined;
    const [oldest] = this.#calls.keys();
    if (this.#calls.size >= MOST_CALLS && oldest !== undefined) this.#calls.delete(oldest);
    this.#calls.set(reference, call);
    return call;
  }

  #newCall(identity: string, place: PacketPlace): H323Call | undefined {
    const { observations } = this.#context;
    const leg = observations.leg('h323', identity, place);
    return leg === undefined ? undefined : new H323Call(leg, observations);
  }

  #h245(from: ConnectionSide, payload: Uint8Array, where: Where): void {
    this.#control ??= this.#controlOf(where.place);
    if (this.#control === undefined) return;
    const { call, server } = this.#control;
    const end = from === 'server' ? server : otherEnd(server);
    for (const message of decodeH245(payload).messages.slice(0, MOST_IN_ONE)) readControl(call, end, message, where);
  }

  /** The call whose H.245 this is; one of its own where no call signalling has announced it. */
  #controlOf(place: PacketPlace): { readonly call: H323Call; readonly server: LegEnd } | undefined {
    const { client, server } = this.#context;
    const awaited = this.#book.awaitedAt(server);
    if (awaited !== undefined) return { call: awaited.call, server: awaited.announcedBy };
    // Of a connection that the capture joined late it may be the other end that listens.
    const turned = this.#book.awaitedAt(client);
    if (turned !== undefined) return { call: turned.call, server: otherEnd(turned.announcedBy) };
    const call = this.#newCall(`H.245 ${textOf(client)} ${textOf(server)} from packet ${place.number}`, place);
    if (call === undefined) return undefined;
    // The ends are dropped with the connection: nobody else knows of them.
    this.#calls.set(0, call);
    return { call, server: 'called' };
  }
}

function callIdentifierOf({ userInformation }: CallSignallingMessage): string | undefined {
  const body = userInformation?.['h323-uu-pdu']['h323-message-body'];
  if (body === undefined || body.kind === '...' || !('value' in body) || !('callIdentifier' in body.value)) {
    return undefined;
  }
  return identifier(body.value.callIdentifier?.guid);
}
