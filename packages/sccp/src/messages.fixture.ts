import { Redacted } from '@trustline/base';
import fc from 'fast-check';
import type { SccpMessage } from './codec.ts';
import type { AnyField } from './layout/field.ts';
import type { MediaEncryptionKeyInfo } from './layout/key-info.ts';
import { fieldsIn } from './layout/lists.ts';
import { type MessageDefinition, planOf } from './layout/message.ts';
import { NEWEST_VERSION, OLDEST_VERSION } from './versions.ts';

/** Every protocol version of which the layouts are known. */
export const everyVersion = Array.from({ length: NEWEST_VERSION - OLDEST_VERSION + 1 }, (_, i) => OLDEST_VERSION + i);

const utf8 = new TextEncoder();

/** Any message of a kind in a version: with all its fields, or ending before one that it may end before. */
export function anyMessage(definition: MessageDefinition, version: number): fc.Arbitrary<SccpMessage> {
  const { fields, required } = planOf(definition, version);
  // An end within four octets is filled up, and what fills it is read as fields of less.
  const ends = fields.flatMap((_, end) => {
    const length = fields.slice(0, end).reduce((sum, field) => sum + field.least(version), 0);
    return end >= required && length % 4 === 0 ? [end] : [];
  });
  return fc
    .constantFrom(...ends, fields.length)
    .chain((end) =>
      anyValues(fields.slice(0, end), version).map((values) => ({ kind: definition.kind, ...values }) as SccpMessage),
    );
}

function anyValues(fields: readonly AnyField[], version: number): fc.Arbitrary<Record<string, unknown>> {
  const named = fieldsIn(fields, version).filter(({ presence }) => presence !== 'hidden');
  return fc.record(Object.fromEntries(named.map((field) => [field.name, anyValue(field, version)])));
}

function anyValue({ form }: AnyField, version: number): fc.Arbitrary<unknown> {
  switch (form.kind) {
    case 'integer':
      return anyInteger(form.octets, form.signed);
    case 'text':
      return fc
        .oneof(
          fc.string({ maxLength: 40 }),
          fc.string({ unit: 'grapheme', maxLength: 40 }),
          fc.constant('\u0080\u0018'),
        )
        .map((text) => fitting(text.replaceAll('\0', ''), form.most(version)));
    case 'ipv4':
      return fc.ipV4();
    case 'ipv6':
      return anyIpv6();
    case 'address':
      return version < 17
        ? fc.ipV4()
        : fc.oneof(
            fc.ipV4(),
            anyIpv6(),
            anyIpv6().map((text) => `2/${text}`),
          );
    case 'octets':
      return fc.uint8Array({ minLength: form.octets, maxLength: form.octets });
    case 'key-info':
      return anyKeyInfo();
    case 'struct':
      return anyValues(form.fields, version);
    case 'list': {
      const { capacity, counted } = form.places;
      const minLength = counted ? 0 : capacity;
      return fc.array(anyValues(form.fields, version), { minLength, maxLength: capacity });
    }
    case 'integers': {
      const { capacity, counted } = form.places;
      const minLength = counted ? 0 : capacity;
      return fc.array(anyInteger(form.octets, false), { minLength, maxLength: capacity });
    }
    default:
      throw new Error(`a message has no value of the kind ${form.kind}`);
  }
}

function anyInteger(octets: 1 | 2 | 4, signed: boolean): fc.Arbitrary<number> {
  if (signed) return fc.integer();
  return fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 256 ** octets - 1 }));
}

/** Written as this room writes it. */
function anyIpv6(): fc.Arbitrary<string> {
  return fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 }).map((groups) => {
    return groups.map((group) => group.toString(16)).join(':');
  });
}

function anyKeyInfo(): fc.Arbitrary<MediaEncryptionKeyInfo> {
  return fc
    .record({
      algorithmID: fc.integer({ min: 0, max: 6 }),
      key: fc.uint8Array({ maxLength: 16 }),
      salt: fc.uint8Array({ maxLength: 16 }),
      isMKIPresent: fc.integer({ min: 0, max: 1 }),
      keyDerivationRate: fc.nat(),
    })
    .map(({ key, salt, ...rest }) => ({ ...rest, key: new Redacted(key), salt: new Redacted(salt) }));
}

/** As many characters as fit into so many octets of UTF-8. */
function fitting(text: string, most: number): string {
  let fits = '';
  for (const character of text) {
    const octets = [...fits, character].reduce((sum, one) => sum + (one === '\u0080' ? 1 : utf8.encode(one).length), 0);
    if (octets > most) break;
    fits += character;
  }
  return fits;
}

/** A message as a value that can be compared: what does not print is revealed. */
export function revealed(value: unknown): unknown {
  if (value instanceof Redacted) return { redacted: revealed(value.reveal()) };
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, revealed(one)]));
}
