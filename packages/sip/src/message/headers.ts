import { canonicalHeaderName, knownHeader } from './header-names.ts';
import type { SipHeader, SipMessage } from './types.ts';

/** Whether a header in a message is the one called `name`, in any case or as a compact form. */
function matcher(name: string): (header: SipHeader) => boolean {
  const known = knownHeader(name);
  if (known !== undefined) return (header) => header.name === known.name;
  const lower = name.toLowerCase();
  return (header) => header.name.toLowerCase() === lower;
}

/** The first value of a header, undefined if it is absent. */
export function headerValue(message: SipMessage, name: string): string | undefined {
  const known = knownHeader(name);
  if (known === undefined) return message.headers.find(matcher(name))?.value;
  for (const header of message.headers) {
    if (header.name === known.name) return header.value;
  }
  return undefined;
}

/** Every value of a header, one per line of the message, top first; lists inside a line are not split. */
export function headerValues(message: SipMessage, name: string): readonly string[] {
  return message.headers.filter(matcher(name)).map((header) => header.value);
}

/** Sets a header: the first of that name is replaced in its place, others of the name go, else it comes last. */
export function withHeader<M extends SipMessage>(message: M, name: string, value: string): M {
  const matches = matcher(name);
  const header = { name: canonicalHeaderName(name), value };
  const at = message.headers.findIndex(matches);
  if (at < 0) return { ...message, headers: [...message.headers, header] };
  return {
    ...message,
    headers: message.headers.flatMap((old, i) => (i === at ? [header] : matches(old) ? [] : [old])),
  };
}

/** Adds a header after all others, keeping those of the same name. */
export function appendHeader<M extends SipMessage>(message: M, name: string, value: string): M {
  return { ...message, headers: [...message.headers, { name: canonicalHeaderName(name), value }] };
}

/** Adds a header before all others, as Via and Record-Route need. */
export function prependHeader<M extends SipMessage>(message: M, name: string, value: string): M {
  return { ...message, headers: [{ name: canonicalHeaderName(name), value }, ...message.headers] };
}

/** Removes every header of that name. */
export function withoutHeader<M extends SipMessage>(message: M, name: string): M {
  const matches = matcher(name);
  return { ...message, headers: message.headers.filter((header) => !matches(header)) };
}

/** Sets the body and its Content-Type; an empty body has neither. */
export function withBody<M extends SipMessage>(message: M, contentType: string, body: Uint8Array): M {
  const typed =
    body.length === 0 ? withoutHeader(message, 'Content-Type') : withHeader(message, 'Content-Type', contentType);
  return { ...typed, body };
}
