import type { DivertingLegInfo2Arg } from '../generated/h4503.types.ts';
import { operations } from './operations.ts';
import { supplementaryServiceCodec } from './supplementary-service.ts';

/** Why a call was diverted (H.450.3 §8): always, busy, no reply. */
export type DiversionReason = 'unknown' | 'cfu' | 'cfb' | 'cfnr';

/** How a call came to the number that it is for. */
export interface DiversionInformation {
  /** How often it was diverted, 1 to 15. */
  readonly count: number;
  /** Why it was the last time. */
  readonly reason: DiversionReason;
  /** Who diverted it last; digits. Empty where that is not told. */
  readonly divertingNumber: string;
  /** Whom it was for at first, and why it went on from there; where it was diverted more than once. */
  readonly original?: { readonly number: string; readonly reason: DiversionReason };
}

const MOST_DIVERSIONS = 15;
const dialable = /^[0-9#*,]{1,128}$/;

/** divertingLegInformation2 for a Setup (H.450.3 §9); who does not know it goes on without. */
export function diversionApdu(invokeId: number, information: DiversionInformation): Uint8Array {
  const { count, reason, divertingNumber, original } = information;
  const argument = operations.divertingLegInformation2.argument.encode({
    diversionCounter: Math.min(Math.max(count, 1), MOST_DIVERSIONS),
    diversionReason: reason,
    ...(original === undefined ? {} : { originalDiversionReason: original.reason }),
    ...(dialable.test(divertingNumber) ? { divertingNr: addressOf(divertingNumber) } : {}),
    ...(original !== undefined && dialable.test(original.number)
      ? { originalCalledNr: addressOf(original.number) }
      : {}),
  });
  const opcode = { kind: 'local', value: operations.divertingLegInformation2.code } as const;
  return supplementaryServiceCodec.encode({
    interpretationApdu: { kind: 'discardAnyUnrecognizedInvokePdu' },
    serviceApdu: { kind: 'rosApdus', value: [{ kind: 'invoke', value: { invokeId, opcode, argument } }] },
  });
}

/** What the APDUs of a Setup say of its way; undefined where they say nothing that can be read. */
export function readDiversion(apdus: readonly Uint8Array[]): DiversionInformation | undefined {
  for (const octets of apdus.slice(0, 8)) {
    const decoded = supplementaryServiceCodec.decode(octets);
    if (!decoded.ok || decoded.value.serviceApdu.kind !== 'rosApdus') continue;
    for (const apdu of decoded.value.serviceApdu.value) {
      if (apdu.kind !== 'invoke' || apdu.value.opcode.kind !== 'local') continue;
      if (Number(apdu.value.opcode.value) !== operations.divertingLegInformation2.code) continue;
      const read = operations.divertingLegInformation2.argument.decode(apdu.value.argument ?? new Uint8Array(0));
      if (read.ok) return informationOf(read.value);
    }
  }
  return undefined;
}

function informationOf(said: DivertingLegInfo2Arg): DiversionInformation {
  const original = numberOf(said.originalCalledNr);
  return {
    count: said.diversionCounter,
    reason: reasonOf(said.diversionReason),
    divertingNumber: numberOf(said.divertingNr) ?? '',
    ...(original === undefined
      ? {}
      : { original: { number: original, reason: reasonOf(said.originalDiversionReason ?? 'unknown') } }),
  };
}

/** A reason of a later version is an unknown one. */
function reasonOf(reason: DivertingLegInfo2Arg['diversionReason']): DiversionReason {
  return typeof reason === 'number' ? 'unknown' : reason;
}

function addressOf(value: string) {
  return { destinationAddress: [{ kind: 'dialedDigits', value } as const] };
}

function numberOf(address: DivertingLegInfo2Arg['divertingNr']): string | undefined {
  const alias = address?.destinationAddress.find(({ kind }) => kind === 'dialedDigits');
  return alias?.kind === 'dialedDigits' ? alias.value : undefined;
}
