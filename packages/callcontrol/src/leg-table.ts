/** What a leg may say in each of its states, and the states in which it may then be: one table for every leg. */
import type { Leg } from './call.ts';
import type { CallControlInput, LegId } from './inputs.ts';

/** But for what is said of a leg in whatever state it is. */
export type LegInput = Exclude<
  Extract<CallControlInput, { readonly leg: LegId }>,
  { kind: 'incoming' | 'protection' | 'proven' | 'answering' }
>;
export type LegInputKind = LegInput['kind'];
type LiveLegState = Exclude<Leg['state'], 'ended'>;

/**
 * The states in which a leg may be after it said something; `race` for what is passed over: it crossed something that was
 * said to the leg, or is none of its business, and changes nothing.
 */
export type LegCell = 'race' | readonly Leg['state'][];

type LegRow = Readonly<Record<LegInputKind, LegCell>>;

const gone = ['ended'] as const;
/** Nobody can be handed over who does not talk yet. */
const beforeAnswer = { digit: 'race', cancelled: gone, released: gone } as const;

/** The one who calls hears from others that it rings and is answered; it says nothing of that itself. */
const calls = { ringing: 'race', progress: 'race', answered: 'race', redirected: 'race', refused: 'race' } as const;
/** It may offer anew before the answer, and is not offered to (RFC 3311 §5.1): the called answers, or refuses. */
const offersBeforeAnswer = { ...calls, ...beforeAnswer, answer: 'race', 'offer-refused': 'race' } as const;

/** Two who talk: what they agree on is the exchange's (`exchange.ts`); an answer that cannot be taken ends the call. */
const talks = {
  ...calls,
  offer: ['connected'],
  'offer-requested': ['connected'],
  answer: ['connected', 'ended'],
  'offer-refused': ['connected', 'ended'],
  transfer: ['connected', 'ended'], // over at once for who parks the other
  digit: ['connected'],
  cancelled: gone,
  released: gone,
} as const;

export const legTable: Readonly<Record<Leg['role'], Readonly<Record<LiveLegState, LegRow>>>> = {
  calling: {
    trying: { ...offersBeforeAnswer, offer: ['trying'], 'offer-requested': ['trying'], transfer: ['trying'] },
    ringing: { ...offersBeforeAnswer, offer: ['ringing'], 'offer-requested': ['ringing'], transfer: ['ringing'] },
    // A conference that it is transferred into, and cannot be, was all that it had left.
    connected: { ...talks, offer: ['connected', 'ended'] },
  },
  called: {
    trying: {
      ...beforeAnswer,
      ringing: ['ringing'],
      progress: ['trying', 'ringing', 'ended'],
      answered: ['connected', 'ended'],
      redirected: gone,
      refused: gone,
      answer: ['trying', 'ended'],
      'offer-refused': ['trying'],
      offer: ['trying'],
      'offer-requested': ['trying'],
      transfer: ['trying'],
    },
    ringing: {
      ...beforeAnswer,
      ringing: 'race',
      progress: ['ringing', 'ended'],
      answered: ['connected', 'ended'],
      redirected: gone,
      refused: gone,
      answer: ['ringing', 'ended'],
      'offer-refused': ['ringing'],
      offer: ['ringing'],
      'offer-requested': ['ringing'],
      transfer: ['ringing'],
    },
    connected: talks,
  },
};

/** Whether what a leg says is acted on in its state. */
export function isHeard({ role, state }: Leg, kind: LegInputKind): boolean {
  return state !== 'ended' && legTable[role][state][kind] !== 'race';
}
