import { DestinationPattern } from '../numbers/destination-pattern.ts';
import type { DialPeer, Side } from './dial-plan.ts';

/** `port 0/1`, `h323 cm1`, `trunk carrier`. */
export function side(text: string): Side {
  const [kind, name] = text.split(' ');
  return { kind, name } as Side;
}

/** A dial peer of which only what matters is said. */
export function peer(name: string, pattern: string, to: string, more: Partial<DialPeer> = {}): DialPeer {
  const read = DestinationPattern.read(pattern);
  if (read === undefined) throw new Error(`${pattern} is no pattern`);
  return {
    name,
    pattern: read,
    to: side(to),
    from: [],
    preference: 0,
    called: {},
    calling: {},
    overlap: false,
    tones: 'signalled',
    ...more,
  };
}
