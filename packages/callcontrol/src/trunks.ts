/** What is known of trunks and gateways while calls go out by them: channels in use, whose turn it is, and who is set aside. */
import { securityEvent } from '@trustline/evidence';
import { type Cause, causeText } from './causes.ts';
import type { Device, RouteListOrder } from './directory.ts';
import { nextStepWithoutProof } from './next-steps.ts';
import type { World } from './world.ts';

/** One that is set aside: it is asked last, and probed until it answers. */
export interface SetAside {
  /** ISO 8601 in UTC. */
  readonly since: string;
  readonly cause: Cause;
  /** Whether a probe is under way. */
  isAsked: boolean;
}

/** Milliseconds in which a probe has to be answered. */
const probePatience = 4_000;

/** Shared by all calls of a node. */
export class Trunks {
  /** Device → its legs. */
  readonly #inUse = new Map<string, number>();
  /** Route list → which of it the next call tries first, for `circular`. */
  readonly #next = new Map<string, number>();
  readonly #aside = new Map<string, SetAside>();
  /** Device → probes and failures since a call went through it last: the pause before the next probe goes by them. */
  readonly #failures = new Map<string, number>();

  count(device: string, legs: 1 | -1): void {
    const left = this.inUse(device) + legs;
    if (left > 0) this.#inUse.set(device, left);
    else this.#inUse.delete(device);
  }

  /** Channels of a device that calls have now, both ways. */
  inUse(device: string): number {
    return this.#inUse.get(device) ?? 0;
  }

  isFull({ name, channels }: Device): boolean {
    return channels !== undefined && this.inUse(name) >= channels;
  }

  aside(device: string): SetAside | undefined {
    return this.#aside.get(device);
  }

  /** The devices of a route list in the order in which one new call tries them: those that are set aside after all others. */
  inOrder(world: World, devices: readonly string[], order: RouteListOrder): readonly string[] {
    const ordered = this.#ordered(world, devices, order);
    const isAside = (device: string) => this.#aside.has(device);
    return [...ordered.filter((device) => !isAside(device)), ...ordered.filter(isAside)];
  }

  #ordered(world: World, devices: readonly string[], order: RouteListOrder): readonly string[] {
    switch (order) {
      case 'in-order':
        return devices;
      case 'circular': {
        const list = JSON.stringify(devices);
        const first = (this.#next.get(list) ?? 0) % Math.max(1, devices.length);
        this.#next.set(list, first + 1);
        return [...devices.slice(first), ...devices.slice(0, first)];
      }
      case 'by-load': {
        const load = (name: string) =>
          this.inUse(name) / (world.ports.directory.device(name)?.channels ?? Number.POSITIVE_INFINITY);
        return devices.toSorted((one, other) => load(one) - load(other));
      }
    }
  }

  /** A call found a device out of order: it is asked last from now on, and probed. */
  setAside(world: World, now: number, device: string, cause: Cause): void {
    if (this.#aside.has(device) || world.ports.directory.device(device) === undefined) return;
    const since = world.ports.wallTime(now);
    this.#aside.set(device, { since, cause, isAsked: false });
    const pause = this.#pauseBeforeProbe(world, now, device);
    const sentence = `${device} is set aside: ${causeText(cause)}. Calls try the others of their route first.`;
    const step =
      cause === 'protection-gone' ? nextStepWithoutProof(device) : 'See whether it is up and reached from here.';
    const nextStep = `It is asked again in ${pause / 1_000} s, then less often; \`trustline devices\` shows since when. ${step}`;
    say(world, now, 'trunk-set-aside', device, cause, sentence, nextStep);
  }

  /** It has answered a probe, or taken a call: it is there again. */
  isBack(world: World, now: number, device: string): void {
    const aside = this.#aside.get(device);
    if (aside === undefined) return;
    this.#aside.delete(device);
    world.deadlines.clear(`probe ${device}`);
    const sentence = `${device} is there again; it was set aside since ${aside.since}: ${causeText(aside.cause)}.`;
    say(world, now, 'trunk-back', device, aside.cause, sentence);
  }

  /** A call has got through: what failed before counts no more. */
  worked(world: World, now: number, device: string): void {
    this.#failures.delete(device);
    this.isBack(world, now, device);
  }

  /** It is time to ask a device that is set aside; or it was asked, and has not answered in time. */
  probeDue(world: World, now: number, device: string): void {
    const aside = this.#aside.get(device);
    if (aside === undefined) return;
    if (world.ports.directory.device(device) === undefined) {
      this.#aside.delete(device);
      this.#failures.delete(device);
      return;
    }
    if (aside.isAsked) {
      this.probed(world, now, device, false);
      return;
    }
    aside.isAsked = true;
    world.deadlines.set(`probe ${device}`, now + probePatience);
    world.emit({ kind: 'probe', device });
  }

  probed(world: World, now: number, device: string, isThere: boolean): void {
    const aside = this.#aside.get(device);
    if (aside === undefined) return;
    if (isThere) {
      this.isBack(world, now, device);
      return;
    }
    if (!aside.isAsked) return;
    aside.isAsked = false;
    this.#pauseBeforeProbe(world, now, device);
  }

  /** Twice as long each time. */
  #pauseBeforeProbe(world: World, now: number, device: string): number {
    const failures = this.#failures.get(device) ?? 0;
    this.#failures.set(device, failures + 1);
    const { probeAfter, probeAtMost } = world.settings;
    const pause = Math.min(probeAfter * 2 ** Math.min(failures, 20), probeAtMost);
    world.deadlines.set(`probe ${device}`, now + pause);
    return pause;
  }
}

function say(
  world: World,
  now: number,
  kind: 'trunk-set-aside' | 'trunk-back',
  device: string,
  reason: Cause,
  cause: string,
  nextStep?: string,
): void {
  const { node } = world.settings;
  const at = world.ports.wallTime(now);
  const step = nextStep === undefined ? {} : { nextStep };
  world.emit({ kind: 'event', event: securityEvent(kind, { at, node, device, reason, cause, ...step }) });
}
