/** The lines of a primary rate access: 30 B channels and a D channel of 2,048 kbit/s, or 23 and one of 1,544 kbit/s. */
export type PrimaryRateLine = 'E1' | 'T1';

/** The timeslot of the D channel (Q.931 §4.5.13, G.704). */
export const dChannelOf: Readonly<Record<PrimaryRateLine, number>> = { E1: 16, T1: 24 };

/** Timeslots that carry calls, in ascending order: 1 to 15 and 17 to 31, or 1 to 23. */
export function bearerChannelsOf(line: PrimaryRateLine): readonly number[] {
  const last = line === 'E1' ? 31 : 24;
  return Array.from({ length: last }, (_, i) => i + 1).filter((slot) => slot !== dChannelOf[line]);
}

/**
 * `restarting`: a RESTART is not acknowledged yet. `maintenance`: the other side did not answer when a call on it was
 * released, or when it was restarted. `blocked`: taken out of service by the operator.
 */
export type ChannelService = 'in-service' | 'restarting' | 'maintenance' | 'blocked';

interface Slot<Owner> {
  service: ChannelService;
  owner: Owner | undefined;
}

/** Which call has which B channel, and which channels may be used. */
export class BearerChannels<Owner extends object> {
  readonly #slots: ReadonlyMap<number, Slot<Owner>>;
  readonly #hunt: readonly number[];

  /**
   * @param hunt in which order a free channel is looked for; where the two sides take opposite ones they seldom meet on
   * the same channel
   */
  constructor(channels: readonly number[], hunt: 'ascending' | 'descending') {
    this.#slots = new Map(channels.map((channel) => [channel, { service: 'in-service', owner: undefined }]));
    this.#hunt = hunt === 'ascending' ? channels : channels.toReversed();
  }

  get channels(): readonly number[] {
    return [...this.#slots.keys()];
  }

  get freeCount(): number {
    return this.#hunt.filter((channel) => this.isFree(channel)).length;
  }

  has(channel: number): boolean {
    return this.#slots.has(channel);
  }

  isFree(channel: number): boolean {
    const slot = this.#slots.get(channel);
    return slot !== undefined && slot.service === 'in-service' && slot.owner === undefined;
  }

  ownerOf(channel: number): Owner | undefined {
    return this.#slots.get(channel)?.owner;
  }

  serviceOf(channel: number): ChannelService | undefined {
    return this.#slots.get(channel)?.service;
  }

  setService(channel: number, service: ChannelService): void {
    const slot = this.#slots.get(channel);
    if (slot !== undefined) slot.service = service;
  }

  /** The first free channel in the order of hunting. */
  findFree(): number | undefined {
    return this.#hunt.find((channel) => this.isFree(channel));
  }

  /** Gives a channel to a call, from whoever has it. */
  assign(channel: number, owner: Owner): void {
    const slot = this.#slots.get(channel);
    if (slot !== undefined) slot.owner = owner;
  }

  /** Frees a channel if this call has it. */
  free(channel: number, owner: Owner): void {
    const slot = this.#slots.get(channel);
    if (slot?.owner === owner) slot.owner = undefined;
  }
}
