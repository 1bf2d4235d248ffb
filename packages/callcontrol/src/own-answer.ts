/** What the manager itself answers to a caller's offer, in the place of somebody who is called: the relay's media, with keys of its own. */
import type { SecurityPolicy } from '@trustline/evidence';
import { type Call, policyEnd } from './call.ts';
import { isActive, type MediaDescription, type MediaStream, offeredSecurity, refused } from './media.ts';
import { carryOffer, type MediaFault } from './negotiation.ts';
import { decide, type PolicyEnd, type Refusal } from './policy.ts';
import { codecOf } from './voice-formats.ts';
import { newKeyLike } from './waiting-media.ts';
import type { World } from './world.ts';

/** The manager at its end: it can have keys with whoever can. */
const ourselves: PolicyEnd = { mode: 'encrypted', signalling: 'tls-mutual' };

const mirrored = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' } as const;

/** What an end has agreed on with the manager. */
interface Agreed {
  readonly kind: 'agreed';
  /** What it sends with. */
  readonly media: MediaDescription;
  /** What it is told: the relay's addresses and keys stand in it when it goes out. */
  readonly told: MediaDescription;
}

/**
 * Judges an offer to the manager itself: its first stream of voice that the relay speaks is taken, with a key where policy has one.
 *
 * @param who takes it, at the beginning of a sentence
 */
export function answerOurselves(
  world: World,
  now: number,
  call: Call,
  policy: SecurityPolicy,
  offer: MediaDescription,
  who: string,
): Agreed | Refusal | ({ readonly kind: 'fault' } & MediaFault) {
  const leg = call.caller;
  const decision = decide(policy, offeredSecurity(offer), policyEnd(leg), ourselves);
  if (decision.kind === 'refuse') return decision;
  const carried = carryOffer(offer, decision.kind === 'secure', policy, world.settings.suites);
  if (carried.kind === 'fault') return { kind: 'fault', ...carried.fault };
  const { streams } = carried.description;
  const at = streams.findIndex(
    (stream) => stream.type === 'audio' && isActive(stream) && formatOf(stream) !== undefined,
  );
  if (at < 0)
    return fault('not-acceptable-here', `${who} takes G.711, G.722 and Opus, of which none was offered`, false);
  if (carried.steered)
    return fault('not-acceptable-here', 'No key was offered under a crypto suite of this call', true);
  const taken = streams.map((stream, place) => (place === at ? chosen(stream) : refused(stream)));
  const media = { ...carried.description, streams: taken };
  const claim = world.claim(now, call, leg, media);
  if (claim !== undefined) return { kind: 'fault', ...claim };
  if (decision.kind === 'clear') world.downgraded(now, call, leg, decision.downgrade);
  const told = taken.map((stream, place): MediaStream => {
    if (!isActive(stream)) return stream;
    const { transport } = offer.streams[place] ?? stream;
    const keys = stream.keys.flatMap((key) => newKeyLike(world, key));
    return { ...stream, transport, direction: mirrored[stream.direction], keys, attributes: [] };
  });
  return { kind: 'agreed', media, told: { streams: told, attributes: [] } };
}

/** A stream with the one format and the one key that are used. */
function chosen(stream: MediaStream): MediaStream {
  const format = formatOf(stream);
  return { ...stream, formats: format === undefined ? [] : [format], keys: stream.keys.slice(0, 1) };
}

function formatOf({ formats }: MediaStream) {
  return formats.find((format) => codecOf(format) !== undefined);
}

function fault(cause: MediaFault['cause'], warning: string, security: boolean) {
  return { kind: 'fault', cause, warning, security } as const;
}
