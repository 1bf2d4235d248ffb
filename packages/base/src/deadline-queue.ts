/** One item's deadline, and where in the heap it stands. */
interface Entry<Item> {
  readonly item: Item;
  at: number;
  position: number;
}

/**
 * The deadlines of thousands of machines in one place: a binary heap whose entries know where they
 * stand, so that moving or removing a deadline costs no more than the heap is deep.
 */
export class DeadlineQueue<Item extends object | string> {
  readonly #heap: Entry<Item>[] = [];
  readonly #entries = new Map<Item, Entry<Item>>();

  get size(): number {
    return this.#heap.length;
  }

  /** Sets or moves the one deadline of an item; undefined removes it. */
  set(item: Item, at: number | undefined): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) {
      if (at !== undefined) this.#add(item, at);
    } else if (at === undefined) {
      this.#remove(entry);
    } else if (at !== entry.at) {
      const isEarlier = at < entry.at;
      entry.at = at;
      if (isEarlier) this.#rise(entry);
      else this.#sink(entry);
    }
  }

  /** Removes the deadline of an item. */
  clear(item: Item): void {
    this.set(item, undefined);
  }

  /** The earliest deadline. */
  next(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** Removes and returns the item with the earliest deadline if that is due at `now`. */
  takeDue(now: number): Item | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.#remove(first);
    return first.item;
  }

  #add(item: Item, at: number): void {
    const entry = { item, at, position: this.#heap.length };
    this.#entries.set(item, entry);
    this.#heap.push(entry);
    this.#rise(entry);
  }

  #remove(entry: Entry<Item>): void {
    this.#entries.delete(entry.item);
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    last.position = entry.position;
    if (last.at < entry.at) this.#rise(last);
    else this.#sink(last);
  }

  #rise(entry: Entry<Item>): void {
    let { position } = entry;
    while (position > 0) {
      const parentPosition = (position - 1) >> 1;
      const parent = this.#heap[parentPosition];
      if (parent === undefined || parent.at <= entry.at) break;
      this.#place(position, parent);
      position = parentPosition;
    }
    this.#place(position, entry);
  }

  #sink(entry: Entry<Item>): void {
    let { position } = entry;
    for (;;) {
      let childPosition = 2 * position + 1;
      let child = this.#heap[childPosition];
      const right = this.#heap[childPosition + 1];
      if (child !== undefined && right !== undefined && right.at < child.at) {
        child = right;
        childPosition += 1;
      }
      if (child === undefined || child.at >= entry.at) break;
      this.#place(position, child);
      position = childPosition;
    }
    this.#place(position, entry);
  }

  #place(position: number, entry: Entry<Item>): void {
    this.#heap[position] = entry;
    entry.position = position;
  }
}
