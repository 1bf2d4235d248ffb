/**
 * Who may stay when there is no more room: members that have not proved who they are leave before
 * those that have, the oldest first.
 */
export class Admission<Member extends object> {
  readonly #limit: number;
  readonly #unprovenLimit: number;
  /** In the order of their coming. */
  readonly #unproven = new Set<Member>();
  readonly #proven = new Set<Member>();
  /** They are about to prove it, and wait for us. */
  readonly #waiting = new Set<Member>();

  /** @param unprovenLimit members that have not proved who they are; the whole limit by default */
  constructor(limit: number, unprovenLimit: number = limit) {
    this.#limit = limit;
    this.#unprovenLimit = unprovenLimit;
  }

  get size(): number {
    return this.#unproven.size + this.#proven.size + this.#waiting.size;
  }

  /** Makes room for one more: the member that has to leave, 'full' if nobody has to, undefined if there is room. */
  whoLeaves(): Member | 'full' | undefined {
    if (this.size < this.#limit && this.#unproven.size < this.#unprovenLimit) return undefined;
    for (const oldest of this.#unproven) return oldest;
    return 'full';
  }

  add(member: Member): void {
    this.#unproven.add(member);
  }

  /** It has begun to prove who it is, and we have no time for it yet: it does not leave for others meanwhile. */
  wait(member: Member): void {
    if (this.#unproven.delete(member)) this.#waiting.add(member);
  }

  /** We have time for it: it may have to leave again, as the youngest. */
  waitNoMore(member: Member): void {
    if (this.#waiting.delete(member)) this.#unproven.add(member);
  }

  /** It has proved who it is. */
  prove(member: Member): void {
    if (this.#unproven.delete(member)) this.#proven.add(member);
  }

  remove(member: Member): void {
    this.#unproven.delete(member);
    this.#waiting.delete(member);
    this.#proven.delete(member);
  }

  members(): readonly Member[] {
    return [...this.#unproven, ...this.#waiting, ...this.#proven];
  }
}
