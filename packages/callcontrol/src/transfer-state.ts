/** What a transfer is while it is not decided, and what each thing that happens does to it: one table. */
import type { CallRecord } from '@trustline/evidence';
import type { Call, Leg } from './call.ts';
import type { Cause } from './causes.ts';
import type { MediaDescription } from './media.ts';
import type { RelayedLeg } from './relay-state.ts';

/** `waiting`: nobody has answered; `answered`: both ends are there, one of them not idle; `joining`: they are agreeing. */
export type LiveTransferState = 'waiting' | 'answered' | 'joining';
export type TransferState = LiveTransferState | 'done' | 'failed';

export interface Transfer {
  state: TransferState;
  /** `call-back`: nobody transfers; the call came from here, and waits for the number that it is about. */
  readonly kind: 'blind' | 'attended' | 'replaced' | 'call-back';
  /** Who asked for it; of a replacement, whose place is taken. */
  readonly transferor: Leg;
  readonly transferee: Leg;
  /** The call in which it was asked for. */
  readonly origin: Call;
  /** The call of the one whom the transferee is to talk to: placed for that, or the transferor's own. */
  readonly target: Call;
  /** The transferor's leg in `target`, where that is an answered call of his. */
  readonly other: Leg | undefined;
  /** What the one answered with whom `target` was placed to. */
  answer: MediaDescription | undefined;
  /** The call in which the two are joined. */
  joined: Call | undefined;
  /** An offer that was made for the join and has to be answered where the leg goes back to. */
  owed: { readonly leg: Leg; readonly offer: MediaDescription } | undefined;
}

/** Where a leg that is being joined came from. */
export interface Home {
  readonly leg: Leg;
  readonly call: Call;
  readonly role: Leg['role'];
  readonly toldFrom: MediaDescription | undefined;
  readonly media: MediaDescription | undefined;
  readonly told: MediaDescription | undefined;
  /** Its place at the relay there; in the call to be it has another, or none. */
  readonly relay: RelayedLeg | undefined;
}

/** By whom a call came about that was transferred, and of which calls it is made. */
export interface Referral {
  readonly kind: Exclude<Transfer['kind'], 'call-back'> | 'picked-up';
  readonly by: Leg;
  readonly calls: readonly string[];
}

export type TransferEvent =
  /** The one that it is to rings. */
  | { readonly kind: 'rings' }
  | { readonly kind: 'answered' }
  /** The number that it is to is a place to be parked at. */
  | { readonly kind: 'parks' }
  /** Nothing is under way at either end. */
  | { readonly kind: 'idle' }
  /** The two hold each other's media. */
  | { readonly kind: 'agreed' }
  | { readonly kind: 'call-ended'; readonly call: Call; readonly cause: Cause; readonly warning: string };

export type TransferAction = 'none' | 'tell-ringing' | 'park' | 'join' | 'conclude' | 'fail';

interface Cell {
  readonly to: TransferState;
  readonly act: TransferAction;
}

/** State × event → state, action. A transfer that is done or has failed hears nothing any more. */
export const transferTable: Readonly<Record<LiveTransferState, Readonly<Record<TransferEvent['kind'], Cell>>>> = {
  waiting: {
    rings: { to: 'waiting', act: 'tell-ringing' },
    parks: { to: 'waiting', act: 'park' },
    answered: { to: 'answered', act: 'none' },
    idle: { to: 'waiting', act: 'none' }, // nobody is there to be joined with
    agreed: { to: 'waiting', act: 'none' }, // of an offer between transferor and transferee
    'call-ended': { to: 'failed', act: 'fail' },
  },
  answered: {
    rings: { to: 'answered', act: 'none' }, // another phone, too late
    parks: { to: 'answered', act: 'none' }, // it has been answered
    answered: { to: 'answered', act: 'none' },
    idle: { to: 'joining', act: 'join' },
    agreed: { to: 'answered', act: 'none' },
    'call-ended': { to: 'failed', act: 'fail' },
  },
  joining: {
    rings: { to: 'joining', act: 'none' },
    parks: { to: 'joining', act: 'none' }, // it has been answered
    answered: { to: 'joining', act: 'none' },
    idle: { to: 'joining', act: 'none' },
    agreed: { to: 'done', act: 'conclude' },
    'call-ended': { to: 'failed', act: 'fail' },
  },
};

/** What becomes of a transfer by an event; undefined once it is decided. */
export function nextOf({ state }: Transfer, event: TransferEvent): Cell | undefined {
  return state === 'done' || state === 'failed' ? undefined : transferTable[state][event.kind];
}

/** What the record of a call says about its transfer. */
export function recordOf({ referral }: Call): Pick<CallRecord, 'transfer'> {
  if (referral === undefined) return {};
  const { kind, by, calls } = referral;
  return { transfer: { kind, calls, by: { device: by.device, line: by.line } } };
}
