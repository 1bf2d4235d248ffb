import { SccpError } from '../error.ts';
import { type Field, type FieldCondition, fieldBase, type PresenceOf } from './field.ts';

/** Octets that are kept as they are: unions whose form another field decides, and identifiers. */
export function octets<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  size: number,
  condition?: Condition,
): Field<Name, Uint8Array, PresenceOf<Condition>> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'octets', octets: size },
    absent: new Uint8Array(size),
    least: () => size,
    read: (reader) => reader.copy(size),
    write(writer, value) {
      if (value.byteLength > size) {
        throw new SccpError('sccp.value', `${name} has ${size} octets, which is too few for ${value.byteLength}`);
      }
      writer.bytes(value);
      writer.zeros(size - value.byteLength);
    },
  };
}
