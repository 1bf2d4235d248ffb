import { chooseCrypto, type UsableCrypto } from '@trustline/keying';
import { attributeValues, commonCodecs, type MediaDescription, type SessionDescription } from '@trustline/sip';
import type { CallMediaOptions, MediaRefusal } from './call-media.ts';
import { audioCodecs, RTP_CLEAR, RTP_SECURE } from './codecs.ts';
import type { OwnKeys } from './own-keys.ts';

/** The stream of an offer that we take. */
export interface ChosenStream {
  readonly kind: 'chosen';
  readonly index: number;
  /** The line of the far end's key; undefined for a clear stream. */
  readonly crypto: UsableCrypto | undefined;
}

/**
 * Which stream of audio of an offer the policy takes: a protected one before a clear one. An AVP stream is clear even
 * where it brings keys (they are not answered), and keys that came over unprotected signalling are never used.
 */
export function chooseStream(
  offer: SessionDescription,
  options: CallMediaOptions,
  own: OwnKeys,
): ChosenStream | MediaRefusal {
  const { security, signallingIsProtected, suites } = options;
  const audio = [...offer.media.entries()].filter(([, media]) => media.type === 'audio' && media.port !== 0);
  if (audio.length === 0) return refuse(false, 'No stream of audio was offered');
  const usable = audio.filter(([, media]) => commonCodecs(media, audioCodecs).length > 0);
  if (usable.length === 0) return refuse(false, 'No codec was offered that this phone has (PCMA, PCMU)');
  let refusal: MediaRefusal | undefined;
  for (const [index, media] of usable.filter(is(RTP_SECURE))) {
    if (security === 'clear') refusal ??= refuse(true, 'This phone takes no encrypted media');
    else if (!signallingIsProtected) refusal ??= refuse(true, 'Keys came over signalling that is not protected');
    else {
      const choice = chooseCrypto(attributeValues(media.attributes, 'crypto'), { suites });
      if (choice.kind === 'none') {
        const why = choice.refused[0]?.reason ?? 'there is none';
        refusal ??= refuse(true, `No key was offered that this phone may use: ${why}`);
      } else if (choice.attribute.keys.some(({ material }) => own.includes(material))) {
        refusal ??= refuse(true, 'The offer sends our own key back');
      } else return { kind: 'chosen', index, crypto: choice };
    }
  }
  const clear = usable.find(is(RTP_CLEAR));
  if (clear !== undefined && security !== 'require') return { kind: 'chosen', index: clear[0], crypto: undefined };
  if (clear !== undefined) refusal ??= refuse(true, 'This phone takes encrypted media only');
  return refusal ?? refuse(false, 'No stream of audio was offered by RTP/AVP or RTP/SAVP');
}

function is(protocol: string): (entry: [number, MediaDescription]) => boolean {
  return ([, media]) => media.protocol === protocol;
}

function refuse(security: boolean, warning: string): MediaRefusal {
  return { kind: 'refused', security, warning };
}
