import { BusyLampStatus } from '@trustline/sccp';
import type { LineActivity } from '../../subscriptions/documents.ts';
import type { SpeedDial } from './phone-profile.ts';
import type { PhoneScreen } from './phone-screen.ts';

/** A key with a lamp. */
interface Lamp {
  readonly device: string;
  readonly screen: PhoneScreen;
  /** Of the speed dial, from 1. */
  readonly instance: number;
  readonly dial: SpeedDial;
  /** What it shows: a `BusyLampStatus`. */
  status: number;
}

/** The lamps of speed dial keys, each of which shows what a line does. */
export class BusyLamps {
  readonly #statusOf: (device: string, number: string) => number | undefined;
  /** Number → lamps that show it. */
  readonly #lamps = new Map<string, Set<Lamp>>();
  readonly #byDevice = new Map<string, readonly Lamp[]>();

  /** @param statusOf what a device may see of a line: a `BusyLampStatus`; undefined for nothing */
  constructor(statusOf: (device: string, number: string) => number | undefined) {
    this.#statusOf = statusOf;
  }

  /** A phone with these speed dials is there. */
  watch(device: string, dials: readonly SpeedDial[], screen: PhoneScreen): void {
    const lamps = dials.flatMap((dial, at): Lamp[] =>
      dial.busyLamp ? [{ device, screen, instance: at + 1, dial, status: this.#seen(device, dial.number) }] : [],
    );
    if (lamps.length === 0) return;
    this.#byDevice.set(device, lamps);
    for (const lamp of lamps) {
      const { number } = lamp.dial;
      this.#lamps.set(number, (this.#lamps.get(number) ?? new Set()).add(lamp));
      // The phone has asked while it registered; much may have happened since.
      this.#show(lamp);
    }
  }

  forget(device: string): void {
    for (const lamp of this.#byDevice.get(device) ?? []) {
      const { number } = lamp.dial;
      const others = this.#lamps.get(number);
      others?.delete(lamp);
      if (others?.size === 0) this.#lamps.delete(number);
    }
    this.#byDevice.delete(device);
  }

  /** What is done on these lines has changed. */
  changed(lines: readonly string[]): void {
    if (this.#lamps.size === 0) return;
    for (const line of lines) {
      for (const lamp of this.#lamps.get(line) ?? []) {
        const status = this.#seen(lamp.device, line);
        if (status === lamp.status) continue;
        lamp.status = status;
        this.#show(lamp);
      }
    }
  }

  /** Who may not see a line knows nothing of it. */
  #seen(device: string, number: string): number {
    return this.#statusOf(device, number) ?? BusyLampStatus.Unknown;
  }

  #show({ screen, instance, dial, status }: Lamp): void {
    screen.busyLamp(instance, dial.label, status);
  }
}

const statuses: Readonly<Record<LineActivity, number>> = {
  'not-registered': BusyLampStatus.Unknown,
  idle: BusyLampStatus.Idle,
  ringing: BusyLampStatus.Alerting,
  'on-the-phone': BusyLampStatus.InUse,
  'do-not-disturb': BusyLampStatus.DoNotDisturb,
};

/** The `BusyLampStatus` of a line; undefined where nothing may be shown. */
export function busyLampStatus(activity: LineActivity | undefined): number | undefined {
  return activity && statuses[activity];
}
