/** How often the share is looked at anew, in milliseconds. */
export const overloadInterval = 100;
/** Being later than this, in milliseconds, is being too late: well below T1, after which phones on UDP send again. */
const tolerableDelay = 100;
/** Fewer pieces of new work in an interval are not what makes anything late. */
const noticeableWork = 5;
/** What an interval that was too late leaves of the share, and what one that was not adds to it. */
const [decrease, increase] = [0.85, 1.06];
/** However late it gets, so much is taken: otherwise nobody would find out that it is better. */
const leastShare = 0.02;

/**
 * How much of the new work is taken, judged by how late the machine is with what was due: refusing a call costs a
 * fraction of what serving it does, and whoever takes everything serves nobody in time. It sheds by share, as the loss-based
 * scheme of RFC 7339 §6 does, from two intervals in a row that were too late on; so that a pause of the machine alone
 * refuses nobody. Pure; times are monotonic milliseconds.
 */
export class OverloadControl {
  #share = 1;
  /** What of one piece is to be refused by now. */
  #owed = 0;
  #worst = 0;
  #work = 0;
  #wasLate = false;
  /** When the interval ends; none without new work. */
  #end: number | undefined;

  /** The share of new work that is taken, from above 0 to 1. */
  get share(): number {
    return this.#share;
  }

  /** Something that was due was done so many milliseconds late. */
  late(milliseconds: number): void {
    this.#worst = Math.max(this.#worst, milliseconds);
  }

  /** What others may be told of it (RFC 7339 §6.2): of a hundred pieces of new work so many are refused. */
  get loss(): number {
    return Math.round((1 - this.#share) * 100);
  }

  /** Whether one more piece of new work is taken. */
  takes(now: number): boolean {
    this.#end ??= now + overloadInterval;
    this.#work += 1;
    this.#owed += 1 - this.#share;
    if (this.#owed < 1) return true;
    this.#owed -= 1;
    return false;
  }

  /** Asks to be told the time, so that it is seen how late that is. */
  nextDeadline(): number | undefined {
    return this.#end;
  }

  handleTime(now: number): void {
    if (this.#end === undefined || now < this.#end) return;
    const isLate = this.#worst > tolerableDelay;
    if (isLate && this.#wasLate && this.#work >= noticeableWork) {
      this.#share = Math.max(leastShare, this.#share * decrease);
    } else if (!isLate) {
      this.#share = Math.min(1, this.#share * increase);
      if (this.#share === 1) this.#owed = 0;
    }
    // Without work, and nothing to recover from, nobody has to be woken.
    this.#end = this.#work === 0 && this.#share === 1 ? undefined : now + overloadInterval;
    this.#wasLate = isLate;
    this.#worst = 0;
    this.#work = 0;
  }
}
