import { type BodyPart, partText } from './body.ts';

/** Digits that one message is read for. */
const MOST_DIGITS = 64;
/** Of what carries digits, in octets. */
const LONGEST_BODY = 4_096;
/** Events of RFC 4733 §3.2 by their number. */
const events = '0123456789*#ABCD';

/**
 * The digits that a body of INFO or NOTIFY carries: `application/dtmf-relay` (`Signal=5`), `application/dtmf`, Nortel's
 * digits, KPML (RFC 4730 §5.3), and `audio/telephone-event`, four octets of which the one that ends an event counts.
 */
export function digitsOf(part: BodyPart): string {
  if (part.octets.length > LONGEST_BODY) return '';
  switch (part.type) {
    case 'audio/telephone-event':
      return eventDigit(part.octets);
    case 'application/kpml-response+xml':
      return only(/\bdigits\s*=\s*["']([^"']*)["']/i.exec(partText(part))?.[1] ?? '');
    case 'application/vnd.nortelnetworks.digits':
      return only(/\bdigits?\s*=\s*([0-9*#A-D]+)/i.exec(partText(part))?.[1] ?? '');
    case 'application/dtmf':
      return signal(partText(part)) ?? only(partText(part).trim());
    default:
      // Some call it text/plain, and some give no type.
      return signal(partText(part)) ?? '';
  }
}

/** `Signal=5`, `Signal= *`, `Signal=11`; undefined where none is there. */
function signal(text: string): string | undefined {
  const said = /^[ \t]*Signal[ \t]*[=:][ \t]*([0-9]{1,2}|[*#A-D])(?![^\s;])/im.exec(text)?.[1];
  if (said === undefined) return undefined;
  return said.length === 1 ? said.toUpperCase() : (events[Number(said)] ?? '');
}

/** Nothing but digits; a body that holds something else is not one of them. */
function only(text: string): string {
  return /^[0-9*#A-D]+$/i.test(text) ? text.slice(0, MOST_DIGITS).toUpperCase() : '';
}

function eventDigit(octets: Uint8Array): string {
  const [event = 0xff, flags = 0] = octets;
  const ends = octets.length >= 4 && (flags & 0x80) !== 0;
  return ends ? (events[event] ?? '') : '';
}
