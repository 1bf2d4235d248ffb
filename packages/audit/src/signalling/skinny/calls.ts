import { CallState } from '@trustline/sccp';
import type { CallLeg, LegEnd, Party } from '../../model/leg.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { learnParty } from '../party.ts';
import type { ConnectionContext } from '../reader.ts';

/** Calls of one phone that are remembered at the same time; of more the oldest is forgotten, and its leg stays. */
const MOST_CALLS = 256;
/** Longest number that is put together of single digits. */
const MOST_DIALLED = 64;

/** One call as one phone has it. */
export class SkinnyCall {
  readonly leg: CallLeg;
  readonly reference: number;
  direction: 'inbound' | 'outbound' | undefined;
  /** What keys of the pad say is the number, not yet anything that is said within the call. */
  isDialling = false;
  hasEnded = false;
  #dialled = '';

  constructor(leg: CallLeg, reference: number) {
    this.leg = leg;
    this.reference = reference;
  }

  /** Which end of the call the phone is; it is taken for the caller's where that is not in the capture. */
  get phoneEnd(): LegEnd {
    return this.direction === 'inbound' ? 'called' : 'caller';
  }

  get farEnd(): LegEnd {
    return this.direction === 'inbound' ? 'caller' : 'called';
  }

  learn(end: LegEnd, party: Party): void {
    learnParty(this.leg, end, party);
  }

  dial(digit: string): void {
    if (this.#dialled.length < MOST_DIALLED) this.#dialled += digit;
  }

  dialled(): void {
    this.isDialling = false;
    if (this.#dialled !== '') this.learn('called', { number: this.#dialled });
  }

  /** What `CallState` says the call does from here on. */
  enter(state: number, place: PacketPlace): void {
    switch (state) {
      case CallState.OffHook:
        this.direction ??= 'outbound';
        this.isDialling = this.direction === 'outbound' && this.leg.answered === undefined;
        return;
      case CallState.RingIn:
      case CallState.CallWaiting:
        this.direction ??= 'inbound';
        return;
      case CallState.RingOut:
      case CallState.Proceed:
        this.direction ??= 'outbound';
        this.dialled();
        return;
      case CallState.Connected:
        this.dialled();
        this.leg.answered ??= place;
        return;
      case CallState.Busy:
      case CallState.Congestion:
      case CallState.InvalidNumber:
        this.leg.endReason = callStateName(state);
        return;
      case CallState.OnHook:
        this.dialled();
        this.leg.ended ??= place;
        this.hasEnded = true;
        return;
      default:
        return;
    }
  }
}

const stateNames = new Map<number, string>(Object.entries(CallState).map(([name, value]) => [value, name]));

/** `Connected`, or `state 77` for one that has no name. */
export function callStateName(state: number): string {
  return stateNames.get(state) ?? `state ${state}`;
}

/** The calls of the phone at one connection, by the references that its manager gave them. */
export class SkinnyCalls {
  readonly #context: ConnectionContext;
  readonly #byReference = new Map<number, SkinnyCall>();
  #latest: SkinnyCall | undefined;

  constructor(context: ConnectionContext) {
    this.#context = context;
  }

  /** The call that a message is of: the one that goes on where it says none, as old phones do. */
  find(reference: number | undefined): SkinnyCall | undefined {
    if (reference === undefined || reference === 0) return this.#latest?.hasEnded === false ? this.#latest : undefined;
    const found = this.#byReference.get(reference);
    if (found !== undefined && !found.hasEnded) this.#latest = found;
    return found;
  }

  /** The call of that reference, which begins where none goes on; undefined where there are too many legs. */
  begin(reference: number, place: PacketPlace): SkinnyCall | undefined {
    const known = this.find(reference);
    if (known !== undefined && !known.hasEnded) return known;
    const { client, observations } = this.#context;
    const identity = `${client.address} port ${client.port} call ${reference} from packet ${place.number}`;
    const leg = observations.leg('skinny', identity, place);
    if (leg === undefined) return undefined;
    const call = new SkinnyCall(leg, reference);
    const [oldest] = this.#byReference.keys();
    if (this.#byReference.size >= MOST_CALLS && oldest !== undefined) this.#byReference.delete(oldest);
    this.#byReference.set(reference, call);
    this.#latest = call;
    return call;
  }
}
