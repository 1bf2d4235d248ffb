import { Redacted } from '@trustline/base';

/** The same value with its secrets told and its octets in hexadecimal, so that values can be compared and shown. */
export function revealed(value: unknown): unknown {
  if (value instanceof Redacted) return { secret: revealed(value.reveal()) };
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}
