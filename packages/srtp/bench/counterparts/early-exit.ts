/** A comparison as one must not write it: it stops at the first octet that differs, so its time tells where that is. */
export function equalUntilDifference(
  left: Uint8Array,
  leftFrom: number,
  right: Uint8Array,
  rightFrom: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (left[leftFrom + i] !== right[rightFrom + i]) return false;
  return true;
}
