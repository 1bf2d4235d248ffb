import type { TrustListKind } from '@trustline/pki';

/** The lists that a phone holds, by their numbers. */
export interface HeldNumbers {
  readonly ctl: number | undefined;
  readonly itl: number | undefined;
}

/** A list that was handed out in the name of a phone. */
export interface HandedList {
  readonly kind: TrustListKind;
  readonly number: number;
  /** Handed to the phone itself; else to anybody, for everybody may ask in its name. */
  readonly isPhones: boolean;
}

export interface PossibleStates<List extends HandedList> {
  /** Every state that the phone may be in, each once; that which it was in comes first where it may be in it still. */
  readonly states: readonly HeldNumbers[];
  /** Those that at least one state took, or held already. */
  readonly taken: readonly List[];
}

/** Whether a phone in this state takes a list, by the rules that it runs. */
export type Takes<List extends HandedList> = (held: HeldNumbers, list: List) => Promise<boolean>;

/**
 * What a phone may hold after lists were handed out in its name, in this order. What is known to have been handed to the
 * phone itself it has taken, if it takes it; of all else it has taken any, or none.
 */
export async function possibleStates<List extends HandedList>(
  held: HeldNumbers,
  handed: readonly List[],
  takes: Takes<List>,
): Promise<PossibleStates<List>> {
  let states: readonly HeldNumbers[] = [held];
  const taken: List[] = [];
  for (const list of handed) {
    const next: HeldNumbers[] = [];
    for (const state of states) {
      const holds = numberOf(state, list.kind) === list.number;
      const takesIt = holds || (await takes(state, list));
      if (takesIt && taken.at(-1) !== list) taken.push(list);
      if (!takesIt || !list.isPhones) next.push(state);
      if (takesIt) next.push(withList(state, list));
    }
    states = distinct(next);
  }
  return { states, taken };
}

export function numberOf({ ctl, itl }: HeldNumbers, kind: TrustListKind): number | undefined {
  return kind === 'CTL' ? ctl : itl;
}

export function withList(state: HeldNumbers, { kind, number }: Pick<HandedList, 'kind' | 'number'>): HeldNumbers {
  return kind === 'CTL' ? { ...state, ctl: number } : { ...state, itl: number };
}

function distinct(states: readonly HeldNumbers[]): readonly HeldNumbers[] {
  const found = new Map<string, HeldNumbers>();
  for (const state of states) {
    const key = `${state.ctl} ${state.itl}`;
    if (!found.has(key)) found.set(key, state);
  }
  return [...found.values()];
}
