/**
 * The deadlines of thousands of machines in one place: a binary heap that knows where each item
 * stands, so that moving or removing a deadline costs no more than the heap is deep.
 */
export class DeadlineQueue<Item extends object | string> {
  readonly #heap: { readonly item: Item; readonly at: number }[] = [];
  readonly #position = new Map<Item, number>();

  get size(): number {
    return this.#heap.length;
  }

  /** Sets or moves the one deadline of an item; undefined removes it. */
  set(item: Item, at: number | undefined): void {
    const position = this.#position.get(item);
    if (at === undefined) {
      if (position !== undefined) this.#remove(position);
      return;
    }
    if (position === undefined) {
      this.#heap.push({ item, at });
      this.#rise(this.#heap.length - 1, { item, at });
      return;
    }
    const before = this.#heap[position]?.at;
    if (before === undefined || at === before) return;
    if (at < before) this.#rise(position, { item, at });
    else this.#sink(position, { item, at });
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
    this.#remove(0);
    return first.item;
  }

  #remove(position: number): void {
    const removed = this.#heap[position];
    const last = this.#heap.pop();
    if (removed === undefined || last === undefined) return;
    this.#position.delete(removed.item);
    if (removed === last) return;
    if (last.at < removed.at) this.#rise(position, last);
    else this.#sink(position, last);
  }

  #rise(from: number, entry: { readonly item: Item; readonly at: number }): void {
    let position = from;
    while (position > 0) {
      const parentPosition = (position - 1) >> 1;
      const parent = this.#heap[parentPosition];
      if (parent === undefined || parent.at <= entry.at) break;
      this.#place(position, parent);
      position = parentPosition;
    }
    this.#place(position, entry);
  }

  #sink(from: number, entry: { readonly item: Item; readonly at: number }): void {
    let position = from;
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

  #place(position: number, entry: { readonly item: Item; readonly at: number }): void {
    this.#heap[position] = entry;
    this.#position.set(entry.item, position);
  }
}
