import type { H323Error } from '../error.ts';
import type { MultimediaSystemControlMessage, OpenLogicalChannel } from '../generated/h245.types.ts';
import { schema } from '../schema.ts';

/** One H.245 message, as it stands in a TPKT or, tunnelled, in `h245Control`. */
export const h245Codec = schema.codec<MultimediaSystemControlMessage>(
  'MULTIMEDIA-SYSTEM-CONTROL',
  'MultimediaSystemControlMessage',
);

/** A proposal of fast connect: `fastStart` holds OpenLogicalChannel as it is, not within a message (H.323 §8.1.7.1). */
export const fastStartCodec = schema.codec<OpenLogicalChannel>('MULTIMEDIA-SYSTEM-CONTROL', 'OpenLogicalChannel');

export interface H245Messages {
  readonly messages: readonly MultimediaSystemControlMessage[];
  /** Why what follows them could not be read. */
  readonly error?: H323Error;
}

/** Reads all messages in the payload of a TPKT: H.323 §8.1 allows several, though every peer seen sends one. */
export function decodeH245(bytes: Uint8Array): H245Messages {
  const messages: MultimediaSystemControlMessage[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const result = h245Codec.decode(bytes, at);
    if (!result.ok) return { messages, error: result.error };
    messages.push(result.value);
    at = result.end;
  }
  return { messages };
}
