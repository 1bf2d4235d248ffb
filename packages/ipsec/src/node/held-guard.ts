import { IpsecError } from '../error.ts';
import { type HeldReading, readHeld } from '../guard/reading.ts';
import { type GuardPlan, heldScript, heldTable } from '../guard/ruleset.ts';
import { NftSession } from './nft-session.ts';

/**
 * The second table of the guard, which belongs to a process of nft that is kept for it: whoever takes the first away takes
 * this one only by ending that process. What the first did not stop is stopped here.
 */
export class HeldGuard {
  readonly #session: NftSession;
  #held: GuardPlan | undefined;

  constructor(networkNamespace: string | undefined) {
    this.#session = new NftSession(networkNamespace, 'text');
  }

  /** Whether it is held. */
  get isHeld(): boolean {
    return this.#held !== undefined && this.#session.isRunning;
  }

  /** In place of the one before, in one step. Throws `ipsec.guard` where the kernel or nft has no such tables. */
  async hold(plan: GuardPlan): Promise<void> {
    this.#held = undefined;
    try {
      const listing = await this.#session.change(heldScript(plan), heldTable(plan.table));
      // One of that name may be there that belongs to somebody else.
      if (readHeld(plan, listing ?? '') === undefined) {
        throw new IpsecError('ipsec.guard', 'The second table was made and is not whole');
      }
      this.#held = plan;
    } catch (error) {
      this.#session.close();
      throw error;
    }
  }

  /** What it stopped since it was held; undefined where it is not. */
  async read(): Promise<HeldReading | undefined> {
    const plan = this.#held;
    if (plan === undefined || !this.#session.isRunning) return undefined;
    const listing = await this.#session.list(heldTable(plan.table)).catch(() => undefined);
    return readHeld(plan, listing ?? '');
  }

  /** Ends it; the first table is where it was. */
  close(): void {
    this.#held = undefined;
    this.#session.close();
  }
}
