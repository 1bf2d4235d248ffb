/** Digits that a leg signals: on to the other leg, in its media where the relay can put them there, else in its signalling. */
import { type Call, type Leg, otherLeg } from './call.ts';
import { isActive } from './media.ts';
import { isDigits } from './voice-formats.ts';
import type { World } from './world.ts';

/** A digit of one leg goes to the other. */
export function digitPressed(world: World, call: Call, leg: Leg, digit: string, milliseconds: number): void {
  const other = otherLeg(call, leg);
  if (other === undefined || !world.owns(call, other)) return;
  const at = other.media?.streams.findIndex((stream) => stream.type === 'audio' && isActive(stream)) ?? -1;
  const side = other.relay?.streams[at];
  const agreed = side?.speaks?.events ?? other.media?.streams[at]?.formats.filter(isDigits);
  const event = side?.digits ?? agreed?.[0];
  if (event === undefined || side === undefined || side.said === '') {
    world.emit({ kind: 'digit', leg: other.id, digit, milliseconds });
    return;
  }
  const { payloadType, clockRate } = event;
  world.emit({ kind: 'relay-digit', side: side.side, payloadType, clockRate: clockRate || 8_000, digit, milliseconds });
}
