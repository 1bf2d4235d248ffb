import { describeRole } from '@trustline/pki';
import {
  type CapfMessage,
  capfCommand,
  capfCommandName,
  capfElement,
  capfMessageStream,
  decodeCapfMessage,
  decodeTvsMessage,
  type MessageStream,
  readCapfElements,
  readTvsElements,
  type TvsMessage,
  tvsCommand,
  tvsElement,
  tvsMessageStream,
} from '@trustline/provisioning';
import type { DisclosureKind } from '../../model/disclosure.ts';
import type { ConnectionSide } from '../../traffic/connections.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { boundedText } from '../bounded-text.ts';
import type { ConnectionContext, ConnectionReader, Recognition } from '../reader.ts';

const CAPF_HEAD = 8;
const TVS_HEAD = 10;
const LONGEST_MESSAGE = 16_384;

/** Whether a side begins with a whole message of a command that CAPF has. */
export function recogniseCapf(octets: Uint8Array): Recognition {
  return recognise(octets, CAPF_HEAD, 0x55, ([, command = 0]) => command >= 1 && command <= 23, decodeCapfMessage);
}

/** Whether a side begins with a whole message of TVS. */
export function recogniseTvs(octets: Uint8Array): Recognition {
  const isKnown = ([, version, command = 0]: Uint8Array) => version === 1 && command >= 1 && command <= 4;
  return recognise(octets, TVS_HEAD, 0x57, isKnown, decodeTvsMessage);
}

function recognise(
  octets: Uint8Array,
  headLength: number,
  magic: number,
  isKnown: (head: Uint8Array) => boolean,
  decode: (octets: Uint8Array) => { readonly ok: boolean },
): Recognition {
  if (octets.byteLength === 0) return 'more';
  if (octets[0] !== magic) return 'no';
  if (octets.byteLength < headLength) return 'more';
  const length = headLength + (octets[headLength - 2] ?? 0) * 256 + (octets[headLength - 1] ?? 0);
  if (!isKnown(octets) || length > LONGEST_MESSAGE) return 'no';
  if (octets.byteLength < length) return 'more';
  return decode(octets.subarray(0, length)).ok ? 'yes' : 'no';
}

/** What both protocols have in common: messages of each side, until octets are missing. */
abstract class EnrolmentConnection<Message> implements ConnectionReader {
  protected readonly context: ConnectionContext;
  readonly #streams: Record<ConnectionSide, MessageStream<Message>>;
  readonly #newStream: () => MessageStream<Message>;
  readonly #protocol: string;

  constructor(context: ConnectionContext, protocol: string, newStream: () => MessageStream<Message>) {
    this.context = context;
    this.#protocol = protocol;
    this.#newStream = newStream;
    this.#streams = { client: newStream(), server: newStream() };
  }

  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    for (const result of this.#streams[from].push(octets)) if (result.ok) this.message(from, result.value, place);
    // What comes after is likely to begin with a message again.
    if (this.#streams[from].ended) this.#streams[from] = this.#newStream();
  }

  gap(from: ConnectionSide): void {
    this.#streams[from] = this.#newStream();
  }

  ended(): void {}

  protected abstract message(from: ConnectionSide, message: Message, place: PacketPlace): void;

  protected disclose(
    kind: DisclosureKind,
    from: ConnectionSide,
    place: PacketPlace,
    subject: string,
    detail: string,
    secret?: string,
  ): void {
    const { client, server, exposure, observations } = this.context;
    const ends = from === 'client' ? { from: client, to: server } : { from: server, to: client };
    const protocol = this.#protocol;
    const revealed = secret === undefined ? {} : { secret };
    observations.disclose({ kind, place, protocol, ...ends, exposure, subject, detail, ...revealed });
  }
}

/** What is done to a phone's certificate, by the command that says it. */
const operations = new Map<number, string>([
  [capfCommand.STORE_CERT_REQ, 'a certificate is stored'],
  [capfCommand.DELETE_CERT_REQ, 'its certificate is deleted'],
  [capfCommand.FETCH_CERT_REQ, 'its certificate is read'],
]);

/** Reads the enrolment of a phone that is not within TLS, or in TLS that was opened. */
export class CapfConnection extends EnrolmentConnection<CapfMessage> {
  #device: string | undefined;

  constructor(context: ConnectionContext) {
    super(context, 'capf', capfMessageStream);
  }

  protected message(from: ConnectionSide, message: CapfMessage, place: PacketPlace): void {
    const { deviceName, password } = capfElement;
    const elements = readCapfElements(message, { deviceName, password });
    const found = elements.ok ? elements.value : undefined;
    this.#device = boundedText(found?.deviceName) ?? this.#device;
    const device = this.#device ?? this.context.client.address;
    const secret = found?.password?.reveal();
    if (secret !== undefined && secret !== '') {
      const detail = `authentication string in ${capfCommandName(message.command)}`;
      this.disclose('enrolment-secret', from, place, device, detail, secret);
    }
    const operation = operations.get(message.command);
    if (operation !== undefined) this.disclose('registration', from, place, device, `enrolment: ${operation}`);
  }
}

/** Reads what phones ask of the trust verification service, and what it vouches for. */
export class TvsConnection extends EnrolmentConnection<TvsMessage> {
  #asked = 'a certificate';

  constructor(context: ConnectionContext) {
    super(context, 'tvs', tvsMessageStream);
  }

  protected message(from: ConnectionSide, message: TvsMessage, place: PacketPlace): void {
    const { subject, issuer, status, roles, device } = tvsElement;
    const elements = readTvsElements(message, { subject, issuer, status, roles, device });
    if (!elements.ok) return;
    const { value } = elements;
    if (message.command === tvsCommand.VERIFY_REQ || message.command === tvsCommand.QUERY_CERT_REQ) {
      this.#asked = boundedText(value.subject ?? value.issuer) ?? 'a certificate';
      return;
    }
    const vouched = [...(value.roles ?? [])].slice(0, 8).map(describeRole).join(', ');
    const detail = value.status === 0 ? `vouched for as ${vouched === '' ? 'nothing' : vouched}` : 'not vouched for';
    this.disclose('trust-list', from, place, this.#asked, detail);
  }
}
