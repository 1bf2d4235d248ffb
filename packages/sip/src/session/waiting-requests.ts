import type { ClientTransactionId } from '../endpoint/outputs.ts';
import type { SipHeader } from '../message/types.ts';
import type { InfoContent, RequestContent } from './commands.ts';
import { type LocalOffer, MAXIMUM_GLARES } from './local-offer.ts';

/** Requests that wait for their turn, offers and UPDATE apart. */
const MAXIMUM_QUEUED = 64;

/** What is sent in the order in which it was wanted. */
export type QueuedRequest =
  | { readonly purpose: 'info'; readonly content: InfoContent }
  | { readonly purpose: 'request'; readonly content: RequestContent }
  /** Asks whether the peer still has the session. */
  | { readonly purpose: 'probe' };

/** What may be sent now. */
export type NextRequest =
  | { readonly purpose: 'reoffer'; readonly offer: LocalOffer }
  | { readonly purpose: 'update'; readonly headers: readonly SipHeader[] }
  | QueuedRequest;

interface WaitingUpdate {
  readonly headers: readonly SipHeader[];
  readonly tries: number;
  readonly notBefore: number | undefined;
}

/**
 * What the user of a session wants sent within the dialog and the time has not come for: one offer, one
 * UPDATE without an offer, any number of INFOs and requests of the user's own. They go one at a time, for on UDP two could change places
 * and the later one would make the earlier one out of order.
 */
export class WaitingRequests {
  #offer: LocalOffer | undefined;
  #update: WaitingUpdate | undefined;
  readonly #queued: QueuedRequest[] = [];

  /** Our offer is at the peer. */
  get isOfferSent(): boolean {
    return this.#offer?.transaction !== undefined;
  }

  get offerTransaction(): ClientTransactionId | undefined {
    return this.#offer?.transaction;
  }

  /** An UPDATE with an offer whose time has come. */
  get dueUpdateOffer(): LocalOffer | undefined {
    const offer = this.#offer;
    const isDue = offer?.method === 'UPDATE' && offer.transaction === undefined && offer.notBefore === undefined;
    return isDue ? offer : undefined;
  }

  /** False while an offer is at the peer; one that waits is replaced, and waits as long as that had to. */
  wantOffer(wanted: Pick<LocalOffer, 'method' | 'sdp' | 'headers'>): boolean {
    if (this.isOfferSent) return false;
    const { glares = 0, notBefore } = this.#offer ?? {};
    this.#offer = { ...wanted, glares, transaction: undefined, notBefore };
    return true;
  }

  wantUpdate(headers: readonly SipHeader[]): void {
    this.#update = { headers, tries: 0, notBefore: undefined };
  }

  /** An UPDATE that says nothing: one that waits says as much. */
  wantRefresh(): void {
    if (this.#update === undefined) this.wantUpdate([]);
  }

  /** False where too many wait already. */
  queue(request: QueuedRequest): boolean {
    if (this.#queued.length >= MAXIMUM_QUEUED) return false;
    this.#queued.push(request);
    return true;
  }

  /** Whose turn it is. What was queued is taken out; offer and UPDATE stay until their outcome is known. */
  next(mayOffer: boolean): NextRequest | undefined {
    const { offer, update } = { offer: this.#offer, update: this.#update };
    if (offer !== undefined && mayOffer && offer.notBefore === undefined) return { purpose: 'reoffer', offer };
    if (update !== undefined && update.notBefore === undefined) return { purpose: 'update', headers: update.headers };
    return this.#queued.shift();
  }

  offerSent(transaction: ClientTransactionId | undefined): void {
    if (this.#offer !== undefined) this.#offer = { ...this.#offer, transaction };
  }

  /** Takes the offer that has been answered or refused. */
  takeOffer(): LocalOffer | undefined {
    const offer = this.#offer;
    this.#offer = undefined;
    return offer;
  }

  /** Lets a refused offer wait until `at` for another try; false when it has had enough of them. */
  retryOffer(at: number): boolean {
    const offer = this.#offer;
    if (offer === undefined || offer.glares >= MAXIMUM_GLARES) return false;
    this.#offer = { ...offer, glares: offer.glares + 1, transaction: undefined, notBefore: at };
    return true;
  }

  updateDone(): void {
    this.#update = undefined;
  }

  /** As {@link retryOffer}. */
  retryUpdate(at: number): boolean {
    const update = this.#update;
    if (update === undefined || update.tries >= MAXIMUM_GLARES) return false;
    this.#update = { ...update, tries: update.tries + 1, notBefore: at };
    return true;
  }

  clear(): void {
    this.#offer = undefined;
    this.#update = undefined;
    this.#queued.length = 0;
  }

  nextDeadline(): number | undefined {
    const [offer, update] = [this.#offer?.notBefore, this.#update?.notBefore];
    return offer === undefined || update === undefined ? (offer ?? update) : Math.min(offer, update);
  }

  handleTime(now: number): void {
    const isDue = (at: number | undefined): boolean => at !== undefined && at <= now;
    if (isDue(this.#offer?.notBefore) && this.#offer) this.#offer = { ...this.#offer, notBefore: undefined };
    if (isDue(this.#update?.notBefore) && this.#update) this.#update = { ...this.#update, notBefore: undefined };
  }
}
