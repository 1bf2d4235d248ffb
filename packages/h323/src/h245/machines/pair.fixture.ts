import type { MultimediaSystemControlMessage } from '../../generated/h245.types.ts';
import { h245Codec } from '../messages.ts';
import type { EntityOutput, SignallingEntity } from './signalling-entity.ts';

/** A machine, what it told, and what to do with a message that comes for it. */
export class End<Event> {
  readonly events: Event[] = [];
  readonly #entity: SignallingEntity<Event>;
  readonly #receive: (message: MultimediaSystemControlMessage) => void;

  constructor(entity: SignallingEntity<Event>, receive: (message: MultimediaSystemControlMessage) => void) {
    this.#entity = entity;
    this.#receive = receive;
  }

  /** What it sends, as octets; its events are kept. */
  outputs(): Uint8Array[] {
    const sent: Uint8Array[] = [];
    for (let output: EntityOutput<Event> | undefined = this.#entity.poll(); output; output = this.#entity.poll()) {
      if (output.kind === 'send') sent.push(h245Codec.encode(output.message));
      else this.events.push(output.event);
    }
    return sent;
  }

  receive(octets: Uint8Array): void {
    const result = h245Codec.decode(octets);
    if (!result.ok) throw result.error;
    this.#receive(result.value);
  }
}

/** Carries what both say to the other until neither has more; `lost` says of each message, from 0 on, whether it is. */
export function talk(one: End<unknown>, other: End<unknown>, lost: (n: number) => boolean = () => false): void {
  let n = 0;
  for (let rounds = 0; rounds < 100; rounds++) {
    const said = [one.outputs(), other.outputs()] as const;
    if (said[0].length + said[1].length === 0) return;
    for (const octets of said[0]) if (!lost(n++)) other.receive(octets);
    for (const octets of said[1]) if (!lost(n++)) one.receive(octets);
  }
  throw new Error('the two ends never stop talking');
}

/** The innermost message, by its kind. */
export function innermost(message: MultimediaSystemControlMessage): {
  readonly kind: string;
  readonly value?: unknown;
} {
  if (message.kind === '...') throw new Error('no message of ours');
  return message.value;
}
