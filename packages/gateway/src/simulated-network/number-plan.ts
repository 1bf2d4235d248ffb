/** What is to be heard at the far end of the simulated network once it has answered. */
export type SimulatedVoice =
  /** What comes goes back. */
  | { readonly kind: 'echo' }
  | { readonly kind: 'tone'; readonly frequency: number }
  /** Samples at 8,000 a second, again and again. */
  | { readonly kind: 'recording'; readonly samples: Int16Array };

/** What the simulated network does with a call to a number. */
export type SimulatedBehaviour =
  | {
      readonly kind: 'answer';
      readonly afterMilliseconds: number;
      readonly voice: SimulatedVoice;
      /** Hangs up so long after the answer; otherwise the other side does. */
      readonly hangUpAfterMilliseconds?: number;
    }
  /** Rings and rings. */
  | { readonly kind: 'no-answer' }
  /**
   * Is refused at once, or where `announced`, after so long a tone: the busy tone for 17, the congestion tone for 34, 38, 41,
   * 42 and 47, the special information tone for others.
   */
  | { readonly kind: 'refuse'; readonly cause: number; readonly announcedMilliseconds?: number };

/** What a number does; `undefined` where it is not complete, and further digits are waited for. */
export type SimulatedNumberPlan = (called: string, complete: boolean) => SimulatedBehaviour | undefined;

const SHORTEST_NUMBER = 4;

/** Last four digits that do something else than answer, whatever stands before them. */
const suffixes: Readonly<Record<string, SimulatedBehaviour>> = {
  '0001': { kind: 'refuse', cause: 1, announcedMilliseconds: 3_000 },
  '0017': { kind: 'refuse', cause: 17 },
  '0019': { kind: 'no-answer' },
  '0021': { kind: 'refuse', cause: 21 },
  '0034': { kind: 'refuse', cause: 34 },
  '0117': { kind: 'refuse', cause: 17, announcedMilliseconds: 3_000 },
  '0440': { kind: 'answer', afterMilliseconds: 1_000, voice: { kind: 'tone', frequency: 440 } },
};

/**
 * A plan for a demonstration: every number rings for two seconds and then echoes what it hears, but for those that end in
 * 0001 (unallocated, said by a tone), 0017 (busy), 0117 (busy, by a tone), 0019 (no answer), 0021 (rejected), 0034 (no
 * circuit) and 0440 (answers with a tone of 440 Hz). A number that comes digit by digit has four.
 */
export function demonstrationPlan(called: string, complete: boolean): SimulatedBehaviour | undefined {
  if (!complete && called.length < SHORTEST_NUMBER) return undefined;
  return suffixes[called.slice(-4)] ?? { kind: 'answer', afterMilliseconds: 2_000, voice: { kind: 'echo' } };
}
