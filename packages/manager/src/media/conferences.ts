/** Which sides of the relay are in which conference. */
import { clockRateOf, type OpusLibrary } from '@trustline/rtp';
import { ConferenceMember, ConferenceMixer } from './conference-mixer.ts';
import type { RelaySide } from './relay-side.ts';

interface Place {
  readonly conference: string;
  readonly member: ConferenceMember;
}

export class Conferences {
  readonly #opus: OpusLibrary | undefined;
  readonly #mixers = new Map<string, ConferenceMixer>();
  readonly #places = new Map<RelaySide, Place>();
  readonly #sides = new Map<ConferenceMember, RelaySide>();

  constructor(opus: OpusLibrary | undefined) {
    this.#opus = opus;
  }

  get isEmpty(): boolean {
    return this.#places.size === 0;
  }

  /** A side is where its settings say from now on: in a conference, in another, or in none. */
  update(side: RelaySide): void {
    const { mixes } = side.settings;
    const place = this.#places.get(side);
    const known = place?.member.format;
    const isSameFormat = known?.payloadType === mixes?.format.payloadType && known?.codec === mixes?.format.codec;
    if (place?.conference === mixes?.conference && isSameFormat) return;
    this.leave(side);
    if (mixes === undefined) return;
    const { conference, format } = mixes;
    const mixer = this.#mixers.get(conference) ?? new ConferenceMixer();
    const member = new ConferenceMember(format, side.soundSource, this.#opus);
    mixer.add(member);
    this.#mixers.set(conference, mixer);
    this.#places.set(side, { conference, member });
    this.#sides.set(member, side);
    side.outbound.follow();
  }

  /** With the last who leaves the conference is gone. */
  leave(side: RelaySide): void {
    const place = this.#places.get(side);
    if (place === undefined) return;
    const { conference, member } = place;
    const mixer = this.#mixers.get(conference);
    mixer?.remove(member);
    if (mixer?.size === 0) this.#mixers.delete(conference);
    this.#places.delete(side);
    this.#sides.delete(member);
  }

  /** An RTP packet of a party, in the clear. False where the party is in no conference. */
  take(side: RelaySide, packet: Uint8Array): boolean {
    const place = this.#places.get(side);
    if (place === undefined) return false;
    if (side.settings.takes) place.member.take(packet);
    return true;
  }

  /** The next frame of all conferences, in a packet for each party. */
  mix(give: (side: RelaySide, packet: Uint8Array, clockRate: number) => void): void {
    for (const mixer of this.#mixers.values()) {
      mixer.mix((member, packet) => {
        const side = this.#sides.get(member);
        if (side !== undefined) give(side, packet, clockRateOf[member.format.codec]);
      });
    }
  }
}
