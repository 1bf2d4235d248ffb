import type { TransportAddress } from '@trustline/capture';
import { isOpen } from '../../model/exposure.ts';
import type { SignallingPath } from '../../model/leg.ts';
import type { Observations } from '../../model/observations.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { boundedText } from '../bounded-text.ts';
import { Recent } from '../recent.ts';
import { shortName } from '../short-name.ts';
import { SignallingPaths } from '../signalling-paths.ts';
import { MgcpLegReader } from './leg-reader.ts';
import { type MgcpMessage, observedDigits, parameterOf, plainKey } from './message.ts';

/** Transactions, endpoints and messages that are remembered. */
const MOST_REMEMBERED = 20_000;
const LONGEST_DIALLED = 64;
/** A command is sent again after that, at the earliest; the same one sooner was captured twice. */
const CAPTURED_TWICE_MICROSECONDS = 100_000;

interface Transaction {
  readonly verb: string;
  readonly endpoint: string;
  readonly leg: MgcpLegReader | undefined;
}

const books = new WeakMap<Observations, MgcpBook>();

/** What was heard of MGCP in one capture. */
export class MgcpBook {
  readonly paths = new SignallingPaths();
  readonly #observations: Observations;
  readonly #legs = new Map<string, MgcpLegReader>();
  readonly #transactions = new Recent<Transaction>(MOST_REMEMBERED);
  readonly #ofEndpoint = new Recent<MgcpLegReader>(MOST_REMEMBERED);
  readonly #dialled = new Recent<string>(MOST_REMEMBERED);
  readonly #lately = new Recent<number>(MOST_REMEMBERED);
  readonly #disclosed = new Recent<true>(MOST_REMEMBERED);

  static of(observations: Observations): MgcpBook {
    const known = books.get(observations);
    if (known !== undefined) return known;
    const book = new MgcpBook(observations);
    books.set(observations, book);
    return book;
  }

  private constructor(observations: Observations) {
    this.#observations = observations;
  }

  handle(message: MgcpMessage, path: SignallingPath, place: PacketPlace): void {
    if (this.#isAgain(message, path, place)) return;
    if (message.start.kind === 'command') this.#command(message, message.start, path, place);
    else this.#response(message, path, place);
  }

  #command(
    message: MgcpMessage,
    { verb, transaction, endpoint }: MgcpMessage['start'] & { kind: 'command' },
    path: SignallingPath,
    place: PacketPlace,
  ): void {
    const leg = this.#legOf(message, endpoint, path, place);
    this.#transactions.set(transactionName(path.from, path.to, transaction), { verb, endpoint, leg });
    this.#disclose(message, endpoint, path, place);
    if (leg === undefined) {
      this.#dial(endpoint, parameterOf(message, 'o') ?? '');
      return;
    }
    leg.handle(message, verb, endpoint, path, place, this.#dialled.get(endpoint));
    this.#dialled.set(endpoint, '');
    if (verb === 'DLCX') this.#ofEndpoint.delete(endpoint);
    else this.#ofEndpoint.set(endpoint, leg);
  }

  #response(message: MgcpMessage, path: SignallingPath, place: PacketPlace): void {
    const name = transactionName(path.to, path.from, message.start.transaction);
    const transaction = this.#transactions.get(name);
    if (transaction?.leg === undefined) return;
    const { verb, leg } = transaction;
    const specific = boundedText(parameterOf(message, 'z'));
    const endpoint = specific ?? transaction.endpoint;
    if (specific !== undefined) {
      leg.rename(transaction.endpoint, specific);
      this.#ofEndpoint.set(specific, leg);
    }
    leg.handle(message, verb, endpoint, path, place);
  }

  /** The leg of its call (`C:`), or the one that its endpoint has. */
  #legOf(message: MgcpMessage, endpoint: string, path: SignallingPath, place: PacketPlace): MgcpLegReader | undefined {
    const call = boundedText(parameterOf(message, 'c'))?.toLowerCase();
    if (call === undefined) return this.#ofEndpoint.get(endpoint);
    // A call is an agent's; an endpoint that ends it by itself (RFC 3435 §2.3.8) writes to the agent.
    const ends = this.#legs.get(`${call}@${path.to.address}`);
    if (ends !== undefined) return ends;
    const identity = `${call}@${path.from.address}`;
    const known = this.#legs.get(identity);
    if (known !== undefined) return known;
    const leg = this.#observations.leg('mgcp', identity, place);
    if (leg === undefined) return undefined;
    const reader = new MgcpLegReader(leg, this.#observations);
    this.#legs.set(identity, reader);
    return reader;
  }

  #dial(endpoint: string, observed: string): void {
    // Off and on the hook, it begins anew.
    const before = /\bh[ud]\b/i.test(observed) ? '' : (this.#dialled.get(endpoint) ?? '');
    const dialled = before + observedDigits(observed);
    if (observed !== '') this.#dialled.set(endpoint, dialled.slice(0, LONGEST_DIALLED));
  }

  #disclose(message: MgcpMessage, endpoint: string, { from, to, exposure }: SignallingPath, place: PacketPlace): void {
    const key = plainKey(message);
    if (key === undefined || !this.#disclosed.add(shortName(`${endpoint} ${key} ${isOpen(exposure)}`), true)) return;
    this.#observations.disclose({
      kind: 'clear-password',
      place,
      protocol: 'MGCP',
      from,
      to,
      exposure,
      subject: endpoint,
      detail: 'a key of media stands there as it is (k:)',
      secret: boundedText(key) ?? '',
    });
  }

  /** Captured twice; what is sent again later is a line of its own. */
  #isAgain({ start, parameters }: MgcpMessage, { from, to }: SignallingPath, place: PacketPlace): boolean {
    const name = shortName(`${from.address} ${to.address} ${JSON.stringify([start, parameters])}`);
    const before = this.#lately.get(name);
    this.#lately.set(name, place.microseconds);
    return before !== undefined && place.microseconds - before < CAPTURED_TWICE_MICROSECONDS;
  }
}

function transactionName(commander: TransportAddress, commanded: TransportAddress, transaction: string): string {
  return `${commander.address} ${commanded.address} ${transaction}`;
}
