import { Redacted } from '@trustline/base';
import type { SccpMessage } from './codec.ts';
import type { AnyField, Places } from './layout/field.ts';
import type { MediaEncryptionKeyInfo } from './layout/key-info.ts';
import { fieldsIn } from './layout/lists.ts';
import type { MessageDefinition } from './layout/message.ts';

/** Values on which the form of what follows depends, or which say how many entries there are. */
const fixed: Readonly<Record<string, number>> = {
  // H.263, which every capability message knows, and whose union is as long as any.
  payloadCapability: 101,
  compressionType: 103,
  payloadType: 103,
  command: 0,
  totalButtonCount: 42,
  totalSoftKeyCount: 3,
  totalSoftKeySetCount: 3,
};

/** A message with all its fields, each with another value. Lists of which every place is sent are full. */
export function sampleMessage(definition: MessageDefinition, version: number): SccpMessage {
  const values = new Sampler(version).values(definition.fields);
  return { kind: definition.kind, ...values } as SccpMessage;
}

function entriesOf({ capacity, filled }: Places): number {
  return filled ? capacity : 3;
}

class Sampler {
  readonly #version: number;
  #next = 1;

  constructor(version: number) {
    this.#version = version;
  }

  values(fields: readonly AnyField[]): Record<string, unknown> {
    const named = fieldsIn(fields, this.#version).filter(({ presence }) => presence !== 'hidden');
    return Object.fromEntries(named.map((field) => [field.name, this.#value(field)]));
  }

  #value(field: AnyField): unknown {
    const { form } = field;
    const n = this.#next++ % 251;
    switch (form.kind) {
      case 'integer': {
        const told = fixed[field.name];
        if (told !== undefined) return told;
        const known = Object.values(field.values ?? {});
        if (known.length > 0) return known[n % known.length];
        return form.octets === 1 ? n : n * 0x0101;
      }
      case 'text':
        return `${field.name.slice(0, Math.min(12, form.most(this.#version) - 3))}${n}`;
      case 'ipv4':
        return `192.0.2.${n}`;
      case 'address':
        return this.#version >= 17 && n % 2 === 0 ? `2001:db8:1:2:3:4:5:${n.toString(16)}` : `192.0.2.${n}`;
      case 'ipv6':
        return `2001:db8:1:2:3:4:5:${n.toString(16)}`;
      case 'octets':
        // In the union of multimedia channels the fifth octet counts pictures, of which there are five at most.
        return Uint8Array.from({ length: form.octets }, (_, i) => (i > 4 && i < 8 ? 0 : i === 4 ? 2 : n + i));
      case 'key-info':
        return this.#keyInfo(n);
      case 'struct':
        return this.values(form.fields);
      case 'list':
        return Array.from({ length: entriesOf(form.places) }, () => this.values(form.fields));
      case 'integers':
        return Array.from({ length: entriesOf(form.places) }, (_, i) => (n + i) % 33);
      default:
        throw new Error(`a message has no value of the kind ${form.kind}`);
    }
  }

  /** As CUCM would make it: 16 octets of key, 14 of salt. */
  #keyInfo(n: number): MediaEncryptionKeyInfo {
    return {
      algorithmID: (n % 2) + 1,
      key: new Redacted(Uint8Array.from({ length: 16 }, (_, i) => (0x10 * n + 7 * i + 1) & 0xff)),
      salt: new Redacted(Uint8Array.from({ length: 14 }, (_, i) => (0x20 * n + 5 * i + 3) & 0xff)),
      isMKIPresent: 0,
      keyDerivationRate: 0,
    };
  }
}
