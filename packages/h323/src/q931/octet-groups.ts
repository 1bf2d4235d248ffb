/**
 * Octets of an element by their groups (Q.931 §4.5.1): the top bit of the last octet of a group is set, the others go on
 * in octets `3a`, `3b`, … Gives the octets of one group from `start` on without that bit, or undefined where none ends.
 */
export function readGroup(octets: Uint8Array, start: number): readonly number[] | undefined {
  const group: number[] = [];
  for (let at = start; at < octets.byteLength; at++) {
    const octet = octets[at] as number;
    group.push(octet & 0x7f);
    if (octet >= 0x80) return group;
  }
  return undefined;
}

/** The same octets with the top bit of the last one set. */
export function writeGroup(group: readonly number[]): number[] {
  return group.map((octet, i) => (i === group.length - 1 ? octet | 0x80 : octet));
}
