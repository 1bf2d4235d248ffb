/**
 * What may come of what a leg says in each of its states, beside the state that it is in then ({@link legTable}): one table for
 * every leg. What a cell does not name never happens there, and what it names does: a test drives random calls to see to both.
 */
import type { Leg } from './call.ts';
import type { LegInputKind } from './leg-table.ts';
import type { CallControlOutput } from './outputs.ts';

export type OutputKind = CallControlOutput['kind'];

/** What an output is about, where it is not for the leg that spoke. */
export type Effect =
  /** Another leg, which goes on, is told something. */
  | 'tells'
  /** The call is tried at somebody, or goes to another number. */
  | 'places'
  /** Another leg, or a call, is over. */
  | 'ends'
  /** The relay is told. */
  | 'relays'
  /** It is said to those who watch: an event, the end of draining. */
  | 'says';

export const effectOf: Readonly<Record<OutputKind, Effect>> = {
  ring: 'tells',
  progress: 'tells',
  accept: 'tells',
  'accept-with-offer': 'tells',
  offer: 'tells',
  'request-offer': 'tells',
  answer: 'tells',
  'refuse-offer': 'tells',
  show: 'tells',
  digit: 'tells',
  'accept-transfer': 'tells',
  'refuse-transfer': 'tells',
  'transfer-rings': 'tells',
  transferred: 'tells',
  'transfer-failed': 'tells',
  place: 'places',
  forwarded: 'places',
  refuse: 'ends',
  cancel: 'ends',
  release: 'ends',
  record: 'ends',
  'relay-digit': 'relays',
  'relay-side': 'relays',
  'relay-bridge': 'relays',
  'relay-close': 'relays',
  event: 'says',
  probe: 'says',
  drained: 'says',
};

/** What the leg itself may be told, and what may come of it else. */
export interface OutputCell {
  readonly told: readonly OutputKind[];
  readonly others: readonly Effect[];
}

type OutputRow = Readonly<Partial<Record<LegInputKind, OutputCell>>>;

/** A cell that is not there: nothing comes of it, be it a race or not. */
export const legOutputs: Readonly<Record<Leg['role'], Readonly<Record<Exclude<Leg['state'], 'ended'>, OutputRow>>>> = {
  calling: {
    trying: {
      offer: { told: ['refuse-offer'], others: ['tells', 'says'] },
      'offer-requested': { told: ['refuse-offer'], others: [] },
      transfer: { told: ['refuse-transfer'], others: ['says'] },
      cancelled: { told: [], others: ['tells', 'ends', 'relays', 'says'] },
      released: { told: [], others: ['tells', 'ends', 'relays', 'says'] },
    },
    ringing: {
      offer: { told: ['refuse-offer'], others: ['tells', 'says'] },
      'offer-requested': { told: ['refuse-offer'], others: [] },
      transfer: { told: ['refuse-transfer'], others: ['says'] },
      cancelled: { told: [], others: ['ends', 'relays', 'says'] },
      released: { told: [], others: ['ends', 'relays', 'says'] },
    },
    connected: {
      offer: { told: ['answer', 'refuse-offer'], others: ['tells', 'relays', 'says'] },
      'offer-requested': { told: ['offer', 'refuse-offer'], others: ['tells'] },
      answer: { told: ['offer', 'release', 'request-offer', 'show'], others: ['tells', 'ends', 'relays', 'says'] },
      'offer-refused': { told: ['offer', 'release', 'transfer-failed'], others: ['tells', 'ends', 'relays', 'says'] },
      transfer: {
        told: ['accept-transfer', 'refuse-transfer', 'release', 'transfer-failed', 'transferred'],
        others: ['tells', 'places', 'ends', 'relays', 'says'],
      },
      digit: { told: [], others: ['tells', 'relays'] },
      cancelled: { told: [], others: ['tells', 'ends', 'relays', 'says'] },
      released: { told: [], others: ['tells', 'ends', 'relays', 'says'] },
    },
  },
  called: {
    trying: {
      ringing: { told: [], others: ['tells'] },
      progress: { told: ['cancel'], others: ['tells', 'ends', 'relays', 'says'] },
      answered: { told: ['answer', 'offer', 'release', 'show'], others: ['tells', 'places', 'ends', 'relays', 'says'] },
      redirected: { told: [], others: ['tells', 'places', 'ends', 'relays', 'says'] },
      refused: { told: [], others: ['tells', 'places', 'ends', 'relays', 'says'] },
      offer: { told: ['refuse-offer'], others: [] },
      'offer-requested': { told: ['refuse-offer'], others: [] },
      answer: { told: ['cancel'], others: ['ends', 'says'] },
      transfer: { told: ['refuse-transfer'], others: ['says'] },
      cancelled: { told: [], others: ['tells', 'places', 'ends', 'relays', 'says'] },
      released: { told: [], others: ['places', 'ends', 'relays', 'says'] },
    },
    ringing: {
      progress: { told: ['cancel'], others: ['tells', 'ends', 'relays', 'says'] },
      answered: { told: ['answer', 'release', 'show'], others: ['tells', 'places', 'ends', 'relays', 'says'] },
      redirected: { told: [], others: ['places', 'ends', 'relays', 'says'] },
      refused: { told: [], others: ['tells', 'places', 'ends', 'relays', 'says'] },
      offer: { told: ['refuse-offer'], others: [] },
      'offer-requested': { told: ['refuse-offer'], others: [] },
      answer: { told: [], others: ['tells'] },
      'offer-refused': { told: [], others: ['tells'] },
      transfer: { told: ['refuse-transfer'], others: ['says'] },
      cancelled: { told: [], others: ['tells', 'places', 'ends', 'relays', 'says'] },
      released: { told: [], others: ['tells', 'places', 'ends', 'relays', 'says'] },
    },
    connected: {
      offer: { told: ['refuse-offer'], others: ['tells', 'says'] },
      'offer-requested': { told: ['offer', 'refuse-offer'], others: ['tells'] },
      answer: { told: ['release', 'show'], others: ['tells', 'ends', 'relays', 'says'] },
      'offer-refused': { told: ['offer', 'release'], others: ['tells', 'ends', 'relays', 'says'] },
      transfer: {
        told: ['accept-transfer', 'refuse-transfer', 'release', 'transfer-failed', 'transferred'],
        others: ['tells', 'places', 'ends', 'relays', 'says'],
      },
      digit: { told: [], others: ['tells', 'relays'] },
      cancelled: { told: [], others: ['tells', 'ends', 'relays', 'says'] },
      released: { told: [], others: ['tells', 'ends', 'relays', 'says'] },
    },
  },
};
