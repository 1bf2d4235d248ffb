import { h323Words } from './h323-words.ts';
import type { PassedMessage, WatchedMessage } from './message-trace.ts';
import { mediaWords, messageWords, reasonWords } from './message-words.ts';
import { protectionText, skinnyMediaWords, skinnyWords } from './skinny-words.ts';

/** A message of one of the protocols in words: what it is, what it says of media, and why; without keys. */
export function wordsOf(passed: PassedMessage & Pick<WatchedMessage, 'whyEnded'>): {
  readonly words: string;
  readonly media: string | null;
  readonly reason: string | null;
} {
  if (passed.protocol === 'sccp') {
    return {
      words: skinnyWords(passed.message),
      media: skinnyMediaWords(passed.message) ?? null,
      reason: passed.whyEnded ?? protectionText(passed.message) ?? null,
    };
  }
  if (passed.protocol === 'h323') {
    const { words, media, reason } = h323Words(passed.payload);
    return { words, media, reason };
  }
  const { message } = passed;
  return {
    words: messageWords(message),
    media: mediaWords(message) ?? null,
    reason: reasonWords(message) ?? null,
  };
}
