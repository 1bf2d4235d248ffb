import type { CallLeg, LegEnd, MediaDescription } from '../model/leg.ts';
import type { StreamFacts } from './stream-facts.ts';

/**
 * What the ends between which a stream went had said of its protection when it was over: both named keys, or a way to have
 * some (`agreed`); one did, and the other went without (`declined`); nobody did (`none`).
 */
export type Agreement = 'agreed' | 'declined' | 'none';

export function agreementOn(stream: StreamFacts, legs: readonly CallLeg[]): Agreement {
  const agreements = legsOf(stream, legs).map((leg) => agreementOfLeg(leg, stream));
  if (agreements.includes('agreed')) return 'agreed';
  return agreements.includes('declined') ? 'declined' : 'none';
}

/** Which end of a leg sent a stream, where a description tells. */
export function sendingEnd({ source, destination }: StreamFacts, legs: readonly CallLeg[]): LegEnd | undefined {
  for (const { descriptions } of legs) {
    const sender = descriptions.find(({ receives }) => isSame(receives, source));
    if (sender !== undefined) return sender.end;
    const receiver = descriptions.find(({ receives }) => isSame(receives, destination));
    if (receiver !== undefined) return receiver.end === 'caller' ? 'called' : 'caller';
  }
  return undefined;
}

/** The legs that described an end of it; where none did (behind a NAT), all. */
function legsOf({ source, destination }: StreamFacts, legs: readonly CallLeg[]): readonly CallLeg[] {
  const own = legs.filter(({ descriptions }) =>
    descriptions.some(({ receives }) => isSame(receives, source) || isSame(receives, destination)),
  );
  return own.length > 0 ? own : legs;
}

function agreementOfLeg({ descriptions, canEncrypt }: CallLeg, { last }: StreamFacts): Agreement {
  const before = descriptions.filter(
    ({ place, kind, receives }) => kind === 'audio' && receives.port !== 0 && place.number <= last.number,
  );
  const [caller, called] = [before.findLast(isOf('caller')), before.findLast(isOf('called'))];
  if (caller !== undefined && called !== undefined && hasKeys(caller) && hasKeys(called)) return 'agreed';
  return descriptions.some(mentionsKeys) || canEncrypt.size > 0 ? 'declined' : 'none';
}

function isOf(end: LegEnd): (description: MediaDescription) => boolean {
  return (description) => description.end === end;
}

/** Its own key, or a profile that has media by SRTP alone with a way to have one. */
function hasKeys({ keying, keys, profile }: MediaDescription): boolean {
  return keys.length > 0 || (keying.some((one) => one !== 'none') && profile.includes('SAVP'));
}

function mentionsKeys({ keying, keys, suites, profile }: MediaDescription): boolean {
  return keying.some((one) => one !== 'none') || keys.length > 0 || suites.length > 0 || profile.includes('SAVP');
}

function isSame(one: StreamFacts['source'], other: StreamFacts['source']): boolean {
  return one.address === other.address && one.port === other.port;
}
