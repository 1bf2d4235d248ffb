import { isIPv6 } from 'node:net';

/**
 * Who may stay when there is no more room: members that have not proved who they are leave before those that have. Among them
 * those of the address that has most of them leave, the oldest first, so that a burst from one address pushes out its own and
 * nobody else's; where all addresses have as many, the oldest of all.
 */
export class Admission<Member extends object> {
  readonly #limit: number;
  readonly #unprovenLimit: number;
  readonly #addressOf: (member: Member) => string;
  readonly #unproven = new Shares<Member>();
  readonly #proven = new Set<Member>();
  /** They are about to prove it, and wait for us. */
  readonly #waiting = new Shares<Member>();

  /**
   * @param addressOf where a member comes from: an IP address
   * @param unprovenLimit members that have not proved who they are; the whole limit by default
   */
  constructor(limit: number, addressOf: (member: Member) => string, unprovenLimit: number = limit) {
    this.#limit = limit;
    this.#unprovenLimit = unprovenLimit;
    this.#addressOf = (member) => shareOf(addressOf(member));
  }

  get size(): number {
    return this.#unproven.size + this.#proven.size + this.#waiting.size;
  }

  /**
   * Makes room for one more: the member that has to leave, 'full' if nobody has to, undefined if there is room.
   *
   * @param from the IP address of the one that comes
   */
  whoLeaves(from: string): Member | 'full' | undefined {
    if (this.size < this.#limit && this.#unproven.size < this.#unprovenLimit) return undefined;
    const share = shareOf(from);
    const leaving = this.#unproven.oldestOfMost(share);
    if (leaving !== undefined) return leaving;
    // Who waits for us keeps its place, unless its address has taken more of them than the one that comes has.
    return this.#waiting.youngestOfMoreThan(share) ?? 'full';
  }

  add(member: Member): void {
    this.#unproven.add(this.#addressOf(member), member);
  }

  /** It has begun to prove who it is, and we have no time for it yet: it does not leave for others meanwhile. */
  wait(member: Member): void {
    const share = this.#addressOf(member);
    if (this.#unproven.delete(share, member)) this.#waiting.add(share, member);
  }

  /** We have time for it: it may have to leave again, as the youngest. */
  waitNoMore(member: Member): void {
    const share = this.#addressOf(member);
    if (this.#waiting.delete(share, member)) this.#unproven.add(share, member);
  }

  /** It has proved who it is. */
  prove(member: Member): void {
    if (this.#unproven.delete(this.#addressOf(member), member)) this.#proven.add(member);
  }

  remove(member: Member): void {
    const share = this.#addressOf(member);
    this.#unproven.delete(share, member);
    this.#waiting.delete(share, member);
    this.#proven.delete(member);
  }

  members(): readonly Member[] {
    return [...this.#unproven.members(), ...this.#waiting.members(), ...this.#proven];
  }
}

/** Members by the address that they come from; what is asked costs the same however many there are. */
class Shares<Member> {
  /** Address → its members, oldest first. */
  readonly #byAddress = new Map<string, Set<Member>>();
  /** By number of members: the addresses that have so many, in the order in which they came to that. */
  readonly #byCount: Set<string>[] = [];
  #size = 0;
  #most = 0;

  get size(): number {
    return this.#size;
  }

  add(address: string, member: Member): void {
    const members = this.#byAddress.get(address) ?? new Set();
    if (members.has(member)) return;
    this.#byAddress.set(address, members.add(member));
    this.#size += 1;
    this.#moved(address, members.size - 1, members.size);
  }

  delete(address: string, member: Member): boolean {
    const members = this.#byAddress.get(address);
    if (members?.delete(member) !== true) return false;
    if (members.size === 0) this.#byAddress.delete(address);
    this.#size -= 1;
    this.#moved(address, members.size + 1, members.size);
    return true;
  }

  /** The oldest member of the address that has most, with one more counted for this one. */
  oldestOfMost(coming: string): Member | undefined {
    const own = this.#byAddress.get(coming);
    const address = (own?.size ?? 0) + 1 > this.#most && own !== undefined ? coming : this.#first();
    for (const oldest of this.#byAddress.get(address ?? '') ?? []) return oldest;
    return undefined;
  }

  /** The youngest member of the address that has most, if that are more than this one would have. */
  youngestOfMoreThan(coming: string): Member | undefined {
    const own = (this.#byAddress.get(coming)?.size ?? 0) + 1;
    let youngest: Member | undefined;
    if (this.#most > own) for (const member of this.#byAddress.get(this.#first() ?? '') ?? []) youngest = member;
    return youngest;
  }

  *members(): Iterable<Member> {
    for (const members of this.#byAddress.values()) yield* members;
  }

  #first(): string | undefined {
    for (const address of this.#byCount[this.#most] ?? []) return address;
    return undefined;
  }

  #moved(address: string, from: number, to: number): void {
    this.#byCount[from]?.delete(address);
    if (to > 0) this.#byCount[to] = (this.#byCount[to] ?? new Set()).add(address);
    this.#most = Math.max(this.#most, to);
    while (this.#most > 0 && (this.#byCount[this.#most]?.size ?? 0) === 0) this.#most -= 1;
  }
}

/** What counts as one address: of IPv6 the network of 64 bits, since a host has all of that to itself (RFC 4291 §2.5.1). */
function shareOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const front = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - front.length - (tail === '' ? 0 : tail.split(':').length);
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
