import { DeadlineQueue } from '@trustline/base';

/** What the table has to know of a transaction. */
export interface TableEntry {
  readonly id: string;
  readonly key: string;
  readonly flowId: string;
  /** Where it stands among those on its flow; the table's own. */
  positionOnFlow: number;
  /** When it wants the time, undefined while no timer runs. */
  readonly nextDeadline: number | undefined;
}

/** All client or all server transactions of an endpoint, found by their id, by key, by flow and by time. */
export class TransactionTable<Entry extends TableEntry> {
  readonly #byId = new Map<string, Entry>();
  readonly #byKey = new Map<string, Entry>();
  readonly #byFlow = new Map<string, Entry[]>();
  readonly #deadlines = new DeadlineQueue<Entry>();

  get size(): number {
    return this.#byId.size;
  }

  get nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  get(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  find(key: string): Entry | undefined {
    return this.#byKey.get(key);
  }

  onFlow(flowId: string): readonly Entry[] {
    return [...(this.#byFlow.get(flowId) ?? [])];
  }

  add(entry: Entry): void {
    this.#byId.set(entry.id, entry);
    this.#byKey.set(entry.key, entry);
    const onFlow = this.#byFlow.get(entry.flowId);
    entry.positionOnFlow = onFlow?.length ?? 0;
    if (onFlow === undefined) this.#byFlow.set(entry.flowId, [entry]);
    else onFlow.push(entry);
    this.reschedule(entry);
  }

  /** To be called whenever an entry's deadline may have changed. */
  reschedule(entry: Entry): void {
    this.#deadlines.set(entry, entry.nextDeadline);
  }

  remove(entry: Entry): void {
    this.#byId.delete(entry.id);
    if (this.#byKey.get(entry.key) === entry) this.#byKey.delete(entry.key);
    this.#deadlines.set(entry, undefined);
    this.#leaveFlow(entry);
  }

  /** The last one takes its place. */
  #leaveFlow(entry: Entry): void {
    const onFlow = this.#byFlow.get(entry.flowId);
    if (onFlow?.[entry.positionOnFlow] !== entry) return;
    const last = onFlow.pop();
    if (last !== undefined && last !== entry) {
      onFlow[entry.positionOnFlow] = last;
      last.positionOnFlow = entry.positionOnFlow;
    }
    if (onFlow.length === 0) this.#byFlow.delete(entry.flowId);
  }

  /** The next entry with a timer due at `now`. It must be rescheduled or removed after. */
  takeDue(now: number): Entry | undefined {
    return this.#deadlines.takeDue(now);
  }
}
