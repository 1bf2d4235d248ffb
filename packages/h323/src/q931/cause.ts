import { readGroup, writeGroup } from './octet-groups.ts';

/** Cause (Q.931 §4.5.12, Q.850). */
export interface Cause {
  /** 0 is that of ITU-T. */
  readonly codingStandard: number;
  /** Who says it, 0 to 15: 0 the user, 2 the public network that serves it, 10 a network beyond interworking. */
  readonly location: number;
  /** Octet 3a: which recommendation the value is of; absent is Q.931. */
  readonly recommendation?: number;
  /** 0 to 127. */
  readonly value: number;
  readonly diagnostics: Uint8Array;
}

/** Reads the contents of the element; undefined where they are none. */
export function decodeCause(octets: Uint8Array): Cause | undefined {
  const head = readGroup(octets, 0);
  if (head === undefined || head.length > 2) return undefined;
  const value = octets[head.length];
  if (value === undefined) return undefined;
  const [first = 0, recommendation] = head;
  return {
    codingStandard: first >>> 5,
    location: first & 0x0f,
    ...(recommendation === undefined ? {} : { recommendation }),
    value: value & 0x7f,
    diagnostics: octets.subarray(head.length + 1),
  };
}

export function encodeCause({ codingStandard, location, recommendation, value, diagnostics }: Cause): Uint8Array {
  const first = (codingStandard << 5) | location;
  const head = recommendation === undefined ? [first] : [first, recommendation];
  return Uint8Array.of(...writeGroup(head), 0x80 | value, ...diagnostics);
}
