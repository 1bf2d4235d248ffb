import { type HeldTrust, nothingHeld } from '@trustline/pki';
import type { HeldNumbers } from '../../trust/phone-states.ts';
import { couldTake, type KnownPhone, type LockedPhone, type Simulation, simulate } from '../../trust/simulation.ts';
import type { ManagerContext } from '../parts.ts';
import type { GivenList } from '../store/phone-lists.ts';
import type { PublishedLists, ReadList } from './published-lists.ts';
import type { Vouching } from './vouching.ts';

/** Milliseconds for which it is believed that a list is taken; signers' certificates end. */
const agreementLifetime = 60_000;
const hour = 3_600_000;

/** The rules by which phones take lists, over the lists that were published. */
export class PhoneRules {
  readonly #context: ManagerContext;
  readonly #lists: PublishedLists;
  readonly #vouching: Vouching;
  /** When phones in some state were found to take a list, by the numbers of all of them. */
  readonly #agreed = new Map<string, number>();
  /** Whether phones in some state may have taken a list, by the numbers of all of them and the hour. */
  readonly #possible = new Map<string, boolean>();

  constructor(context: ManagerContext, lists: PublishedLists, vouching: Vouching) {
    this.#context = context;
    this.#lists = lists;
    this.#vouching = vouching;
  }

  /** What the phone makes of a list. */
  async simulationFor(phone: KnownPhone, { kind, content }: Pick<ReadList, 'kind' | 'content'>): Promise<Simulation> {
    const offered = { kind, octets: content };
    const now = this.#context.clock.now();
    const alone = simulate([phone], offered, undefined, now);
    // Most need nobody's word but that of their own lists.
    return alone.locked.length === 0 ? alone : simulate([phone], offered, await this.#vouching.verification(), now);
  }

  /**
   * Why a phone in this state does not take a list now; undefined when it does. What one phone takes all those take that
   * hold the same lists, and a thousand of them may ask within a minute.
   */
  async refusalOf(device: string, state: HeldNumbers, number: number): Promise<LockedPhone | undefined> {
    const now = this.#context.clock.now();
    const key = keyOf(state, number);
    const agreedAt = this.#agreed.get(key);
    if (agreedAt !== undefined && Math.abs(now - agreedAt) < agreementLifetime) return undefined;
    const phone = { device, held: await this.trustOf(state), mayHold: [] };
    const { locked } = await this.simulationFor(phone, await this.#lists.byNumber(number));
    const [refusal] = locked;
    if (refusal === undefined) this.#agreed.set(key, now);
    return refusal;
  }

  /** Whether whoever was given a list took it, if it was a phone in this state; what TVS said then is not known any more. */
  async mayTake(state: HeldNumbers, { device, list, givenAt }: GivenList): Promise<boolean> {
    const key = `${keyOf(state, list)} ${Math.floor(givenAt / hour)}`;
    const known = this.#possible.get(key);
    if (known !== undefined) return known;
    const possible = couldTake(await this.trustOf(state), device, await this.#lists.byNumber(list), givenAt);
    this.#possible.set(key, possible);
    return possible;
  }

  /** The lists of these numbers, read. */
  async trustOf({ ctl, itl }: HeldNumbers): Promise<HeldTrust> {
    if (ctl === undefined && itl === undefined) return nothingHeld;
    const listOf = async (number: number | undefined) =>
      number === undefined ? undefined : (await this.#lists.byNumber(number)).list;
    return { ctl: await listOf(ctl), itl: await listOf(itl) };
  }
}

function keyOf({ ctl, itl }: HeldNumbers, number: number): string {
  return `${ctl ?? '-'} ${itl ?? '-'} ${number}`;
}
