/** How much of the capture is of one protocol. */
export interface ProtocolCount {
  readonly name: string;
  packets: number;
  connections: number;
}

/** Counts packets and connections by protocol. Whoever counts often keeps the count of its protocol. */
export class ProtocolTally {
  readonly #counts = new Map<string, ProtocolCount>();

  of(name: string): ProtocolCount {
    let count = this.#counts.get(name);
    if (count === undefined) {
      count = { name, packets: 0, connections: 0 };
      this.#counts.set(name, count);
    }
    return count;
  }

  /** Those that were seen, most packets first. */
  seen(): readonly ProtocolCount[] {
    return [...this.#counts.values()]
      .filter(({ packets, connections }) => packets + connections > 0)
      .sort((one, other) => other.packets - one.packets || other.connections - one.connections);
  }
}
