import { type HeldNumbers, numberOf, possibleStates, withList } from '../../trust/phone-states.ts';
import type { KnownPhone, LockedPhone } from '../../trust/simulation.ts';
import type { DeviceSighting, ManagerContext } from '../parts.ts';
import type { GivenList, HeldList } from '../store/phone-lists.ts';
import type { TrustListKind } from '../store/trust-lists.ts';
import type { PhoneRules } from './phone-rules.ts';

/** Addresses that are kept of those to which one list was given in the name of one phone. */
const addressesKept = 8;

const kinds = ['CTL', 'ITL'] as const;

/** What is not decided yet of a phone. */
interface OpenQuestion extends GivenList {
  /** Monotonic milliseconds; of before this process began it is before everything. */
  readonly moment: number;
}

/**
 * Which lists each phone holds. Everybody may ask for a list in the name of a phone, so that one which was given is no
 * more than that until the phone itself is seen at the same address, in something that it began afterwards. Then it
 * holds the list, if it takes it by the rules that it runs.
 */
export class HeldLists {
  readonly #context: ManagerContext;
  readonly #rules: PhoneRules;
  /** By device, in the order of giving; who is not in it has nothing to prove. */
  readonly #open = new Map<string, readonly OpenQuestion[]>();
  /** What is being noted of a device: each waits for the one before. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** What phones refused and was told, by device and number of the list. */
  readonly #toldRefused = new Set<string>();
  #restored: Promise<void> | undefined;

  constructor(context: ManagerContext, rules: PhoneRules) {
    this.#context = context;
    this.#rules = rules;
  }

  /** Reads what was given before this process began; once. */
  restore(): Promise<void> {
    this.#restored ??= this.#context.store.phoneLists.given().then((given) => {
      for (const one of given) this.#add({ ...one, moment: Number.NEGATIVE_INFINITY });
    });
    return this.#restored;
  }

  /**
   * Notes that a list was given in the name of a phone, whole.
   *
   * @param address of whoever got it, without the port
   * @param hash of the list, SHA-256 in hex; the one that is published for the phone without
   */
  given(kind: TrustListKind, device: string, address: string, hash?: string): Promise<void> {
    const { clock } = this.#context;
    const when = { givenAt: clock.now(), moment: clock.monotonic() };
    return this.#inTurn(device, async () => {
      const { store, journal } = this.#context;
      if (!(await store.devices.has(device))) return;
      const { trustLists, phoneLists } = store;
      const list = hash === undefined ? await trustLists.forDevice(kind, device) : await trustLists.byHash(kind, hash);
      if (list === undefined || (await phoneLists.heldBy(device)).get(kind) === list.number) return;
      const same = (this.#open.get(device) ?? []).filter((one) => one.list === list.number);
      if (same.some(({ remoteAddress }) => remoteAddress === address)) return;
      const [oldest] = same;
      if (oldest !== undefined && same.length >= addressesKept) {
        await phoneLists.forgetGiven(oldest);
        this.#remove(device, [oldest]);
      }
      const question = { device, kind, list: list.number, remoteAddress: address, ...when };
      this.#add(question);
      await phoneLists.noteGiven(question);
      // Whoever has addresses without end does not fill the record with them.
      if (same.length >= addressesKept) return;
      await journal.note('trust-list-given', {
        device,
        remoteAddress: address,
        reason: kind,
        cause: `${kind} number ${list.number} was given to ${address} in the name of the phone.`,
      });
    });
  }

  /**
   * A phone was seen: what it fetched from there before that, it holds. Costs nothing where nothing is open, and never
   * rejects: what could not be noted stays open.
   */
  async seen(sighting: DeviceSighting): Promise<void> {
    const { device } = sighting;
    if (!this.#open.has(device) && !this.#turns.has(device)) return;
    try {
      await this.#inTurn(device, () => this.#prove(sighting));
    } catch (error) {
      this.#context.log.error(`Which lists ${device} holds was not noted: ${(error as Error).message}`);
    }
  }

  /** The phone was removed, and what was given in its name with it. */
  forget(device: string): Promise<void> {
    return this.#inTurn(device, async () => {
      this.#open.delete(device);
    });
  }

  /** What was given in the name of a phone and it was not seen to hold, oldest first. */
  openFor(device: string): readonly GivenList[] {
    return this.#open.get(device) ?? [];
  }

  /** Resolves when all that is being noted is on the disk, or was refused by it. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#turns.values());
  }

  /** Every phone that may hold a list, with what it holds and what it may hold. */
  async phones(): Promise<readonly KnownPhone[]> {
    await this.settled();
    const held = new Map<string, HeldNumbers>([...this.#open.keys()].map((device) => [device, nothing]));
    for (const { device, kind, list } of await this.#context.store.phoneLists.held()) {
      held.set(device, withList(held.get(device) ?? nothing, { kind, number: list }));
    }
    const phones: KnownPhone[] = [];
    for (const [device, numbers] of [...held].sort(([one], [other]) => (one < other ? -1 : 1))) {
      const open = (this.#open.get(device) ?? []).map(asStranger);
      const { states } = await possibleStates(numbers, open, (state, { question }) =>
        this.#rules.mayTake(state, question),
      );
      const others = states.filter((state) => state !== numbers);
      phones.push({
        device,
        held: await this.#rules.trustOf(numbers),
        mayHold: await Promise.all(others.map((state) => this.#rules.trustOf(state))),
      });
    }
    return phones;
  }

  async #prove(sighting: DeviceSighting): Promise<void> {
    const { device, address, since } = sighting;
    const { store, clock } = this.#context;
    const open = this.#open.get(device) ?? [];
    const isPhones = ({ remoteAddress, moment }: OpenQuestion) => remoteAddress === address && moment < since;
    if (!open.some(isPhones)) return;
    const numbers = await store.phoneLists.heldBy(device);
    const before: HeldNumbers = { ctl: numbers.get('CTL'), itl: numbers.get('ITL') };
    const { decided, after, refused } = await this.#conclude(before, open, isPhones);
    const left = open.filter((one) => !(isPhones(one) && decided.includes(one.kind)));
    const stillOpen = await this.#possiblyTaken(after, left);
    const settled = open.filter((one) => !stillOpen.includes(one));
    const held = kinds.flatMap((kind): readonly HeldList[] => {
      const list = numberOf(after, kind);
      if (list === undefined || list === numberOf(before, kind)) return [];
      return [{ device, kind, list, takenAt: clock.now(), remoteAddress: address }];
    });
    if (settled.length === 0) return;
    await store.phoneLists.noteHeld(device, held, settled);
    this.#remove(device, settled);
    for (const one of held) await this.#tellTaken(one, numberOf(before, one.kind) === undefined, sighting);
    for (const { question, refusal } of refused) await this.#tellRefused(question, refusal);
  }

  /**
   * What a phone holds that fetched some of these lists itself. A kind of list is decided where it comes out the same,
   * whatever else the phone took of what was given to others in its name.
   */
  async #conclude(
    before: HeldNumbers,
    open: readonly OpenQuestion[],
    isPhones: (question: OpenQuestion) => boolean,
  ): Promise<Conclusion> {
    const handed = open
      .slice(0, open.findLastIndex(isPhones) + 1)
      .map((question) => handedList(question, isPhones(question)));
    const refusals = new Map<OpenQuestion, LockedPhone>();
    const { states, taken } = await possibleStates(before, handed, async (state, { isPhones, number, question }) => {
      if (!isPhones) return this.#rules.mayTake(state, question);
      const refusal = await this.#rules.refusalOf(question.device, state, number);
      if (refusal !== undefined) refusals.set(question, refusal);
      return refusal === undefined;
    });
    const own = handed.filter((list) => list.isPhones);
    let after = before;
    const decided: TrustListKind[] = [];
    for (const kind of kinds) {
      const [number, ...others] = new Set(states.map((state) => numberOf(state, kind)));
      if (others.length > 0 || !own.some((list) => list.kind === kind)) continue;
      decided.push(kind);
      if (number !== undefined) after = withList(after, { kind, number });
    }
    const refused = own.flatMap((list) => {
      const refusal = taken.includes(list) ? undefined : refusals.get(list.question);
      return refusal === undefined ? [] : [{ question: list.question, refusal }];
    });
    return { decided, after, refused };
  }

  /** Those that a phone in this state may have taken. */
  async #possiblyTaken(state: HeldNumbers, open: readonly OpenQuestion[]): Promise<readonly OpenQuestion[]> {
    const { taken } = await possibleStates(state, open.map(asStranger), (held, { question }) =>
      this.#rules.mayTake(held, question),
    );
    return taken.filter(({ kind, number }) => numberOf(state, kind) !== number).map(({ question }) => question);
  }

  async #tellTaken(
    { device, kind, list }: HeldList,
    isFirst: boolean,
    { address, did }: DeviceSighting,
  ): Promise<void> {
    const takes = `which it takes by its rules${isFirst ? ' as its first' : ''}`;
    await this.#context.journal.note('trust-list-taken', {
      device,
      remoteAddress: address,
      reason: kind,
      cause: `The phone was given ${kind} number ${list}, ${takes}, and ${did} from there afterwards.`,
    });
  }

  /** Once for each list. */
  async #tellRefused({ device, kind, list, remoteAddress }: GivenList, refusal: LockedPhone): Promise<void> {
    const key = `${device} ${list}`;
    if (this.#toldRefused.has(key)) return;
    this.#toldRefused.add(key);
    await this.#context.journal.event('trust-list-not-taken', {
      device,
      remoteAddress,
      reason: refusal.rule,
      cause: `The phone was given ${kind} number ${list} and refuses it: ${refusal.ourWords}`,
      nextStep:
        'trustline trust status shows what it holds, and which token can still sign for it. ' +
        'If its lists were deleted by hand, remove the device and add it again.',
    });
  }

  #add(question: OpenQuestion): void {
    this.#open.set(question.device, [...(this.#open.get(question.device) ?? []), question]);
  }

  #remove(device: string, settled: readonly GivenList[]): void {
    const left = (this.#open.get(device) ?? []).filter((one) => !settled.includes(one));
    if (left.length === 0) this.#open.delete(device);
    else this.#open.set(device, left);
  }

  #inTurn(device: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(device) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    this.#turns.set(device, turn);
    const leave = () => {
      if (this.#turns.get(device) === turn) this.#turns.delete(device);
    };
    turn.then(leave, leave);
    return turn;
  }
}

/** What is known of a phone once it was seen. */
interface Conclusion {
  /** The kinds of list that nothing is open of any more. */
  readonly decided: readonly TrustListKind[];
  readonly after: HeldNumbers;
  /** What it was given and does not take. */
  readonly refused: readonly { readonly question: OpenQuestion; readonly refusal: LockedPhone }[];
}

interface Handed {
  readonly kind: TrustListKind;
  readonly number: number;
  readonly isPhones: boolean;
  readonly question: OpenQuestion;
}

const nothing: HeldNumbers = { ctl: undefined, itl: undefined };

function handedList(question: OpenQuestion, isPhones: boolean): Handed {
  return { kind: question.kind, number: question.list, isPhones, question };
}

function asStranger(question: OpenQuestion): Handed {
  return handedList(question, false);
}
