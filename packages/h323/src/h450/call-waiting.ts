import { operations } from './operations.ts';
import { supplementaryServiceCodec } from './supplementary-service.ts';

/** Who is called talks in another call already, and may take this one (H.450.6 §7). */
export interface CallWaiting {
  /** How many calls wait there beside this one, from 0 to 255; undefined where it is not told. */
  readonly additionalCalls: number | undefined;
}

/** callWaiting for an Alerting; who does not know it goes on without. */
export function callWaitingApdu(invokeId: number, additionalCalls?: number): Uint8Array {
  const opcode = { kind: 'local', value: operations.callWaiting.code } as const;
  const argument = operations.callWaiting.argument.encode(
    additionalCalls === undefined ? {} : { nbOfAddWaitingCalls: additionalCalls },
  );
  return supplementaryServiceCodec.encode({
    interpretationApdu: { kind: 'discardAnyUnrecognizedInvokePdu' },
    serviceApdu: { kind: 'rosApdus', value: [{ kind: 'invoke', value: { invokeId, opcode, argument } }] },
  });
}

/** What the APDUs of an Alerting say of call waiting; undefined where they say nothing of it, or nothing that can be read. */
export function readCallWaiting(apdus: readonly Uint8Array[]): CallWaiting | undefined {
  for (const octets of apdus.slice(0, 8)) {
    const decoded = supplementaryServiceCodec.decode(octets);
    if (!decoded.ok || decoded.value.serviceApdu.kind !== 'rosApdus') continue;
    for (const apdu of decoded.value.serviceApdu.value) {
      if (apdu.kind !== 'invoke' || apdu.value.opcode.kind !== 'local') continue;
      if (Number(apdu.value.opcode.value) !== operations.callWaiting.code) continue;
      const { argument } = apdu.value;
      if (argument === undefined) return { additionalCalls: undefined };
      const read = operations.callWaiting.argument.decode(argument);
      if (read.ok) return { additionalCalls: read.value.nbOfAddWaitingCalls };
    }
  }
  return undefined;
}
