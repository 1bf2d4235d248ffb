import type { Name } from '../generated/h4508.types.ts';
import { operations } from './operations.ts';
import { supplementaryServiceCodec } from './supplementary-service.ts';

/** The name of a caller (H.450.8 §7); without `name` it is one that is not to be told. */
export interface CallerName {
  readonly name?: string;
  readonly restricted: boolean;
}

const LONGEST_SIMPLE = 50;
const LONGEST = 256;

/** callingName for a Setup; who does not know it goes on without. */
export function callingNameApdu(invokeId: number, { name, restricted }: CallerName): Uint8Array {
  const said: Name =
    restricted || name === undefined || name === ''
      ? { kind: 'namePresentationRestricted', value: { kind: 'restrictedNull' } }
      : { kind: 'namePresentationAllowed', value: nameOf(name) };
  const argument = operations.callingName.argument.encode({ name: said });
  const opcode = { kind: 'local', value: operations.callingName.code } as const;
  return supplementaryServiceCodec.encode({
    interpretationApdu: { kind: 'discardAnyUnrecognizedInvokePdu' },
    serviceApdu: { kind: 'rosApdus', value: [{ kind: 'invoke', value: { invokeId, opcode, argument } }] },
  });
}

/** What the APDUs of a Setup say of the name of the caller; undefined where they say nothing that can be read. */
export function readCallingName(apdus: readonly Uint8Array[]): CallerName | undefined {
  for (const octets of apdus.slice(0, 8)) {
    const decoded = supplementaryServiceCodec.decode(octets);
    if (!decoded.ok || decoded.value.serviceApdu.kind !== 'rosApdus') continue;
    for (const apdu of decoded.value.serviceApdu.value) {
      if (apdu.kind !== 'invoke' || apdu.value.opcode.kind !== 'local') continue;
      if (Number(apdu.value.opcode.value) !== operations.callingName.code) continue;
      const read = operations.callingName.argument.decode(apdu.value.argument ?? new Uint8Array(0));
      if (read.ok) return callerNameOf(read.value.name);
    }
  }
  return undefined;
}

function callerNameOf(said: Name): CallerName | undefined {
  if (said.kind !== 'namePresentationAllowed' && said.kind !== 'namePresentationRestricted') return undefined;
  const restricted = said.kind === 'namePresentationRestricted';
  const { value } = said;
  if (value.kind === 'simpleName') return { name: String.fromCharCode(...value.value), restricted };
  if (value.kind === 'extendedName') return { name: value.value, restricted };
  return { restricted };
}

/** ISO 8859-1 where that has every letter of it. */
function nameOf(name: string): Extract<Name, { kind: 'namePresentationAllowed' }>['value'] {
  const isSimple = name.length <= LONGEST_SIMPLE && [...name].every((letter) => letter.charCodeAt(0) < 0x100);
  return isSimple
    ? { kind: 'simpleName', value: Uint8Array.from(name, (letter) => letter.charCodeAt(0)) }
    : { kind: 'extendedName', value: name.slice(0, LONGEST) };
}
