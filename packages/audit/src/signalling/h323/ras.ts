import type { TransportAddress } from '@trustline/capture';
import { type H225, rasCodec } from '@trustline/h323';
import type { Party } from '../../model/leg.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { boundedText } from '../bounded-text.ts';
import type { DatagramReader, ReaderContext } from '../reader.ts';
import { Recent } from '../recent.ts';
import { H323Call, type Where } from './call.ts';
import type { TokenReader } from './call-signalling.ts';
import { tokenReader } from './tokens.ts';
import { partyOf, relatedOf, signalAddress, textOf } from './words.ts';

/** Calls that gatekeepers admitted, requests whose answers are awaited, and registrations that were told. */
const MOST_CALLS = 10_000;
const MOST_REQUESTS = 10_000;
const MOST_REGISTRATIONS = 10_000;
/** Pairs of ends that are known to speak RAS. */
const MOST_PAIRS = 10_000;
const SHORTEST_RECOGNISED = 12;
const H225_IDENTIFIER = '0.0.8.2250.';

/**
 * Messages that are long and particular enough not to be read by chance, where no identifier of H.225.0 stands in them: URQ,
 * ARQ, ACF, BRQ, DRQ, LRQ, LCF and IRR by their places among the alternatives of RasMessage.
 */
const particular: ReadonlySet<number> = new Set([6, 9, 10, 12, 15, 18, 19, 22]);
/** The others say which version of H.225.0 they are of, 0.0.8.2250.0.n, within so many octets. */
const encodedIdentifier = [0x00, 0x08, 0x91, 0x4a, 0x00];
const IDENTIFIER_WITHIN = 40;

/** Whether a datagram is RAS: read to its end as a message that says what it is. */
export function recogniseRas(octets: Uint8Array): boolean {
  if (octets.byteLength < SHORTEST_RECOGNISED || !mayBeRas(octets)) return false;
  const decoded = rasCodec.decode(octets);
  if (!decoded.ok || decoded.end !== octets.byteLength || decoded.value.kind === '...') return false;
  const { value } = decoded.value;
  if (!('protocolIdentifier' in value) || typeof value.protocolIdentifier !== 'string') return true;
  return value.protocolIdentifier.startsWith(H225_IDENTIFIER);
}

/** What most datagrams are not can be told without reading them: of a million that speak of names each would take its time. */
function mayBeRas(octets: Uint8Array): boolean {
  const [first = 0] = octets;
  // A bit that says whether the alternative is an addition, and five for which it is (X.691 §23).
  if (first < 0x80 && particular.has(first >> 2)) return true;
  const last = Math.min(octets.byteLength, IDENTIFIER_WITHIN) - encodedIdentifier.length;
  for (let at = octets.indexOf(0, 2); at >= 0 && at <= last; at = octets.indexOf(0, at + 1)) {
    if (encodedIdentifier.every((octet, index) => octets[at + index] === octet)) return true;
  }
  return false;
}

/** Reads registration, admission and status (H.225.0 §7): who registers, and which calls a gatekeeper admits. */
export class RasReader implements DatagramReader {
  readonly #context: ReaderContext;
  readonly #readTokens: TokenReader;
  readonly #calls = new Map<string, H323Call>();
  readonly #requests = new Map<string, H323Call>();
  readonly #registrations = new Set<string>();
  readonly #pairs = new Recent<true>(MOST_PAIRS);

  constructor(context: ReaderContext) {
    this.#context = context;
    this.#readTokens = tokenReader(context);
  }

  /** Refusals and confirmations are too short to say what they are, but between these ends nothing else is spoken. */
  expects(from: TransportAddress, to: TransportAddress, octets: Uint8Array): boolean {
    if (this.#pairs.get(pairName(from, to)) === undefined) return false;
    const decoded = rasCodec.decode(octets);
    return decoded.ok && decoded.end === octets.byteLength && decoded.value.kind !== '...';
  }

  datagram(from: TransportAddress, to: TransportAddress, octets: Uint8Array, place: PacketPlace): void {
    const decoded = rasCodec.decode(octets);
    if (!decoded.ok || decoded.value.kind === '...' || decoded.value.kind === 'admissionConfirmSequence') return;
    const message = decoded.value;
    this.#pairs.set(pairName(from, to), true);
    const where: Where = { path: { transport: 'udp', from, to, exposure: this.#context.exposure }, place };
    const { tokens, cryptoTokens } = message.value as Pick<H225.AdmissionRequest, 'tokens' | 'cryptoTokens'>;
    this.#readTokens(tokens, cryptoTokens, where);
    switch (message.kind) {
      case 'registrationRequest':
        this.#registers(message.value, where);
        break;
      case 'admissionRequest':
        this.#admission(message.value, where);
        break;
      case 'admissionConfirm':
        this.#answered(
          message.value,
          where,
          'AdmissionConfirm',
          signalAddress(message.value.destCallSignalAddress),
          partyOf(message.value.destinationInfo),
        );
        break;
      case 'admissionReject':
        this.#answered(message.value, where, 'AdmissionReject', undefined, {});
        break;
      case 'disengageRequest':
        this.#disengages(message.value, where);
        break;
      default:
        break;
    }
  }

  #registers(
    { terminalAlias, endpointVendor, callSignalAddress, keepAlive }: H225.RegistrationRequest,
    where: Where,
  ): void {
    // What only keeps a registration alive names nobody (H.225.0 §7.9.1).
    if (keepAlive === true) return;
    const { number, name, uri } = partyOf(terminalAlias);
    const { from, to, exposure } = where.path;
    const subject = boundedText(number ?? name ?? uri) ?? from.address;
    const told = `${subject} ${textOf(from)} ${textOf(to)}`;
    if (this.#registrations.has(told) || this.#registrations.size >= MOST_REGISTRATIONS) return;
    this.#registrations.add(told);
    const also = number !== undefined && name !== undefined ? `, ${boundedText(name)}` : '';
    const product = endpointVendor.productId === undefined ? '' : `, ${latin1(endpointVendor.productId)}`;
    const signalled = signalAddress(callSignalAddress[0]);
    const at = signalled === undefined ? '' : ` for calls at ${textOf(signalled)}`;
    this.#context.observations.disclose({
      kind: 'registration',
      place: where.place,
      protocol: 'h323',
      from,
      to,
      exposure,
      subject,
      detail: `registers at a gatekeeper${at}${also}${product}`,
    });
  }

  #admission(request: H225.AdmissionRequest, where: Where): void {
    const call = this.#callOf(request, where.place);
    if (call === undefined) return;
    call.learn('caller', partyOf(request.srcInfo));
    call.learn('called', partyOf(request.destinationInfo));
    if (this.#requests.size >= MOST_REQUESTS) this.#requests.clear();
    this.#requests.set(requestName(where.path.from, where.path.to, request.requestSeqNum), call);
    call.tell(where, 'AdmissionRequest', request.answerCall ? 'to answer' : 'to call');
  }

  #answered(
    { requestSeqNum }: { readonly requestSeqNum: number },
    where: Where,
    name: string,
    at: TransportAddress | undefined,
    called: Party,
  ): void {
    const request = requestName(where.path.to, where.path.from, requestSeqNum);
    const call = this.#requests.get(request);
    if (call === undefined) return;
    this.#requests.delete(request);
    call.learn('called', called);
    call.tell(where, name, at === undefined ? undefined : `call signalling at ${textOf(at)}`);
  }

  #disengages(request: H225.DisengageRequest, where: Where): void {
    const call = this.#callOf(request, where.place);
    if (call === undefined) return;
    call.leg.ended ??= where.place;
    call.tell(
      where,
      'DisengageRequest',
      request.disengageReason.kind === '...' ? undefined : request.disengageReason.kind,
    );
  }

  /** The call that both ends ask to be admitted to; none without an identifier. */
  #callOf(
    { callIdentifier, conferenceID }: Pick<H225.AdmissionRequest, 'callIdentifier' | 'conferenceID'>,
    place: PacketPlace,
  ): H323Call | undefined {
    const name = relatedOf(callIdentifier?.guid, conferenceID);
    if (name === undefined) return undefined;
    const known = this.#calls.get(name);
    if (known !== undefined) return known;
    const { observations } = this.#context;
    const leg = observations.leg('h323', `RAS ${name}`, place);
    if (leg === undefined) return undefined;
    leg.related.add(name);
    const call = new H323Call(leg, observations);
    if (this.#calls.size >= MOST_CALLS) this.#calls.clear();
    this.#calls.set(name, call);
    return call;
  }
}

function pairName(from: TransportAddress, to: TransportAddress): string {
  const [one, other] = [textOf(from), textOf(to)];
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

function requestName(endpoint: TransportAddress, gatekeeper: TransportAddress, sequenceNumber: number): string {
  return `${textOf(endpoint)} ${textOf(gatekeeper)} ${sequenceNumber}`;
}

/** The product of a vendor, which ends with a zero in some. */
function latin1(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets.subarray(0, 64)) if (octet !== 0) text += String.fromCharCode(octet);
  return text;
}
