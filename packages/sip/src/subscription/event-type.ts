import { formatParameters, HeaderReader, parameterValue, type SipParameter } from '../message/grammar.ts';
import { headerValue } from '../message/headers.ts';
import type { SipMessage } from '../message/types.ts';

/** What a subscription is for: the Event header of its SUBSCRIBE and NOTIFY requests (RFC 6665 §8.2.1). */
export interface EventType {
  /** The event package, `dialog` or `presence.winfo`. */
  readonly package: string;
  /** Tells two subscriptions to one package in the same dialog apart. */
  readonly id: string | undefined;
  /** All others. */
  readonly parameters: readonly SipParameter[];
}

export function parseEventType(value: string): EventType | undefined {
  const reader = new HeaderReader(value);
  reader.skipSpace();
  const name = reader.token();
  const parameters = reader.parameters();
  if (name === undefined || parameters === undefined || !reader.done) return undefined;
  const isId = ({ name: parameter }: SipParameter) => parameter.toLowerCase() === 'id';
  return { package: name, id: parameterValue(parameters, 'id'), parameters: parameters.filter((one) => !isId(one)) };
}

export function formatEventType({ package: name, id, parameters }: EventType): string {
  const ids = id === undefined ? [] : [{ name: 'id', value: id }];
  return name + formatParameters([...ids, ...parameters]);
}

/** The Event of a message; undefined where it is absent or cannot be read. */
export function eventTypeOf(message: SipMessage): EventType | undefined {
  return parseEventType(headerValue(message, 'Event') ?? '');
}

/** "the event-type portion of the Event header field is compared byte by byte, and the id parameter [...] as well" (RFC 6665 §8.2.1). */
export function isSameEvent(one: EventType, other: EventType): boolean {
  return one.package === other.package && one.id === other.id;
}
