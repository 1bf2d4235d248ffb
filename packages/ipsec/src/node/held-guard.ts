import { IpsecError } from '../error.ts';
import { guardNormalForm, readGuard } from '../guard/reading.ts';
import { type GuardPlan, heldScript, heldTable } from '../guard/ruleset.ts';
import type { GuardReading } from '../proof.ts';
import { NftSession } from './nft-session.ts';

/**
 * The second table of the guard, which belongs to a process of nft that is kept for it: whoever takes the first away takes
 * this one only by ending that process. What the first did not stop is stopped here.
 */
export class HeldGuard {
  readonly #session: NftSession;
  #held: { readonly plan: GuardPlan; readonly normalForm: string } | undefined;

  constructor(networkNamespace: string | undefined) {
    this.#session = new NftSession(networkNamespace);
  }

  /** Whether it is held. */
  get isHeld(): boolean {
    return this.#held !== undefined && this.#session.isRunning;
  }

  /** In place of the one before, in one step. Throws `ipsec.guard` where the kernel or nft has no such tables. */
  async hold(plan: GuardPlan): Promise<void> {
    const table = heldTable(plan.table);
    this.#held = undefined;
    try {
      const normalForm = guardNormalForm((await this.#session.change(heldScript(plan), table)) ?? '');
      if (normalForm === undefined) throw new IpsecError('ipsec.guard', 'The second table was made and is not there');
      this.#held = { plan: { ...plan, table }, normalForm };
    } catch (error) {
      this.#session.close();
      throw error;
    }
  }

  /** What it stopped since it was held; undefined where it is not. */
  async read(): Promise<Extract<GuardReading, { inPlace: true }> | undefined> {
    if (this.#held === undefined || !this.#session.isRunning) return undefined;
    const { plan, normalForm } = this.#held;
    const listing = await this.#session.list(plan.table).catch(() => undefined);
    const reading = readGuard(plan, listing, normalForm);
    return reading.inPlace ? reading : undefined;
  }

  /** Ends it; the first table is where it was. */
  close(): void {
    this.#held = undefined;
    this.#session.close();
  }
}
