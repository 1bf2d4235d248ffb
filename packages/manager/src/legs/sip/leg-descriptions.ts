import { hash } from 'node:crypto';
import type { MediaDescription } from '@trustline/callcontrol';
import type { SdesRejection } from '@trustline/keying';
import { parseSdp, serializeSdp } from '@trustline/sip';
import { refusalHeaders } from './leg-headers.ts';
import { fromMediaDescription, toMediaDescription } from './session-description.ts';
import type { SipLeg } from './sip-leg.ts';

/** A description that could not be read, and why, in words for its sender. */
export interface Unreadable {
  readonly unreadable: string;
}

/**
 * What a phone has said of its media.
 *
 * @param malformed is told what could not be read, one sentence for the operator
 */
export function readDescription(
  leg: SipLeg,
  sdp: Uint8Array,
  role: 'offer' | 'answer',
  malformed: (sentence: string) => void,
): MediaDescription | Unreadable {
  const parsed = parseSdp(sdp);
  if (!parsed.ok) {
    const { message } = parsed.error;
    malformed(`a session description could not be read: ${message}`);
    return { unreadable: message };
  }
  const { description, rejections } = toMediaDescription(parsed.session);
  if (rejections.length > 0) malformed(`crypto lines were passed over: ${listed(rejections)}`);
  return role === 'offer' ? leg.places.take(description) : leg.places.trim(description);
}

/** What a phone is told: the description of before where nothing differs from it. */
export function writeDescription(leg: SipLeg, said: MediaDescription): Uint8Array {
  const description = leg.places.fill(said);
  const address = leg.session.flow.local.host;
  if (leg.lastDescription !== '') {
    const same = describe(description, leg.sessionId, leg.sessionVersion, address);
    if (fingerprint(same) === leg.lastDescription) return same;
  }
  // "If a session description differs from the previous one, its version MUST be higher by one" (RFC 3264 §8).
  leg.sessionVersion += 1;
  const bytes = describe(description, leg.sessionId, leg.sessionVersion, address);
  leg.lastDescription = fingerprint(bytes);
  return bytes;
}

/** A leg was placed with this description, its first. */
export function describedFirst(leg: SipLeg, offer: Uint8Array): void {
  leg.sessionVersion = 1;
  leg.lastDescription = fingerprint(offer);
}

/** 400 to a description that cannot be read, with what is wrong in it (RFC 3261 §20.43, §21.4.1). */
export function badDescription({ session }: SipLeg, { unreadable }: Unreadable) {
  return {
    reason: 'Bad Request - Session Description',
    headers: refusalHeaders(session.flow, 'protocol-error', unreadable),
  };
}

export function describe(
  media: MediaDescription,
  sessionId: string,
  sessionVersion: number,
  address: string,
): Uint8Array {
  return serializeSdp(fromMediaDescription(media, { sessionId, sessionVersion, address }));
}

/** Tells descriptions apart without keeping the keys in them. */
function fingerprint(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64');
}

function listed(rejections: readonly SdesRejection[]): string {
  return rejections.map(({ reason, section }) => `${reason} (${section})`).join('; ');
}
