import type { CallLeg, LegEnd, Party } from '../model/leg.ts';
import { boundedText } from './bounded-text.ts';

/** A message says who somebody is: what was known before stays, and nothing is longer than names are kept. */
export function learnParty(leg: CallLeg, end: LegEnd, { number, name, uri, device }: Party): void {
  const told = {
    number: boundedText(number),
    name: boundedText(name),
    uri: boundedText(uri),
    device: boundedText(device),
  };
  const known = Object.entries(told).filter(([, text]) => text !== undefined);
  leg[end] = { ...Object.fromEntries(known), ...leg[end] };
}

export function otherEnd(end: LegEnd): LegEnd {
  return end === 'caller' ? 'called' : 'caller';
}
