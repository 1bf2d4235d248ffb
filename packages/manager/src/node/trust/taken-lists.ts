import type { HeldTrust } from '@trustline/pki';
import { type KnownPhone, type LockedPhone, type Simulation, simulate } from '../../trust/simulation.ts';
import type { ManagerContext } from '../parts.ts';
import type { StoredTrustList, TrustListKind } from '../store/trust-lists.ts';
import type { PublishedLists } from './published-lists.ts';
import type { Vouching } from './vouching.ts';

/** Milliseconds for which it is believed that a list is taken; signers' certificates end. */
const agreementLifetime = 60_000;

/** What becomes of a list that needs nobody's word. */
const blindly = { healing: [], locked: [] } as const;

/** Which list each phone holds: what it was given, if it takes it by the rules that it runs. */
export class TakenLists {
  readonly #context: ManagerContext;
  readonly #lists: PublishedLists;
  readonly #vouching: Vouching;
  /** When phones that hold some lists were found to take another, by the numbers of all of them. */
  readonly #agreed = new Map<string, number>();
  /** What phones refused and was told, by device and number of the list. */
  readonly #toldRefused = new Set<string>();

  constructor(context: ManagerContext, lists: PublishedLists, vouching: Vouching) {
    this.#context = context;
    this.#lists = lists;
    this.#vouching = vouching;
  }

  /** What the phone makes of a list, by the rules that it runs. */
  async simulationFor(phone: KnownPhone, { kind, content }: StoredTrustList): Promise<Simulation> {
    const offered = { kind, octets: content };
    const now = this.#context.clock.now();
    const alone = simulate([phone], offered, undefined, now);
    // Most need nobody's word but that of their own lists.
    return alone.locked.length === 0 ? alone : simulate([phone], offered, await this.#vouching.verification(), now);
  }

  /**
   * Notes that a phone was given its list, whole. What it refuses by its own rules it does not hold: it goes on judging by
   * the one before, and is locked.
   *
   * @param hash of the list that it was given, SHA-256 in hex; the one that is published for it without
   */
  async served(kind: TrustListKind, device: string, remoteAddress: string, hash?: string): Promise<void> {
    const { store, clock, journal } = this.#context;
    const { trustLists } = store;
    const given = hash === undefined ? await trustLists.forDevice(kind, device) : await trustLists.byHash(kind, hash);
    const taken = await trustLists.takenBy(device);
    if (given === undefined || taken.some(({ number }) => number === given.number)) return;
    const { number } = given;
    const { locked, healing } = taken.length === 0 ? blindly : await this.#simulationByNumber(device, taken, given);
    const [refusal] = locked;
    if (refusal !== undefined) {
      await this.#tellRefused(device, remoteAddress, given, refusal);
      return;
    }
    await trustLists.taken({ device, kind, list: number, takenAt: clock.now(), remoteAddress });
    const isFirst = !taken.some((one) => one.kind === kind);
    const how = healing.length > 0 ? ', if TVS vouches for its signer' : isFirst ? ' as its first' : '';
    await journal.note('trust-list-taken', {
      device,
      remoteAddress,
      reason: kind,
      cause: `The phone was given ${kind} number ${number}, which it takes by its rules${how}.`,
    });
  }

  /** What one phone takes all those take that hold the same lists, and a thousand of them may ask within a minute. */
  async #simulationByNumber(
    device: string,
    taken: readonly StoredTrustList[],
    offered: StoredTrustList,
  ): Promise<Pick<Simulation, 'healing' | 'locked'>> {
    const now = this.#context.clock.now();
    const key = [...taken.map(({ number }) => number).sort(), offered.number].join(' ');
    const agreedAt = this.#agreed.get(key);
    if (agreedAt !== undefined && Math.abs(now - agreedAt) < agreementLifetime) return blindly;
    const heldList = (kind: TrustListKind) => {
      const found = taken.find((one) => one.kind === kind);
      return found && this.#lists.parse(found);
    };
    const held: HeldTrust = { ctl: heldList('CTL'), itl: heldList('ITL') };
    const simulation = await this.simulationFor({ device, held }, offered);
    if (simulation.accepting.length > 0) this.#agreed.set(key, now);
    return simulation;
  }

  /** Once for each list: everybody may ask for files in the name of a phone. */
  async #tellRefused(
    device: string,
    remoteAddress: string,
    { kind, number }: StoredTrustList,
    refusal: LockedPhone,
  ): Promise<void> {
    const key = `${device} ${number}`;
    if (this.#toldRefused.has(key)) return;
    this.#toldRefused.add(key);
    await this.#context.journal.event('trust-list-not-taken', {
      device,
      remoteAddress,
      reason: refusal.rule,
      cause: `The phone was given ${kind} number ${number} and refuses it: ${refusal.ourWords}`,
      nextStep:
        'trustline trust status shows what it holds, and which token can still sign for it. ' +
        'If its lists were deleted by hand, remove the device and add it again.',
    });
  }
}
