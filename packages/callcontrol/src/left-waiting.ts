/** Whom a transferor leaves behind: it hears the relay's sound for who is held until somebody answers, as if it were held. */
import { type Call, type Leg, otherLeg } from './call.ts';
import { send } from './exchange.ts';
import { isHold } from './holding.ts';
import { isActive, type MediaDescription } from './media.ts';
import { writeOffer } from './negotiation.ts';
import { type RelayedLeg, relayedLeg } from './relay-state.ts';
import { leaveRelay, takeOwnSides } from './relaying.ts';
import { codecOf } from './voice-formats.ts';
import type { World } from './world.ts';

/**
 * The transferor has hung up while the third rings. Whoever talked to it is offered the relay's media, in its place.
 *
 * @param had what the transferor's leg had of the relay
 */
export function playToLeft(world: World, now: number, call: Call, gone: Leg, had: RelayedLeg | undefined): void {
  const left = otherLeg(call, gone);
  if (!world.settings.holdSound || world.ports.relay === undefined || left?.state !== 'connected') return;
  if (call.transfer?.state !== 'waiting' || call.exchange !== undefined || !world.owns(call, left)) return;
  const { media } = gone;
  if (media === undefined || isHold(media) || !hears(left)) return;
  const held = holding(media);
  const told = writeOffer(held);
  const isNew = left.relay === undefined;
  left.relay ??= relayedLeg('hold', false);
  if (!takeOwnSides(world, call, left, told)) {
    if (isNew) leaveRelay(world, left);
    return;
  }
  // It is gone, and what it had stands for it: levels and what is told of it go by that.
  gone.relay = relayedLeg(had?.reason ?? 'hold', had?.isClear === true);
  gone.media = held;
  if (world.mayTell(now, call, told)) send(world, now, call, { kind: 'own', to: left, told, source: held });
}

/** The one who hears the sound in this call, its transferor gone; undefined where there is none. */
export function leftAlone(world: World, call: Call): Leg | undefined {
  const { caller, connected, transfer } = call;
  if (connected === undefined || transfer?.origin !== call || !world.calls.has(call.id)) return undefined;
  const there = [caller, connected].filter((leg) => world.owns(call, leg));
  return there.length === 1 && there[0] === transfer.transferee ? there[0] : undefined;
}

function hears({ media }: Leg): boolean {
  const active = media?.streams.filter(isActive) ?? [];
  return active.some(
    ({ direction, formats }) => direction === 'sendrecv' && formats.some((format) => codecOf(format) !== undefined),
  );
}

function holding(media: MediaDescription): MediaDescription {
  const streams = media.streams.map((stream) =>
    isActive(stream) ? { ...stream, direction: 'sendonly' as const } : stream,
  );
  return { ...media, streams };
}
