import type { LineCall, Route } from '@trustline/callcontrol';

export interface CallBackOptions {
  /** Dialled after a busy line: the caller wants to be called back. */
  readonly activate: string;
  /** Dialled to want it no more. */
  readonly cancel: string;
  /** How long a wish lives, in milliseconds. */
  readonly lifetime: number;
}

/** Who wants to be called back. */
export interface Wisher {
  readonly device: string;
  readonly line: string;
}

/** What call backs need of the manager around them. */
export interface CallBackPorts {
  lineCalls(line: string): readonly LineCall[];
  isRegistered(device: string, line: string): boolean;
  devicesOf(line: string): readonly string[];
  route(now: number, number: string, wisher: Wisher): Route | undefined;
  /** Rings the wisher, and then the number. */
  callBack(now: number, wisher: Wisher, destination: string): void;
}

/** What the phone of whoever dialled a feature number shows. */
export interface FeatureAnswer {
  readonly status: number;
  readonly reason: string;
  readonly words: string;
}

interface Wish extends Wisher {
  /** As it was dialled. */
  readonly destination: string;
  /** The line that it led to. */
  readonly wanted: string;
  readonly until: number;
  /** When both ends have been free for long enough; undefined while one is not. */
  dueAt: number | undefined;
}

/** A line that has just become free may be about to call: it is left alone for so long, in milliseconds. */
const IDLE_GUARD = 2_000;
/** After one was rung for a line, the next waits for so long: the first has to answer and to be heard. */
const NEXT_AFTER = 30_000;
/** Wishes for one line, and in all: the oldest are served first. */
const MOST_FOR_A_LINE = 5;
const MOST_IN_ALL = 5_000;

/**
 * Call back on busy: whoever found a line busy dials a number, and is rung as soon as that line and his own are free; the call
 * then goes to the line by itself. What GSM and ISDN call CCBS, with their numbers.
 */
export class CallBacks {
  readonly #ports: CallBackPorts;
  readonly #options: CallBackOptions;
  /** Device and line → the number that was busy last. */
  readonly #busy = new Map<string, string>();
  readonly #wishes = new Set<Wish>();
  /** Line → until when nobody else is rung for it. */
  readonly #served = new Map<string, number>();

  constructor(ports: CallBackPorts, options: CallBackOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  get size(): number {
    return this.#wishes.size;
  }

  /** A call has found its number busy. */
  foundBusy(wisher: Wisher, destination: string): void {
    this.#busy.set(keyOf(wisher), destination);
  }

  /** What a feature number comes to; undefined for any other number. */
  dialled(now: number, number: string, wisher: Wisher): FeatureAnswer | undefined {
    if (number === this.#options.activate) return this.#activate(now, wisher);
    if (number !== this.#options.cancel) return undefined;
    const own = [...this.#wishes].filter((wish) => keyOf(wish) === keyOf(wisher));
    for (const wish of own) this.#wishes.delete(wish);
    return own.length === 0
      ? nothing
      : { status: 480, reason: 'Call Back Cancelled', words: 'There is no call back any more' };
  }

  /** The calls or registrations of these lines have changed. */
  changed(now: number, lines: readonly string[]): void {
    if (this.#wishes.size === 0) return;
    const changed = new Set(lines);
    for (const wish of this.#wishes) if (changed.has(wish.line) || changed.has(wish.wanted)) this.#look(now, wish);
  }

  /** A device was taken out. */
  deviceRemoved(device: string): void {
    for (const wish of this.#wishes) if (wish.device === device) this.#wishes.delete(wish);
    for (const key of this.#busy.keys()) if (key.startsWith(`${device} `)) this.#busy.delete(key);
  }

  nextDeadline(): number | undefined {
    let earliest: number | undefined;
    for (const { dueAt, until } of this.#wishes) {
      const next = Math.min(dueAt ?? until, until);
      if (earliest === undefined || next < earliest) earliest = next;
    }
    return earliest;
  }

  handleTime(now: number): void {
    for (const wish of this.#wishes) {
      if (wish.until <= now) this.#wishes.delete(wish);
      else if (wish.dueAt !== undefined && wish.dueAt <= now) this.#serve(now, wish);
    }
    for (const [line, until] of this.#served) if (until <= now) this.#served.delete(line);
  }

  #activate(now: number, wisher: Wisher): FeatureAnswer {
    const destination = this.#busy.get(keyOf(wisher));
    const route = destination === undefined ? undefined : this.#ports.route(now, destination, wisher);
    if (destination === undefined || route?.kind !== 'line') return nothing;
    const wanted = route.line;
    const others = [...this.#wishes].filter((wish) => wish.wanted === wanted);
    const isKnown = others.some((wish) => keyOf(wish) === keyOf(wisher));
    if (!isKnown && (others.length >= MOST_FOR_A_LINE || this.#wishes.size >= MOST_IN_ALL)) {
      return { status: 480, reason: 'Too Many Wait', words: `Too many wait for ${destination} already` };
    }
    const wish: Wish = { ...wisher, destination, wanted, until: now + this.#options.lifetime, dueAt: undefined };
    if (!isKnown) this.#wishes.add(wish);
    this.#look(now, wish);
    return { status: 480, reason: 'Call Back Is Set', words: `You are called back when ${destination} is free` };
  }

  /** Notes since when both are free. */
  #look(now: number, wish: Wish): void {
    if (!this.#areFree(wish)) {
      wish.dueAt = undefined;
      return;
    }
    wish.dueAt ??= Math.max(now + IDLE_GUARD, this.#served.get(wish.wanted) ?? 0);
  }

  #areFree({ device, line, wanted }: Wish): boolean {
    const { lineCalls, isRegistered, devicesOf } = this.#ports;
    return (
      lineCalls(wanted).length === 0 &&
      devicesOf(wanted).some((name) => isRegistered(name, wanted)) &&
      lineCalls(line).every((call) => call.device !== device) &&
      isRegistered(device, line)
    );
  }

  #serve(now: number, wish: Wish): void {
    const servedUntil = this.#served.get(wish.wanted) ?? 0;
    if (servedUntil > now) {
      wish.dueAt = servedUntil;
      return;
    }
    this.#wishes.delete(wish);
    this.#served.set(wish.wanted, now + NEXT_AFTER);
    this.#ports.callBack(now, wish, wish.destination);
  }
}

function keyOf({ device, line }: Wisher): string {
  return `${device} ${line}`;
}

const nothing: FeatureAnswer = { status: 404, reason: 'Nothing To Call Back', words: 'No number has been busy' };
